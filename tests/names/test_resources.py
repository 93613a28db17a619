"""The table of lists: every row is a list that the client returns, `%incidents` lists, and options complete from.

Serves `client/vocabulary.py` and `magics/vocabulary.py`.
"""

from __future__ import annotations

import pytest

from incidentio_magic.api import models
from incidentio_magic.client import Incidents
from incidentio_magic.magics import vocabulary
from incidentio_magic.names.resources import COMPLETED_FROM, RESOURCES


@pytest.mark.parametrize("name", RESOURCES)
def test_a_row_is_all_that_a_list_needs(client, name):
    """A row alone gives a record type, a subcommand, and a documented method whose frame has the row's columns."""
    resource = RESOURCES[name]
    frame = getattr(client, name)()
    assert issubclass(getattr(models, resource.record), models.Record)
    assert list(frame.columns) == [column for column, _kind, _value in resource.columns]
    assert len(frame) == len(client.vocabulary.read(name)) > 0
    assert (frame.attrs["complete"], frame.attrs["why_incomplete"]) == (True, "")
    assert resource.path in getattr(Incidents, name).__doc__
    assert name in {subcommand.name for subcommand in vocabulary.SUBCOMMANDS}


@pytest.mark.parametrize("name", RESOURCES)
def test_every_record_is_found_by_its_name_and_its_id(client, name):
    """What a list shows finds the record again, whichever list it is."""
    for record in client.vocabulary.read(name):
        same = [other for other in client.vocabulary.read(name) if other.name == record.name]
        assert client.vocabulary.find(name, record.id) == record
        if len(same) == 1:
            assert client.vocabulary.find(name, record.name.upper()) == record


def test_teams_name_their_members(client):
    """A team's row names the people in it; a team of nobody has none."""
    teams = client.teams().set_index("name")["members"]
    assert "Alice Archer" not in teams["Payments"]  # an owner carries no pager
    assert teams["Payments"].count(",") == 3
    assert teams.isna()["Mobile"]


def test_who_is_on_call_is_never_remembered(client):
    """Schedules and escalation paths tell who is on call now, so they are read anew each time."""
    before = client.transport.requests_made
    for _time in range(2):
        client.vocabulary.read("schedules")
        client.vocabulary.read("escalation_paths")
        client.vocabulary.read("teams")
    assert client.transport.requests_made == before + 5


def test_an_option_is_completed_from_one_list():
    """No option is completed from two lists."""
    options = [option for resource in RESOURCES.values() for option in resource.completes]
    assert len(options) == len(set(options)) == len(COMPLETED_FROM)


LARGEST = {"/v2/escalation_paths": 25, "/v2/schedules": 10_000, "/v2/users": 10_000}
"""The largest page of each list, as the vendor's contract has it; 250 of all others."""


@pytest.mark.parametrize("name", RESOURCES)
def test_no_page_is_larger_than_the_service_gives(name):
    """The service refuses a page of more records than its contract allows."""
    resource = RESOURCES[name]
    assert (resource.page_size or 0) <= LARGEST.get(resource.path, 250)

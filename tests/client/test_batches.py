"""Batches: what is gone, or may not be seen, is left out and named; the rest is there."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.api.endpoints import Api
from incidentio_magic.client.parallel import MissingIncident


def refused(*_arguments, **_options):
    """Refuse a request."""
    raise errors.PermissionDenied("This key may not read the catalog.", status=403)


def test_timelines_pass_over_what_is_gone(client):
    """Timelines come in order without the one that is gone, which is named with the reason."""
    timelines = client.timelines(["INC-291", "INC-99999", "INC-290"])
    with pytest.warns(MissingIncident, match="INC-99999 is left out: There is no incident 'INC-99999'"):
        found = [frame.attrs["incident"] for frame in timelines]
    assert found == ["INC-291", "INC-290"]
    assert list(timelines.missing) == ["INC-99999"]


def test_a_wrong_choice_is_an_error_at_once(client):
    """A source that does not exist is not taken for a missing incident."""
    with pytest.raises(errors.UnknownName, match="no source"):
        client.timelines(["INC-291"], sources="calendars")


def test_show_passes_over_what_is_gone(client):
    """Of several incidents those that there are come; the frame says which is missing."""
    frame = client.show("INC-291", "INC-99999")
    assert list(frame.columns) == ["INC-291"]
    assert not frame.attrs["complete"]
    assert list(frame.attrs["missing"]) == ["INC-99999"]
    assert client.show("INC-291").attrs["complete"]


def test_show_of_nothing_that_exists(client):
    """Where none of them can be read, that is an error."""
    with pytest.raises(errors.UnknownName, match="INC-99999"):
        client.show("INC-99999", "INC-99998")


def test_fields_without_one_catalog(client, monkeypatch):
    """Fields are listed although a catalog cannot be read; the frame says which and why."""
    whole = client.fields()
    catalogs = [field.name for field in client.vocabulary.fields() if field.catalog_type_id]
    monkeypatch.setattr(Api, "catalog_entries", refused)
    client.vocabulary.refresh()
    frame = client.fields()
    assert list(frame["name"]) == list(whole["name"])
    assert frame.set_index("name").loc[catalogs, "options"].isna().all()
    assert catalogs
    assert frame.attrs["missing"] == {f"options of {name}": "This key may not read the catalog" for name in catalogs}

"""Arguments of another type than asked for: an error of ours that names the argument, before anything is sent."""

from __future__ import annotations

import contextlib
import datetime as dt
import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic import connect, errors
from incidentio_magic.client import Incidents
from incidentio_magic.client._arguments import check
from incidentio_magic.names.query import IncidentQuery

NOBODY = connect("http://127.0.0.1:9", "no-key", max_wait=0, timeout=0.2)

METHODS = sorted(
    name
    for name, method in inspect.getmembers(Incidents, inspect.isfunction)
    if not name.startswith("_") and name != "close"
)
ODD = st.one_of(
    st.integers(),
    st.floats(),
    st.binary(max_size=4),
    st.none(),
    st.booleans(),
    st.just(object()),
    st.just(dt.datetime(2026, 1, 1)),  # noqa: DTZ001
    st.just(pd.DataFrame({"a": [1]})),
    st.lists(st.integers() | st.none(), max_size=2),
    st.dictionaries(st.integers(), st.integers(), max_size=2),
    st.text(max_size=4),
)


@pytest.mark.parametrize("name", METHODS)
@given(st.data())
def test_no_argument_raises_anything_but_our_errors(name, data):
    """Each public method ends in one of our errors, whatever is passed; here no service answers."""
    method = getattr(NOBODY, name)
    parameters = inspect.signature(method).parameters.values()
    arguments, named = [], {}
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            filters = data.draw(st.sampled_from(list(IncidentQuery.__dataclass_fields__)))
            named[filters] = data.draw(ODD)
        elif parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL}:
            arguments.append(data.draw(ODD))
        elif parameter.name != "progress" and data.draw(st.booleans()):
            named[parameter.name] = data.draw(ODD)
    with contextlib.suppress(errors.IncidentioError):
        method(*arguments, **named)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda io: io.incidents(limit="5"), "limit must be a whole number, not '5'"),
        (lambda io: io.incidents(severity=3), "severity must be a string or a list of strings, not 3"),
        (lambda io: io.incidents(since=dt.date(2026, 1, 1)), "since must be a string, not something of type date"),
        (lambda io: io.incidents(field="Team=Red"), "field must be a dict"),
        (lambda io: io.show(3.5), "reference must be a string, not 3.5"),
        (lambda io: io.declare(None), "name must be a string, not None"),
        (lambda io: io.page("INC-1", to=[7]), "to must be a string or a list of strings, not something of type list"),
        (lambda io: io.export(None), "path must be a string or a path, not None"),
        (lambda io: io.timelines("INC-1"), "references must be a list, not 'INC-1'"),
        (lambda io: list(io.timelines(["INC-1"], sources=3)), "sources must be a string or a list of strings, not 3"),
        (lambda io: list(io.timelines(["INC-1"], colour=3)), "unexpected keyword argument 'colour'"),
        (lambda io: io.updates(("INC-1", "INC-2")), "reference must be a string, not something of type tuple"),
        (lambda io: io.show("INC-1", ["INC-2"]), "reference must be a string, not something of type list"),
        (lambda io: io.incidents(role={"Incident Lead": 7}), "role must be a dict of strings"),
        (lambda io: io.incidents(role={"Incident Lead": ("Ada", "Ben")}), "role must be a dict of strings"),
        (lambda io: io.edit("INC-1", role={"Incident Lead": None}), "role must be a dict of strings"),
        (lambda io: io.edit("INC-1", timestamp={"Fixed at": 5}), "timestamp must be a dict of strings"),
        (lambda io: io.follow_ups(due={"Urgent": 7}), "due must be a dict of strings"),
        (lambda io: io.metrics(meaning={"declared": 7}), "meaning must be a dict of strings"),
        (lambda io: io.handover(overdue=5), "overdue must be a dict such as"),
        (lambda io: io.handover(overdue={"Major": "1h"}), "overdue must be a dict such as"),
        (lambda io: io.incidents(field={"Team": None}), "field must be a dict"),
        (lambda io: io.updates(), "missing a required argument: 'reference'"),
        (lambda io: io.updates("INC-1", colour=1), "unexpected keyword argument 'colour'"),
    ],
)
def test_the_error_names_the_argument(call, message):
    """The error says which argument is wrong, what it must be, and what it was."""
    with pytest.raises(errors.InputError, match=message):
        call(NOBODY)


def test_what_other_libraries_make_is_taken(client):
    """Texts and numbers of numpy and pandas, and a number as a reference, are as good as Python's own."""
    frame = client.incidents(all=True, limit=np.int64(2), severity=pd.Series(["Major", "Critical"]))
    assert len(frame) == 2
    assert len(client.alerts(source=pd.Series(["Synthetic checks"]), since="30d")) > 0
    number = int(frame["reference"].iloc[0].removeprefix("INC-"))
    assert list(client.show(number)) == [frame["reference"].iloc[0]]
    assert client.updates(np.int64(number)).attrs["incident"] == frame["reference"].iloc[0]


def test_numbers_are_values_of_fields(client):
    """A number is as good as its text, as the value of a field that is filtered by or changed."""
    assert len(client.incidents(all=True, field={"Customers affected": np.int64(10**9)})) == 0
    assert len(client.incidents(all=True, severity={"Major"})) > 0
    with pytest.raises(errors.UnknownName, match="'5'"):
        client.incidents(field={"Affected service": 5})
    changed = client.edit("INC-291", field={"Customers affected": np.float64(41.5)}, dry_run=True)
    assert "41.5" in str(changed)


def test_a_long_value_is_cut():
    """An error does not repeat a long text, nor what an object holds."""
    with pytest.raises(errors.InputError) as caught:
        check("limit", "x" * 1000, "int | None")
    assert len(str(caught.value)) < 120


def test_signatures_stay():
    """Help and completion show the arguments that a method really takes."""
    assert "reference" in inspect.signature(Incidents.updates).parameters
    assert Incidents.updates.__doc__.startswith("Return an incident's updates")


def test_arguments_without_a_name_are_checked_each(client):
    """Several values given by place are each of the kind asked for."""
    assert client.oncall("Payments primary", "Search follow-the-day")["schedule"].nunique() == 2
    with pytest.raises(errors.InputError, match="schedules must be a string, not 5"):
        client.oncall("Payments primary", 5)

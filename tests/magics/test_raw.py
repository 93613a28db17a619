"""%incidents api: only GET, parameters as they are typed, keys never repeated."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.magics.raw import parameters


def test_parameters_as_they_are_typed():
    """A value may have an equals sign; a name that stands twice has two values."""
    assert parameters(["a=1", "b=x=y", "a=2", "c="]) == {"a": ["1", "2"], "b": ["x=y"], "c": [""]}
    for text in ("a", "=1"):
        with pytest.raises(errors.InputError, match="is not a parameter with a value"):
            parameters([text])


def test_get(run, capsys):
    """A path and its parameters give a frame; the method may be left out, in any case."""
    frame = run('%incidents api GET /v2/incidents --param "mode[one_of]=test" --param page_size=50')
    assert set(frame["mode"]) == {"test"}
    assert run("%incidents api get /v2/workflows").equals(run("%incidents api /v2/workflows"))
    run("%incidents api GET /v2/incident_updates --param incident_id=INC-297")
    assert "The text of 1 of 1 records is hidden" in capsys.readouterr().out


@pytest.mark.parametrize("method", ["POST", "DELETE", "put", "frobnicate"])
def test_only_get(run, sandbox, method):
    """Everything but GET is refused, and nothing is sent."""
    before = len(sandbox.requests)
    with pytest.raises(errors.InputError, match="only reads"):
        run(f"%incidents api {method} /v2/incidents")
    assert len(sandbox.requests) == before


def test_a_key_is_not_repeated(run):
    """What may be a key is not in the error."""
    key = "inc_live_" + "a1b2c3d4" * 4
    with pytest.raises(errors.InputError) as caught:
        run(f"%incidents api {key}")
    assert key not in str(caught.value)

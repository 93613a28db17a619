"""The first list of a process: its requests are made while pandas is loaded, and it is the same list."""

from __future__ import annotations

import gc
import sys

import pandas as pd
import pytest

import incidentio_magic.client
from incidentio_magic import errors
from incidentio_magic.magics import _early


@pytest.fixture
def not_loaded(monkeypatch):
    """Let the shell take the client for not loaded."""
    monkeypatch.setattr(_early, "_is_loaded", lambda: False)


@pytest.fixture
def nothing_frozen():
    """Let the collector see what the tests freeze to be quick."""
    gc.unfreeze()
    yield
    gc.freeze()


def paths(sandbox, start=0):
    """Return the paths that were asked for from some request on, in alphabetical order."""
    return sorted(request["path"] for request in sandbox.requests[start:])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "list",
        "list --limit 5",
        "list --wide",
        "list --severity Major",
        "list --since 30d",
        "list --any --type Platform --severity Major",
    ],
)
def test_the_list_is_the_same(run, sandbox, not_loaded, monkeypatch, line):
    """Rows, order, and what is said of them are those of a list that is read late; nothing is asked for twice."""
    early = run(f"%incidents {line}")
    asked = paths(sandbox)
    run("%incidents connect")
    start = len(sandbox.requests)
    monkeypatch.setattr(_early, "_is_loaded", lambda: True)
    late = run(f"%incidents {line}")
    assert early.equals(late)
    assert asked == paths(sandbox, start)
    assert {**early.attrs, "as_of": ""} == {**late.attrs, "as_of": ""}


def test_an_error_is_the_same(run, sandbox, not_loaded):
    """A name that does not exist is reported as it always is."""
    with pytest.raises(errors.UnknownName, match="'Majr'"):
        run("%incidents list --severity Majr")


def test_a_refusal_is_the_same(run, sandbox, not_loaded, monkeypatch):
    """A key that the service refuses is reported once, by the read itself."""
    monkeypatch.setenv("INCIDENTIO_API_KEY", "another")
    with pytest.raises(errors.AuthenticationFailed):
        run("%incidents")


def test_without_a_key_nothing_is_asked(run, sandbox, not_loaded, monkeypatch):
    """Where there is no key, the usual error says so and no request is made."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    with pytest.raises(errors.SettingsError, match="no API key"):
        run("%incidents")
    assert not paths(sandbox)


def test_later_reads_ask_the_service(run, sandbox, not_loaded):
    """Only the first list is read early; the second one is read anew."""
    run("%incidents")
    before = len(sandbox.requests)
    run("%incidents")
    assert len(sandbox.requests) == before + 1


def test_requests_are_early_until_the_client_is_loaded(monkeypatch):
    """A notebook that has imported pandas still lacks the client's own modules, so its first list is early, too."""
    monkeypatch.setitem(sys.modules, "pandas", pd)
    monkeypatch.setitem(sys.modules, "incidentio_magic.client", incidentio_magic.client)
    assert _early._is_loaded()
    monkeypatch.delitem(sys.modules, "incidentio_magic.client")
    assert not _early._is_loaded()


def test_nothing_is_collected_during_an_import(nothing_frozen):
    """The collector is off inside and on afterwards, also after an error, and has not searched what was made."""
    made = None

    def importing():
        nonlocal made
        with _early.uncollected("not.imported"):
            assert not gc.isenabled()
            made = [[]]
            raise ImportError

    with pytest.raises(ImportError):
        importing()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert any(kept is made for kept in gc.get_objects(generation=2))


def test_a_collector_that_is_off_stays_off(nothing_frozen):
    """What a notebook has decided about the collector is left alone."""
    gc.disable()
    try:
        with _early.uncollected("not.imported"):
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_frozen_stays_frozen():
    """A notebook's frozen objects are not unfrozen, and the collector stays on."""
    assert gc.get_freeze_count()  # the tests freeze what they load
    with _early.uncollected("not.imported"):
        assert gc.isenabled()
    assert gc.get_freeze_count()


def test_an_import_that_is_done_is_collected_as_ever(nothing_frozen):
    """The collector stays on where there is nothing to import."""
    with _early.uncollected("incidentio_magic.client"):
        assert gc.isenabled()

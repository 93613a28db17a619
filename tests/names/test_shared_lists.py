"""Lists in files that all kernels of this machine read: fresh, of one key, this user's alone, or not used."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from incidentio_magic.api import models
from incidentio_magic.names.options import Option
from incidentio_magic.names.shared_lists import IDENTITY, SharedLists
from incidentio_magic.settings import Secret, Settings
from incidentio_magic.widgets.declare import DeclareForm

URL = "https://api.example.com"
SEVERITIES = [models.Severity("SEV1", "Minor", 1), models.Severity("SEV2", "Major", 2, "It hurts.")]

# What ipywidgets 7 does with a new ipykernel.
OLD_WIDGETS = pytest.mark.filterwarnings("ignore:The `ipykernel.comm.Comm` class:DeprecationWarning")


@pytest.fixture
def kernel(tmp_path, clock):
    """Make the lists as one kernel sees them."""

    def kernel(key="key", url=URL, lifetime=600.0):
        return SharedLists(tmp_path / "cache", url, Secret(key), lifetime=lifetime, clock=clock)

    return kernel


def files(folder):
    """Return every file below a folder."""
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_another_kernel_reads_them(kernel, clock):
    """What one kernel read, another gets with its age; lists and the identity alike."""
    identity = models.Identity("Key", "https://app.incident.io/org", ["viewer"])
    kernel().write("severities", SEVERITIES)
    kernel().write(IDENTITY, identity)
    clock.time += 5
    assert kernel().read("severities") == (5, SEVERITIES)
    assert kernel().read(IDENTITY) == (5, identity)


@pytest.mark.parametrize(("what", "found"), [("length of ../../CT0", 250), ("options of a/b", [Option("O1", "EU")])])
def test_an_id_may_be_any_text(kernel, tmp_path, what, found):
    """What the service sends as an ID never becomes a path."""
    kernel().write(what, found)
    assert kernel().read(what) == (0, found)
    assert [path.parent.parent for path in files(tmp_path)] == [tmp_path / "cache"]


@pytest.mark.parametrize("other", [{"key": "another"}, {"url": "https://api.example.org"}])
def test_of_another_key_or_service_there_is_nothing(kernel, other):
    """Two keys may see different lists, and two services are two organisations."""
    kernel().write("severities", SEVERITIES)
    assert kernel(**other).read("severities") is None


@pytest.mark.parametrize("seconds", [600, 601, -1])
def test_they_have_a_lifetime(kernel, clock, seconds):
    """A list that is too old is not used, nor one from a clock that is ahead."""
    kernel().write("severities", SEVERITIES)
    clock.time += seconds
    assert kernel().read("severities") is None


def test_without_a_lifetime_nothing_is_kept(kernel, tmp_path):
    """Who remembers nothing writes nothing either."""
    kernel(lifetime=0.0).write("severities", SEVERITIES)
    assert not files(tmp_path)


@pytest.mark.parametrize(
    "what",
    ["users", "escalation_paths", "used options of 01F", "entries of 01C called x", "user a@example.com", "teams"],
)
def test_people_are_never_kept(kernel, tmp_path, what):
    """Only the lists that are named are kept; nobody's name or address reaches a file."""
    kernel().write(what, [models.User("U1", "Alice", "a@example.com")])
    assert not files(tmp_path)
    assert kernel().read(what) is None


def test_only_this_user_can_read_them(kernel, tmp_path):
    """The folder is closed to others and so is each file; the key is in no name and no content."""
    kernel(key="sk-very-secret").write("severities", SEVERITIES)
    (path,) = files(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "very-secret" not in str(path)
    assert b"very-secret" not in path.read_bytes()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions of POSIX")
def test_a_file_that_others_may_change_is_not_used(kernel, tmp_path):
    """Somebody else's list of severities would decide what is sent."""
    kernel().write("severities", SEVERITIES)
    (path,) = files(tmp_path)
    path.chmod(0o622)
    assert kernel().read("severities") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"read_at":1000,"content":[{"id":1}]}', b"\xff" * 9])
def test_a_damaged_file_counts_as_absent(kernel, tmp_path, content):
    """Whatever is in it, the service is asked instead; and the next list replaces it."""
    kernel().write("severities", SEVERITIES)
    (path,) = files(tmp_path)
    path.write_bytes(content)
    assert kernel().read("severities") is None
    kernel().write("severities", SEVERITIES)
    assert kernel().read("severities") == (0, SEVERITIES)


def test_a_folder_that_cannot_be_written(tmp_path, clock):
    """Nothing fails where nothing can be kept."""
    (tmp_path / "cache").write_text("a file, not a folder")
    lists = SharedLists(tmp_path / "cache", URL, Secret("key"), lifetime=600, clock=clock)
    lists.write("severities", SEVERITIES)
    assert lists.read("severities") is None


@pytest.mark.parametrize("what", ["", "severities"])
def test_renewed_lists_are_not_read_from_before(kernel, clock, what):
    """After a refresh only what was read since then is used."""
    lists = kernel()
    kernel().write("severities", SEVERITIES)
    lists.renew(what)
    assert lists.read("severities") is None
    clock.time += 1
    kernel().write("severities", SEVERITIES)
    assert lists.read("severities") == (0, SEVERITIES)


def test_a_sandbox_shares_nothing_unless_a_folder_is_named(monkeypatch, tmp_path):
    """Each sandbox begins anew, so that its lists would be those of another; the real service's are shared."""
    monkeypatch.delenv("INCIDENTIO_CACHE")
    settings = Settings(key=Secret("key"), ledger=tmp_path / "ledger.jsonl")
    assert SharedLists.of(settings) is not None
    local = replace(settings, base_url="http://127.0.0.1:9")
    assert SharedLists.of(local) is None
    assert SharedLists.of(replace(local, cache=tmp_path)) is not None
    assert SharedLists.of(replace(settings, cache=None)) is None
    assert SharedLists.of(replace(settings, key=None)) is None


@OLD_WIDGETS
def test_a_second_kernel_opens_a_form_without_a_request(connect_to, sandbox, tmp_path):
    """What the first form read is enough for the second one, and they offer the same."""
    first = DeclareForm(connect_to(cache=tmp_path / "cache"))
    asked = len(sandbox.requests)
    second = DeclareForm(connect_to(cache=tmp_path / "cache"))
    assert asked > 0
    assert [(r["path"], r["query"]) for r in sandbox.requests[asked:]] == []
    assert second.fields["severity"].control.options == first.fields["severity"].control.options
    assert second.fields["type"].control.options == first.fields["type"].control.options


@OLD_WIDGETS
def test_a_write_asks_whose_the_key_is(connect_to, sandbox, tmp_path):
    """Which organisation is written to is never taken from a file."""
    DeclareForm(connect_to(cache=tmp_path / "cache"))
    before = len(sandbox.requests)
    connect_to(cache=tmp_path / "cache").declare("Cache is stale", severity="Minor")
    assert "/v1/identity" in [request["path"] for request in sandbox.requests[before:]]


def test_a_new_name_is_found_although_the_file_is_older(connect_to, sandbox, tmp_path, monkeypatch):
    """A name that is in no list is asked for once more, past the file."""
    connect_to(cache=tmp_path / "cache").vocabulary.severities()
    organisation = sandbox.service.organisation
    severity = next(iter(organisation["severities"].values()))
    monkeypatch.setitem(organisation["severities"], "01NEW", severity | {"id": "01NEW", "name": "Cosmic", "rank": 9})
    monkeypatch.setattr("incidentio_magic.names._kept_lists._REFRESH_AFTER", -1.0)
    assert connect_to(cache=tmp_path / "cache").vocabulary.severity("Cosmic").id == "01NEW"


def test_a_list_with_gaps_is_not_shared(connect_to, sandbox, tmp_path, monkeypatch):
    """A list of which a part could not be read stays with the kernel that was told so."""
    organisation = sandbox.service.organisation
    severity = next(iter(organisation["severities"].values()))
    monkeypatch.setitem(organisation["severities"], "01BAD", severity | {"id": "01BAD", "name": 7})
    io = connect_to(cache=tmp_path / "cache")
    io.vocabulary.severities()
    assert io.vocabulary.unreadable_in("severities").parts
    assert not files(tmp_path / "cache")


def test_options_are_shared_and_catalogs_are_not(connect_to, sandbox, tmp_path):
    """What a select field offers is the organisation's choice of words; a catalog may list its customers."""
    io = connect_to(cache=tmp_path / "cache")
    select = next(
        field for field in io.vocabulary.fields() if field.field_type == "single_select" and not field.catalog_type_id
    )
    catalog = next(field for field in io.vocabulary.fields() if field.catalog_type_id)
    offered = io.vocabulary.options(select)
    entries = io.vocabulary.options(catalog)
    before = len(sandbox.requests)
    other = connect_to(cache=tmp_path / "cache")
    assert other.vocabulary.options(select) == offered
    assert len(sandbox.requests) == before
    kept = b"".join(path.read_bytes() for path in files(tmp_path / "cache"))
    assert offered[0].name.encode() in kept
    assert not any(entry.id.encode() in kept for entry in entries)


@pytest.mark.parametrize("method", ["severities", "statuses", "types", "roles", "fields", "timestamps"])
def test_a_list_of_another_kernel_is_a_frame_too(connect_to, sandbox, tmp_path, method):
    """A frame of a list that another kernel has read is the same, complete, and asks for no list."""
    first = getattr(connect_to(cache=tmp_path / "cache"), method)()
    before = len(sandbox.requests)
    second = getattr(connect_to(cache=tmp_path / "cache"), method)()
    pd.testing.assert_frame_equal(first, second)
    assert second.attrs["complete"]
    assert second.attrs["unreadable"] == {}
    asked = {request["path"] for request in sandbox.requests[before:]}
    assert not asked & {"/v1/severities", "/v1/incident_statuses", "/v2/custom_fields", "/v2/incident_roles"}


@pytest.mark.parametrize(
    "read",
    [
        lambda io: io.incidents(all=True, since="60d"),
        lambda io: io.incidents(all=True, updated_since="2d"),
        lambda io: io.durations(since="90d"),
        lambda io: io.similar("INC-291", since="60d"),
        lambda io: io.handover(since="12h").frame,
        lambda io: io.actions(),
        lambda io: io.pages(since="30d"),
        lambda io: io.oncall(),
    ],
)
def test_times_are_those_of_the_service(connect_to, tmp_path, read):
    """What is counted from now is counted by the service's clock, also where every list is known without a request."""
    connect_to(cache=tmp_path / "cache").incidents(wide=True)
    alone = read(connect_to(cache=None))
    assert len(alone)
    pd.testing.assert_frame_equal(read(connect_to(cache=tmp_path / "cache")), alone)

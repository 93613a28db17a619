"""Reading several sources at once: each ends by itself, and is said."""

from __future__ import annotations

import signal
import threading

import pytest

from incidentio_magic import errors
from incidentio_magic.api.models import Named, PaginationMeta
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.client.parallel import Source, gather, once


def failing(error, *before):
    """Return a read that yields some records and then fails."""

    def read():
        yield from before
        raise error

    return read


def test_each_source_ends_as_it_does():
    """A source is read, empty, forbidden with its scope, missing or failed, and says why."""
    found = gather(
        {
            "read": lambda: [1, 2],
            "empty": list,
            "forbidden": failing(errors.PermissionDenied("The key lacks the scope x.view.", status=403)),
            "missing": failing(errors.NotFound("No such thing.", status=404)),
            "failed": failing(errors.ServiceUnavailable("It failed.", status=500)),
            "lost": failing(errors.AnswerLost("The connection was lost."), 1, 2, 3),
        }
    )
    assert found == {
        "read": Source([1, 2], "read"),
        "empty": Source([], "empty"),
        "forbidden": Source([], "forbidden", "The key lacks the scope x.view"),
        "missing": Source([], "missing", "No such thing"),
        "failed": Source([], "failed", "It failed"),
        "lost": Source([1, 2, 3], "failed", "The connection was lost (after 3 were read)"),
    }
    assert {name for name, entry in found.items() if entry.complete} == {"read", "empty"}


def test_a_list_that_ends_early_is_not_read():
    """A list whose cursor is repeated is not complete, although all its requests were answered."""
    page = Page([Named("1", "one")], PaginationMeta(after="again"))
    found = gather({"updates": lambda: Listing(lambda _cursor: page)})["updates"]
    assert (found.state, len(found.records)) == ("failed", 1)
    assert found.why == "the service repeated a cursor (after 1 were read)"


def test_sources_are_read_at_once():
    """Several sources are under way at the same time: each waits here until the others have begun."""
    barrier = threading.Barrier(6, timeout=30)

    def read():
        barrier.wait()
        return [1]

    assert {entry.state for entry in gather({str(number): read for number in range(6)}).values()} == {"read"}


def test_what_several_need_is_read_once():
    """What two sources need is read once, and both get it, or both its error."""
    read = []
    shared = once(lambda: read.append(1) or [1, 2])
    found = gather({"calls": shared, "transcripts": lambda: [entry + 1 for entry in shared()]})
    assert (found["calls"].records, found["transcripts"].records) == ([1, 2], [2, 3])
    assert read == [1]
    failed = once(lambda: list(failing(errors.NotFound("No such thing.", status=404))()))
    assert {entry.state for entry in gather({"calls": failed, "transcripts": failed}).values()} == {"missing"}


def test_a_bug_stays_a_bug():
    """What is no error of this project is not swallowed."""
    with pytest.raises(ZeroDivisionError):
        gather({"updates": failing(ZeroDivisionError()), "activity": lambda: [1]})


def test_an_interrupt_does_not_wait_for_slow_answers():
    """Somebody who interrupts gets the notebook back at once, also while an answer is still awaited."""
    begun, answered = threading.Event(), threading.Event()
    # A process that a shell starts in the background ignores SIGINT; its tests would wait for the answer.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def slow():
        begun.set()
        answered.wait(60)
        return []

    def interrupt():
        begun.wait(60)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return []

    try:
        with pytest.raises(KeyboardInterrupt):
            gather({"slow": slow, "interrupt": interrupt})
        assert not answered.is_set()
    finally:
        signal.signal(signal.SIGINT, before)
        answered.set()
        for thread in threading.enumerate():
            if thread.name.startswith("incidentio_"):
                thread.join(30)


def test_nothing_to_read():
    """No sources are no work."""
    assert gather({}) == {}

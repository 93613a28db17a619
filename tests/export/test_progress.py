"""The estimate: it knows what the service allows, and does not believe in a fast start."""

from __future__ import annotations

import pytest

from incidentio_magic.api.wire import Allowance, Limit
from incidentio_magic.export.progress import Progress, about, seconds_left

MINUTELY = (Limit(60, 60.0), Limit(1200, 60.0))


@pytest.mark.parametrize(
    ("requests", "allowance", "each", "seconds"),
    [
        (400, Allowance(60, 60, MINUTELY), 0.1, 340),  # sixty at once, then one a second
        (400, Allowance(60, 0, MINUTELY), 0.1, 400),
        (400, Allowance(60, 0, MINUTELY), 3.0, 1200),  # the service is slower than it allows
        (40, Allowance(60, 60, MINUTELY), 0.1, 4),
        (400, Allowance(None, None), 0.1, 400),  # nothing said: the documented limit
        (100, Allowance(1200, 1000, MINUTELY), 0.5, 50),
        (0, Allowance(60, 0, MINUTELY), 0.5, 0),
    ],
)
def test_seconds_left(requests, allowance, each, seconds):
    """What is left takes as long as the allowance or the service's own speed wants, whichever is longer."""
    assert seconds_left(requests, allowance, each) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "less than a minute left"),
        (59, "less than a minute left"),
        (61, "about 2 min left"),
        (400, "about 7 min left"),
        (9000, "about 2 h left"),
    ],
)
def test_about(seconds, text):
    """A time span is told roughly, never too short by a minute."""
    assert about(seconds) == text


def test_it_says_how_far_it_is(clock, capsys):
    """After each page it says how much is left; where the service tells no total, it says that."""
    with Progress("incidents", lambda: Allowance(60, 10, MINUTELY), done=5000, clock=clock) as progress:
        clock.time += 1
        progress.page(250, 250, 100_000)
        assert progress.estimate == "about 7 min left"
        progress.page(94_750, 250, 100_000)
        assert progress.estimate == "done"
    assert "100000/100000" in capsys.readouterr().err
    with Progress("incident updates", lambda: Allowance(60, 10, MINUTELY), clock=clock) as progress:
        progress.page(250, 250, None)
        assert progress.estimate == "total unknown"
    assert "250" in capsys.readouterr().err


def test_it_can_be_silent(clock, capsys):
    """Without a bar nothing is shown, and the estimate is there all the same."""
    with Progress("incidents", lambda: Allowance(None, None), shown=False, clock=clock) as progress:
        progress.page(250, 250, 1000)
        assert progress.estimate == "less than a minute left"
    assert capsys.readouterr().err == ""

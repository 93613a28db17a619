"""How much two incidents are alike, and why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incidentio_magic.similarity import Similarity, Traits

QUEUE = Traits("Payments queue is not draining", "A consumer stopped.", {"service": ("Payments",), "type": ("Bug",)})
OTHERS = [
    Traits("Payments queue is not draining", "Nobody knows why.", {"service": ("Payments",), "type": ("Bug",)}),
    Traits("Search queue is not draining", "", {"service": ("Search",), "type": ("Bug",)}),
    Traits("Payments certificate expired", "", {"service": ("Payments",), "type": ("Bug",)}),
    Traits("Login fails", "Certificates are fine.", {"service": ("Accounts",), "type": ("Bug",)}),
]


def test_what_is_more_alike_scores_higher():
    """The same words and fields score highest, nothing in common scores 0."""
    similarity = Similarity(QUEUE, OTHERS)
    scores = [similarity.match(other).score for other in OTHERS]
    assert scores[0] > 0.7
    assert scores[0] > max(scores[1:3]) > min(scores[1:3]) > scores[3] == 0


def test_the_reasons_are_what_they_share():
    """Shared fields and words are named, the rarest first; what every incident has is no reason."""
    similarity = Similarity(QUEUE, OTHERS)
    assert similarity.match(OTHERS[2]).why == ("service: Payments", "words: payments")
    assert similarity.match(OTHERS[1]).why == ("words: draining, not, queue",)
    assert similarity.match(OTHERS[3]).why == ()


def test_the_same_alert_is_a_reason():
    """A shared alert raises the score by half of what is missing, and is named first."""
    similarity = Similarity(QUEUE, OTHERS)
    similarity.with_alerts(["Queue depth above 10,000"])
    plain = similarity.match(OTHERS[3])
    alerted = similarity.match(Traits(OTHERS[3].name, alerts=("QUEUE DEPTH above 10,000",)))
    assert alerted.score == plain.score + (1 - plain.score) / 2
    assert alerted.why[0] == "alert: Queue depth above 10,000"


def test_what_is_filled_in_later_does_not_count_against():
    """A root cause that only the earlier incident has leaves the score of the fields as it is."""
    closed = Traits(OTHERS[0].name, OTHERS[0].summary, {**OTHERS[0].fields, "root cause": ("A poison message",)})
    similarity = Similarity(QUEUE, [*OTHERS, closed])
    assert similarity.match(closed).score == similarity.match(OTHERS[0]).score


TEXTS = st.text("abc xyz", max_size=30)


@given(st.lists(st.builds(Traits, TEXTS, TEXTS), min_size=1, max_size=8))
def test_scores_are_between_0_and_1(several):
    """Whatever the texts, a score lies between 0 and 1, and reasons stand only beside a score above 0."""
    similarity = Similarity(several[0], several[1:])
    for traits in several:
        match = similarity.match(traits)
        assert 0 <= match.score <= 1
        assert bool(match.why) == (match.score > 0)

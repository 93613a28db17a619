"""Edits have no key: lost answers are read back, notifications go out once, and nobody is overwritten unseen.

Serves `writes/edits.py`.
"""

from __future__ import annotations

import random
import time

import pytest

from incidentio_magic import errors

EDIT = "POST /v2/incidents/*/actions/edit"
LOSSES = [
    {"kind": "lose_answer"},
    {"kind": "truncated"},
    {"kind": "malformed"},
    {"kind": "slow", "seconds": 0.5},
    {"kind": "drop"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503, "retry_after": 1},
    {"kind": "status", "status": 504},
]
REFUSALS = [
    {"kind": "rate_limited", "retry_after": 1},
    {"kind": "rate_limited"},
    {"kind": "rate_limited", "body_type": "rate_limit_reached"},
]
CARRIED_OUT = {"lose_answer", "truncated", "malformed", "slow"}


def name_of(fault):
    """Return a fault in a word or two."""
    return " ".join(str(value) for value in fault.values())


@pytest.fixture
def reference(client):
    """An open, public incident."""
    return client.incidents(open=True, severity=">=Minor", show_private=False, type="Platform")["reference"].iloc[0]


def ended(client, reference, **changes):
    """Return the outcome of an edit, and the error it ended with."""
    try:
        return client.edit(reference, **changes), None
    except errors.IncidentioError as error:
        return None, error


def reported(sandbox):
    """Return how often the channels were told."""
    return sum(sandbox.service.state()["notifications"].values())


def edits(sandbox):
    """Return how many edits arrived."""
    return sum(request["path"].endswith("/actions/edit") for request in sandbox.requests)


@pytest.mark.slow
@pytest.mark.parametrize("fault", LOSSES, ids=name_of)
@pytest.mark.parametrize("notify", [True, False], ids=["notify", "quiet"])
def test_a_lost_answer(*, make_client, sandbox, reference, fault, notify):
    """A lost edit is found done, done again where that tells nobody twice, or unknown; the channel is told once."""
    client = make_client(timeout=0.3)
    client.incident(reference)
    client._sender._edits._sleep = lambda _seconds: time.sleep(0.5 if fault["kind"] == "slow" else 0)
    sandbox.fault(**fault, endpoint=EDIT, times=1)
    outcome, error = ended(client, reference, name="Edited once", notify=notify)
    if error:
        assert isinstance(error, errors.OutcomeUnknown)
        assert reference in error.message
        assert error.hint == f"check name with %incidents show {reference} before you run it again"
    done = client.incident(reference).name == "Edited once"
    if fault["kind"] in CARRIED_OUT:
        assert done
        assert edits(sandbox) == 1
        assert reported(sandbox) == int(notify)
        assert outcome is not None
        assert outcome.sent
    else:
        assert done is (not notify)
        assert (outcome is None) is notify
        assert reported(sandbox) == 0


@pytest.mark.parametrize("fault", REFUSALS, ids=name_of)
def test_a_refused_edit_is_sent_again(client, sandbox, reference, fault):
    """A 429 did nothing: the edit is sent again and tells the channel once."""
    sandbox.fault(**fault, endpoint=EDIT, times=2)
    assert client.edit(reference, name="Edited once", notify=True).sent
    assert reported(sandbox) == 1


@pytest.mark.slow
def test_many_edits_through_failures(make_client, sandbox, reference):
    """Whatever fails, how often and in which order: no edit tells the channel twice, and what is told is true."""
    client = make_client(timeout=0.5)
    dice = random.Random(1)
    for number in range(40):
        before = reported(sandbox)
        for _fault in range(dice.randint(0, 3)):
            fault = dice.choice([loss for loss in LOSSES + REFUSALS if loss["kind"] != "slow"])
            sandbox.fault(**fault, endpoint=dice.choice([EDIT, "GET /v2/incidents/*"]), times=1)
        outcome, error = ended(client, reference, name=f"Edit {number}", notify=True)
        sandbox.clear_faults()
        done = client.incident(reference).name == f"Edit {number}"
        if outcome:
            assert done
            assert reported(sandbox) == before + 1
        elif isinstance(error, errors.OutcomeUnknown):
            assert reference in error.message
            assert "name" in error.hint
        else:
            assert not done
        assert reported(sandbox) <= before + 1


def test_somebody_elses_change(make_client, reference, meanwhile):
    """What a colleague changes between the reading and the sending is named and stays; a second try sees it."""
    ours, theirs = make_client(), make_client()
    meanwhile(ours, "incident", lambda: theirs.edit(reference, name="Theirs", summary="Theirs too"), after=True)
    with pytest.raises(errors.ChangedMeanwhile, match=f"changed name of {reference}"):
        ours.edit(reference, name="Ours")
    assert theirs.incident(reference).name == "Theirs"
    assert ours.edit(reference, name="Ours").sent
    assert theirs.incident(reference).name == "Ours"


def test_a_change_after_a_lost_answer(make_client, sandbox, reference, meanwhile):
    """A colleague's change on top of a lost edit is not overwritten: the outcome is unknown and names the field."""
    ours, theirs = make_client(), make_client()
    sandbox.fault("lose_answer", EDIT, times=1)

    def change(_seconds):
        theirs.edit(reference, name="Theirs")

    ours._sender._edits._sleep = change
    with pytest.raises(errors.OutcomeUnknown, match=f"the edit of {reference} went through") as caught:
        ours.edit(reference, name="Ours")
    assert caught.value.hint.startswith("check name with")
    assert theirs.incident(reference).name == "Theirs"


def test_an_interrupted_edit(client, sandbox, reference):
    """An edit that is interrupted before its end says what to check, and its re-run changes and tells only once."""
    sandbox.fault("lose_answer", EDIT, times=1)

    def stop(_seconds):
        raise KeyboardInterrupt

    client._sender._edits._sleep = stop
    with pytest.raises(errors.Interrupted, match=f"whether the edit of {reference} went through"):
        client.edit(reference, name="Ours", notify=True)
    assert not client.edit(reference, name="Ours", notify=True).sent
    assert reported(sandbox) == 1

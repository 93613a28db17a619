"""%incidents acknowledge, cancel and snooze: receipts, help, previews and what is missing."""

from __future__ import annotations

import pytest

from incidentio_magic.errors import AmbiguousName, InputError, TrainingRefused

REFERENCE = "INC-293"
COMMANDS = {
    "acknowledge": f"%incidents acknowledge {REFERENCE}",
    "cancel": f"%incidents cancel {REFERENCE}",
    "snooze": f"%incidents snooze {REFERENCE} --for 30m --reason busy",
}


@pytest.fixture
def paged(run):
    """Page somebody for the incident."""
    run(f"%incidents page {REFERENCE} --to alice@example.com --title 'Wake up'")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_response_is_a_receipt(run, write, paged, command, capsys):
    """It is sent once and tells how it ended; a second run sends nothing."""
    first = write(COMMANDS[command])
    assert first.sent
    assert first.verb == command
    assert first.reference == REFERENCE
    assert first.sentence in capsys.readouterr().out
    second = write(COMMANDS[command])
    assert not second.sent
    assert second.id == first.id


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dry_run_sends_nothing(run, sandbox, paged, command):
    """The preview names the page and sends nothing."""
    before = sum(request["method"] == "POST" for request in sandbox.requests)
    preview = run(f"{COMMANDS[command]} --dry-run")
    assert "Wake up" in set(preview["value"].dropna())
    assert sum(request["method"] == "POST" for request in sandbox.requests) == before


def test_the_incident_in_use(run, write, paged):
    """Without a page the incident in use is meant."""
    run(f"%incidents use {REFERENCE}")
    assert write("%incidents acknowledge").sent


def test_a_page_by_number_and_id(run, write, paged):
    """Any page is named by its number or its ID."""
    receipt = write(f"%incidents snooze {REFERENCE}#1 --for 1h")
    assert receipt.sent
    assert write(f"%incidents snooze {receipt.id} --for 1h --again").sent
    run(f"%incidents page {REFERENCE} --to bob@example.com --title 'Wake up too'")
    with pytest.raises(AmbiguousName) as caught:
        run(f"%incidents cancel {REFERENCE}")
    assert f"{REFERENCE}#1" in caught.value.hint


def test_what_is_missing(run, paged):
    """A snooze without its length, and a response without a page, say what to type."""
    with pytest.raises(InputError, match="--for"):
        run(f"%incidents snooze {REFERENCE}")
    with pytest.raises(InputError, match="No incident was given"):
        run("%incidents acknowledge")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_explains_itself(run, command, capsys):
    """--help names the page in all its forms."""
    run(f"%incidents {command} --help")
    assert "INC-123#2" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_training_leaves_real_pages_alone(run, paged, sandbox, command):
    """In training no page of a real incident is answered."""
    run("%incidents training on")
    before = sum(request["method"] == "POST" for request in sandbox.requests)
    with pytest.raises(TrainingRefused):
        run(COMMANDS[command])
    assert sum(request["method"] == "POST" for request in sandbox.requests) == before

"""Cells that add follow-ups and actions, the subcommands that change them, and %incidents attach.

Serves `magics/_cells.py`.
"""

from __future__ import annotations

import pytest

from incidentio_magic.errors import InputError, TemplateError, TrainingRefused, UnknownName

REFERENCE = "INC-293"
FOLLOW_UP = (
    f"%%incident_followup {REFERENCE} --assignee alice@example.com --priority Urgent\nAdd an alert\n\nOn *errors*."
)
ACTION = f"%%incident_action {REFERENCE} --assignee bob@example.com\nFail over\n\nto Dublin"


@pytest.fixture
def client(shell):
    """The notebook's client."""
    return shell.magics_manager.registry["IncidentMagics"].session.client


def test_a_follow_up(write, client, capsys):
    """The first line is the title, the rest the description; a second run sends nothing."""
    first = write(FOLLOW_UP)
    assert first.sent
    assert first.sentence in capsys.readouterr().out
    made = client.api.follow_up(first.id)
    assert (made.title, made.description, made.assignee.name) == ("Add an alert", "On *errors*.", "Alice Archer")
    assert made.priority.name == "Urgent"
    assert not write(FOLLOW_UP).sent
    assert write(FOLLOW_UP.replace("\n", " --again\n", 1)).sent


def test_an_action(write, client):
    """All of the text is what is to be done."""
    first = write(ACTION)
    assert client.api.action(first.id).description == "Fail over\n\nto Dublin"
    assert not write(ACTION).sent


def test_values_of_the_notebook(run, write, client):
    """Text and options are templates; --raw sends the text as it is."""
    run("rate, who = 0.42, 'bob@example.com'")
    receipt = write("%%incident_followup INC-293 --assignee {{ who }}\nAlert above {{ rate }}")
    made = client.api.follow_up(receipt.id)
    assert (made.title, made.assignee.email) == ("Alert above 0.42", "bob@example.com")
    assert client.api.action(write(f"%%incident_action {REFERENCE} --raw\n{{{{ rate }}}}").id).description == (
        "{{ rate }}"
    )
    with pytest.raises(TemplateError):
        run(f"%%incident_action {REFERENCE}\n{{{{ nothing }}}}")


def test_the_incident_in_use(run, write):
    """Without a reference the incident in use is meant."""
    run(f"%incidents use {REFERENCE}")
    assert write("%%incident_followup\nAdd an alert").reference == REFERENCE
    assert write("%%incident_action\nFail over").reference == REFERENCE
    assert write("%incidents attach https://example.com/graph").reference == REFERENCE


@pytest.mark.parametrize(
    ("family", "cell"), [("follow_ups", FOLLOW_UP), ("actions", ACTION)], ids=["follow_ups", "actions"]
)
def test_changes(run, write, client, family, cell):
    """A task is finished, dropped, reopened and reassigned by its number or ID; what is so already sends nothing."""
    made = write(cell)
    read = client.api.follow_up if family == "follow_ups" else client.api.action
    number = made.sentence.split("#")[1].split()[0]
    name = f"{REFERENCE}#{number}"
    for change, status in (("done", "completed"), ("drop", "not_doing"), ("reopen", "outstanding")):
        assert write(f"%incidents {family} {change} {name}").sent
        assert read(made.id).status == status
        assert not write(f"%incidents {family} {change} {made.id}").sent
    assert write(f"%incidents {family} reassign {name} --to carol@example.com").sent
    assert read(made.id).assignee.email == "carol@example.com"
    assert write(f"%incidents {family} reassign {name} --to none").sent
    assert read(made.id).assignee is None
    preview = run(f"%incidents {family} done {name} --dry-run")
    assert "outstanding → completed" in set(preview["value"].dropna())
    assert read(made.id).status == "outstanding"


def test_attach(run, write, client):
    """A link is attached once, with its title."""
    line = f'%incidents attach {REFERENCE} https://example.com/graph --title "Error rate"'
    first = write(line)
    assert first.sent
    assert not write(line).sent
    attached = client.api.incident_attachments(client.incident(REFERENCE).id)
    assert "Error rate" in {record.resource.title for record in attached}
    assert "https://example.com/other" in set(
        run(f"%incidents attach {REFERENCE} https://example.com/other --dry-run")["value"].dropna()
    )


@pytest.mark.parametrize(
    "places",
    [
        "INC-293 https://example.com/graph",
        "https://example.com/graph INC-293",
        "https://app.incident.io/sandbox/incidents/293 https://example.com/graph",
    ],
)
def test_attach_in_either_order(write, places):
    """The incident and the address are told apart; an incident's own page comes first."""
    receipt = write(f"%incidents attach {places}")
    assert receipt.sent
    assert receipt.reference == REFERENCE


@pytest.mark.parametrize("line", ["%incidents attach", f"%incidents attach {REFERENCE} https://a.example b"])
def test_what_attach_needs(run, line):
    """Without an address, or with a word too many, a whole line is offered."""
    with pytest.raises(InputError, match="incident and the address") as caught:
        run(line)
    assert caught.value.hint.startswith("%incidents attach INC-123 https://")


def test_what_is_missing(run):
    """A change needs its task, and a reassignment needs somebody."""
    with pytest.raises(InputError, match=r"REF#N"):
        run("%incidents follow_ups done")
    with pytest.raises(InputError, match="--to"):
        run(f"%incidents actions reassign {REFERENCE}#1")
    with pytest.raises(UnknownName, match="has no follow-up"):
        run(f"%incidents follow_ups done {REFERENCE}#99")


@pytest.mark.parametrize("family", ["follow_ups", "actions"])
@pytest.mark.parametrize("change", ["done", "drop", "reopen", "reassign"])
def test_each_explains_itself(run, family, change, capsys):
    """--help after both words, and help before them, explain the change."""
    run(f"%incidents {family} {change} --help")
    first = capsys.readouterr().out
    assert f"usage: %incidents {family} {change}" in first
    assert "REF#N" in first
    run(f"%incidents help {family} {change}")
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%incidents follow_ups do", ["done"]),
        ("%incidents actions re", ["reopen", "reassign"]),
        ("%incidents follow", ["follow_ups"]),
        ("%incidents attach INC-293 --t", ["--title"]),
        ("%incidents snooze --f", ["--for"]),
    ],
)
def test_tab(shell, typed, offered):
    """Tab offers the second word of a subcommand as it offers the first."""
    completion = shell.magics_manager.registry["IncidentMagics"].completion
    assert completion.complete(typed)[1] == offered


def test_tab_offers_references_and_people(shell, run):
    """References and people that are known are offered, without a request."""
    run("%incidents users")
    run("%incidents")
    completion = shell.magics_manager.registry["IncidentMagics"].completion
    for start in (
        "%incidents acknowledge ",
        "%incidents follow_ups done ",
        "%%incident_followup ",
        "%incidents attach ",
    ):
        assert REFERENCE in completion.complete(f"{start}INC-29")[1]
    assert completion.complete("%%incident_followup INC-293 --assignee Bo")[1] == ["'Bob Brewer'"]


@pytest.mark.parametrize(
    "cell",
    [FOLLOW_UP, ACTION, f"%incidents attach {REFERENCE} https://example.com", "%incidents actions done INC-293#1"],
)
def test_training_leaves_real_incidents_alone(run, sandbox, cell):
    """In training nothing is added to a real incident, and nothing of it is changed."""
    run("%incidents training on")
    before = [request for request in sandbox.requests if request["method"] != "GET"]
    with pytest.raises(TrainingRefused):
        run(cell)
    assert [request for request in sandbox.requests if request["method"] != "GET"] == before

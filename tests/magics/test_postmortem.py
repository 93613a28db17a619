"""%incidents postmortem in a shell."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.postmortem.saving import without_mark


def test_the_draft_is_the_cell_s_value(run):
    """Shown as a document, and the same for the incident in use."""
    draft = run("%incidents postmortem INC-288")
    assert draft.markdown.startswith("# INC-288: Checkout sends duplicate e-mails\n")
    run("%incidents use INC-288")
    assert run("%incidents postmortem").markdown == draft.markdown


@pytest.mark.slow
def test_saving(run, tmp_path, capsys):
    """Saved, saved again, and not over an edited file unless that is asked for."""
    path = tmp_path / "draft.md"
    draft = run(f"%incidents postmortem INC-288 --save {path}")
    assert f"Saved to {path}." in capsys.readouterr().out
    assert without_mark(path.read_text("utf-8")) == draft.markdown
    run(f"%incidents postmortem INC-288 --save {path}")
    path.write_text("mine", "utf-8")
    with pytest.raises(errors.InputError, match="not an untouched draft"):
        run(f"%incidents postmortem INC-288 --save {path}")
    run(f"%incidents postmortem INC-288 --save {path} --overwrite")
    assert path.read_text("utf-8") != "mine"


@pytest.mark.slow
def test_an_edited_draft_is_imported(run, write, tmp_path, sandbox):
    """The way of a postmortem: save, edit, look at what would be sent, import the edited text, once."""
    path = tmp_path / "draft.md"
    run(f"%incidents postmortem INC-291 --save {path}")
    question = "_What could have made it worse and did not, by chance?_"
    path.write_text(path.read_text("utf-8").replace(question, "A disk was full."), "utf-8")
    looked = run(f"%incidents postmortem INC-291 --import --text {path} --dry-run")
    assert "A disk was full." in looked.set_index("property").loc["content", "value"]
    assert write(f"%incidents postmortem INC-291 --import --text {path}").sent
    (sent,) = [request for request in sandbox.requests if request["method"] == "POST"]
    assert "A disk was full." in sent["body"]["content"]
    assert not write(f"%incidents postmortem INC-291 --import --text {path}").sent
    assert list(run("%incidents log")["outcome"]) == ["sent", "not sent"]


def test_a_template(run, tmp_path):
    """Your own template is used."""
    own = tmp_path / "own.jinja"
    own.write_text("{{ incident.status }}", "utf-8")
    assert run(f"%incidents postmortem INC-288 --template {own}").markdown == "Reviewing\n"


def test_what_is_missing_is_said(run, sandbox, capsys):
    """A source that cannot be read is said beside the draft as well."""
    run("%config IncidentMagics.max_wait = 0")
    sandbox.fault("status", endpoint="GET /v2/escalations", status=503)
    run("%incidents postmortem INC-288")
    assert "Incomplete: escalations failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "printed"),
    [("--again", "about importing"), ("--dry-run", "about importing"), ("--overwrite", "about saving")],
)
def test_options_that_go_together(run, options, printed):
    """An option alone that means nothing says so."""
    with pytest.raises(errors.InputError, match=printed):
        run(f"%incidents postmortem INC-288 {options}")


@pytest.mark.slow
def test_write_template(run, tmp_path):
    """A template is saved whole, makes the same draft, and is not overwritten unasked."""
    path = tmp_path / "ours.jinja"
    run(f"%incidents postmortem --write-template {path} --template short")
    assert run(f"%incidents postmortem INC-288 --template {path}").markdown == (
        run("%incidents postmortem INC-288 --template short").markdown
    )
    path.write_text("Mine", "utf-8")
    with pytest.raises(errors.InputError, match="was not overwritten"):
        run(f"%incidents postmortem --write-template {path}")
    assert path.read_text("utf-8") == "Mine"
    run(f"%incidents postmortem --write-template {path} --overwrite")
    assert path.read_text("utf-8").startswith("{#-")

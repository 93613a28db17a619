"""%incidents context: the text, its size, and the incident in use."""

from __future__ import annotations


def test_the_text_is_the_value(run, tmp_path, capsys):
    """The cell's value shows itself, can be saved, and is cut to a size."""
    run("%incidents use INC-291")
    file = tmp_path / "context.md"
    brief = run(f"%incidents context --size 3000 --save {file}")
    assert f"Saved to {file}." in capsys.readouterr().out
    assert brief.markdown.startswith("# INC-291")
    assert len(brief.markdown) <= 3000
    assert file.read_text("utf-8").startswith("# INC-291")


def test_it_is_masked_unless_asked(run):
    """--show-private writes a private incident out."""
    assert "hidden" in run("%incidents context INC-297").markdown
    assert "hidden" not in run("%incidents context INC-297 --show-private").markdown.partition("## Sources")[2]

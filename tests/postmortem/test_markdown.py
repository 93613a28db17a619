"""Text from outside is only text in a Markdown document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from incidentio_magic.postmortem.markdown import cell, harmless, inline, link, quoted

RAW = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
HOSTILE = [
    "<script>alert(1)</script>",
    "a | b",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "[click](javascript:alert(1))",
    "[click]( JaVaScRiPt:alert(1))",
    "[click](<data:text/html,x>)",
    "[click](java&#115;cript:alert(1))",
    "[x]: javascript:alert(1)",
    "![pixel](https://example.com/p.png)",
    "**bold** _it_ `code` ~~no~~",
    "# heading",
    "- item",
    "1. item",
    "2) item",
    "---",
    "===",
    "+",
    "> quote",
    "```\nnever closed",
    "<!-- never closed",
    "\u202egnirts",
    "a\\|b",
    "&lt;b&gt; &amp;",
    "$$x$$",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_inline_is_only_text(text):
    """What is shown is the text itself, one paragraph and no markup."""
    tokens = RAW.parse(inline(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = [child for child in tokens[1].children if child.type not in {"text", "text_special"}]
    assert not children
    shown = "".join(child.content for child in tokens[1].children)
    assert shown == " ".join(text.replace("\u202e", "").split())


@given(st.text())
def test_inline_never_leaves_its_cell(text):
    """Whatever the text is, a table's row has its own two cells and nothing else."""
    html = RAW.render(f"| a | b |\n|---|---|\n| {inline(text)} | {cell(text)} |\n")
    assert html.count("<td") == 2
    assert html.count("<tr") == 2
    assert html.rstrip().endswith("</table>")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_quotation_keeps_its_place(text):
    """Formatting stays, but HTML, pictures and strange links do not, and what follows is not swallowed."""
    html = RAW.render(f"{quoted(text)}\n\nAfterwards\n")
    assert html.startswith("<blockquote>")
    assert html.endswith("</blockquote>\n<p>Afterwards</p>\n")
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_what_people_write_stays_formatted():
    """Bold, lists and links to web pages stay as they were written."""
    html = RAW.render(quoted("**bold**\n\n- one\n- [two](https://example.com/2)"))
    assert "<strong>bold</strong>" in html
    assert html.count("<li>") == 2
    assert 'href="https://example.com/2"' in html
    assert harmless("[mail](mailto:a@example.com)") == "[mail](mailto:a@example.com)"


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://example.com/a_b?c=d#e", True),
        ("http://example.com", True),
        ("javascript:alert(1)", False),
        ("https://example.com/) [x](javascript:alert(1)", False),
        ("https://example.com/ x", False),
        ("", False),
        (None, False),
    ],
)
def test_links(address, linked):
    """Only a whole address of a web page is linked to; the text is there in any case."""
    html = RAW.render(link("[The] call", address))
    assert ("<a " in html) == linked
    assert "[The] call" in html


def test_nothing():
    """No text is no text."""
    assert inline(None) == quoted(None) == cell(None) == ""

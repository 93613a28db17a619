"""How a magic's line is read: whatever is typed, a result or an error of this project."""

from __future__ import annotations

import io
from contextlib import redirect_stdout, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentio_magic.errors import IncidentioError
from incidentio_magic.magics import extension
from incidentio_magic.magics._cells import CELLS
from incidentio_magic.magics.extension import SUBCOMMANDS
from incidentio_magic.magics.grammar import Grammar, nearest
from incidentio_magic.magics.reading import filters


def options():
    """Return every option there is."""
    found = {"-h", "--", "-", "---"}
    adders = [subcommand.add for subcommand in SUBCOMMANDS.values()] + [magic.add for magic in CELLS.values()]
    for add in adders:
        grammar = Grammar("", "")
        add(grammar)
        found |= set(grammar.options())
    return sorted(found)


TEXTS = st.text(max_size=12)
VALUES = TEXTS | st.sampled_from(
    ["INC-299", "4h", "Major", ">=Major", "-1", "0", "1e9", "a=b", "=", '"Incident Lead=alice@example.com"', "None"]
)
TEMPLATES = st.builds("{{{{ {} }}}}".format, TEXTS) | st.sampled_from(
    ["{{ 1/0 }}", "{% for %}", "{{", "}}", "{#", "{{}}"]
)
QUOTES = st.sampled_from(["'", '"', "\\", '""', "\n", "\0", "\ue000", "\ue0000\ue000", "%s", "%(prog)s", "@file"])
OPTIONS = st.sampled_from(options())
WORDS = OPTIONS | st.builds("{}={}".format, OPTIONS, VALUES) | VALUES | TEMPLATES | QUOTES
TAILS = st.builds(" ".join, st.lists(WORDS, max_size=6))
LINES = TEXTS | TAILS | st.builds("{} {}".format, st.sampled_from(sorted(SUBCOMMANDS)), TAILS)


@pytest.fixture
def magics(shell):
    """The magics of a shell."""
    return shell.magics_manager.registry["IncidentMagics"]


@pytest.fixture
def reading_only(monkeypatch):
    """Let every subcommand end where its line is understood, and return what was."""

    def run(_session, args, *_cell):
        return filters(args) if hasattr(args, "not_field") else args

    understood = {name: subcommand._replace(run=run) for name, subcommand in SUBCOMMANDS.items()}
    monkeypatch.setattr(extension, "SUBCOMMANDS", understood)
    monkeypatch.setattr(extension.reading, "OPEN", extension.reading.OPEN._replace(run=run))
    cells = {name: magic._replace(run=run) for name, magic in CELLS.items()}
    monkeypatch.setattr(extension, "CELLS", cells)


@pytest.mark.slow
def test_any_line_is_understood_or_refused(magics, reading_only):
    """Any line of %incidents and of the cell magics: parsed, explained, or refused with an error of this project."""
    ends = {"tried": 0, "result": 0, "refused": 0}

    @settings(max_examples=150)
    @given(LINES, TEXTS | TEMPLATES, st.sampled_from(["incidents", *CELLS]))
    def tried(line, cell, name):
        act = getattr(magics, name)
        ends["tried"] += 1
        try:
            with redirect_stdout(io.StringIO()):
                act(line) if name == "incidents" else act(line, cell)
        except IncidentioError as error:
            ends["refused"] += len(error.lines()) in {1, 2}
        else:
            ends["result"] += 1

    tried()
    assert min(ends.values()) > 10
    assert ends["result"] + ends["refused"] == ends["tried"]


READING = ["", "list", "show", "updates", "use", "timeline", "metrics", "log", "severities", "fields"]


@pytest.mark.slow
def test_any_line_that_reads_has_a_result_or_is_refused(magics, tmp_path, monkeypatch):
    """Lines that read, carried out against a service: a result, or an error of this project."""
    monkeypatch.chdir(tmp_path)
    usual = st.sampled_from(
        [
            "INC-299",
            "--all",
            "--limit 3",
            "--sort name",
            "--sort -x",
            "--columns name",
            "--since 4h",
            "--out a",
            "--any",
        ]
    )
    lines = st.builds(
        "{} {}".format, st.sampled_from(READING), TAILS | st.builds(" ".join, st.lists(usual, max_size=3))
    )

    @settings(max_examples=40)
    @given(lines)
    def tried(line):
        with suppress(IncidentioError), redirect_stdout(io.StringIO()):
            magics.incidents(line)

    tried()
    assert {path.name for path in tmp_path.iterdir()} <= {"ledger.jsonl", "ipython"}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ack", "did you mean acknowledge?"),
        ("done", "did you mean follow_ups done or actions done?"),
        ("acknowlege", "did you mean acknowledge?"),
        ("a", "there are: acknowledge, follow_ups done, actions done"),
        ("zebra", "there are: acknowledge, follow_ups done, actions done"),
    ],
)
def test_a_short_form_is_offered_in_full(typed, offered):
    """The beginning of a name, or one word of it, is answered with the names it may stand for."""
    error = nearest("subcommand", typed, ["acknowledge", "follow_ups done", "actions done"])
    assert error.hint == offered


def test_an_option_that_is_given_twice_is_refused(magics):
    """The first of two values would be lost without a word; options that take several may be repeated."""
    with pytest.raises(IncidentioError, match="--mode is given twice") as caught:
        magics.incidents("list --mode test --mode=tutorial")
    assert '--mode "A,B"' in caught.value.hint
    assert len(magics.incidents('list --mode "test,tutorial" --limit 3')) == 3
    assert len(magics.incidents('list --all --field "Affected service=Payments" --field "Owning team=Payments"')) > 0


@pytest.mark.parametrize("option", ['--severity ""', "--since=", "--role '' --limit 3", "--field=' '"])
def test_an_empty_value_is_refused(magics, option):
    """A filter whose value is empty would be as if it were not there, and list everything."""
    with pytest.raises(IncidentioError, match=r"the value of --[a-z]+ is empty"):
        magics.incidents(f"list {option}")


def test_an_empty_value_that_means_something_is_kept(magics):
    """A new summary may be empty: it takes the old one away."""
    draft = magics.incidents('edit INC-291 --summary "" --dry-run')
    assert "summary" in set(draft["property"])


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("list --role lead=Nora Keller", 'put it in quotes: --role "lead=Nora Keller"'),
        ("list --severity=Major Minor --any", '"Major Minor", or several names with commas: --severity "Major,Minor"'),
        ("list --severity Major, Minor", 'put it in quotes: --severity "Major, Minor"'),
        ("list --since 7 days", "%incidents list --help lists them"),
        ("list --since 2026-01-10 14:05", 'put it in quotes: --since "2026-01-10 14:05"'),
        ("list --limit 7 days", "%incidents list --help lists them"),
        ("list Major --severity Minor", "%incidents list --help lists them"),
        ("list --any Major", "%incidents list --help lists them"),
    ],
)
def test_a_value_with_spaces_is_offered_in_quotes(magics, typed, offered):
    """What stands behind an option that takes a text was meant as its value; a time or a number has no spaces."""
    with pytest.raises(IncidentioError) as caught:
        magics.incidents(typed)
    assert caught.value.hint.endswith(offered)


def test_dashes_and_underscores_are_one_spelling():
    """`status_page` is `status-page`, not the list that is called almost so."""
    assert nearest("subcommand", "Status_Page", ["status_pages", "status-page"]).hint == "did you mean status-page?"

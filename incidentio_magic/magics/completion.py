"""Tab completion of subcommands, options, and known names and references. It never sends a request."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.magics._cells import CELLS
from incidentio_magic.magics._groups import group_words
from incidentio_magic.magics.drills import ACTIONS as DRILL_ACTIONS
from incidentio_magic.magics.grammar import Grammar
from incidentio_magic.magics.sandbox import ACTIONS as SANDBOX_ACTIONS
from incidentio_magic.magics.sandbox import FAULTS
from incidentio_magic.names.resources import COMPLETED_FROM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from IPython.core.completer import CompletionContext, SimpleMatcherResult

    from incidentio_magic.client import Incidents
    from incidentio_magic.magics.grammar import Subcommand
    from incidentio_magic.magics.session import Session

# Patterns are compiled on first use, so that the extension loads at once.
_LINE: Final = r"^\s*(?:[\w.\[\]\"']+\s*=\s*)?%incidents(?:\s+(?P<rest>.*))?$"
_CELL: Final = rf"^%%(?P<name>{'|'.join(CELLS)})(?:\s+(?P<rest>.*))?$"
_FILTERS: Final = frozenset({"--severity", "--status", "--type"} | {"--not-severity", "--not-status", "--not-type"})
_NAMES_OF: Final = {
    "oncall": "schedules",
    "status-page": "status_pages",
}  # the lists whose names are typed without an option
_LIST_BEGUN: Final = r"[\"']?(?:.*,\s*|[<>=]+\s*)?"  # the text before the name that is being typed
_FIXED: Final = {
    "--as-of": ("ended", "declaration"),
    "--format": ("parquet", "csv"),
    "--mode": ("standard", "retrospective", "test", "tutorial"),
    "--category": ("triage", "active", "post-incident", "paused", "closed", "declined", "canceled", "merged"),
}
_GROUPINGS: Final = ("severity", "type", "lead", "month", "quarter", "week")
_LISTED: Final = frozenset({"--sources", "--kind"})
_PAIRED: Final = {
    "--role": "roles",
    "--field": "fields",
    "--not-field": "fields",
    "--timestamp": "timestamps",
    "--overdue": "severities",
}
_REFERENCE: Final = ("REF", "PAGE")  # the names of arguments that take an incident's reference
_ENDINGS: Final = (["decline"], ["cancel"], ["merge"])  # of the incidents of a drill


class Completion:
    """Completes the lines of the magics.

    Args:
        session: Provides the known names.
        subcommands: The subcommands of %incidents.
    """

    def __init__(self, session: Session, subcommands: Mapping[str, Subcommand]) -> None:
        self._session = session
        self._subcommands = subcommands

        self.matcher = self._newer_matcher() or self._match_token

    def _newer_matcher(self) -> Callable[[Any], Any] | None:
        """Return a matcher that sees the whole cell; IPython supports such matchers since 8.6."""
        try:
            from IPython.core.completer import context_matcher  # noqa: PLC0415
        except ImportError:
            return None

        @context_matcher(identifier="incidentio_magic")  # type: ignore[untyped-decorator]
        def matcher(context: CompletionContext) -> SimpleMatcherResult:
            return self._match(context)

        return matcher  # type: ignore[no-any-return]

    def _match_token(self, token: str) -> list[str]:
        """Return the completions of the token at the cursor, for IPython before 8.6."""
        completer: Any = self._session.shell.Completer
        fragment, options = self.complete(completer.text_until_cursor)
        before = fragment[: len(fragment) - len(token)]
        if not fragment.endswith(token):
            return []
        return [option[len(before) :] for option in options if option.startswith(before)]

    def _match(self, context: CompletionContext) -> SimpleMatcherResult:
        from IPython.core.completer import SimpleCompletion  # noqa: PLC0415

        line = context.full_text.split("\n")[context.cursor_line][: context.cursor_position]
        fragment, options = self.complete(line, first=context.cursor_line == 0)
        completions = [
            SimpleCompletion(text=option, type=summary or "magic") for option, summary in self.explained(line, options)
        ]
        return {"completions": completions, "matched_fragment": fragment, "suppress": bool(completions)}

    def complete(self, line: str, *, first: bool = True) -> tuple[str, list[str]]:
        """Return the part of `line` that is being typed, and its completions.

        Args:
            line: The line up to the cursor.
            first: Whether it is the cell's first line, which may hold a cell magic.
        """
        found = re.match(_LINE, line) or (re.match(_CELL, line) if first else None)
        if found is None or found["rest"] is None:
            return "", []
        rest = found["rest"]
        fragment = "" if not rest or (rest[-1].isspace() and not _in_quotes(rest)) else _last_word(rest)
        words = _words(rest[: len(rest) - len(fragment)])
        command = found.groupdict().get("name", "")
        if not command:
            if not words and not fragment.startswith("-"):
                return fragment, _fitting(fragment, dict.fromkeys(name.split()[0] for name in self._subcommands))
            command = next((name for count in (2, 1) if (name := " ".join(words[:count])) in self._subcommands), "")
            if not command and words and (actions := self._continued(words[0])):
                return fragment, _fitting(fragment, actions) if len(words) == 1 else []
            del words[: len(command.split())]
        return fragment, self._arguments(command, words, fragment)

    def _continued(self, first: str) -> list[str]:
        """Return the second words of the subcommands that begin with a word."""
        return [name.split()[1] for name in self._subcommands if name.startswith(f"{first} ")]

    def explained(self, line: str, options: Iterable[str]) -> list[tuple[str, str]]:
        """Return each completion of a line with the text to show beside it; "" for no text.

        A terminal has room for a subcommand's summary; JupyterLab only for one word, its group.

        Args:
            line: The line up to the cursor.
            options: The completions.
        """
        found = re.match(_LINE, line)
        beside: Mapping[str, str] = {}
        if found and not any(letter.isspace() for letter in found["rest"] or ""):
            summaries = {name: subcommand.summary for name, subcommand in self._subcommands.items()}
            beside = group_words(summaries) if hasattr(self._session.shell, "kernel") else summaries
        return [(option, beside.get(option, "")) for option in options]

    def _arguments(self, command: str, words: list[str], fragment: str) -> list[str]:
        if fragment.startswith("--") and "=" in fragment:
            option, _, typed = fragment.partition("=")
            return [f"{option}={value}" for value in self._values(option, typed)]
        grammar = self._grammar(command)
        if words and words[-1] in grammar.valued():
            return self._values(words[-1], fragment)
        if fragment.startswith("-"):
            return _fitting(fragment, grammar.options())
        refers = command not in _NAMES_OF and grammar.takes(*_REFERENCE)
        standing = self._standing(command, words, fragment, refers=refers)
        return grammar.options() if standing is None and not fragment else standing or []

    def _standing(self, command: str, words: list[str], fragment: str, *, refers: bool) -> list[str] | None:
        """Return the possible values of a positional argument; None if no known value is possible."""
        known = self._session.known.vocabulary if self._session.known is not None else None
        refers = refers or (command == "drill" and words[:1] in _ENDINGS)
        changes = _fitting(fragment, self._continued(command)) if fragment and not words else []
        if refers and known is not None:
            return [*changes, *_referred(fragment, known.references)]
        if fixed := _next_word(command, words) or changes:
            return _fitting(fragment, fixed)
        if command in _NAMES_OF and known is not None:
            names = known.cached(_NAMES_OF[command])
            return [shlex.quote(name) for name in names if _begins(name, fragment)] or None
        return None

    def _grammar(self, command: str) -> Grammar:
        grammar = Grammar(command, "")
        if command in CELLS:
            CELLS[command].add(grammar)
        else:
            self._subcommands[command or "list"].add(grammar)
        return grammar

    def _values(self, option: str, typed: str) -> list[str]:
        if option in _FIXED:
            return _fitting(typed, _FIXED[option])
        if option in _LISTED:
            done, comma, last = typed.rpartition(",")
            return [f"{done}{comma}{name}" for name in _fitting(last, _names_of(option))]
        client = self._session.known
        if option == "--by":
            return _fitting(typed, [*_GROUPINGS, *(client.vocabulary.cached("fields") if client else ())])
        if client is None:
            return []
        if option in _PAIRED:
            return self._pairs(client, option, typed)
        begun = re.match(_LIST_BEGUN, typed)[0] if option in _FILTERS else ""  # type: ignore[index]  # it matches anything
        before = begun.lstrip("\"'")
        names = client.vocabulary.cached(COMPLETED_FROM.get(option, ""))
        return [shlex.quote(f"{before}{name}") for name in names if _begins(name, typed[len(begun) :])]

    def _pairs(self, client: Incidents, option: str, typed: str) -> list[str]:
        name, equals, value = typed.lstrip("\"'").partition("=")
        if not equals:  # the quote stays open for the value
            names = [known for known in client.vocabulary.cached(_PAIRED[option]) if _begins(known, name)]
            return [f'"{known}=' if " " in known else f"{known}=" for known in names]
        people = client.vocabulary.cached("users") if option == "--role" else []
        values = people or client.vocabulary.cached_values(name)
        return [shlex.quote(f"{name}={known}") for known in values if _begins(known, value)]


def _names_of(option: str) -> tuple[str, ...]:
    from incidentio_magic.timeline import KINDS, SOURCES  # noqa: PLC0415  loads on first use

    return KINDS if option == "--kind" else (*SOURCES, "all")


def _next_word(command: str, words: list[str]) -> Iterable[str] | None:
    """Return the possible positional words; None if they are not fixed."""
    if command == "training":
        return ("on", "off")
    if command == "sandbox" and not words:
        return SANDBOX_ACTIONS
    if (command, *words) == ("sandbox", "fault"):
        return FAULTS
    if command == "drill" and not words:
        return DRILL_ACTIONS
    if (command, *words) == ("drill", "start"):
        from incidentio_magic.drills.reading import known  # noqa: PLC0415  loads on first use

        return known()
    return None


def _referred(typed: str, references: Iterable[str]) -> list[str]:
    bare = typed.lstrip("#")
    return [
        reference
        for reference in references
        if _begins(reference, bare) or reference.rpartition("-")[2].startswith(bare)
    ]


def _begins(name: str, typed: str) -> bool:
    return name.casefold().startswith(typed.lstrip("\"'").casefold())


def _fitting(typed: str, names: Iterable[str]) -> list[str]:
    return [shlex.quote(name) if " " in name else name for name in names if _begins(name, typed)]


def _in_quotes(text: str) -> bool:
    return text.count('"') % 2 == 1 or text.count("'") % 2 == 1


def _last_word(text: str) -> str:
    if _in_quotes(text):
        return text[max(text.rfind(' "'), text.rfind(" '"), text.rfind('="'), text.rfind("='")) + 1 :]
    return re.split(r"\s", text)[-1]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()

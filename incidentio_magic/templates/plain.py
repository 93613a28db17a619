"""Jinja for template files: plain data in, text out; only filters and the file's own macros can be called."""

from __future__ import annotations

import traceback
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypedDict

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST: Final = 1_000_000  # maximum characters of the output
_FILTERS: Final = (
    *("abs", "batch", "capitalize", "count", "d", "default", "dictsort", "filesizeformat", "first", "float", "format"),
    *("groupby", "indent", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject"),
    *("rejectattr", "replace", "reverse", "round", "select", "selectattr", "slice", "sort", "string", "sum", "title"),
    *("tojson", "trim", "truncate", "unique", "upper", "urlencode", "wordcount", "wordwrap", "e", "escape"),
)
_READABLE: Final[Mapping[type, tuple[str, ...]]] = {
    LoopContext: tuple(
        "depth depth0 first index index0 last length nextitem previtem revindex revindex0".split()  # noqa: SIM905
    ),
    date: ("year", "month", "day"),
    datetime: ("hour", "minute", "second"),
    time: ("hour", "minute", "second"),
    timedelta: ("days", "seconds"),
}
_SHOWN: Final = (str, int, float, Decimal, date, time, timedelta, list, dict, tuple, type(None))


class Result(TypedDict):
    """The result of rendering a template.

    Attributes:
        kind: text, malformed, missing, refused, too much or failed.
        text: The rendered text, or the error message.
        line: The line of the template; 0 if unknown.
        name: The unknown name.
        known: The names that exist there.
    """

    kind: str
    text: str
    line: int
    name: str
    known: list[str]


class MissingName(jinja2.UndefinedError):
    """An unknown name, or an unknown field of a row."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = known


class _Missing(jinja2.StrictUndefined):
    """A placeholder for an unknown name; using it raises an error that lists the existing names."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *_arguments: Any, **_named: Any) -> NoReturn:
        row = self._undefined_obj
        known = [str(name) for name in row] if isinstance(row, dict) else []
        raise MissingName(str(self._undefined_name or "?"), known)

    __iter__ = __str__ = __len__ = _fail_with_undefined_error
    __eq__ = __ne__ = __bool__ = __hash__ = _fail_with_undefined_error
    __contains__ = __call__ = __getitem__ = _fail_with_undefined_error


class FileEnvironment(ImmutableSandboxedEnvironment):
    """Jinja over plain data."""

    intercepted_binops = frozenset({"**", "*", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=_Missing,
            autoescape=False,
            keep_trailing_newline=True,
            finalize=_shown,
            loader=jinja2.FunctionLoader(_no_other_file),
        )
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | {"time": _time}

    def is_safe_callable(self, obj: Any) -> bool:
        """Return whether a template may call it: only its own macros."""
        return type(obj) is Macro

    def call(self, context: Any, obj: Any, /, *arguments: Any, **named: Any) -> Any:
        """Call a macro."""
        if isinstance(obj, jinja2.Undefined):
            return obj()  # the error names it
        if not self.is_safe_callable(obj):
            raise SecurityError(f"{_kind(obj)} cannot be called")
        return super().call(context, obj, *arguments, **named)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a field of a row, or a part of a loop or a time."""
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if any(isinstance(obj, kind) and attribute in readable for kind, readable in _READABLE.items()):
            return getattr(obj, attribute)
        if isinstance(obj, jinja2.Undefined):
            return obj[attribute]  # the error names the first missing name
        raise SecurityError(f"{attribute!r} of {_kind(obj)} cannot be read")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a field of a row, or an item of a list or text."""
        if isinstance(obj, dict):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=str(argument))
        if isinstance(obj, list | tuple | str) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return self.undefined(name=f"item {argument}")
        return self.getattr(obj, str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Allow calculations with numbers only, because a string multiplied by a number may have any length."""
        if not all(isinstance(value, int | float | Decimal | timedelta) for value in (left, right)):
            raise SecurityError(f"{operator} computes with numbers; the filter format fills in texts")
        if operator == "**":
            left, right = float(left), float(right)
        return super().call_binop(context, operator, left, right)


def evaluate(text: str, data: Mapping[str, Any]) -> Result:
    """Render a template and return the result.

    Args:
        text: The template.
        data: Plain data by name.
    """
    try:
        result = _result("text", _filled(text, data))
    except jinja2.TemplateSyntaxError as error:
        result = _result("malformed", error.message or "", error.lineno)
    except MissingName as error:
        result = _result("missing", "", _line(error), error.name, error.known)
    except SecurityError as error:
        result = _result("refused", str(error), _line(error))
    except (MemoryError, OverflowError):
        result = _result("too much", "")
    except RecursionError:
        result = _result("failed", "its macros call each other without end")
    except Exception as error:  # noqa: BLE001  a filter can raise anything; the author must learn what
        result = _result("failed", f"{type(error).__name__}: {error}", _line(error))
    return result


def _filled(text: str, data: Mapping[str, Any]) -> str:
    made: list[str] = []
    size = 0
    for part in _compiled(text).generate(data):
        size += len(part)
        if size > LARGEST:
            raise MemoryError
        made.append(part)
    return "".join(made)


@lru_cache(maxsize=8)
def _compiled(text: str) -> jinja2.Template:
    """Return a compiled template from a cache, because compiling takes longer than reading an incident."""
    return FileEnvironment().from_string(text)


def _result(kind: str, text: str, line: int = 0, name: str = "", known: list[str] | None = None) -> Result:
    return Result(kind=kind, text=text, line=line, name=name, known=known or [])


def _line(error: BaseException) -> int:
    lines = [entry.lineno for entry in traceback.extract_tb(error.__traceback__) if entry.filename == "<template>"]
    return lines[-1] or 0 if lines else 0


def _shown(value: Any) -> Any:
    """Return an expression's value for the output; Jinja calls this for every expression."""
    if isinstance(value, (jinja2.Undefined, *_SHOWN)):
        return value
    raise SecurityError(f"{_kind(value)} cannot be shown; the filter list makes a list of what a filter chose")


def _time(value: Any, pattern: str = "%Y-%m-%d %H:%M") -> str:
    """Format a date or time: the filter in `{{ at | time("%H:%M") }}`."""
    if not isinstance(value, date | datetime | time):
        raise SecurityError(f"the filter time takes a time, not {_kind(value)}")
    return value.strftime(pattern)


def _no_other_file(name: str) -> NoReturn:
    raise SecurityError(f"{name!r} cannot be included: a template is one file")


def _kind(value: Any) -> str:
    return {str: "a text", list: "a list", dict: "a row", bool: "a yes or no"}.get(type(value), type(value).__name__)

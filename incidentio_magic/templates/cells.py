"""Renders templates in a cell, which are the author's own code, with the names in scope there."""

from __future__ import annotations

import builtins
import traceback
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2 import meta

from incidentio_magic.errors import TemplateError
from incidentio_magic.names.close_matches import closest
from incidentio_magic.templates._spellings import FORMAT, expressions, in_jinja, is_python

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST: Final = 1_000_000  # characters; the service accepts far fewer
_NO_COMMENT: Final = ("\ue001#", "#\ue001")  # from the private use area, so that {# #} is plain text
_BUILTINS: Final = {name: value for name, value in vars(builtins).items() if not name.startswith("_")}
_FUNCTIONS: Final = (FunctionType, BuiltinFunctionType, MethodType)


class CellEnvironment(jinja2.Environment):
    """Jinja in which a missing name is an error, only `{{ }}` and `{% %}` are syntax, and nothing is escaped."""

    def __init__(self) -> None:
        super().__init__(
            undefined=jinja2.StrictUndefined,
            autoescape=False,
            keep_trailing_newline=True,
            finalize=_written,
            comment_start_string=_NO_COMMENT[0],
            comment_end_string=_NO_COMMENT[1],
        )
        self.filters[FORMAT] = format


def render(
    text: str,
    variables: Mapping[str, Any],
    *,
    unset: Mapping[str, str] | None = None,
    note: Callable[[str], None] | None = None,
) -> str:
    """Return `text` with its `{{ expressions }}` computed; `$x`, `{x}` and `{# x #}` stay as they are.

    Args:
        text: A Jinja template by the author of the cell; it may use and call everything that the cell may.
        variables: The values it may use, by name, in addition to Python's builtins.
        unset: Local variables without a value, each with its function's name. They count as missing, even if Python has
            a builtin with that name.
        note: Called with a message if `{{ rate:.1f }}` was understood as a Python format of `rate`.

    Raises:
        TemplateError: If a name is missing, the template is malformed, an expression fails, or the text exceeds a
            million characters.
    """
    if "{{" not in text and "{%" not in text:
        return text
    environment = CellEnvironment()
    typed = text
    text = in_jinja(text, note or (lambda _line: None))
    unset = unset or {}
    names = {**{name: value for name, value in _BUILTINS.items() if name not in unset}, **variables}
    try:
        return _joined(environment.from_string(text).generate(names))
    except TemplateError:
        raise
    except jinja2.TemplateSyntaxError as error:
        raise _malformed(error, typed) from None
    except jinja2.UndefinedError as error:
        if missing := _undefined(environment, text, names, str(error)):
            raise _missing(environment, missing, variables, unset) from None
        raise TemplateError(f"{_line_of(error)}: {error.message}.") from None
    except Exception as error:  # noqa: BLE001  an expression can raise anything; the cell must say what
        # A filter reports a missing name in its own message, which contains the placeholder for the name.
        if "Undefined" in str(error) and (missing := _undefined(environment, text, names)):
            raise _missing(environment, missing, variables, unset) from None
        raise TemplateError(f"{_line_of(error)}: {type(error).__name__}: {error}") from None


def _written(value: Any) -> Any:
    """Return a value for the text; an uncalled function is an error."""
    if isinstance(value, _FUNCTIONS):
        name = value.__name__
        raise TemplateError(f"{name!r} is a function, not a value.", hint=f"put parentheses after it: {name}()")
    return value


def _malformed(error: jinja2.TemplateSyntaxError, text: str) -> TemplateError:
    """Return the error for a template that Jinja cannot read."""
    python = [expression for expression in expressions(text) if is_python(expression) and not _is_jinja(expression)]
    hint = "compute it in a cell above: text = …, and write {{ text }} here" if python else ""
    return TemplateError(f"The template is malformed in line {error.lineno}: {error.message}", hint=hint)


def _is_jinja(expression: str) -> bool:
    try:
        jinja2.Environment(autoescape=True).parse(f"{{{{ {expression} }}}}")
    except jinja2.TemplateSyntaxError:
        return False
    return True


def _joined(parts: Any) -> str:
    made: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > LARGEST:
            raise TemplateError(
                f"The template makes more than {LARGEST:,} characters.", hint="send a summary, and link to the rest"
            )
        made.append(part)
    return "".join(made)


def _undefined(environment: CellEnvironment, text: str, names: Mapping[str, Any], message: str = "") -> str:
    """Return the first undefined name in the template; with `message`, the first that the message mentions."""
    missing = meta.find_undeclared_variables(environment.parse(text)) - {*names, *environment.globals}
    return min((name for name in missing if not message or f"'{name}' is undefined" in message), default="")


def _missing(
    environment: CellEnvironment, name: str, variables: Mapping[str, Any], unset: Mapping[str, str]
) -> TemplateError:
    if name in unset:
        return TemplateError(
            f"The template uses {name!r}, a variable of {unset[name]}() that has no value here.",
            hint=f"assign it first; an inner function sees it once its own code uses it: {name} = {name} as a default",
        )
    near = closest(name, [known for known in variables if not known.startswith("_")])
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif name in environment.filters:
        hint = f"{name} is a filter: {{{{ value | {name} }}}}"
    else:
        hint = "define it in a cell above"
    return TemplateError(f"The template uses {name!r}, which the notebook does not define.", hint=hint)


def _line_of(error: BaseException) -> str:
    lines = [entry.lineno for entry in traceback.extract_tb(error.__traceback__) if entry.filename == "<template>"]
    return f"The template fails in line {lines[-1]}" if lines else "The template fails"

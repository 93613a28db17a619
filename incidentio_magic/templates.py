"""Jinja over the notebook's variables: sandboxed, and strict, so that a missing name is an error, never empty text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2 import meta
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from incidentio_magic.errors import TemplateError
from incidentio_magic.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Mapping


_RAW: Final = "--raw sends the text as it is"


@cache
def environment() -> SandboxedEnvironment:
    """Return the one environment: what is missing raises, nothing is escaped, since the text is Markdown."""
    return SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True)


def render(text: str, variables: Mapping[str, Any]) -> str:
    """Return `text` with its `{{ expressions }}` computed; `$x` and `{x}` stay as they are.

    Args:
        text: A Jinja template.
        variables: The values it may use, by name.

    Raises:
        TemplateError: If a name is missing, the template is malformed, or computing it fails.
    """
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    try:
        return environment().from_string(text).render(variables)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(
            f"The template is malformed in line {error.lineno}: {error.message}",
            option_hint=_RAW,
        ) from None
    except jinja2.UndefinedError as error:
        if missing := _undefined(text, variables, str(error)):
            raise _missing(missing, variables) from None
        raise TemplateError(f"In the template, {error.message}.", option_hint=_RAW) from None
    except SecurityError as error:
        raise TemplateError(f"The template may not do that: {error}") from None
    except Exception as error:  # noqa: BLE001  an expression can raise anything; the cell must say what
        # A filter stumbles over a missing name in its own words, in which the stand-in for the name appears.
        if "Undefined" in str(error) and (missing := _undefined(text, variables)):
            raise _missing(missing, variables) from None
        raise TemplateError(
            f"Computing the template failed: {type(error).__name__}: {error}", hint="nothing was sent"
        ) from None


def _undefined(text: str, variables: Mapping[str, Any], said: str = "") -> str:
    """Return the first name that the template uses, the notebook does not have and `said`, if given, speaks of."""
    known = {*variables, *environment().globals}
    missing = meta.find_undeclared_variables(environment().parse(text)) - known
    return min((name for name in missing if not said or f"'{name}' is undefined" in said), default="")


def _missing(name: str, variables: Mapping[str, Any]) -> TemplateError:
    near = closest(name, [known for known in variables if not known.startswith("_")])
    offer = f"did you mean {' or '.join(near)}?" if near else "define it in a cell above"
    return TemplateError(
        f"The template uses {name!r}, which the notebook does not define.", hint=offer, option_hint=_RAW
    )

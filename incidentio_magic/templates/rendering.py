"""Rendering, in which a missing name is an error, never empty text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2 import meta
from jinja2.exceptions import SecurityError

from incidentio_magic.errors import TemplateError
from incidentio_magic.names.close_matches import closest
from incidentio_magic.templates.budget import Budget
from incidentio_magic.templates.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping


_RAW: Final = "--raw sends the text as it is"


def render(text: str, variables: Mapping[str, Any]) -> str:
    """Return `text` with its `{{ expressions }}` computed; `$x` and `{x}` stay as they are.

    Args:
        text: A Jinja template.
        variables: The values it may use, by name.

    Raises:
        TemplateError: If a name is missing, the template is malformed, computing it fails, or it would call what it may
            not, take longer than five seconds or make more than a million characters.
    """
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    environment = Environment(Budget())
    try:
        return str(environment.budget.spend(environment.from_string(text).render(variables)))
    except TemplateError:
        raise
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(
            f"The template is malformed in line {error.lineno}: {error.message}",
            option_hint=_RAW,
        ) from None
    except jinja2.UndefinedError as error:
        if missing := _undefined(environment, text, variables, str(error)):
            raise _missing(missing, variables) from None
        raise TemplateError(f"In the template, {error.message}.", option_hint=_RAW) from None
    except SecurityError as error:
        raise TemplateError(
            f"The template may not do that: {error}.", hint="compute it in a cell above", option_hint=_RAW
        ) from None
    except Exception as error:  # noqa: BLE001  an expression can raise anything; the cell must say what
        # A filter stumbles over a missing name in its own words, in which the stand-in for the name appears.
        if "Undefined" in str(error) and (missing := _undefined(environment, text, variables)):
            raise _missing(missing, variables) from None
        raise TemplateError(
            f"Computing the template failed: {type(error).__name__}: {error}", hint="nothing was sent"
        ) from None


def _undefined(environment: Environment, text: str, variables: Mapping[str, Any], message: str = "") -> str:
    """Return the first name that the template uses, the notebook does not have and `message`, if given, mentions."""
    known = {*variables, *environment.globals}
    missing = meta.find_undeclared_variables(environment.parse(text)) - known
    return min((name for name in missing if not message or f"'{name}' is undefined" in message), default="")


def _missing(name: str, variables: Mapping[str, Any]) -> TemplateError:
    near = closest(name, [known for known in variables if not known.startswith("_")])
    offer = f"did you mean {' or '.join(near)}?" if near else "define it in a cell above"
    return TemplateError(
        f"The template uses {name!r}, which the notebook does not define.", hint=offer, option_hint=_RAW
    )

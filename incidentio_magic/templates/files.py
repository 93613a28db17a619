"""Renders template files from other people: they see only plain data, call no code, and run in a separate process.

The process has an empty environment, limited memory and limited time, so a template can neither hang the kernel nor
fill its memory. It holds no object of the kernel.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import TemplateError
from incidentio_magic.names.close_matches import closest

if TYPE_CHECKING:
    from incidentio_magic.templates.plain import Result

SECONDS: Final = 5.0
_SHOWN: Final = 12  # maximum number of field names in a hint
_PLAIN: Final = (str, int, float, Decimal, date, time, timedelta, type(None))  # a datetime is a date


def render_file(text: str, data: Mapping[str, Any], *, seconds: float = SECONDS) -> str:
    """Return the template `text` rendered with `data`.

    Args:
        text: A Jinja template. It may call filters and its own macros, and nothing else.
        data: The values it may use: texts, numbers, times, and lists and dicts of them.
        seconds: The time limit.

    Raises:
        TemplateError: If it is malformed, uses an unknown name, does something forbidden, takes too long or produces
            too much text. The message names the line.
    """
    plain_data = plain(data)
    request = {"path": sys.path, "text": text, "data": plain_data}
    if not sys.executable:
        raise TemplateError("A template file needs a Python program to run in.", hint="leave out --template")
    try:
        done = subprocess.run(  # noqa: S603  our own program, over our own data
            [sys.executable, "-I", str(Path(__file__).with_name("_process.py"))],
            input=pickle.dumps(request),
            capture_output=True,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},  # Windows needs it
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TemplateError(f"The template takes longer than {seconds:g} s.", hint="shorten its loops") from None
    try:
        result: Result = json.loads(done.stdout)
    except ValueError:
        raise _too_much() from None  # the process ended before it wrote the result
    return _checked(result, plain_data)


def render_own(text: str, data: Mapping[str, Any]) -> str:
    """Return one of this package's own templates rendered with `data`, in this process.

    Args:
        text: The template.
        data: The values it may use, as in `render_file`.

    Raises:
        TemplateError: If it uses an unknown name.
    """
    from incidentio_magic.templates.plain import evaluate  # noqa: PLC0415  loads on first use

    plain_data = plain(data)
    return _checked(evaluate(text, plain_data), plain_data)


def plain(value: Any) -> Any:
    """Return a copy of plain data.

    Raises:
        TemplateError: If it contains anything else.
    """
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(inner) for inner in value]
    if type(value) in _PLAIN or type(value).__module__ == "datetime" or isinstance(value, bool):
        return value
    raise TemplateError(f"A template file cannot use a value of the type {type(value).__name__}.", hint="give its text")


def _checked(result: Result, data: Mapping[str, Any]) -> str:
    kind, message = result["kind"], result["text"]
    if kind == "text":
        return message
    where = f" in line {result['line']}" if result["line"] else ""
    if kind == "too much":
        raise _too_much()
    if kind == "missing":
        known = result["known"] or list(data)
        near = closest(result["name"], known)
        fields = ", ".join(known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {fields}"
        raise TemplateError(f"The template uses {result['name']!r}{where}, which is not in its data.", hint=hint)
    if kind == "malformed":
        raise TemplateError(f"The template is malformed{where}: {message}")
    if kind == "refused":
        raise TemplateError(
            f"The template may not do that{where}: {message}.",
            hint="a template file has plain data, filters and its own macros",
        )
    raise TemplateError(f"The template fails{where}: {message}")


def _too_much() -> TemplateError:
    return TemplateError("The template makes too much text, or needs too much memory.", hint="shorten its loops")

"""Translates Python's spellings in a template into Jinja's: `{{ rate:.1f }}` and `{{ f"{rate:.1f} %" }}`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT: Final = "_format"
_EXPRESSION: Final = re.compile(r"\{\{(?P<before>-?)(?P<inside>(?:[^{}\"']|\"[^\"]*\"|'[^']*')*?)(?P<after>-?)\}\}")
_SPECIFICATION: Final = re.compile(r"(?:.?[<>=^])?[+\- ]?#?0?\d*[,_]?(?:\.\d+)?[bcdeEfFgGnosxX%]?")


def in_jinja(text: str, note: Callable[[str], None]) -> str:
    """Return a template with its formats and f-strings in Jinja's spelling, if they are unambiguous.

    Args:
        text: The template.
        note: Called with a message if `{{ rate:.1f }}` is read as a format; f-strings need no message.
    """

    def spelled(found: re.Match[str]) -> str:
        before, inside, after = found["before"], found["inside"], found["after"]
        if (expression := _without_f_strings(inside)) is not None:
            return f"{{{{{before} {expression} {after}}}}}"
        if is_python(inside):
            return found[0]
        expression, colon, specification = inside.rpartition(":")
        specification = specification.strip()
        if not colon or not specification or not expression.strip() or not _SPECIFICATION.fullmatch(specification):
            return found[0]
        if any(expression.count(left) != expression.count(right) for left, right in ("()", "[]")):
            return found[0]  # a slice
        note(f"{found[0]} is read as {_offered(expression.strip(), specification)}.")
        return f'{{{{{before} ({expression}) | {FORMAT}("{specification}") {after}}}}}'

    return _EXPRESSION.sub(spelled, text)


def is_python(expression: str) -> bool:
    """Return whether an expression that Jinja cannot read is valid Python, such as `[x for x in rows]`."""
    return _parsed(expression) is not None


def expressions(text: str) -> list[str]:
    """Return the content of each `{{ }}`."""
    return [found["inside"] for found in _EXPRESSION.finditer(text)]


def _offered(expression: str, specification: str) -> str:
    if decimals := re.fullmatch(r"\.(\d+)f", specification):
        return f"{{{{ {expression} | round({decimals[1]}) }}}}"
    return f'{{{{ format({expression}, "{specification}") }}}}'


def _parsed(expression: str) -> ast.Expression | None:
    try:
        return ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _without_f_strings(expression: str) -> str | None:
    """Return a Python expression with each f-string replaced by a call of `str.format`; None if it has no f-string."""
    parsed = _parsed(expression) if re.search(r"\b[fF][rR]?[\"']|\b[rR][fF][\"']", expression) else None
    return ast.unparse(ast.fix_missing_locations(_AsCalls().visit(parsed))) if parsed is not None else None


class _AsCalls(ast.NodeTransformer):
    """Replaces f"{rate:.1f} %" by "{:.1f} %".format(rate)."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Return the call."""
        values: list[ast.expr] = []
        form = self._form(node, values)
        function = ast.Attribute(ast.Constant(form), "format", ast.Load())
        return ast.Call(function, values, [])

    def _form(self, node: ast.JoinedStr, values: list[ast.expr]) -> str:
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                values.append(self.visit(part.value))
                conversion = f"!{chr(part.conversion)}" if part.conversion != -1 else ""
                nested = self._form(part.format_spec, values) if isinstance(part.format_spec, ast.JoinedStr) else ""
                parts.append(f"{{{conversion}{f':{nested}' if nested else ''}}}")
            elif isinstance(part, ast.Constant):
                parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        return "".join(parts)

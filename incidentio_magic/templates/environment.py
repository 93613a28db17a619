"""The Jinja environment of one rendering: nothing is changed, little can be called, and every step is counted."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from incidentio_magic.errors import TemplateError
from incidentio_magic.templates.budget import LARGEST, Budget, allow, allow_bits, cells_of_both, size_of, too_much
from incidentio_magic.templates.callables import may_call, may_read

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP: Final = "_step"
_USABLE: Final = "_usable"
_WIDE: Final = re.compile(r"%[^a-zA-Z%]*(?:\d{6}|\*)|\d{6,}[^{}]*\}|:[^{}]*\{")  # a width that is long, or computed
_LEFT_OUT: Final = ("pprint", "urlize", "xmlattr")  # slow on long texts, and not for messages
_LARGEST_PRECISION: Final = 100
_LONG_EXPONENT: Final = re.compile(r"e[+-]?\d{4,}", re.IGNORECASE)
_BITS_OF_A_DIGIT: Final = 3.4


class _Variables(Context):
    """The notebook's variables, each as far as a template may use it."""

    def resolve_or_missing(self, key: str) -> Any:
        """Return a variable."""
        return self.environment.usable(super().resolve_or_missing(key))  # type: ignore[attr-defined]


class Environment(ImmutableSandboxedEnvironment):
    """Jinja with StrictUndefined, in which a missing name is an error, and nothing is escaped: the text is Markdown.

    Args:
        budget: Counts what one template makes.
    """

    context_class = _Variables
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def __init__(self, budget: Budget) -> None:
        super().__init__(
            undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=self._shown
        )
        self.budget = budget
        self.globals.pop("lipsum")
        for name in _LEFT_OUT:
            self.filters.pop(name)
        for name, function in list(self.filters.items()):
            self.filters[name] = self._counted(name, function)
        self.filters |= {_STEP: self.budget.spend, _USABLE: self.usable}

    def usable(self, value: Any) -> Any:
        """Return what a template gets of a value of the notebook's: every step of one that may have no end is counted.

        Raises:
            SecurityError: If it is an open file, or holds the environment's variables.
        """
        if isinstance(value, io.IOBase):
            raise SecurityError("files cannot be read in a template")
        if isinstance(value, type(os.environ)):
            raise SecurityError("the environment's variables cannot be read in a template")
        if isinstance(value, Decimal):
            allow_bits(abs(value.adjusted()) * _BITS_OF_A_DIGIT)  # a whole number may be made of it
        return self.budget.spent(value) if isinstance(value, Iterator) else value

    def _shown(self, value: Any) -> Any:
        """Return what an expression is shown as, counted."""
        return value if isinstance(value, jinja2.Undefined) else self.budget.spend(str(value))

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter whose results are counted, and which refuses what would make too much."""
        passes = int(hasattr(function, "jinja_pass_arg"))

        def counted(*arguments: Any, **named: Any) -> Any:
            value, *rest = arguments[passes:]
            value = self.usable(value)
            _check_filter(name, value, (*rest, *named.values()))
            if name == "join" and not isinstance(value, str | jinja2.Undefined):
                value = self.budget.spent(value)
            return self.usable(self.budget.spend(function(*arguments[:passes], value, *rest, **named)))

        if passes:
            counted.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
        return counted

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse, and let each turn of a loop and each joining of texts be counted."""
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            loop.iter = _filter(loop.iter, _USABLE, loop.lineno)
            loop.body.insert(0, nodes.ExprStmt(_filter(nodes.Const(0), _STEP)))
        return _JoinsCounted().visit(tree)  # type: ignore[no-any-return]

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute, unless the result would be too large."""
        whole = isinstance(left, int) and isinstance(right, int)
        if operator == "**" and whole:
            allow_bits(left.bit_length() * max(right, 0))
        elif operator == "**" and isinstance(left, Fraction) and isinstance(right, int):
            allow_bits(_bits(left) * abs(right))
        elif isinstance(left, Fraction) or isinstance(right, Fraction):
            allow_bits(_bits(left) + _bits(right))
        elif operator == "*" and whole:
            allow_bits(left.bit_length() + right.bit_length())
        elif operator == "*":
            allow(
                size_of(left) * right
                if isinstance(right, int)
                else size_of(right) * left
                if isinstance(left, int)
                else 0
            )
        elif operator == "%" and isinstance(left, str | bytes):
            _check_format(left)
        allow(cells_of_both(left, right))
        return self.budget.spend(super().call_binop(context, operator, left, right))

    def call(self, context: Any, function: Any, /, *arguments: Any, **named: Any) -> Any:
        """Call what a template may call, if it does not make too much."""
        if not may_call(function, arguments, named):
            name = getattr(function, "__name__", type(function).__name__)
            raise SecurityError(f"{name} cannot be called in a template")
        _check_call(function, (*arguments, *named.values()))
        owner = getattr(function, "__self__", None)
        if getattr(function, "__name__", "") == "join" and isinstance(owner, str) and len(arguments) == 1:
            arguments = (list(self.budget.spent(arguments[0])),)
            allow(len(owner) * len(arguments[0]))
        return self.usable(self.budget.spend(super().call(context, function, *arguments, **named)))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may read an attribute."""
        return super().is_safe_attribute(obj, attr, value) and may_read(obj, value)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item, as far as a template may use it."""
        if callable(argument) and not may_call(argument):
            raise SecurityError("a table would call what cannot be called in a template")
        return self.usable(super().getitem(obj, argument))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute or else an item, as far as a template may use it."""
        return self.usable(super().getattr(obj, attribute))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return a text's `format` as the sandbox guards it, if no width in the text is too large."""
        guarded = super().wrap_str_format(value)
        if guarded is not None:
            _check_format(value.__self__)
            guarded.__module__ = SecurityError.__module__  # it is Jinja's now
        return guarded


class _JoinsCounted(jinja2.visitor.NodeTransformer):
    """Turns `a ~ b` into a filter, since filters are counted."""

    def visit_Concat(self, node: nodes.Concat, *arguments: Any, **named: Any) -> nodes.Filter:  # noqa: N802  Jinja's name
        self.generic_visit(node, *arguments, **named)
        return _filter(nodes.List(node.nodes, lineno=node.lineno), "join", lineno=node.lineno)


def _filter(node: nodes.Node, name: str, lineno: int = 1) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=lineno)


def _bits(number: Any) -> int:
    """Return how many bits the larger part of a fraction has, or a whole number; nothing of others."""
    parts = (number.numerator, number.denominator) if isinstance(number, int | Fraction) else ()
    return max((one.bit_length() for one in parts), default=0)


def _check_call(function: Any, arguments: tuple[Any, ...]) -> None:
    """Refuse a call with an argument that would make too much."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    for one in arguments:
        if isinstance(one, int) and abs(one) > LARGEST:
            raise too_much()
        if isinstance(one, str) and function is Fraction and _LONG_EXPONENT.search(one):
            raise too_much()
    if isinstance(owner, str | bytes):
        if name == "expandtabs":
            allow(len(owner) * max((abs(one) for one in arguments if isinstance(one, int)), default=8))
        elif name == "replace":
            _check_replace(owner, arguments)
        elif name == "translate":
            allow(len(owner) * len(str(arguments)))


def _check_filter(name: str, value: Any, arguments: tuple[Any, ...]) -> None:
    """Refuse a filter whose arguments would make too much."""
    numbers = [abs(one) for one in arguments if isinstance(one, int)]
    if any(one > LARGEST for one in numbers):
        raise too_much()
    if name == "replace":
        _check_replace(str(value), tuple(map(str, arguments[:2])))
    elif name == "format":
        _check_format(str(value))
    elif name in {"indent", "wordwrap", "tojson"}:
        longest = max([*numbers, *(len(one) for one in arguments if isinstance(one, str))], default=0)
        allow(
            (len(str(value)) + 1) * (longest if name != "wordwrap" else 1 + max(0, longest - max(numbers, default=79)))
        )
    elif name == "round" and any(one > _LARGEST_PRECISION for one in numbers):
        raise too_much()
    elif name == "sum" and any(isinstance(one, list | tuple) for one in arguments):
        raise TemplateError("The filter sum adds numbers.", hint="{% for %} goes through lists of lists")


def _check_replace(text: str | bytes, arguments: tuple[Any, ...]) -> None:
    old, new = (*arguments, "", "")[:2]
    if isinstance(old, type(text)) and isinstance(new, type(text)):
        allow(len(text) + text.count(old) * len(new))  # type: ignore[arg-type]


def _check_format(text: str | bytes) -> None:
    if _WIDE.search(text if isinstance(text, str) else text.decode("latin-1")):
        raise too_much()

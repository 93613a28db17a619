"""Checks the types of arguments, so that a wrong type raises an error that names the argument."""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final, TypeVar

from incidentio_magic.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C", bound=type)

_ALTERNATIVES: Final = re.compile(r"\s*\|\s*(?![^\[]*\])")
_REFERENCES: Final = frozenset({"reference", "references"})
_SHOWN: Final = 40
_RECORD: Final = "models."


def checked(cls: C) -> C:
    """Make the public methods of a class and its bases check their arguments against their annotations."""
    for name in dir(cls):
        method = inspect.getattr_static(cls, name)
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(cls, name, _checked(method))
    return cls


def check(name: str, value: Any, annotation: str) -> Any:
    """Return a value if it has the type of an annotation; annotations of unknown types are not checked.

    A column or an array of strings is returned as a list.

    Args:
        name: The name of the argument.
        value: What was passed.
        annotation: The annotation as source code, such as `str | None`.

    Raises:
        InputError: If it has another type.
    """
    kinds = _ALTERNATIVES.split(annotation)
    tests = [_record(kind) if kind.startswith(_RECORD) else _kind(kind) for kind in kinds]
    if any(test is None or test[1](value) for test in tests):
        is_array = getattr(value, "ndim", 0) == 1 and _is_names(value)
        return list(value) if is_array else value
    wanted = " or ".join(dict.fromkeys(test[0] for test in tests if test is not None and test[0]))
    raise InputError(f"{name} must be {wanted}, not {_shown(value)}.", fields={name: f"must be {wanted}"})


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            bound = signature.bind(*arguments, **named)
        except TypeError as error:
            raise InputError(f"{method.__name__}(): {error}.", hint=f"it takes {_taken(signature)}") from None
        for name, value in list(bound.arguments.items()):
            parameter = signature.parameters[name]
            if name in _REFERENCES and parameter.annotation == "str":
                several = parameter.kind is inspect.Parameter.VAR_POSITIONAL
                bound.arguments[name] = tuple(map(_reference, value)) if several else _reference(value)
            elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                for each in value:
                    check(name, each, str(parameter.annotation))
            elif parameter.kind is not inspect.Parameter.VAR_KEYWORD:
                bound.arguments[name] = check(name, value, str(parameter.annotation))
        return method(*bound.args, **bound.kwargs)

    return call


def _record(kind: str) -> tuple[str, Callable[[object], bool]]:
    name = kind.removeprefix(_RECORD)
    return f"a record of type {name}", lambda value: type(value).__name__ == name


def _kind(annotation: str) -> tuple[str, Callable[[object], bool]] | None:
    name, _bracket, inner = annotation.partition("[")
    if name == "Mapping" and inner == "str, str]":
        return _TEXTS_BY_NAME
    return _KINDS.get(name)


def _taken(signature: inspect.Signature) -> str:
    return ", ".join(name for name in signature.parameters if name != "self") or "no arguments"


def _reference(value: Any) -> Any:
    """Return a reference as a string; the number 291 means INC-291."""
    if _KINDS["int"][1](value):
        return str(value)
    check("reference", value, "str")
    return value


def _is_names(value: object) -> bool:
    if isinstance(value, str):
        return True
    return (
        isinstance(value, Collection)
        and getattr(value, "ndim", 1) == 1
        and not isinstance(value, (bytes, Mapping))
        and all(isinstance(each, str) for each in value)
    )


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and (isinstance(each, Real) or _is_names(each)) for name, each in value.items()
    )


def _is_texts_by_name(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and isinstance(each, str) for name, each in value.items()
    )


def _is_spans(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and (each is None or isinstance(each, timedelta)) for name, each in value.items()
    )


def _shown(value: object) -> str:
    """Return a value for an error message: shortened, and without the contents of objects."""
    if isinstance(value, (str, int, float, bytes, type(None))):
        text = repr(value)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"something of type {type(value).__name__}"


_TEXTS_BY_NAME: Final = ('a dict of strings such as {"Incident Lead": "alice@example.com"}', _is_texts_by_name)
_KINDS: Final[dict[str, tuple[str, Callable[[object], bool]]]] = {
    "str": ("a string", lambda value: isinstance(value, str)),
    "bool": ("True or False", lambda value: isinstance(value, bool) or type(value).__name__ in {"bool", "bool_"}),
    "int": ("a whole number", lambda value: isinstance(value, Integral) and not isinstance(value, bool)),
    "float": ("a number", lambda value: isinstance(value, Real) and not isinstance(value, bool)),
    "Names": ("a string or a list of strings", _is_names),
    "Mapping": ('a dict such as {"Affected service": "Payments"}', _is_mapping),
    "Spans": ('a dict such as {"Major": timedelta(hours=1)}', _is_spans),
    "Path": ("a path", lambda value: isinstance(value, os.PathLike)),
    "Iterable": ("a list", lambda value: isinstance(value, Iterable) and not isinstance(value, (str, bytes))),
    "Draft": ("a draft", lambda value: hasattr(value, "problems")),
    "PostmortemDraft": ("a draft that postmortem() returned", lambda value: hasattr(value, "markdown")),
    "None": ("", lambda value: value is None),
}

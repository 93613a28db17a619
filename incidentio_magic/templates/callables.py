"""What a template may call: plain values' methods and the notebook's own functions, but nothing that reaches further.

Modules and most libraries stay closed, since a runbook's template could otherwise read a file, a variable of the
environment or the API key, and share it.
"""

from __future__ import annotations

import re
import sys
import sysconfig
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN: Final = frozenset(
    {"collections", "datetime", "decimal", "enum", "fractions", "jinja2", "markupsafe", "math", "numpy", "pandas"}
    | {"statistics", "uuid", "zoneinfo"}
)
_BUILTIN: Final[frozenset[Any]] = frozenset(
    {abs, all, any, bool, bytes, complex, dict, float, frozenset, int, len, list, max, min, round, set, sorted, str}
    | {sum, tuple, range}
)
_VALUES: Final = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, range)
# Methods that write, change their object, run text as code, or make a picture.
_CLOSED: Final = frozenset(
    {
        "agg",
        "aggregate",
        "apply",
        "applymap",
        "transform",
        "boxplot",
        "byteswap",
        "comb",
        "dump",
        "dumps",
        "eval",
        "factorial",
        "fill",
        "hist",
        "info",
        "insert",
    }
    | {"itemset", "maketrans", "partition", "perm", "pipe", "plot", "pop", "put", "query", "resize", "setflags"}
    | {"to_clipboard", "tofile", "translate", "update"}
)
# Methods of tables, and of the texts in them, that make many times what they are given.
_GROWING: Final = frozenset({"center", "dot", "ljust", "merge", "pad", "repeat", "rjust", "wrap", "zfill"})
_MATCHING: Final = frozenset(
    {"contains", "count", "extract", "extractall", "filter", "findall", "fullmatch", "match", "replace", "rsplit"}
    | {"split"}
)
_REPEATS: Final = re.compile(r".+[*+?{]|[*+?{].", re.DOTALL)  # a pattern with these may take for ever
_WIDE_TYPE: Final = re.compile(r"[USVa]\d{3}")
_PICTURES: Final = ("pandas.io.", "pandas.plotting.")
_NO_PATHS: Final = frozenset({"buf", "path", "path_or_buf", "excel_writer", "fname", "con", "name", "inplace"})
_VALUES_OF_TABLES: Final = frozenset(
    {"to_dict", "to_frame", "to_list", "to_numpy", "to_period", "to_pydatetime", "to_pytimedelta", "to_timestamp"}
)
_TEXTS_OF_TABLES: Final = frozenset({"to_csv", "to_html", "to_json", "to_markdown", "to_string"})  # or files
_TABLES: Final = frozenset({"numpy", "pandas"})


def may_call(function: Any, arguments: tuple[Any, ...] = (), named: dict[str, Any] | None = None) -> bool:
    """Return whether a template may call `function` with these arguments."""
    # A function that is given may be called in its turn, and tables take them in lists and by name, too.
    given = _within([*arguments, *(named or {}).values()])
    if not _may_reach(function) or not all(may_call(one) for one in given if callable(one)):
        return False
    origin, name = _origin(function), getattr(function, "__name__", "")
    if origin in _TABLES and not _is_method(function):
        return False  # they read files: pandas.read_csv, numpy.load
    if origin in _TABLES or origin == "math":
        if name in _CLOSED | _GROWING or not _NO_PATHS.isdisjoint(named or {}):
            return False
        if _type_of_owner(function).startswith(_PICTURES) or _is_slow(name, arguments, named or {}):
            return False
        if name.startswith("to_"):
            return name in _VALUES_OF_TABLES or (name in _TEXTS_OF_TABLES and not arguments)
    return True


def _within(value: Any) -> Iterator[Any]:
    """Yield a value, or all that is in it if it is a collection."""
    if isinstance(value, dict | list | tuple | set | frozenset):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _within(one)
    else:
        yield value


def _is_slow(name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Return whether a method of a table may take long, or much memory, for what it is asked to look for or to make."""
    if name not in _MATCHING and name != "astype":
        return False
    texts = [
        getattr(one, "pattern", one)
        for given in (*arguments, *named.values())
        for one in (given if isinstance(given, list | tuple | dict) else [given])
    ]
    if name == "astype":
        return any(_WIDE_TYPE.search(str(one)) for one in texts)
    # Of a plain text `replace` takes every character as itself.
    plain = named.get("regex", name != "replace" or any(one is True for one in arguments)) is False
    return not plain and any(isinstance(one, str) and _REPEATS.search(one) for one in texts)


def _type_of_owner(function: Any) -> str:
    """Return the module and name of the type that a method belongs to."""
    kind = type(getattr(function, "__self__", function))
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_method(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    return owner is not None and not isinstance(owner, types.ModuleType | type)


def may_read(owner: Any, value: Any) -> bool:
    """Return whether a template may read `value`, an attribute or item of `owner`."""
    if isinstance(owner, types.ModuleType):
        return owner.__name__.partition(".")[0] in _PLAIN and not isinstance(value, types.ModuleType)
    return True


def _may_reach(function: Any) -> bool:
    if isinstance(function, types.BuiltinFunctionType | type) and function in _BUILTIN:
        return True
    owner = getattr(function, "__self__", None)
    if isinstance(owner, _VALUES) and isinstance(function, types.BuiltinMethodType | types.MethodWrapperType):
        return True
    origin = _origin(function)
    return origin in _PLAIN or _is_own(origin)


def _origin(function: Any) -> str:
    """Return the top package that a function, class, method or callable object comes from."""
    owner = getattr(function, "__self__", None)
    module = getattr(function, "__module__", None)
    if not isinstance(module, str):  # a method of a type that is written in C
        kind = owner if isinstance(owner, type) else type(function if owner is None else owner)
        module = kind.__module__
    elif not isinstance(function, types.FunctionType | types.MethodType | types.BuiltinFunctionType | type):
        module = type(function).__module__  # an object that can be called: its class says what it does
    return module.partition(".")[0]


def _is_own(name: str) -> bool:
    """Return whether a package is the notebook's own: neither Python's, nor installed, nor this one."""
    if name == "__main__":
        return True
    if name in sys.stdlib_module_names or name == __name__.partition(".")[0]:
        return False
    file = getattr(sys.modules.get(name), "__file__", None)
    place = (
        Path(file).parent.parent if file and Path(file).name == "__init__.py" else Path(file).parent if file else None
    )
    if place is None:
        spread = [Path(one).parent for one in getattr(sys.modules.get(name), "__path__", ())]
        return bool(spread) and not any(one in _INSTALLED for one in spread)
    return place not in _INSTALLED


_INSTALLED: Final = frozenset(
    Path(place) for name in ("stdlib", "platstdlib", "purelib", "platlib") if (place := sysconfig.get_path(name))
)

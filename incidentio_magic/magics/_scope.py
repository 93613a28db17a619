"""Finds the names that a template sees: those in scope where its magic is called, as in Python."""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import sys
from collections.abc import Mapping
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from IPython.core.interactiveshell import InteractiveShell

_PASSED_OVER: Final = ("incidentio_magic", "IPython.core", "decorator", "traitlets")  # between magic and caller
_IN_A_FUNCTION: Final = "<locals>"
_FUTURE: Final = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class Scope(Mapping[str, Any]):
    """The names in scope at one place: those of its function, the enclosing functions, its module and the notebook.

    Args:
        names: The value of each name.
        unset: Local variables without a value there, each with its function's name. Like Python, a template refuses
            them instead of using a global with that name.
    """

    def __init__(self, names: Mapping[str, Any], unset: Mapping[str, str]) -> None:
        self._names = {name: value for name, value in names.items() if name not in unset}
        self.unset = unset

    def __getitem__(self, name: str) -> Any:
        return self._names[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def notebook_scope(shell: InteractiveShell) -> Scope:
    """Return the notebook's own names."""
    return Scope({name: value for name, value in shell.user_ns.items() if name not in shell.user_ns_hidden}, {})


def caller_scope(shell: InteractiveShell) -> Scope:
    """Return the names in scope where the current magic is called.

    Args:
        shell: The shell that runs the magic.
    """
    notebook = dict(notebook_scope(shell))
    frame = _caller()
    if frame is None:
        return Scope(notebook, {})
    is_notebook = frame.f_globals is shell.user_ns or frame.f_globals is shell.user_global_ns
    names = notebook if is_notebook else {**notebook, **frame.f_globals}
    unset: dict[str, str] = {}
    for code, values in reversed(list(_around(frame))):
        for name in (*code.co_varnames, *code.co_cellvars, *code.co_freevars):
            unset[name] = code.co_name
        for name, value in values.items():
            names[name] = value
            unset.pop(name, None)
    return Scope({name: value for name, value in names.items() if not name.startswith(".")}, unset)


def _caller() -> FrameType | None:
    """Return the frame that called the magic: the first that belongs neither to this package nor to IPython."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  inspect.currentframe() may return None
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if not any(name == passed or name.startswith(f"{passed}.") for passed in _PASSED_OVER):
            return frame
        frame = frame.f_back
    return None


def _around(frame: FrameType) -> Iterator[tuple[CodeType, Mapping[str, Any]]]:
    """Yield the code of a frame and of its enclosing functions, innermost first, each with its variables.

    An enclosing function that has returned has no variables left.
    """
    if frame.f_locals is frame.f_globals:
        return
    yield frame.f_code, frame.f_locals
    for around in _written_in(frame.f_code):
        outer = frame.f_back
        while outer is not None and (outer.f_code != around or outer.f_code.co_filename != around.co_filename):
            outer = outer.f_back
        yield around, outer.f_locals if outer is not None else {}


def _written_in(code: CodeType) -> list[CodeType]:
    """Return the enclosing functions of a code object, innermost first, from the source it was compiled from."""
    if _IN_A_FUNCTION not in code.co_qualname:
        return []
    source = "".join(linecache.getlines(code.co_filename))
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | (code.co_flags & _FUTURE)
    try:
        whole = compile(source, code.co_filename, "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return []
    return [around for around in reversed(_path_to(whole, code)) if around.co_flags & inspect.CO_OPTIMIZED]


def _path_to(outer: CodeType, code: CodeType) -> list[CodeType]:
    """Return the code objects from `outer` down to the parent of `code`; empty if `outer` does not contain it."""
    for inner in outer.co_consts:
        if not isinstance(inner, CodeType):
            continue
        if inner == code:
            return [outer]
        if path := _path_to(inner, code):
            return [outer, *path]
    return []

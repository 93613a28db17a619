"""The changes that can be made to a module: each turns one comparison, condition, constant, return or call around."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
STRUCTURE = {
    "frozen",
    "slots",
    "kw_only",
    "strict",
    "order",
    "eq",
    "repr",
}  # of a dataclass or a zip: nothing to observe


@dataclass(frozen=True)
class Change:
    """One change of one module.

    Attributes:
        path: The module's path inside the repository.
        line: The line of the code that is changed, counted from 1.
        before: The code as it is written.
        after: The code that takes its place.
        start: Where `before` begins in the module, in bytes.
        end: Where it ends.
        within: The function or class that holds it; the module's own lines are in "".
        lines: The lines that hold it, each space made one.
        changed: The same lines with the change made.
    """

    path: str
    line: int
    before: str
    after: str
    start: int
    end: int
    within: str
    lines: str
    changed: str

    @property
    def key(self) -> str:
        """What identifies the change while lines move: module, function, and the lines before and after."""
        return f"{self.path}:{self.within}: {self.lines} -> {self.changed}"

    def apply(self, source: bytes) -> bytes:
        """Return the module's source with the change made."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def replacements(node: ast.AST) -> Iterator[str]:
    """Yield the code that could take a node's place, each wrong in one way."""
    match node:
        case ast.Compare(ops=[operator], left=left, comparators=[right]):
            yield f"({ast.unparse(ast.Compare(left, [OPPOSITES[type(operator)]()], [right]))})"
        case ast.BoolOp(op=operator, values=values):
            other = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other, values))})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"({ast.unparse(operand)})"
        case ast.Constant(value=bool(value)):
            yield str(not value)
        case ast.Constant(value=int(value)):
            yield str(value + 1)
        case ast.Return(value=value) if value is not None and not is_none_or_bool(value):
            yield "return None"
        case ast.Expr(value=ast.Call()):
            yield "None"


def is_none_or_bool(node: ast.AST) -> bool:
    """Return whether a node is None, or a truth value: that one is turned around, and None would do as False does."""
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def changed_nodes(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield each node with the code to put in its place, without annotations, decorators and imports for types."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            if isinstance(child, ast.keyword) and child.arg in STRUCTURE:
                continue
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if name == "test" and isinstance(child, ast.Name | ast.Call | ast.Attribute):
                yield child, f"(not {ast.unparse(child)})"
            for code in replacements(child):
                yield child, code
            yield from changed_nodes(child)


def named_places(tree: ast.AST, above: str = "") -> Iterator[tuple[int, int, str]]:
    """Yield the first and last line of each class and function with its name, the outer ones first."""
    for node in ast.iter_child_nodes(tree):
        name = above
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{above}.{node.name}".removeprefix(".")
            yield node.lineno, node.end_lineno, name
        yield from named_places(node, name)


def changes_of(path: Path, root: Path) -> list[Change]:
    """Return every change that can be made to a module, in the order of its lines.

    Args:
        path: The module.
        root: The repository, which the changes' paths start from.
    """
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    places = list(named_places(tree))
    found = []
    for node, code in changed_nodes(tree):
        first, last = starts[node.lineno - 1], starts[node.end_lineno]
        start, end = first + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        within = [name for begins, ends, name in places if begins <= node.lineno <= ends]
        change = Change(
            path.relative_to(root).as_posix(),
            node.lineno,
            source[start:end].decode(),
            code,
            start,
            end,
            within[-1] if within else "",
            " ".join(source[first:last].decode().split()),
            " ".join((source[first:start].decode() + code + source[end:last].decode()).split()),
        )
        try:
            compile(change.apply(source), change.path, "exec")
        except SyntaxError:
            continue
        found.append(change)
    return sorted(found, key=lambda change: (change.start, change.after))

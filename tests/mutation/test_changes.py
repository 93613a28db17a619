"""The changes that mutation makes to a module: `python -m tests.mutation` makes them in the whole package."""

from __future__ import annotations

import pytest

from tests.mutation.changes import changes_of


def changed(tmp_path, source):
    """Return every changed form of a module's source."""
    path = tmp_path / "module.py"
    path.write_text(source, "utf-8")
    return [change.apply(source.encode()).decode() for change in changes_of(path, tmp_path)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["(a <= b)"]),
        ("a in b", ["(a not in b)"]),
        ("a and b", ["(a or b)"]),
        ("x = not a", ["x = (a)"]),
        ("x = True", ["x = False"]),
        ("x = 7", ["x = 8"]),
        ("f(x)", ["None"]),
        ("if a: pass", ["if (not a): pass"]),
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("def f():\n    return False", ["def f():\n    return True"]),
        ("x = '…'; y = 1", ["x = '…'; y = 2"]),
    ],
)
def test_one_thing_changes(tmp_path, source, expected):
    """Each change turns one comparison, condition, constant, return or call around, and nothing else."""
    assert changed(tmp_path, source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "x: Literal[1]",
        "@dataclass(frozen=True)\nclass A: pass",
        "for a, b in zip(c, d, strict=True): pass",
        "def f():\n    return None",
        "if TYPE_CHECKING:\n    f(1)",
    ],
)
def test_nothing_to_observe(tmp_path, source):
    """What only describes the code, or changes nothing that runs, is left alone."""
    assert changed(tmp_path, source) == []


def test_a_change_is_known_again_when_lines_move(tmp_path):
    """The key of a change names its code, not its line."""
    path = tmp_path / "module.py"
    function = "class C:\n    def f(self):\n        x = a < b\n"
    path.write_text(function, "utf-8")
    (before,) = changes_of(path, tmp_path)
    path.write_text(f"\n\n{function}", "utf-8")
    (after,) = changes_of(path, tmp_path)
    assert (before.key, before.line, after.line) == (after.key, 3, 5)
    assert after.key == "module.py:C.f: x = a < b -> x = (a <= b)"


def test_changes_of_the_same_code_have_keys_of_their_own(tmp_path):
    """A reason for passing over one change is none for another that turns the same code around elsewhere."""
    path = tmp_path / "module.py"
    path.write_text("x = 0\ny = (0, 0)\ndef f():\n    x = 0\n", "utf-8")
    keys = [change.key for change in changes_of(path, tmp_path)]
    assert len(set(keys)) == len(keys) == 4

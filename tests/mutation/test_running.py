"""Which tests meet a change, and whether the coverage that says so is of the tree that is changed."""

from __future__ import annotations

import pytest

from tests.mutation.changes import changes_of
from tests.mutation.running import Coverage, check_coverage, fingerprint, from_each_file


@pytest.fixture
def tree(tmp_path):
    """A tree with one module and its test."""
    for name, text in {
        "incidentio_magic/names/times.py": "LIMIT = 3\n\n\ndef first(a):\n    return a < LIMIT\n",
        "tests/names/test_times.py": "def test_first(): pass\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def covering(tree):
    """The coverage of three tests: two run line 5, and the first one imported the module."""
    import coverage

    data = coverage.CoverageData(str(tree / "coverage"))
    module = str(tree / "incidentio_magic/names/times.py")
    for test, lines in {
        "tests/magics/test_list.py::test_since": {1, 4, 5},
        "tests/names/test_times.py::test_first": {5},
        "tests/names/test_query.py::test_import": {4},
    }.items():
        data.set_context(test)
        data.add_lines({module: lines})
    data.write()
    return Coverage(tree / "coverage")


@pytest.mark.slow
def test_a_change_meets_the_tests_of_its_line_and_the_nearest_first(tree, covering):
    """The module's own test comes first; those that run other lines of it come last."""
    change = next(change for change in changes_of(tree / "incidentio_magic/names/times.py", tree) if change.line == 5)
    assert covering.tests_of(change) == (
        ["tests/names/test_times.py::test_first", "tests/magics/test_list.py::test_since"],
        ["tests/names/test_query.py::test_import"],
    )


@pytest.mark.slow
def test_a_line_that_runs_once_meets_every_test_of_its_module(tree, covering):
    """A constant is recorded with the test that imported the module; the others follow it."""
    change = next(change for change in changes_of(tree / "incidentio_magic/names/times.py", tree) if change.line == 1)
    here, elsewhere = covering.tests_of(change)
    assert here == ["tests/magics/test_list.py::test_since"]
    assert elsewhere == ["tests/names/test_times.py::test_first", "tests/names/test_query.py::test_import"]


def test_each_file_has_its_turn():
    """Tests of one file notice much the same, so that those of others come between them."""
    assert from_each_file(["a::1", "a::2", "a::3", "b::1", "c::1", "c::2"]) == [
        *("a::1", "b::1", "c::1"),
        *("a::2", "c::2"),
        "a::3",
    ]


@pytest.mark.parametrize("changed", ["incidentio_magic/names/times.py", "tests/names/test_times.py"])
def test_coverage_of_another_tree_is_refused(tree, changed):
    """Lines that moved and tests with other names would count changes as noticed that nothing has met."""
    file = tree / "coverage"
    file.touch()
    with pytest.raises(SystemExit, match="another tree"):
        check_coverage(tree, file)
    (tree / "coverage.tree").write_text(fingerprint(tree), "utf-8")
    check_coverage(tree, file)
    with (tree / changed).open("a", encoding="utf-8") as module:
        module.write("\n")
    with pytest.raises(SystemExit, match="another tree"):
        check_coverage(tree, file)

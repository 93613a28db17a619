"""Hints are true: what an error advises is typed, and works.

`advice.txt` is the table: for each module of the package, cells that end in an error, the hint, and what follows it.
`⟨ ⟩` stand around what can be typed, which is run as it stands, or in place of `{}` in the cells below the hint.

Serves every module that raises an error.
"""

from __future__ import annotations

import ast
import builtins
import getpass
import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import incidentio_magic
from incidentio_magic.errors import IncidentioError
from incidentio_magic.magics._cells import CELLS
from incidentio_magic.magics.extension import SUBCOMMANDS
from incidentio_magic.magics.grammar import Grammar
from incidentio_magic.magics.reading import OPEN

ROOT = Path(incidentio_magic.__file__).parent
COMMAND = re.compile(r"(?P<magic>%%?incident(?:s|_\w+))(?P<rest>(?: (?:--)?[\w.<>=|{}\"%-]+)*)")
PROSE = {"alone", "and", "is", "lists", "shows", "tells", "says", "starts", "switches", "ends", "names", "needs", "or"}
PROSE |= {"prompts", "takes", "to", "was", "explains", "no", "has", "cannot", "in", "gives", "counts", "reads", "with"}
PROSE |= {"keeps", "for", "as", "on", "out", "stop", "makes", "does", "may", "can", "must", "never", "removes"}

ADVICE = Path(__file__).with_name("advice.txt")
EXCEPTIONS = Path(__file__).with_name("hints_without_cells.txt")
FILLED_IN = {"INC-123": "INC-291", " NAME": " bad-deploy", "FILE": "draft.md", "FOLDER": "other", "MEGABYTES": "99"}
FILLED_IN |= {"SECONDS": "300", '"Name=': '"Affected service=', "=value": "=Payments", "=one,two": "=Payments,Search"}
FILLED_IN |= {'"A,B"': '"Major,Minor"', "REF": "INC-21", "OTHER": "INC-22"}


@dataclass(frozen=True)
class Advice:
    """An error and what its hint advises.

    Args:
        module: Where the hint stands in the code.
        cells: The cells that end in the error, the last one of them in it.
        hint: The hint, with ⟨ ⟩ around what can be typed.
        typed: The cells that follow it, with what is typed in place of `{}`.
    """

    module: str
    cells: tuple[str, ...]
    hint: str
    typed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.module}: {self.cells[-1]}"[:90]

    @property
    def text(self) -> str:
        """The hint as it is shown."""
        return self.hint.replace("⟨", "").replace("⟩", "")

    def follow(self) -> list[str]:
        """Return the cells that follow the hint."""
        parts = re.findall("⟨(.*?)⟩", self.hint)
        forms = self.typed or ("{}",)
        if len(forms) == 1:
            cells = [forms[0].replace("{}", part) for part in parts]
        else:
            parts += [""] * (len(forms) - len(parts))
            cells = [form.replace("{}", part) for form, part in zip(forms, parts, strict=True)]
        for name, instead in FILLED_IN.items():
            cells = [cell.replace(name, instead) for cell in cells]
        return cells


def table():
    """Yield the table."""
    module = ""
    for block in re.split(r"\n\n+", ADVICE.read_text("utf-8").strip()):
        if block.startswith("== "):
            module = block.removeprefix("== ")
            continue
        above, _arrow, below = block.partition("\n→ ")
        hint, *typed = below.split("\nIn: ")
        yield Advice(module, tuple(("\n" + above).split("\nIn: ")[1:]), hint, tuple(typed))


TABLE = list(table())


@pytest.fixture
def typing(shell, sandbox, monkeypatch, tmp_path):
    """A shell in which the table's cells run: with the sandbox, a folder of its own, and a user who answers."""
    answers: list[str] = []

    def ask(_prompt=""):
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(getpass, "getpass", ask)
    monkeypatch.setattr(builtins, "input", ask)
    shell.push({"sandbox": sandbox, "answer": answers.append, "connect": incidentio_magic.connect, "os": os})
    shell.push(
        {"write": lambda path, text="": Path(path).write_text(text), "read": lambda path: Path(path).read_text()}
    )
    return shell


@pytest.mark.slow
@pytest.mark.parametrize("advice", TABLE, ids=str)
def test_advice_that_is_followed_works(typing, advice):
    """The error has this hint, and what the hint says to type is not refused in its turn."""
    *before, cell = advice.cells
    for prepared in before:
        typing.run_cell(prepared).raise_error()
    with pytest.raises(IncidentioError) as caught:
        typing.run_cell(cell).raise_error()
    shown = "\n".join(caught.value.lines()[1:]).partition("; request_id")[0]
    assert shown.strip().removeprefix("→ ") == advice.text
    for follows in advice.follow():
        typing.run_cell(follows, store_history=True).raise_error()


def leaves(node):
    """Yield the texts that an expression may have as its value: of both sides of a condition, of each part of a sum."""
    match node:
        case ast.Constant(value=str() as text) if re.search(r"\w", text):
            yield re.escape(text)
        case ast.JoinedStr(values=parts):
            fixed = [re.escape(part.value) if isinstance(part, ast.Constant) else ".*" for part in parts]
            if re.search(r"\w", "".join(fixed)):
                yield "".join(fixed)
        case ast.IfExp(body=first, orelse=second) | ast.BinOp(left=first, right=second):
            yield from leaves(first)
            yield from leaves(second)


def is_hint(node):
    """Return whether a keyword or an assignment gives an error its hint."""
    match node:
        case ast.keyword(arg="hint" | "option_hint" | "instead"):
            return True
        case (
            ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)]) | ast.AnnAssign(target=ast.Name(id=name))
        ):
            return name in {"hint", "option_hint"} or name.endswith(
                ("HINT", "FORMS", "FORMS_AHEAD", "LENGTHS", "EXAMPLE")
            )
        case ast.AugAssign(target=ast.Name(id="hint")):
            return True
    return False


@cache
def trees():
    """Return the syntax of each module that talks to users, with its path."""
    paths = [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] != "sandbox"]
    return [(path, ast.parse(path.read_text("utf-8"))) for path in paths]


@cache
def hints():
    """Return the patterns of all hints in the code, by module; of forms, `hint` is also what is said of a field."""
    found = set()
    for path, tree in trees():
        module = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree):
            if is_hint(node) and not (module.startswith("widgets/") and not isinstance(node, ast.keyword)):
                found |= {(module, pattern) for pattern in leaves(node.value)}
            if isinstance(node, ast.FunctionDef) and node.name == "hint":
                returned = (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return))
                found |= {(module, pattern) for value in returned for pattern in leaves(value)}
    return sorted(found)


def without_cells():
    """Return the hints that no cell of the table follows, as the file of exceptions lists them, each with a reason."""
    listed = []
    for line in EXCEPTIONS.read_text("utf-8").splitlines():
        module, colon, text = line.partition(": ")
        if colon and not line.startswith("== "):
            listed.append((module, text))
    return listed


def shown(pattern):
    """Return a pattern as the file of exceptions writes it: with * for what is computed."""
    return re.sub(r"\\(.)", r"\1", pattern.replace(".*", "*"))


def followed(module, pattern):
    """Return the lines of the table that follow a hint."""
    return [advice for advice in TABLE if advice.module == module and re.search(pattern, advice.text)]


def test_each_hint_is_followed():
    """A hint has its cells in the table, or its reason in the file of exceptions; and not both."""
    excepted = set(without_cells())
    wrong = [
        f"{module}: {shown(pattern)}"
        for module, pattern in hints()
        if ((module, shown(pattern)) in excepted) == bool(followed(module, pattern))
    ]
    assert wrong == [], f"{ADVICE.name} follows each, or {EXCEPTIONS.name} says why not"


def test_nothing_is_listed_that_is_gone():
    """Each exception and each module of the table stands in the code."""
    there = {(module, shown(pattern)) for module, pattern in hints()}
    gone = sorted(set(without_cells()) - there)
    assert gone == []
    gone = sorted({advice.module for advice in TABLE} - {module for module, _pattern in hints()})
    assert gone == []


def test_an_extra_that_is_named_exists():
    """`pip install "incidentio-magic[…]"` names an extra of the package."""
    extras = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = {name for _path, text in texts() for name in re.findall(r"incidentio-magic\[(\w+)\]", text)}
    assert named > {"files", "sandbox"}
    assert not named - {*extras, "INC"}


def texts():
    """Yield each text in the code, with INC-291 for what is computed into it."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "INC-291" for part in node.values]
                yield path, "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.value


def commands():
    """Return each mentioned command: where it is, its magic and its words."""
    return sorted(
        {
            (str(path.relative_to(ROOT)), found["magic"], found["rest"].strip())
            for path, text in texts()
            for found in COMMAND.finditer(text)
        }
    )


@pytest.mark.slow
def test_there_are_commands_to_check():
    """The search finds what it is meant to find."""
    assert len(commands()) > 60


def test_each_mentioned_command_exists():
    """The subcommand is there, and so is every option that stands beside it."""
    for path, magic, rest in commands():
        check_command(path, magic, rest)


def check_command(path, magic, rest):
    """Fail if there is no such subcommand, or no such option."""
    words = rest.split()
    if magic.startswith("%%"):
        if magic.removeprefix("%%") not in CELLS:
            assert magic.removeprefix("%%") in {"incident_", "incident_x"}, magic
            return
        grammar = Grammar(magic, "")
        CELLS[magic.removeprefix("%%")].add(grammar)
    elif magic == "%incidents":
        subcommand = OPEN
        if words and re.fullmatch(r"[a-z_]+", words[0]) and words[0] not in PROSE:
            assert words[0] in SUBCOMMANDS, f"there is no %incidents {words[0]}"
            subcommand = SUBCOMMANDS[words[0]]
        grammar = Grammar(magic, "")
        subcommand.add(grammar)
    else:
        return  # a line magic's near miss, named as such
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert not [option for option in options if option not in grammar.options()], (path, magic, rest)

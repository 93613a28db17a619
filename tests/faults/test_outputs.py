"""Every byte a notebook makes: no key, no private text, no control sequence, no markup that is not ours.

One kernel runs every subcommand, old and new, over an organisation with hostile words and a planted private incident;
the tests look at what it saved.
"""

from __future__ import annotations

import html.parser
import json
import os
import re
import unicodedata

import pyarrow.csv
import pyarrow.parquet
import pytest

from incidentio_magic import errors
from incidentio_magic.frames import MASK
from incidentio_magic.magics.extension import SUBCOMMANDS
from incidentio_magic.sandbox import Sandbox
from tests.faults.planted import KEY, MARK, SECRET, plant

pytestmark = pytest.mark.slow

# What a subcommand is tried with; every other one, also one that is yet to be written, with all of `USUAL`.
USUAL = ["", "{hostile}", "{private}", "{hostile} {private} {large}", "--all", "--all --wide", "{large}"]
TRIED = {
    "sandbox": ["status", "--help"],
    "login": [""],
    "logout": ["--help"],
    "export": [
        "exported",
        "exported --updated-since 1d",
        "exported-csv --format csv",
        "exported-wide --all --format csv",
    ],
    "edit": ["{hostile} --name Renamed --dry-run", "{private} --name Renamed --dry-run", "{private} --severity Majr"],
    "page": ["{private} --to alice@example.com --dry-run", "{hostile} --to alice@example.com", "{private}"],
    "use": ["{private}", "", "{hostile}"],
    "training": ["", "sideways"],
    "connect": [""],
    "drill": ["", "list", "nothing"],
}
OTHERS = [
    "%incidents --help",
    "%incidents",
    "%incidents --all --wide --columns reference,summary,field.Root*",
    "df = %incidents list --all --wide\ndf",
    "print(df[df['reference'] != '{large}'].to_string())",
    "df.to_dict()",
    "[repr(df), df.to_csv(), df.attrs]",
    "df.to_csv('frame.csv'); df.to_html('frame.html'); df.to_pickle('frame.pickle')",
    "%%incident_update {private}\nAn update",
    "%%incident_update {private}\nAn update",
    "%%incident_update {private} --dry-run\nAn update",
    "%%incident_update {private} --status Triage\nAn update",
    "%%incident_event {private} --at 14:05\nAn event",
    "%%incident_update {hostile} --severity Minor\nAn update",
    "%%incident_declare --severity Minor\nDeclared",
    "%config IncidentMagics",
    "from incidentio_magic import connect; io = connect(); io",
    "[io, io.settings, vars(io), vars(io.transport), vars(io.api), io.transport._auth]",
    "record = io.incident('{private}'); record",
    "[record, [record], {{'a': record}}, str(record), f'{{record}}', list(io.api.incident_updates(record.id))]",
    "outcome = io.update('{private}', 'Another'); outcome",
    "[outcome, repr(outcome), outcome.sentence, outcome.record]",
    "io.incident('{private}x')",
    "io.edit('{private}', severity='Majr')",
    "io.incidents(columns='nothing')",
    "io.transport._waits._sleep = lambda _: None; io.transport.base_url = 'http://127.0.0.1:1'; io.api.identity()",
    "io.api._record(None, 1, 2)",
    "io.declare(1, 2)",
    "try:\n    io.api.identity()\nexcept Exception as error:\n    raise ValueError('chained') from error",
    "import traceback\ntry:\n    io.api.identity()\nexcept Exception:\n    print(traceback.format_exc())",
    "import pickle; pickle.dumps(io.settings)",
    "import copy; copy.deepcopy(io.settings.key)",
    "import gc, sys; sys.exc_info(), %tb",
]
PRELUDE = [
    "import logging, sys; logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)",
    "import http.client; http.client.HTTPConnection.debuglevel = 1",
    "%load_ext incidentio_magic",
    "%xmode Verbose",
]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The saved notebook of everything, the folder it ran in, and the references of the planted incidents."""
    import nbformat
    from nbclient import NotebookClient

    home = tmp_path_factory.mktemp("home")
    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", incidents=40, key=KEY, rate=10**7, list_rate=10**7) as sandbox:
        hostile, private, large = plant(sandbox)
        cells = [*PRELUDE]
        for name in SUBCOMMANDS:
            cells += [f"%incidents {name} {entry}" for entry in TRIED.get(name, USUAL)]
        cells += OTHERS
        cells = [
            cell.format(hostile=hostile, private=private, large=large, n=number) for number, cell in enumerate(cells)
        ]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        places = {
            name: str(home) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "IPYTHONDIR")
        }
        client = NotebookClient(
            notebook, timeout=60, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(home)}}
        )
        client.execute(
            env=os.environ
            | places
            | {
                "INCIDENTIO_BASE_URL": sandbox.url,
                "INCIDENTIO_API_KEY": KEY,
                "INCIDENTIO_LEDGER": "",
                "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            }
        )
        yield notebook, home, (hostile, private, large)


def outputs(notebook):
    """Yield the number, kind and text of everything that cells have put out."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.outputs:
            if output.output_type == "stream":
                yield number, "text/plain", output.text
            elif output.output_type == "error":
                yield number, "error", "\n".join([output.evalue, *output.traceback])
            else:
                for kind, content in output.data.items():
                    yield number, kind, content if isinstance(content, str) else str(content)
    for kind, widgets in notebook.metadata.get("widgets", {}).items():
        for model in widgets["state"].values():
            yield -1, kind, str(model)


def test_every_subcommand_was_run(ran):
    """Every subcommand there is put something out, for at least one way to call it."""
    notebook, _home, _references = ran
    printed = [cell.source for cell in notebook.cells if cell.outputs]
    assert not [name for name in SUBCOMMANDS if not any(source.startswith(f"%incidents {name} ") for source in printed)]
    assert len(notebook.metadata["widgets"]) == 1


def test_the_key_is_nowhere(ran):
    """No output, repr, traceback, log, widget or file has the API key in it."""
    notebook, home, _references = ran
    found = [(number, kind) for number, kind, text in outputs(notebook) if KEY in text]
    assert found == []
    assert KEY not in json.dumps(notebook, ensure_ascii=False)
    assert [path for path in home.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []


def test_private_text_is_nowhere(ran):
    """No output, repr, traceback, log, widget or file has a private incident's words in it, unless asked for."""
    notebook, home, _references = ran
    found = [(notebook.cells[number].source, kind) for number, kind, text in outputs(notebook) if SECRET in text]
    assert found == []
    assert SECRET not in json.dumps(notebook, ensure_ascii=False)
    assert [path for path in home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()] == []


def test_exports_hold_no_key_and_no_private_text(ran):
    """Read back as whoever opens them would, the exported rows, their headers and the export's own state hold neither.

    The bytes alone would not tell: Parquet files are compressed.
    """
    _notebook, home, (_hostile, private, _large) = ran
    read = {}
    for folder in home.rglob("_export"):
        for path in (entry for entry in folder.parent.rglob("*") if entry.is_file()):
            if path.suffix == ".parquet":
                table = pyarrow.parquet.ParquetFile(path).read()
            elif path.suffix == ".csv":
                table = pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
            else:
                read[path] = path.read_text("utf-8")
                continue
            read[path] = f"{table.schema.metadata}\n{table.schema.names}\n{table.to_pylist()}"
    assert {"state.json", ".parquet", ".csv"} <= {
        entry.suffix if "part-" in entry.name else entry.name for entry in read
    }
    for path, text in read.items():
        assert KEY not in text, path
        assert SECRET not in text, path
    for suffix in (".parquet", ".csv"):
        rows = "".join(text for path, text in read.items() if path.suffix == suffix)
        assert f"'{private}'" in rows
        assert MASK in rows
        assert MARK in rows


def test_files_belong_to_their_owner(ran):
    """The ledger and whatever is kept beside it can be read by its owner only."""
    _notebook, home, _references = ran
    kept = [path for path in home.rglob("incidentio*/**/*") if path.is_file()]
    assert kept
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}


def test_errors_are_ours(ran):
    """Whatever was typed, the errors of magics are this project's own, in one or two lines."""
    notebook, _home, _references = ran
    for cell in notebook.cells:
        if not cell.source.startswith(("%incidents", "%%incident")):
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                assert issubclass(getattr(errors, output.ename), errors.IncidentioError), (cell.source, output)
                assert len(output.traceback) <= 2


COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # IPython's own, in its own tracebacks


def test_no_control_sequences(ran):
    """Nothing that a terminal obeys is in any text: no escapes, no NULs, no backspaces, no direction overrides."""
    notebook, _home, _references = ran
    for number, kind, text in outputs(notebook):
        source = notebook.cells[number].source
        if kind not in {"text/plain", "error"} or not source.startswith(("%incidents", "%%incident", "df", "print(df")):
            continue
        plain = COLOURS.sub("", text) if kind == "error" else text
        bad = {
            entry
            for entry in plain
            if entry not in "\n\t" and (unicodedata.category(entry) == "Cc" or entry in "\u202a\u202e")
        }
        assert not bad, (source, kind, bad)


class Tags(html.parser.HTMLParser):
    """Collects what a browser would run."""

    def __init__(self):
        super().__init__()
        self.dangers = []

    def handle_starttag(self, tag, attributes):
        """Look at a tag."""
        if tag in {"script", "iframe", "object", "embed", "link", "meta", "base", "form"}:
            self.dangers.append(tag)
        for name, value in attributes:
            address = (value or "").strip().lower()
            if name.startswith("on") or address.startswith(("javascript:", "data:text", "vbscript:")):
                self.dangers.append((tag, name, value))
            if MARK in (value or "") and name in {"src", "href", "style"}:
                self.dangers.append((tag, name, value))

    handle_startendtag = handle_starttag


def test_html_is_ours_alone(ran):
    """No tag, handler or address of the planted words is alive in any HTML, shown or inside a widget."""
    notebook, _home, _references = ran
    texts = [text for _number, kind, text in outputs(notebook) if kind == "text/html"]
    for widgets in notebook.metadata["widgets"].values():
        for model in widgets["state"].values():
            values = model["state"]
            if values.get("_model_name", "").startswith("HTML"):
                texts += [str(values.get(name, "")) for name in ("value", "description", "placeholder")]
            texts.append(str(values.get("description", "")) if values.get("description_allow_html") else "")
    assert sum(MARK in text for text in texts) > 5
    for text in texts:
        parser = Tags()
        parser.feed(text)
        assert parser.dangers == [], text[:300]


def test_logs_were_on(ran):
    """The lowest level of logs was on, and told of requests."""
    notebook, _home, _references = ran
    printed = "".join(text for _number, kind, text in outputs(notebook) if kind == "text/plain")
    assert "DEBUG:urllib3.connectionpool:" in printed

"""Where a notebook's reads and writes go: one connection for magics and Python, and no silent departure from it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from incidentio_magic import connect
from incidentio_magic.client import Incidents
from incidentio_magic.errors import InputError

SANDBOX = "%incidents sandbox --incidents 20 --epoch 2026-01-15T14:00:00Z --frozen"
DECLARE = "%%incident_declare --severity Minor\nCheckout answers with errors"
EDIT = "%incidents edit INC-15 --name {}"


@pytest.fixture
def production(monkeypatch):
    """An environment that leads to the real service, which nothing may reach."""
    monkeypatch.setenv("INCIDENTIO_BASE_URL", "https://api.incident.io")
    monkeypatch.setenv("INCIDENTIO_API_KEY", "inc_real")


@pytest.fixture
def session(shell):
    """Return the session of the shell's magics as it is now."""
    return lambda: shell.magics_manager.registry["IncidentMagics"].session


def test_connect_is_the_notebooks_connection(run, shell, production, session):
    """connect() in a notebook goes where the magics go: into its sandbox, not to the environment's organisation."""
    run(SANDBOX)
    run("from incidentio_magic import connect\nio = connect()")
    assert shell.user_ns["io"].settings.base_url == session().sandbox.url
    assert len(run("io.incidents(limit=1)")) == 1
    run("outcome = io.update('INC-15', 'From Python.')")
    assert "From Python." in run("%incidents updates INC-15")["message"].tolist()
    assert run("%incidents log")["verb"].tolist() == ["update"]


def test_connect_with_further_settings_stays_there(run, shell, production, session):
    """A time zone or another setting does not lead elsewhere; an address or a key of your own does."""
    run(SANDBOX)
    assert connect(timezone="Asia/Tokyo").settings.base_url == session().sandbox.url
    assert connect(training=True).settings.base_url == session().sandbox.url
    assert connect("https://api.example", "inc_other").settings.base_url == "https://api.example"
    assert connect(api_key="inc_other").settings.base_url == "https://api.incident.io"


def test_connect_takes_training_and_url_along(run, sandbox, production, monkeypatch):
    """Training mode and the address of %incidents connect hold for connect(), too."""
    monkeypatch.setenv("OTHER_KEY", sandbox.key)
    run(f"%incidents connect --url {sandbox.url} --key-variable OTHER_KEY")
    run("%incidents training on")
    io = connect()
    assert (io.settings.base_url, io.settings.training) == (sandbox.url, True)
    assert set(io.incidents()["mode"]) == {"test"}


def test_connect_without_the_extension_reads_the_environment(run, bare_shell, production):
    """Once the extension is unloaded, connect() reads the environment again."""
    run(SANDBOX)
    bare_shell.run_line_magic("unload_ext", "incidentio_magic")
    assert connect().settings.base_url == "https://api.incident.io"


def test_the_client_of_the_magics(run, shell, session):
    """%incidents client gives the connection itself, which forms take."""
    run("%incidents client --out io")
    assert isinstance(shell.user_ns["io"], Incidents)
    assert shell.user_ns["io"] is session().client
    run("from incidentio_magic.widgets.declare import DeclareForm\nform = DeclareForm(io)")
    assert shell.user_ns["form"].client is session().client


def test_a_reload_keeps_the_sandbox(run, shell, session, production):
    """%reload_ext after %incidents sandbox stays in the sandbox, with the incident in use and the ledger."""
    run(SANDBOX)
    run(DECLARE)
    url = session().sandbox.url
    run("%reload_ext incidentio_magic")
    assert session().sandbox.url == url
    assert session().settings.base_url == url
    assert run("%%incident_update\nStill here.")["reference"].item() == "INC-21"
    assert run(DECLARE)["outcome"].item() == "not sent"
    run("%incidents sandbox stop")


AFRESH = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from incidentio_magic import connect
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "incidentio_magic")
shell.run_line_magic("incidents", "connect --url {url} --key-variable OTHER_KEY")
shell.run_line_magic("incidents", "training on")
{forget}
from incidentio_magic import connect
def where():
    settings = connect().settings
    return settings.training and settings.base_url == "{url}" and settings.key.reveal()
print(where() == "{key}")
{load}
print(where() == "{key}")
print(set(shell.run_line_magic("incidents", "list")["mode"]) == {{"test"}})
print(sum(matcher.__module__.startswith("incidentio") for matcher in shell.Completer.custom_matchers) == 1)
"""
DELETE = "for name in [name for name in sys.modules if name.startswith('incidentio')]: del sys.modules[name]"
RELOAD = """
import importlib
for name in (".settings", ".client", ".magics.session", ".magics.extension", ""):
    importlib.reload(sys.modules["incidentio_magic" + name])
"""
LOAD = """
shell.extension_manager.loaded.clear()
shell.extension_manager.load_extension("incidentio_magic")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("forget", "load"),
    [(DELETE, LOAD), (RELOAD, "shell.extension_manager.reload_extension('incidentio_magic')")],
    ids=["deleted", "reloaded"],
)
def test_modules_that_are_imported_again_stay_there(sandbox, production, tmp_path, forget, load):
    """What autoreload or a deleted module forgets, the shell still knows: nothing goes to the environment's service."""
    script = AFRESH.format(url=sandbox.url, key=sandbox.key, forget=forget, load=load)
    environment = {**os.environ, "OTHER_KEY": sandbox.key, "HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert ran.stdout.splitlines()[-4:] == ["True"] * 4, ran.stdout + ran.stderr


def test_a_reload_keeps_address_key_and_training(run, sandbox, session, production, monkeypatch):
    """%reload_ext keeps what %incidents connect was given, training mode and what %config set."""
    monkeypatch.setenv("OTHER_KEY", sandbox.key)
    run(f"%incidents connect --url {sandbox.url} --key-variable OTHER_KEY")
    run("%incidents training on")
    run("%config IncidentMagics.timezone = 'Asia/Tokyo'")
    run("%reload_ext incidentio_magic")
    settings = session().settings
    assert (settings.base_url, settings.key.reveal()) == (sandbox.url, sandbox.key)
    assert settings.training
    assert settings.timezone == "Asia/Tokyo"
    run("%config IncidentMagics.timezone = 'UTC'")


@pytest.mark.parametrize("leave", ["%unload_ext incidentio_magic", "%incidents sandbox stop", "%incidents connect"])
def test_leaving_a_sandbox_is_said(run, shell, capsys, leave, sandbox):
    """Whatever ends a sandbox says that the notebook is connected elsewhere from now on."""
    run(SANDBOX)
    capsys.readouterr()
    run(leave)
    shown = capsys.readouterr().out
    assert "The sandbox has stopped, its incidents are gone" in shown


def test_leaving_an_address_is_said(run, sandbox, capsys, monkeypatch, memory):
    """Unloading and logging out say that the address of %incidents connect is left."""
    monkeypatch.setenv("OTHER_KEY", sandbox.key)
    for leave in ("%incidents logout", "%unload_ext incidentio_magic"):
        run(f"%incidents connect --url {sandbox.url} --key-variable OTHER_KEY")
        capsys.readouterr()
        run(leave)
        assert f"No longer connected to {sandbox.url}" in capsys.readouterr().out


CHANGES = {
    "sandbox": [SANDBOX],
    "reset": [SANDBOX, "%incidents sandbox reset"],
    "connect": ["%incidents connect"],
    "training": ["%incidents training on"],
    "config": ["%config IncidentMagics.training = True"],
}


@pytest.mark.parametrize("cells", CHANGES.values(), ids=CHANGES)
def test_the_first_write_after_a_change_names_the_organisation(run, capsys, cells):
    """After a change of where writes go the first write names the organisation, once."""
    declare = DECLARE.replace("%%incident_declare", "%%incident_declare --mode test")
    run(declare)
    assert "Organisation:" not in capsys.readouterr().out
    for cell in cells:
        run(cell)
    capsys.readouterr()
    run(declare.replace("Checkout", "The shop"))
    assert capsys.readouterr().out.count("Organisation: https://app.incident.io/sandbox, with the key") == 1
    run(declare.replace("Checkout", "The cart"))
    assert "Organisation:" not in capsys.readouterr().out
    assert os.environ.get("INCIDENTIO_API_KEY")


@pytest.mark.parametrize(
    "line", ["%incidents", "%incidents whoami", "%incidents sandbox status", "%incidents training"]
)
def test_a_sandbox_that_was_stopped_from_elsewhere(run, shell, session, line):
    """Where its object was stopped, every command says so, and what it offers works."""
    run("%incidents sandbox --incidents 3")
    run("%incidents whoami")
    session().sandbox.stop()
    with pytest.raises(InputError, match="has been stopped") as caught:
        run(line)
    assert "%incidents sandbox starts a new one" in caught.value.hint
    run("%incidents sandbox --incidents 3")
    run("%incidents whoami")
    session().sandbox.stop()
    run("%incidents sandbox stop")
    assert session().sandbox is None


def test_a_large_organisation(run, session):
    """`--people`, `--options` and `--open` say how large the sandbox's organisation is; a word is no number."""
    run("%incidents sandbox --frozen --incidents 20 --people 60 --options 80 --open 12")
    try:
        assert len(run("%incidents users")) >= 60
        assert len(run("%incidents list --category triage,live,paused --mode standard,test,tutorial")) == 12
        words = session().client.vocabulary
        assert len(words.options(words.field("Affected components"))) >= 79  # one of the 80 is archived
    finally:
        run("%incidents sandbox stop")
    for option in ("--people", "--options", "--open"):
        with pytest.raises(InputError, match="many"):
            run(f"%incidents sandbox {option} many")

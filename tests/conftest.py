"""What several test modules share: a clock that never waits, a small organisation, and a sandbox with its clients."""

from __future__ import annotations

import atexit
import gc
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import keyring
import msgspec
import psutil
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from incidentio_magic.api import models
from incidentio_magic.settings import Secret, Settings

if TYPE_CHECKING:
    from incidentio_magic.client import Incidents

# IPython, pandas and Flask are imported by the fixtures that need them: a module's own tests are to answer at once.

# `.ci/slow` runs the same tests with more examples, and `.ci/explore` with new ones at each run.
for profile, examples in {"quick": 25, "thorough": 150, "explore": 500}.items():
    hypothesis.settings.register_profile(
        profile,
        deadline=None,
        max_examples=examples,
        derandomize=profile != "explore",
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("quick")


def pytest_xdist_auto_num_workers(config):
    """Spread the tests over the processors; a file or two end here before another process would have started."""
    if len(config.args) < 3 and all(Path(argument.partition("::")[0]).is_file() for argument in config.args):
        return 0
    return min(os.cpu_count() or 1, 4)


def pytest_terminal_summary(terminalreporter, config):
    """Say how long the whole command took, from its start in the shell, and over how many processes."""
    seconds = time.time() - psutil.Process().create_time()
    processes = config.getoption("numprocesses", None) or 1
    terminalreporter.write_line(f"{seconds:.1f} s from the shell, in {processes} process{'es' * (processes > 1)}")


def pytest_collection_finish():
    """Let the garbage collector pass over what is loaded: every shell collects several times."""
    gc.freeze()


SEVERITIES = [
    {"id": "SEV1", "name": "Minor", "rank": 1},
    {"id": "SEV2", "name": "Major", "rank": 2},
    {"id": "SEV3", "name": "Critical", "rank": 3},
]
STATUSES = [
    {"id": "ST0", "name": "Triage", "category": "triage", "rank": 1},
    {"id": "ST1", "name": "Investigating", "category": "live", "rank": 2},
    {"id": "ST2", "name": "Monitoring", "category": "live", "rank": 3},
    {"id": "ST3", "name": "Documenting", "category": "learning", "rank": 4},
    {"id": "ST4", "name": "Closed", "category": "closed", "rank": 5},
]


class Clock:
    """A clock that moves only when told, or when something sleeps by it."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the present time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def clock():
    """A clock under the test's control."""
    return Clock()


@pytest.fixture
def severities():
    """Three severities by name."""
    return {severity["name"]: msgspec.convert(severity, models.Severity) for severity in SEVERITIES}


@pytest.fixture
def statuses():
    """Five statuses by name."""
    return {status["name"]: msgspec.convert(status, models.IncidentStatus) for status in STATUSES}


def incident_json(**changes: Any) -> dict[str, Any]:
    """Return an incident as the service writes it: INC-7, major, under investigation."""
    return {
        "id": "01INC7",
        "reference": "INC-7",
        "name": "Checkout fails",
        "mode": "standard",
        "visibility": "public",
        "incident_status": STATUSES[1],
        "severity": SEVERITIES[1],
        "created_at": "2026-11-23T12:00:00Z",
        "updated_at": "2026-11-23T12:30:00Z",
        "permalink": "https://app.incident.io/org/incidents/7",
        **changes,
    }


@pytest.fixture
def make_incident():
    """Build an incident like `incident_json`, with changes."""

    def make(**changes: Any) -> models.Incident:
        return msgspec.convert(incident_json(**changes), models.Incident, strict=False)

    return make


@pytest.fixture
def make_incident_json():
    """Build the JSON of an incident, with changes."""
    return incident_json


class KeyStore(KeyringBackend):
    """A key store in memory."""

    priority = -1  # keyring never chooses it by itself

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.locked = False

    def _check(self):
        if self.locked:
            raise KeyringLocked("the words of the key")

    def get_password(self, service, username):
        """Get a key."""
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        """Set a key."""
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service, username):
        """Delete a key."""
        self._check()
        del self.kept[service, username]


@pytest.fixture
def memory():
    """A key store in memory in place of the system's."""
    before = keyring.get_keyring()
    memory = KeyStore()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    """Take away the proxy of whoever runs the tests: a client refuses one unasked."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def _no_shared_lists(monkeypatch):
    """Share no lists between tests, nor with whoever runs them."""
    monkeypatch.setenv("INCIDENTIO_CACHE", "off")


@pytest.fixture(autouse=True)
def _training_ends():
    """Take away what a notebook that switched training mode on has left in the environment."""
    yield
    if os.environ.get("INCIDENTIO_TRAINING") == "notebook":
        del os.environ["INCIDENTIO_TRAINING"]


@pytest.fixture(scope="session")
def _imported():
    """Import what each shell needs, so that the garbage collector can pass over it: each shell collects."""
    import ipywidgets  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell  # noqa: F401

    import incidentio_magic.client
    import incidentio_magic.magics.extension
    import incidentio_magic.sandbox  # noqa: F401


@pytest.fixture
def bare_shell(tmp_path, monkeypatch, _imported):
    """A shell without the extension."""
    gc.freeze()  # what is there by now; the last shell has just been collected
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    yield shell
    if "incidentio_magic" in shell.extension_manager.loaded:
        shell.extension_manager.unload_extension("incidentio_magic")
    shell.reset()
    atexit.unregister(shell.atexit_operations)  # hundreds of shells would clean up once more when all tests are over
    InteractiveShell.clear_instance()


@pytest.fixture(scope="session")
def seeded():
    """One sandbox for all; each test gets it reset."""
    from incidentio_magic.sandbox import Sandbox

    with Sandbox(seed=1, epoch="2026-01-15T14:00:00Z", frozen=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(seeded):
    """The sandbox as it was at its start."""
    seeded.clear_faults()
    seeded.reset()
    return seeded


@pytest.fixture
def connect_to(sandbox, tmp_path):
    """Make clients of the sandbox that never really sleep."""
    from incidentio_magic.client import Incidents

    made = []

    def connect_to(**options: Any) -> Incidents:
        settings = {"base_url": sandbox.url, "key": Secret(sandbox.key), "ledger": tmp_path / "ledger.jsonl"}
        client = Incidents(Settings(**{**settings, **options}), sleep=lambda _seconds: None)
        made.append(client)
        return client

    yield connect_to
    for client in made:
        client.close()


@pytest.fixture
def client(connect_to):
    """A client of the sandbox."""
    return connect_to()

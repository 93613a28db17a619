"""%incidents install: every kernel of a profile loads the extension, until %incidents uninstall."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.profiledir import ProfileDir

from incidentio_magic.errors import SettingsError


@pytest.fixture
def profile(shell, tmp_path):
    """The folder of the shell's startup files."""
    folder = tmp_path / "ipython"
    folder.mkdir(exist_ok=True)
    directory = ProfileDir.create_profile_dir_by_name(str(folder), "another")
    shell.profile_dir = directory
    startup = Path(directory.startup_dir)
    shutil.rmtree(startup)
    return startup


def test_it_is_installed_once_and_removed(run, profile, capsys):
    """The file is written, said, left alone the second time, and gone after uninstall."""
    assert run("%incidents install")["changed"].item()
    (path,) = profile.iterdir()
    assert str(path) in capsys.readouterr().out
    content = path.read_text()
    assert not run("%incidents install")["changed"].item()
    assert path.read_text() == content
    assert list(profile.iterdir()) == [path]
    assert run("%incidents uninstall")["changed"].item()
    assert list(profile.iterdir()) == []
    assert not run("%incidents uninstall")["changed"].item()


def test_an_older_file_of_its_own_is_replaced(run, profile):
    """What an earlier version wrote is brought up to date."""
    run("%incidents install")
    (path,) = profile.iterdir()
    content = path.read_text()
    path.write_text(content.splitlines()[0] + "\npass\n")
    assert run("%incidents install")["changed"].item()
    assert path.read_text() == content


def test_a_file_of_somebody_else_stays(run, profile):
    """A file that install did not write is neither replaced nor removed."""
    profile.mkdir(parents=True)
    path = profile / "50-incidentio_magic.py"
    path.write_text("print('mine')\n")
    with pytest.raises(SettingsError, match="is not a file that %incidents install wrote"):
        run("%incidents install")
    assert not run("%incidents uninstall")["changed"].item()
    assert path.read_text() == "print('mine')\n"


def test_a_folder_that_cannot_be_written_is_an_error(run, profile):
    """A profile that is not the user's to write is named, with what to do."""
    profile.write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match=r"cannot be (written|read)") as caught:
        run("%incidents install")
    assert "profile" in caught.value.hint


def test_a_shell_without_a_profile_says_so(run, shell, monkeypatch):
    """A shell that has no profile cannot install into one."""
    monkeypatch.setattr(shell, "profile_dir", None)
    with pytest.raises(SettingsError, match="no IPython profile"):
        run("%incidents install")


@pytest.mark.slow
def test_new_shells_load_it(sandbox, tmp_path):
    """A new IPython of the profile knows %incidents without %load_ext; after uninstall it does not."""
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}

    def ipython(code):
        command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout + done.stderr

    assert "50-incidentio_magic.py" in ipython("%load_ext incidentio_magic\n%incidents install")
    found = ipython("print([name for name in dir() if 'importlib' in name])\n%incidents severities")
    assert "[]" in found
    assert "Critical" in found
    assert "removed" in ipython("%incidents uninstall")
    assert "not found" in ipython("%incidents severities")


def test_the_file_is_quiet_where_the_package_is_missing(run, profile, monkeypatch):
    """A kernel of another environment, which shares the profile, starts without an error."""
    run("%incidents install")
    (path,) = profile.iterdir()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    exec(compile(path.read_text(), str(path), "exec"), {})

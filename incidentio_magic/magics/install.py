"""%incidents install and uninstall: loads the extension in every kernel of an IPython profile, or stops that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import SettingsError
from incidentio_magic.magics.grammar import Subcommand
from incidentio_magic.magics.reading import add_out

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.magics.session import Session

# A separate file in the profile's startup folder leaves the user's configuration unchanged. Kernels of environments
# without the package share the profile, so the file checks first.
_NAME: Final = "50-incidentio_magic.py"
_MARK: Final = "# Written by %incidents install; %incidents uninstall removes it."
_CONTENT: Final = f"""{_MARK}
import importlib.util as _importlib_util

if _importlib_util.find_spec("incidentio_magic"):  # not in every environment that uses this profile
    get_ipython().extension_manager.load_extension("incidentio_magic")
del _importlib_util
"""


def _install(session: Session, _args: Namespace) -> Any:
    path = _path(session)
    before = _read(path)
    if before and not before.startswith(_MARK):
        raise SettingsError(
            f"{str(path)!r} is not a file that %incidents install wrote; it was not changed.",
            hint="move it away, then %incidents install",
        )
    if before == _CONTENT:
        text = f"Every new kernel of this profile loads incidentio_magic already: {path}"
        return session.state(text, path=str(path), changed=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_CONTENT, "utf-8")
    except OSError as error:
        raise _refused("written", path, error) from None
    text = f"Every new kernel of this profile loads incidentio_magic: {path} does it. %incidents uninstall removes it."
    return session.state(text, path=str(path), changed=True)


def _uninstall(session: Session, _args: Namespace) -> Any:
    path = _path(session)
    before = _read(path)
    if not before.startswith(_MARK):
        text = f"Nothing to remove: {path} is not a file that %incidents install wrote."
        return session.state(text, path=str(path), changed=False)
    try:
        path.unlink()
    except OSError as error:
        raise _refused("removed", path, error) from None
    text = f"{path} is removed: new kernels load incidentio_magic only with %load_ext incidentio_magic."
    return session.state(text, path=str(path), changed=True)


def _path(session: Session) -> Path:
    profile = getattr(session.shell, "profile_dir", None)
    if profile is None:
        raise SettingsError(
            "This shell has no IPython profile to install into.",
            hint="run %incidents install in a notebook or in IPython",
        )
    return Path(profile.startup_dir) / _NAME


def _read(path: Path) -> str:
    """Return the file's content; "" if there is none."""
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _refused("read", path, error) from None


def _refused(done: str, path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"{str(path)!r} cannot be {done}: {error.strerror or type(error).__name__}.",
        hint="make the profile's startup folder writable, or set IPYTHONDIR to use another profile",
    )


SUBCOMMANDS = (
    Subcommand("install", "load the extension in every kernel of this profile", add_out, _install),
    Subcommand("uninstall", "undo install", add_out, _uninstall),
)

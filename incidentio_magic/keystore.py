"""Keeps the API key in the system's key store (extra `keyring`), so that it need not be in a file or a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.errors import SettingsError
from incidentio_magic.settings import Secret

if TYPE_CHECKING:
    from types import ModuleType

_SERVICE: Final = "incidentio_magic"


def stored(url: str) -> Secret | None:
    """Return the key stored for the service at `url`; None if there is no key or no key store."""
    try:
        keyring = _keyring()
        key = keyring.get_password(_SERVICE, url)
    except SettingsError:
        return None
    except Exception:  # noqa: BLE001  a locked or broken store is no key, and never a reason to fail a read
        return None
    return Secret(key) if key else None


def store(url: str, key: Secret) -> None:
    """Store the key for the service at `url`.

    Raises:
        SettingsError: If there is no key store, or it refuses.
    """
    _ask(_keyring().set_password, _SERVICE, url, key.reveal())


def forget(url: str) -> bool:
    """Remove the key stored for the service at `url` and return whether there was one.

    Raises:
        SettingsError: If there is no key store, or it refuses.
    """
    keyring = _keyring()
    if not _ask(keyring.get_password, _SERVICE, url):
        return False
    _ask(keyring.delete_password, _SERVICE, url)
    return True


def _keyring() -> ModuleType:
    try:
        import keyring  # noqa: PLC0415  an extra, and slow to import
    except ModuleNotFoundError:
        raise SettingsError(
            "The system's key store needs the package keyring, which is not installed.",
            hint='pip install "incidentio-magic[keyring]", or set INCIDENTIO_API_KEY',
        ) from None
    return keyring


def _ask(function: Any, *arguments: str) -> Any:
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001  each system's store has errors of its own, and none may show the key
        raise SettingsError(
            f"The system's key store refused ({type(error).__name__}).",
            hint="set INCIDENTIO_API_KEY instead, or unlock the store",
        ) from None

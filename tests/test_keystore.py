"""The key in the system's key store: kept there and nowhere else."""

from __future__ import annotations

import sys

import pytest

from incidentio_magic import errors, keystore
from incidentio_magic.settings import Secret

URL = "https://api.incident.io"


def test_store_and_forget(memory):
    """A key is kept for its address, found for that address alone, and forgotten when asked."""
    keystore.store(URL, Secret("a key"))
    assert memory.kept == {("incidentio_magic", URL): "a key"}
    assert keystore.stored(URL).reveal() == "a key"
    assert keystore.stored("https://elsewhere.example.com") is None
    assert keystore.forget(URL)
    assert not keystore.forget(URL)
    assert keystore.stored(URL) is None


def test_a_locked_store(memory):
    """A store that refuses is no key when reading, and an error without its words when writing."""
    memory.locked = True
    assert keystore.stored(URL) is None
    for act in (lambda: keystore.store(URL, Secret("a key")), lambda: keystore.forget(URL)):
        with pytest.raises(errors.SettingsError, match="refused") as refused:
            act()
        assert "key store refused (KeyringLocked)" in refused.value.message
        assert "the words of the key" not in str(refused.value)


def test_without_the_extra(monkeypatch):
    """Without the extra there is no stored key, and storing one says what to install."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert keystore.stored(URL) is None
    with pytest.raises(errors.SettingsError, match="not installed") as missing:
        keystore.store(URL, Secret("a key"))
    assert "incidentio-magic[keyring]" in missing.value.hint

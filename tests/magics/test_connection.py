"""connect, login and logout: where the key comes from, and that it goes nowhere else."""

from __future__ import annotations

import pytest

from incidentio_magic import errors, keystore


@pytest.fixture
def typed(monkeypatch):
    """What a person types when asked for the key; None where nobody can be asked."""
    answers = []

    def answer(_prompt):
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.setattr("getpass.getpass", answer)
    return answers


@pytest.fixture
def stored(monkeypatch):
    """A key store in memory."""
    kept = {}
    monkeypatch.setattr("incidentio_magic.keystore.store", kept.__setitem__)
    monkeypatch.setattr("incidentio_magic.keystore.forget", lambda url: kept.pop(url, None) is not None)
    monkeypatch.setattr("incidentio_magic.keystore.stored", kept.get)
    return kept


def test_connect_with_the_environment(run, capsys, typed):
    """With a key in the environment connect asks nothing and says where it is connected."""
    run("%incidents connect")
    shown = capsys.readouterr().out
    assert shown.startswith("Connected to https://app.incident.io/sandbox with the key 'Sandbox'.\n")


def test_connect_asks_unseen(run, capsys, sandbox, monkeypatch, typed, stored):
    """Without a key connect asks for it, and never shows it."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    typed.append(sandbox.key)
    run("%incidents connect")
    assert len(run("%incidents severities")) == 4
    assert sandbox.key not in capsys.readouterr().out


def test_connect_with_nobody_to_ask(run, monkeypatch, typed, stored):
    """A notebook that runs by itself is told where to put the key."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    with pytest.raises(errors.SettingsError, match="cannot prompt for one") as reported:
        run("%incidents connect")
    assert "INCIDENTIO_API_KEY" in reported.value.hint
    typed.append("   ")
    with pytest.raises(errors.SettingsError, match="No API key was given"):
        run("%incidents connect")


def test_connect_with_another_variable(run, sandbox, monkeypatch, capsys, typed):
    """The key can come from any environment variable, by its name."""
    monkeypatch.setenv("ANOTHER_KEY", sandbox.key)
    monkeypatch.setenv("INCIDENTIO_API_KEY", "wrong")
    run("%incidents connect --key-variable ANOTHER_KEY")
    assert "Connected to" in capsys.readouterr().out
    with pytest.raises(errors.SettingsError, match="NOT_THERE is not set"):
        run("%incidents connect --key-variable NOT_THERE")


@pytest.mark.parametrize("mistyped", ["wrong", "two words"])
def test_a_mistyped_key_is_asked_for_again(run, sandbox, monkeypatch, capsys, typed, stored, mistyped):
    """After a key that does not work, connect asks once more instead of trying the same again."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    typed.append(mistyped)
    with pytest.raises((errors.AuthenticationFailed, errors.SettingsError)):
        run("%incidents connect")
    typed.append(sandbox.key)
    run("%incidents connect")
    assert "Connected to" in capsys.readouterr().out


def test_connect_elsewhere(run, sandbox, capsys, typed):
    """connect --url goes to another address."""
    run(f"%incidents connect --url {sandbox.url}/")
    assert "Connected to" in capsys.readouterr().out


def test_login_and_logout(run, sandbox, monkeypatch, capsys, typed, stored):
    """Login keeps a key that works, for its address; logout removes it."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    typed.append(sandbox.key)
    run("%incidents login")
    assert stored[sandbox.url].reveal() == sandbox.key
    run("%incidents connect")
    assert len(run("%incidents severities")) == 4
    run("%incidents logout")
    assert stored == {}
    run("%incidents logout")
    with pytest.raises(errors.SettingsError, match="There is no API key"):
        run("%incidents")
    printed = capsys.readouterr().out
    assert "is now in this system's key store" in printed
    assert "is removed from this system's key store" in printed
    assert "No key for" in printed
    assert sandbox.key not in printed


def test_a_key_that_does_not_work_is_not_kept(run, monkeypatch, typed, stored):
    """Login with a wrong key fails and keeps nothing."""
    monkeypatch.delenv("INCIDENTIO_API_KEY")
    typed.append("wrong")
    with pytest.raises(errors.AuthenticationFailed):
        run("%incidents login")
    assert stored == {}


def test_the_stored_key_is_used_by_connect(sandbox, monkeypatch):
    """In Python, too, a stored key is found when none is given."""
    from incidentio_magic import client

    monkeypatch.delenv("INCIDENTIO_API_KEY")
    monkeypatch.setattr(client, "stored", lambda _url: keystore.Secret(sandbox.key))
    with client.connect() as io:
        assert len(io.severities()) == 4

"""Where to connect and with which key; and how well the key is kept."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from pathlib import Path
from zoneinfo import ZoneInfo

import platformdirs
import pytest

from incidentio_magic.errors import SettingsError
from incidentio_magic.settings import (
    SERVICE_URL,
    Secret,
    Settings,
    checked_key,
    checked_url,
    default_cache,
    default_ledger,
    is_this_machine,
    zone,
)

KEY = "the-key-of-these-tests"


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({}, None),
        ({"INCIDENTIO_API_KEY": "one"}, "one"),
        ({"INCIDENT_API_KEY": "two"}, "two"),
        ({"INCIDENTIO_API_KEY": "one", "INCIDENT_API_KEY": "two"}, "one"),
        ({"INCIDENTIO_API_KEY": "", "INCIDENT_API_KEY": "two"}, "two"),
        ({"INCIDENTIO_API_KEY": " \n", "INCIDENT_API_KEY": " two\n"}, "two"),
        ({"INCIDENTIO_API_KEY": " "}, None),
    ],
)
def test_the_key_of_the_environment(environment, key):
    """The key is taken from our variable, else from the vendor's, without blanks around it."""
    found = Settings.from_environment(environment).key
    assert (found and found.reveal()) == key


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, SERVICE_URL),
        ({"INCIDENTIO_BASE_URL": ""}, SERVICE_URL),
        ({"INCIDENTIO_BASE_URL": " http://127.0.0.1:8765 "}, "http://127.0.0.1:8765"),
    ],
)
def test_the_address_of_the_environment(environment, url):
    """The address is the real service's unless another is set."""
    assert Settings.from_environment(environment).base_url == url


@pytest.mark.parametrize(
    ("text", "training"),
    [
        ("1", True),
        ("on", True),
        ("TRUE", True),
        (" yes ", True),
        ("oFf ", False),
        ("flase", True),
        ("0", False),
        ("off", False),
        ("", False),
        ("no", False),
    ],
)
def test_training_of_the_environment(text, training):
    """Training mode is on for every word but no, in upper and lower case, however the variable's name is written."""
    for name in ("INCIDENTIO_TRAINING", "incidentio_training", "Incidentio_Training"):
        assert Settings.from_environment({name: text}).training is training
    assert not Settings.from_environment({}).training


@pytest.mark.parametrize(("text", "proxy"), [("1", True), ("yes", True), ("0", False), ("flase", False)])
def test_the_proxy_of_the_environment(text, proxy):
    """A proxy is gone through where INCIDENTIO_PROXY clearly says so, and by default not."""
    assert Settings.from_environment({"INCIDENTIO_PROXY": text}).proxy is proxy
    assert not Settings.from_environment({"HTTPS_PROXY": "http://proxy.example"}).proxy


def test_the_ledger_of_the_environment():
    """The ledger is the named file, or one in the user's state folder."""
    usual = platformdirs.user_state_path("incidentio_magic") / "ledger.jsonl"
    assert default_ledger({}) == default_ledger({"INCIDENTIO_LEDGER": " "}) == usual
    assert Settings.from_environment({"INCIDENTIO_LEDGER": "/x/y"}).ledger == Path("/x/y")


def test_settings_cannot_be_changed():
    """Settings are a value; another is made to change one."""
    settings = Settings(key=Secret(KEY))
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.training = True
    assert dataclasses.replace(settings, training=True).key is settings.key


SHOWN = {
    "repr": repr,
    "str": str,
    "format": lambda settings: f"{settings} {settings.key} {settings.key!r}",
    "percent": lambda settings: "%s %r" % (settings.key, settings.key),  # noqa: UP031  the oldest way to print
    "list": lambda settings: str([settings.key]),
    "fields": lambda settings: str(dataclasses.fields(settings)),
    "vars": lambda settings: str(vars(settings)),
    "dir": lambda settings: str([getattr(settings.key, name) for name in ("__doc__", "__slots__")]),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_the_key_is_in_nothing_shown(show):
    """No way of printing settings or the key shows it."""
    shown = show(Settings(key=Secret(KEY)))
    assert shown
    assert KEY not in shown


@pytest.mark.parametrize(
    "keep",
    [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, lambda secret: pickle.dumps(Settings(key=secret)), vars],
    ids=["pickle", "copy", "deepcopy", "json", "pickled settings", "vars"],
)
def test_the_key_is_not_kept(keep):
    """A secret refuses to be pickled, copied or turned into JSON."""
    with pytest.raises(TypeError):
        keep(Secret(KEY))


def test_only_reveal_reveals():
    """The key itself is had by asking for it."""
    assert Secret(KEY).reveal() == KEY


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/New_York"])
def test_zones(name):
    """A time zone is found by its name."""
    assert zone(name) == Settings(timezone=name).zone == ZoneInfo(name)


@pytest.mark.parametrize(
    "name",
    ["", "Berlin", "CEST+99", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/", "a\0b", "\ud800", "x" * 5000],
)
def test_unknown_zones(name):
    """What is no time zone is told with an example of one."""
    with pytest.raises(SettingsError, match="Europe/Berlin"):
        zone(name)


@pytest.mark.parametrize(("name", "meant"), [("europe/berlin", "Europe/Berlin"), ("Asia/Tokio", "Asia/Tokyo")])
def test_a_time_zone_that_is_nearly_right(name, meant):
    """A typo in a time zone is answered with the name that it resembles; an abbreviation is not."""
    with pytest.raises(SettingsError, match=f"did you mean {meant}"):
        zone(name)
    with pytest.raises(SettingsError, match="name it like"):
        zone("PST")


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("LocalHost", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("0:0:0:0:0:0:0:1", True),
        ("", False),
        ("localhost.", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("::2", False),
        ("0177.0.0.1", False),
        ("0x7f.1", False),
    ],
)
def test_this_machine(host, here):
    """Only localhost and loopback addresses are this machine."""
    assert is_this_machine(host) is here


def test_a_key_in_place_of_the_address_is_not_shown():
    """What has no dot may be a key in place of the address: it is not repeated, but told where it belongs."""
    with pytest.raises(SettingsError, match="The given address is not a web address") as caught:
        checked_url(KEY)
    assert KEY not in str(caught.value)
    assert "connect(api_key=…)" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("http://api.incident.io", "http://api.incident.io would send the API key unprotected"),
        ("ftp://localhost", "ftp://localhost would send"),
        ("https://user:secret@api.incident.io", "must not contain a user name or password"),
        ("https://[", "cannot be read"),
        ("https://host:99999", "cannot be read"),
        ("https://evil.example\\.incident.io", "cannot be read"),
        ("https://evil.example%2f.incident.io", "cannot be read"),
        ("https://a..b", "cannot be read"),
        (f"https://{'a' * 64}.example", "cannot be read"),
        (f"https://{'a.' * 127}example", "cannot be read"),
        ("api.incident.io", "is not the address of a service"),
        ("https://api incident.io", "has a space or a line end"),
        ("https://api.incident.io\\\n.evil.example", "has a space or a line end"),
    ],
)
def test_refused_addresses(url, printed):
    """A refused address is told why, without any password in it."""
    with pytest.raises(SettingsError) as caught:
        checked_url(url)
    assert printed in caught.value.message
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "api.incident.io.",
        "api.incident.io.evil.example",
        "api-incident.io",
        "apiincident.io",
        "api.lncident.io",
        "api.incldent.io",
        "api.incident.lo",
        "api.incidentio.com",
        "incidents.io",
        "api.incident.co",
        "api.incident.io.com",
        "incident.io.evil.example",
        "ap\u0456.incident.io",
        "api.\u0456ncident.io",
        "xn--ncident-fof.io",
        "api.incident.io:8443",
        "incident.io:1",
        "localhost.",
    ],
)
def test_imitations_are_refused(host):
    """A host that looks like the real service and is not, by a letter, a dot or a port, never gets the key."""
    with pytest.raises(SettingsError, match=r"is not incident\.io but looks like it"):
        checked_url(f"https://{host}")


@pytest.mark.parametrize(
    "host",
    [
        "api.incident.io",
        "api.incident.io:443",
        "eu.api.incident.io",
        "incidents.corp.example:8443",
        "10.0.0.1",
        "[2001:db8::1]",
    ],
)
def test_other_hosts_are_taken(host):
    """The service itself, and a host that nobody takes for it, such as an organisation's own gateway."""
    assert checked_url(f"https://{host}") == f"https://{host}"


def test_a_good_key_is_returned():
    """A key of plain characters is taken as it is."""
    secret = Secret("abc_DEF-123.~")
    assert checked_key(secret) is secret


def test_the_cache_of_the_environment():
    """The shared folder is the named one, or one of the user's; a no switches it off."""
    usual = platformdirs.user_cache_path("incidentio_magic")
    assert default_cache({}) == default_cache({"INCIDENTIO_CACHE": " "}) == usual
    assert Settings.from_environment({"INCIDENTIO_CACHE": "/x/y"}).cache == Path("/x/y")
    assert default_cache({"INCIDENTIO_CACHE": "Off"}) is None
    with pytest.raises(SettingsError, match="cache"):
        Settings(cache="/x/y")

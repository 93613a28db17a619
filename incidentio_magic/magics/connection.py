"""%incidents connect, login, logout, whoami, doctor: makes and checks the connection."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from incidentio_magic.environment import KEY_VARIABLES
from incidentio_magic.errors import AuthenticationFailed, SettingsError
from incidentio_magic.magics.grammar import Subcommand, looks_like_a_key, may_be_a_key
from incidentio_magic.magics.reading import add_out

if TYPE_CHECKING:
    from argparse import Namespace

    from incidentio_magic.api.models import Identity
    from incidentio_magic.magics.grammar import Grammar
    from incidentio_magic.magics.session import Session


def _add_connect(grammar: Grammar) -> None:
    grammar.add_argument(
        "--url", default="", metavar="URL", help="the API's address; the configured address if left out"
    )
    grammar.add_argument("--key-variable", default="", metavar="NAME", help="the environment variable with the key")
    grammar.add_argument(
        "--ask", action="store_true", help="prompt for the key, without echoing it, even if one is configured"
    )


def _connect(session: Session, args: Namespace) -> Any:
    from incidentio_magic.settings import checked_url  # noqa: PLC0415  loads on first use

    url = checked_url(args.url) if args.url else ""
    key = ""
    if args.key_variable:
        if looks_like_a_key(args.key_variable):
            raise may_be_a_key("%incidents connect --key-variable")
        key = os.environ.get(args.key_variable, "").strip()
        if not key:
            raise SettingsError(
                f"The environment variable {args.key_variable} is not set.", hint="set it, or use --ask"
            )
    left = session.elsewhere()
    session.connect(url, key)
    if left:
        session.say(left)
    if not key and (args.ask or session.settings.key is None):
        identity = _tried(session, url, _asked())
    else:
        identity = session.client.vocabulary.identity()
    training = " Training mode is on." if session.settings.training else ""
    return _identity(
        session, f"Connected to {identity.dashboard_url} with the key {identity.name!r}.{training}", identity
    )


def _add_login(grammar: Grammar) -> None:
    grammar.add_argument(
        "--url", default="", metavar="URL", help="the API's address; the configured address if left out"
    )


def _login(session: Session, args: Namespace) -> Any:
    from incidentio_magic.keystore import store  # noqa: PLC0415  loads on first use
    from incidentio_magic.settings import Secret, checked_url  # noqa: PLC0415  beside the rest

    url = checked_url(args.url or session.settings.base_url)
    key = _asked()
    identity = _tried(session, url, key)  # a key that does not work is not stored
    store(url, Secret(key))
    text = f"The key {identity.name!r} of {identity.dashboard_url} is now in this system's key store."
    return _identity(session, text, identity)


def _identity(session: Session, text: str, identity: Identity) -> Any:
    """Print a line and return the key's identity, as whoami does."""
    from incidentio_magic.frames import Frames  # noqa: PLC0415  pandas loads on first use

    return session.summarise(text, Frames().identity(identity))


def _logout(session: Session, args: Namespace) -> Any:
    from incidentio_magic.keystore import forget  # noqa: PLC0415  loads on first use
    from incidentio_magic.settings import checked_url  # noqa: PLC0415  beside the rest

    url = checked_url(args.url or session.settings.base_url)
    had = forget(url)
    left = session.elsewhere()
    session.connect("", "")
    if left:
        session.say(left)
    text = f"The key for {url} is removed from this system's key store." if had else f"No key for {url} was stored."
    return session.state(text, url=url, removed=had)


def _asked() -> str:
    from getpass import getpass  # noqa: PLC0415  few notebooks ask for a key

    try:
        key = getpass("API key for incident.io: ").strip()
    except (EOFError, OSError, NotImplementedError, RuntimeError) as error:
        # A kernel that runs a saved notebook cannot prompt for input.
        raise SettingsError(
            f"There is no API key, and this kernel cannot prompt for one ({type(error).__name__}).",
            hint=f"set {KEY_VARIABLES[0]} before the notebook starts",
        ) from None
    if not key:
        raise SettingsError("No API key was given.", hint=f"set {KEY_VARIABLES[0]}, or run this again")
    return key


def _tried(session: Session, url: str, key: str) -> Identity:
    """Connect with a typed key and return its identity; discard a key that the service rejects."""
    session.connect(url, key)
    try:
        return session.client.vocabulary.identity()
    except (AuthenticationFailed, SettingsError):
        session.connect(url, "")
        raise


def _whoami(session: Session, _args: Namespace) -> Any:
    session.client.vocabulary.refresh()
    return session.client.whoami()


def _add_doctor(grammar: Grammar) -> None:
    grammar.add_argument(
        "--contract",
        action="store_true",
        help="compare the service's responses with what this client assumes; shows no names, texts or IDs",
    )
    add_out(grammar)


def _doctor(session: Session, args: Namespace) -> Any:
    if args.contract:
        from incidentio_magic.doctor.contract import compare  # noqa: PLC0415  loads on first use

        return compare(session.settings)
    from incidentio_magic.doctor import examine  # noqa: PLC0415  pandas and requests load on first use

    return examine(session.settings)


def _client(session: Session, _args: Namespace) -> Any:
    return session.client


SUBCOMMANDS = (
    Subcommand("connect", "connect to the real service, or another address", _add_connect, _connect),
    Subcommand("login", "prompt for the key and keep it in the system's key store", _add_login, _login),
    Subcommand("logout", "remove the key from the system's key store", _add_login, _logout),
    Subcommand("client", "this notebook's connection as a Python object", add_out, _client),
    Subcommand("whoami", "whose key this is, and what it may do", add_out, _whoami),
    Subcommand("doctor", "what works, what will fail, why, and what to do", _add_doctor, _doctor),
)

"""The settings of a connection: where to connect, with which key, and how to show the results."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from incidentio_magic.environment import KEY_VARIABLES, NO, PROXY_VARIABLE, USER_VARIABLE, training_in
from incidentio_magic.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

SERVICE_URL: Final = "https://api.incident.io"
_DOMAIN: Final = "incident.io"
_ALIKE: Final = 0.8
_HOST: Final = r"(?!.{254})(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|[0-9a-f]*:[0-9a-f:.]+"
_MAGICS: Final = "IncidentMagics"  # under this name a shell that has loaded the extension holds its magics
_YES: Final = frozenset({"1", "on", "true", "yes"})


class Secret:
    """A string that no repr, log or traceback shows; only `reveal` returns it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the string itself, for the one header that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True)
class Settings:
    """The settings of one connection.

    Args:
        base_url: The API's address; https, or http to this machine only.
        key: The API key, or None if there is none yet.
        timeout: Seconds to wait for the response to one request.
        max_wait: Seconds that one read may lose to retries and slow responses, and that one request may wait for the
            rate limit; it ends at most one timeout later.
        max_answer: Megabytes that one response may take when unpacked; a larger response is an error.
        cache_seconds: Seconds for which severities, statuses and other lists are cached.
        timezone: The time zone of displayed and typed times.
        show_private: Whether names and summaries of private incidents are shown.
        training: Whether only test incidents are declared, listed and written to.
        user: The user, by name or email address, for `--mine`; an API key does not identify a person.
        proxy: Whether to use a proxy named by the environment; otherwise such a proxy is refused.
        ledger: The file in which writes are recorded.
        cache: The folder in which kernels on this machine share an organisation's lists; None to share nothing.
    """

    base_url: str = SERVICE_URL
    key: Secret | None = None
    timeout: float = 30.0
    max_wait: float = 120.0
    max_answer: float = 64.0
    cache_seconds: float = 600.0
    timezone: str = "UTC"
    show_private: bool = False
    training: bool = False
    user: str = ""
    proxy: bool = False
    ledger: Path = field(default_factory=lambda: default_ledger(os.environ))
    cache: Path | None = field(default_factory=lambda: default_cache(os.environ))

    def __post_init__(self) -> None:
        for name in ("show_private", "training", "proxy"):
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(f"{name} cannot be {getattr(self, name)!r}.", hint="give True or False")
        if not isinstance(self.ledger, Path):
            raise SettingsError(f"ledger cannot be {self.ledger!r}.", hint="give the path of a file")
        if not isinstance(self.cache, Path | None):
            raise SettingsError(f"cache cannot be {self.cache!r}.", hint="give the path of a folder, or None")
        for name in ("timeout", "max_wait", "max_answer", "cache_seconds"):
            number = getattr(self, name)
            if (
                not isinstance(number, int | float)
                or not 0 <= number < float("inf")
                or (name in {"timeout", "max_answer"} and not number)
            ):
                unit = "megabytes" if name == "max_answer" else "seconds"
                raise SettingsError(f"{name} cannot be {number!r}.", hint=f"give a number of {unit}")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return zone(self.timezone)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings that the environment variables describe.

        Args:
            environment: `INCIDENTIO_BASE_URL`, `INCIDENTIO_API_KEY` (or the vendor's `INCIDENT_API_KEY`),
                `INCIDENTIO_TRAINING`, `INCIDENTIO_USER`, `INCIDENTIO_PROXY`, `INCIDENTIO_LEDGER` and
                `INCIDENTIO_CACHE` are read.
        """
        key = next((environment[name].strip() for name in KEY_VARIABLES if environment.get(name, "").strip()), "")
        return cls(
            base_url=environment.get("INCIDENTIO_BASE_URL", "").strip() or SERVICE_URL,
            key=Secret(key) if key else None,
            training=training_in(environment),
            user=environment.get(USER_VARIABLE, "").strip(),
            proxy=environment.get(PROXY_VARIABLE, "").strip().lower() in _YES,  # a typo counts as unset
            ledger=default_ledger(environment),
            cache=default_cache(environment),
        )


def notebook_settings() -> Settings | None:
    """Return the settings of the notebook's connection; None if the extension is not loaded."""
    get_ipython = getattr(sys.modules.get("IPython.core.getipython"), "get_ipython", None)
    shell = get_ipython() if get_ipython else None
    magics = shell.magics_manager.registry.get(_MAGICS) if shell is not None else None
    return _imported_again(magics.session.settings) if magics is not None else None


def _imported_again(found: Any) -> Settings:
    """Return settings that an earlier import of this module made."""
    if isinstance(found, Settings):
        return found
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    return Settings(**{**values, "key": Secret(found.key.reveal()) if found.key else None})


def default_ledger(environment: Mapping[str, str]) -> Path:
    """Return the ledger's path: `INCIDENTIO_LEDGER`, or a file in the user's state folder."""
    if named := environment.get("INCIDENTIO_LEDGER", "").strip():
        return Path(named)
    import platformdirs  # noqa: PLC0415  costs as much as all our modules together, and %load_ext needs no ledger

    return platformdirs.user_state_path("incidentio_magic") / "ledger.jsonl"


def default_cache(environment: Mapping[str, str]) -> Path | None:
    """Return the folder that kernels share: `INCIDENTIO_CACHE`, or the user's cache folder; None if sharing is off."""
    named = environment.get("INCIDENTIO_CACHE", "").strip()
    if named.lower() in NO - {""}:
        return None
    if named:
        return Path(named)
    import platformdirs  # noqa: PLC0415  as above

    return platformdirs.user_cache_path("incidentio_magic")


def zone(name: str) -> ZoneInfo:
    """Return the time zone `name`.

    Raises:
        SettingsError: If there is no such time zone.
    """
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415  %load_ext shows no times

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError, AttributeError) as error:
        from incidentio_magic.names.close_matches import closest  # noqa: PLC0415  loads on first use

        # Abbreviations are misleading: the closest match to PST is EST.
        near = closest(name, sorted(available_timezones()), most=1) if "/" in str(name).strip("/") else []
        hint = f"did you mean {near[0]}?" if near else 'name it like "Europe/Berlin" or "UTC"'
        raise SettingsError(f"There is no time zone {name!r}.", hint=hint) from error


def checked_url(url: str) -> str:
    """Return `url` without a trailing slash, if a key may be sent there.

    Raises:
        SettingsError: If it is not https (http is allowed to this machine only), contains a user name, or imitates the
            real service's address.
    """
    url = url.strip().rstrip("/")
    if not url.isprintable() or " " in url:  # a parser may drop characters that a connection keeps
        raise SettingsError("The address of the service has a space or a line end in it.", hint=f"use {SERVICE_URL}")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
        if host and host.isascii() and not re.fullmatch(_HOST, host):
            raise ValueError  # noqa: TRY301  of a backslash, too, another parser makes the end of the host
    except ValueError:
        raise SettingsError("The address of the service cannot be read.", hint=f"use {SERVICE_URL}") from None
    if "@" in parts.netloc:
        raise SettingsError(
            "The address of the service must not contain a user name or password.",
            hint="leave out everything before the @",
        )
    if not host and "." not in url:  # it may be the key, so it is not shown
        raise SettingsError(
            "The given address is not a web address.",
            hint=f"use {SERVICE_URL}; a key belongs in {KEY_VARIABLES[0]} or connect(api_key=…)",
        )
    if not host or parts.query or parts.fragment:
        raise SettingsError(f"{url!r} is not the address of a service.", hint=f"use {SERVICE_URL}")
    if _is_imitation(host, parts.port):
        raise SettingsError(
            f"{parts.netloc!r} is not incident.io but looks like it, or can be mistaken for another name.",
            hint=f"use {SERVICE_URL}",
        )
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host)):
        return url
    raise SettingsError(
        f"{parts.scheme or 'no scheme'}://{host} would send the API key unprotected.",
        hint="use https; plain http is only for this machine (127.0.0.1, localhost)",
    )


def _is_imitation(host: str, port: int | None) -> bool:
    """Return whether a host could be mistaken for the real service."""
    if not host.isascii() or "xn--" in host or host.endswith("."):
        return True  # letters that look alike, and names that some software treats as equal
    if host == _DOMAIN or host.endswith(f".{_DOMAIN}"):
        return port not in {None, 443}
    from difflib import SequenceMatcher  # noqa: PLC0415  loads on first use

    known = (_DOMAIN, urlsplit(SERVICE_URL).hostname or "")
    return _DOMAIN in host or any(SequenceMatcher(a=host, b=name).ratio() >= _ALIKE for name in known)


def checked_key(key: Secret) -> Secret:
    """Return `key`, if it can stand in a header.

    Raises:
        SettingsError: If it is empty or has characters that no key has; the message does not show it.
    """
    if not _is_token(key.reveal()):
        raise SettingsError(
            "The API key is empty, or has a space, a line end or another character that no key has.",
            hint="copy it again, without anything around it",
        )
    return key


def _is_token(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def is_this_machine(host: str) -> bool:
    """Return whether `host` names this machine: localhost or a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

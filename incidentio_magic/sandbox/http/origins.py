"""Refuses web pages of other sites and foreign host names.

A page of another site can make a browser send requests to this machine, and a host name that its owner points at this
machine makes such a page look like the sandbox's own. Neither can fake the headers `Origin` and `Host`.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from incidentio_magic.sandbox.http.errors import Problem, RefusedError

if TYPE_CHECKING:
    from incidentio_magic.sandbox.settings import Settings


def check(host: str, origin: str | None, settings: Settings) -> None:
    """Refuse a request to another name than this machine's, or from another site's page.

    Args:
        host: the header `Host`; empty if there is none, as no browser sends it.
        origin: the header `Origin`; None if there is none.
        settings: the sandbox's settings.

    Raises:
        RefusedError: 403.
    """
    if host and not _known(_name(host), settings):
        message = f"This sandbox does not answer to the name {_name(host)!r}"
        raise RefusedError(
            403, [Problem(f"{message}: use localhost, or start it with --allow-host", code="unknown_host")]
        )
    if origin is None:
        return
    netloc = urlsplit(origin).netloc if "://" in origin else ""
    if netloc != host and _name(netloc) not in settings.allowed_hosts:
        raise RefusedError(403, [Problem("Pages of other sites may not use this sandbox", code="cross_site")])


def _name(netloc: str) -> str:
    """Return the host's name without its port."""
    name, _, port = netloc.rpartition(":")
    return (name if name and port.isdecimal() else netloc).strip("[]").lower()


def _known(name: str, settings: Settings) -> bool:
    if name in {"localhost", settings.host.lower(), socket.gethostname().lower(), *settings.allowed_hosts}:
        return True
    try:
        return bool(ip_address(name))  # nobody can point an address elsewhere
    except ValueError:
        return False

"""The session of a transport, which is pooled and follows no redirect, and the authentication that adds the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import requests

from incidentio_magic.api.connections import Adapter
from incidentio_magic.api.waiting import AT_ONCE
from incidentio_magic.environment import PROXY_VARIABLE
from incidentio_magic.errors import SettingsError
from incidentio_magic.settings import is_this_machine
from incidentio_magic.version import __version__

if TYPE_CHECKING:
    from incidentio_magic.settings import Secret

_USER_AGENT: Final = f"incidentio_magic/{__version__}"


class _HiddenText(str):
    """A header value that no repr shows, not even in a verbose traceback of other code."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


class Bearer(requests.auth.AuthBase):
    """Adds the key to a request; passed as `auth`, so that no .netrc file replaces it.

    Args:
        key: The API key.
    """

    def __init__(self, key: Secret) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header to `request` and return it."""
        request.headers["Authorization"] = _HiddenText(f"Bearer {self._key.reveal()}")
        return request


class Session(requests.Session):
    """A pooled session that neither follows a redirect nor prepares the request for it.

    Args:
        base_url: The service's address.
        proxy: Whether to use a proxy named by the environment.
        everyone: Whether a class's sandbox is asked for everyone's incidents.
    """

    def __init__(self, base_url: str, *, proxy: bool = False, everyone: bool = False) -> None:
        super().__init__()
        self._url = base_url
        self._proxy = proxy
        self.mount("https://", Adapter(pool_maxsize=AT_ONCE))
        self.mount("http://", Adapter(pool_maxsize=AT_ONCE))
        self.headers.update({"Accept": "application/json", "User-Agent": _USER_AGENT})
        if everyone:
            self.headers["X-Sandbox-Everyone"] = "true"
        # A proxy for outside addresses must neither see nor lose requests to this machine.
        self.trust_env = not is_this_machine(urlsplit(base_url).hostname or "")

    def check_proxy(self) -> None:
        """Refuse a proxy that was not allowed, because with its own certificate it could read the key.

        Raises:
            SettingsError: If the environment names a proxy for the service.
        """
        if self._proxy or not self.trust_env:
            return
        if requests.utils.select_proxy(self._url, requests.utils.get_environ_proxies(self._url)):
            host = urlsplit(self._url).hostname
            raise SettingsError(
                f"The environment names a proxy for {host}, which is used only on request.",
                hint=f"%config IncidentMagics.proxy = True, or {PROXY_VARIABLE}=1, goes through it; "
                f"NO_PROXY={host} goes past it",
            )

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  the base class names it
        """Return no target, so that the key is not sent to another address."""
        return None

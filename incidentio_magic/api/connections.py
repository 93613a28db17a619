"""Connections with a time limit for the whole response, not only for each part of it."""

from __future__ import annotations

import http.client
import io
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import requests.adapters
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

WHOLE: Final = 3.0  # as a multiple of the timeout of one part

_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


@contextmanager
def ending_within(seconds: float) -> Iterator[None]:
    """Limit the time for reading the responses inside the block to a number of seconds, even if data keep arriving."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


class _Timely(io.RawIOBase):
    """Reads from a socket until a deadline, so that a service that sends single bytes slowly cannot block a caller.

    Args:
        connection: The socket; its timeout applies to each part.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self._raw: Any = connection.makefile("rb", buffering=0)
        self._part = connection.gettimeout()
        self._deadline = min(_deadline.get(), time.monotonic() + (self._part or 0.0) * WHOLE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._part is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the response was not complete in time")
            self._connection.settimeout(min(self._part, left))
        found: int | None = self._raw.readinto(buffer)
        return found

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Timely(sock))


class _Connection(HTTPConnection):
    response_class = _Response
    debuglevel = 0  # with debugging on, http.client would print the header with the key


class _SecureConnection(HTTPSConnection):
    response_class = _Response
    debuglevel = 0


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(requests.adapters.HTTPAdapter):
    """A session's adapter: each response must be complete within `WHOLE` times the timeout of a part."""

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        """Create the pools."""
        super().init_poolmanager(*arguments, **more)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **more: Any) -> Any:
        """Return the pools for a proxy."""
        manager = super().proxy_manager_for(*arguments, **more)
        manager.pool_classes_by_scheme = _POOLS
        return manager


_POOLS: Final = {"http": _Pool, "https": _SecurePool}

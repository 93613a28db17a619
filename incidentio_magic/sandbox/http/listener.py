"""The listening server: waitress, which closes connections on which no request arrives in time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

MOST_CONNECTIONS = 500  # a client that reads several lists at once keeps as many connections
LARGEST_REQUEST = 64 * 1024 * 1024
IDLE = 120.0  # seconds that a connection is kept open between two requests
HALF_OPEN = 10.0  # seconds within which a request must arrive completely
CHECKED_EVERY = 1  # seconds
FREED = 50  # connections that are closed at once when there are too many


class Channel(HTTPChannel):
    """A connection that knows when its next request began to arrive."""

    served = False
    begun = 0.0

    def received(self, data: bytes) -> bool:
        """Receive data."""
        if self.request is None:
            self.begun = time.time()
        taken = bool(super().received(data))
        self.served = self.served or bool(self.requests)
        return taken

    @property
    def is_half_open(self) -> bool:
        """Whether a request has begun to arrive, or none ever has."""
        return self.request is not None or not self.served

    @property
    def waits_since(self) -> float:
        """When this server began to wait for the client."""
        return float(self.begun or self.creation_time) if self.is_half_open else float(self.last_activity)


class Listener(TcpWSGIServer):
    """A server on one socket.

    Args:
        application: the WSGI application.
        listener: the socket, which listens already.
        connections: the connections by descriptor, filled here.
        threads: how many requests are answered at once.
        now: returns the time, in seconds.
    """

    channel_class = Channel

    def __init__(
        self,
        application: Callable[..., Any],
        listener: socket.socket,
        connections: dict[int, Any],
        threads: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._now = now
        self._connections = connections
        adjustments = Adjustments(
            sockets=[listener],
            threads=threads,
            connection_limit=MOST_CONNECTIONS,
            cleanup_interval=CHECKED_EVERY,
            asyncore_use_poll=True,
            max_request_body_size=LARGEST_REQUEST,
            ident="incidentio-sandbox",
            clear_untrusted_proxy_headers=True,
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        super().__init__(
            application,
            connections,
            True,
            listener,
            dispatcher=dispatcher,
            adj=adjustments,
            bind_socket=False,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        )

    def readable(self) -> bool:
        """Return whether connections are accepted; if there are too many, those that wait longest are closed."""
        if len(self._connections) >= MOST_CONNECTIONS:
            waiting = [
                channel
                for channel in self._waiting()
                if channel.is_half_open or self._now() - channel.waits_since > HALF_OPEN
            ]
            for channel in sorted(waiting, key=lambda channel: (not channel.is_half_open, channel.waits_since))[:FREED]:
                channel.will_close = True
        return bool(super().readable())

    def maintenance(self, now: float) -> None:
        """Close connections on which nothing has arrived for too long."""
        for channel in self._waiting():
            if now - channel.waits_since > (HALF_OPEN if channel.is_half_open else IDLE):
                channel.will_close = True

    def _waiting(self) -> list[Channel]:
        """Return the connections that wait for their clients."""
        channels: list[Channel] = [channel for channel in self._connections.values() if isinstance(channel, Channel)]
        return [channel for channel in channels if not channel.requests and not channel.total_outbufs_len]

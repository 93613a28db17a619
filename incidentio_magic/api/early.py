"""Sends requests before the code that needs their responses is imported, so that both happen at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from incidentio_magic import errors
from incidentio_magic.api.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidentio_magic.api.wire import Answer, Request

    Key = tuple[str, str, tuple[tuple[str, str], ...]]

_AT_ONCE: Final = 3
_CHECK: Final = 0.1  # seconds between the moments when a waiting caller can be interrupted, also on Windows


class EarlyReads:
    """Sends the requests of some reads in threads, and keeps each response until the same request is sent again.

    A response is used once. A failed request is sent again when it is needed, and may fail there.

    Args:
        send: Sends a request and returns its response, or raises.
    """

    def __init__(self, send: Callable[[Request], Answer]) -> None:
        self._send = send
        self._answers: dict[Key, Future[Answer]] = {}
        self._changed = threading.Condition()
        self._unfinished = 0
        self._workers = Workers(_AT_ONCE)

    def begin(self, *reads: Callable[[], object]) -> None:
        """Begin reads, whose requests go through `send`."""
        with self._changed:
            self._unfinished += len(reads)
        for read in reads:
            self._workers.submit(self._do, read)

    def send(self, request: Request) -> Answer:
        """Send a request early; it counts as sent when its response is used.

        Args:
            request: A read.

        Raises:
            IncidentioError: If it fails.
        """
        answer: Future[Answer] = Future()
        with self._changed:
            self._answers[_key(request)] = answer
            self._changed.notify_all()
        try:
            answer.set_result(self._send(replace(request, is_early=True)))
        except BaseException as error:  # the future must always end
            answer.set_exception(error)
            raise
        return answer.result()

    def take(self, request: Request) -> Answer | None:
        """Return the response to a request that was sent early, and forget it; None if there is none, or it failed."""
        if request.method != "GET":
            return None
        with self._changed:
            while (answer := self._answers.pop(_key(request), None)) is None and self._unfinished:
                self._changed.wait(_CHECK)
        if answer is None:
            return None
        try:
            return answer.result()
        except errors.IncidentioError:
            return None

    def close(self) -> None:
        """Stop, and discard the unused responses."""
        self._workers.close()
        with self._changed:
            self._answers.clear()
            self._unfinished = 0
            self._changed.notify_all()

    def _do(self, read: Callable[[], object]) -> None:
        try:
            with suppress(errors.IncidentioError):
                read()
        finally:
            with self._changed:
                self._unfinished -= 1
                self._changed.notify_all()


def _key(request: Request) -> Key:
    return request.method, request.path, request.query

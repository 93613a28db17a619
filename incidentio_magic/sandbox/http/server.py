"""The server: waitress in its own thread, which stops without leaving anything behind."""

from __future__ import annotations

import logging
import socket
from threading import Thread
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import ClientDisconnected

from incidentio_magic.sandbox.http.app import CUT, create
from incidentio_magic.sandbox.http.faults import Fault
from incidentio_magic.sandbox.http.listener import Listener
from incidentio_magic.sandbox.service import Service
from incidentio_magic.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType
    from typing import Self
    from wsgiref.types import StartResponse, WSGIEnvironment

    from incidentio_magic.sandbox.bookkeeping import RecordedRequest
    from incidentio_magic.sandbox.classroom.records import Library
    from incidentio_magic.sandbox.classroom.roster import Roster, Trainee

THREADS = 8


class Cutter:
    """Ends a connection as a fault requires: waitress closes it when the application reports a lost client.

    Args:
        application: the WSGI application.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        held: list[tuple[Any, ...]] = []

        def hold(*arguments: Any) -> None:
            held.append(arguments)

        chunks = self._application(environ, hold)
        try:
            content = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        cut = environ.get(CUT)
        if cut in ("drop", "lose_answer"):
            raise ClientDisconnected
        start_response(*held[-1])
        return self._half(content) if cut == "truncated" else [content]

    def _half(self, content: bytes) -> Iterator[bytes]:
        yield content[: len(content) // 2]
        raise ClientDisconnected


class Sandbox:
    """A small incident.io on this machine.

    Use it as a context manager, or call `start` and `stop`.

    Args:
        host: the address to listen on; the default is reached from this machine only.
        port: the port to listen on; 0 takes a free one.
        database: the file that keeps the state; None keeps it in memory.
        seed: determines every identifier and row.
        epoch: the ISO time at which the seeded history ends; None for the real time, to the second.
        incidents: how many incidents are seeded.
        key: the API key that may do everything; None generates a key, or keeps the key in the file beside the database.
        rate: requests a minute for each key.
        list_rate: requests a minute for listing incidents, and for creating escalations.
        window: seconds that count as that minute, to try limits in less time.
        latency: seconds by which every response is delayed.
        frozen: whether the clock stands still, except for one second at each accepted write.
        trainees: how many people share it as a class, each with their own key.
        people: the trainees' names with their teams (empty for none), in order.
        new_keys: whether every trainee gets a new key.
        allowed_hosts: host names for which it accepts requests, besides this machine's own names and all IP addresses.
        directory: the least number of people in the organisation.
        options: the least number of components to choose from.
        open_incidents: how many of the incidents are open; None for a few.
        library: provides scenarios and scores for the facilitator's page; None for neither.
    """

    def __init__(
        self,
        *,
        host: str = Settings.host,
        port: int = Settings.port,
        database: str | None = None,
        seed: int = Settings.seed,
        epoch: str | None = None,
        incidents: int = Settings.incidents,
        key: str | None = None,
        rate: int = Settings.rate,
        list_rate: int = Settings.list_rate,
        window: int = Settings.window,
        latency: float = Settings.latency,
        frozen: bool = Settings.frozen,
        trainees: int = Settings.trainees,
        people: Sequence[tuple[str, str]] = (),
        new_keys: bool = False,
        allowed_hosts: Sequence[str] = (),
        directory: int = Settings.directory,
        options: int = Settings.options,
        open_incidents: int | None = None,
        library: Library | None = None,
    ) -> None:
        self.settings = Settings(
            host=host,
            port=port,
            database=database,
            seed=seed,
            epoch=epoch,
            incidents=incidents,
            key=key or Settings.key,
            rate=rate,
            list_rate=list_rate,
            window=window,
            latency=latency,
            frozen=frozen,
            trainees=trainees,
            people=tuple(people),
            new_keys=new_keys,
            directory=directory,
            options=options,
            open_incidents=open_incidents,
            allowed_hosts=tuple(name.lower() for name in allowed_hosts),
        )
        self._library = library
        self.service: Service | None = None
        self._map: dict[int, Any] = {}
        self._server: Any = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        return self if self.service else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def key(self) -> str:
        """The API key that may do everything."""
        return self.service.roster.full if self.service else self.settings.key

    @property
    def roster(self) -> Roster:
        """The class: its trainees' keys and the facilitator's secret; empty if there is no class."""
        return self._running().roster

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        host = self.settings.host
        shown = "127.0.0.1" if host in ("0.0.0.0", "") else f"[{host}]" if ":" in host else host  # noqa: S104  compared
        return f"http://{shown}:{self._running_server().effective_port}"

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every request since the start or the last reset: method, path, query, body, status, headers."""
        return list(self._running().requests)

    @property
    def new_trainees(self) -> tuple[Trainee, ...]:
        """The trainees whose keys were generated by this start."""
        return self._running().new_trainees

    @property
    def is_running(self) -> bool:
        """Whether it is running."""
        return self.service is not None

    def _running(self) -> Service:
        if self.service is None:
            raise RuntimeError("the sandbox is not running: call start()")
        return self.service

    def _running_server(self) -> Any:
        self._running()
        return self._server

    def start(self) -> Self:
        """Seed the state and serve it.

        Raises:
            OSError: If the port cannot be used.
            ValueError: If the epoch is not a time.
        """
        if self.service is not None:
            raise RuntimeError("the sandbox is already running")
        service = Service(self.settings, self._library)
        try:
            logging.getLogger("waitress.queue").setLevel(logging.ERROR)
            # A port in use is found out before waitress starts its threads.
            family = socket.AF_INET6 if ":" in self.settings.host else socket.AF_INET
            listener = socket.create_server((self.settings.host, self.settings.port), family=family)
            threads = THREADS + len(service.roster.trainees)
            self._server = Listener(Cutter(create(service)), listener, self._map, threads)
        except BaseException:
            service.store.close()
            raise
        self.service = service
        self._thread = Thread(target=self._serve, name="incidentio-sandbox", daemon=True)
        self._thread.start()
        return self

    def _serve(self) -> None:
        while self._thread is not None:
            wasyncore.loop(timeout=1.0, use_poll=True, map=self._map, count=1)

    def stop(self) -> None:
        """Stop serving, and close every thread, socket and database."""
        if self.service is None or self._thread is None:
            return
        thread, self._thread = self._thread, None
        self.service.stop()
        self._server.pull_trigger()
        thread.join()
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
        wasyncore.close_all(self._map, ignore_all=True)
        self.service.store.close()
        self.service = None

    def fault(self, kind: str, endpoint: str = "*", **choices: Any) -> None:
        """Add a fault, which strikes matching requests.

        Args:
            kind: what goes wrong; see `Fault`.
            endpoint: which requests: `POST /v2/incidents`, a path prefix or a glob.
            **choices: probability, times, status, retry_after (seconds), seconds, body_type.
        """
        self._running().faults.add(Fault(kind, endpoint, **choices))

    def clear_faults(self) -> None:
        """Remove every fault."""
        self._running().faults.clear()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward by a number of seconds."""
        self._running().advance(seconds)

    def reset(self) -> None:
        """Return to the seeded state."""
        self._running().reset()

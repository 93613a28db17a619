"""The command line: serve a sandbox until it is stopped."""

from __future__ import annotations

import argparse
import shlex
import signal
import sqlite3
import sys
from ipaddress import ip_address
from threading import Event
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.classroom.names import people
from incidentio_magic.sandbox.http.app import create
from incidentio_magic.sandbox.http.docs import markdown
from incidentio_magic.sandbox.http.server import Sandbox
from incidentio_magic.sandbox.service import Service
from incidentio_magic.sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidentio_magic.sandbox.classroom.records import Library

MILLISECONDS = 1000


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


# argparse names the type in its messages by these.
_count.__name__ = "number"
_positive.__name__ = "positive number"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    reader = argparse.ArgumentParser(prog="sandbox", description="Serve a small incident.io on this machine.")
    reader.add_argument("--host", default=Settings.host, help="address to listen on (%(default)s)")
    reader.add_argument("--port", type=_count, default=Settings.port, help="port to listen on; 0 takes a free one")
    reader.add_argument("--db", metavar="FILE", help="keep the state in this file; without it, in memory")
    reader.add_argument(
        "--seed", type=_count, default=Settings.seed, help="the seed that determines every row (%(default)s)"
    )
    reader.add_argument("--epoch", metavar="TIME", help="ISO time at which the seeded history ends; now if left out")
    reader.add_argument(
        "--incidents",
        type=_count,
        default=Settings.incidents,
        metavar="N",
        help="how many are seeded (%(default)s)",
    )
    reader.add_argument("--people", type=_count, default=0, metavar="N", help="people of the organisation, at least")
    reader.add_argument("--options", type=_count, default=0, metavar="N", help="components to choose from, at least")
    reader.add_argument("--open", type=_count, metavar="N", help="how many incidents are open; a few if left out")
    reader.add_argument("--key", default=Settings.key, help="the API key that may do everything; generated if left out")
    reader.add_argument(
        "--keys", type=_count, default=0, metavar="N", help="a class: make and print a key for each of N trainees"
    )
    reader.add_argument(
        "--names",
        metavar="FILE",
        help="a class by name: one trainee per line, with a team after a comma if there are teams",
    )
    reader.add_argument("--show-keys", action="store_true", help="print the keys of an existing class again")
    reader.add_argument(
        "--new-keys", action="store_true", help="make a new key for every trainee; the old keys stop working"
    )
    reader.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="also answer to this host name, such as a proxy's",
    )
    reader.add_argument("--rate", type=_positive, default=Settings.rate, help="requests a minute for each key")
    reader.add_argument(
        "--list-rate", type=_positive, default=Settings.list_rate, help="list requests a minute for each key"
    )
    reader.add_argument("--window", type=_positive, default=Settings.window, help="seconds that count as that minute")
    reader.add_argument(
        "--latency", type=_count, default=0, metavar="MS", help="milliseconds that each response is delayed"
    )
    reader.add_argument("--frozen", action="store_true", help="time moves only with writes, by a second each")
    reader.add_argument("--docs", action="store_true", help="print what is served and how certain that is, and exit")
    return reader


def main(argv: Sequence[str] | None = None, library: Library | None = None) -> int:
    """Serve a sandbox until SIGINT or SIGTERM.

    Args:
        argv: the arguments; None takes the command line's.
        library: provides scenarios and scores for the facilitator's page; None for neither.

    Returns:
        The exit code: 0 when stopped, 2 when it cannot start.
    """
    arguments = parser().parse_args(argv)
    if arguments.docs:
        sys.stdout.write(_documentation())
        return 0
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        sandbox = Sandbox(
            host=arguments.host,
            port=arguments.port,
            database=arguments.db,
            seed=arguments.seed,
            epoch=arguments.epoch,
            incidents=arguments.incidents,
            key=arguments.key,
            rate=arguments.rate,
            list_rate=arguments.list_rate,
            window=arguments.window,
            latency=arguments.latency / MILLISECONDS,
            frozen=arguments.frozen,
            trainees=arguments.keys,
            people=people(arguments.names) if arguments.names else (),
            new_keys=arguments.new_keys,
            directory=arguments.people,
            options=arguments.options,
            open_incidents=arguments.open,
            allowed_hosts=arguments.allow_host,
            library=library,
        )
        with sandbox.start():
            _announce(sandbox, again=arguments.show_keys)
            Event().wait()
    except KeyboardInterrupt:
        return 0
    except (OSError, OverflowError, ValueError, sqlite3.Error) as error:
        sys.stderr.write(f"sandbox: cannot start: {error}\n")
        return 2
    else:
        return 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _documentation() -> str:
    """Return the documentation of an empty sandbox: its routes are every sandbox's."""
    service = Service(Settings(incidents=0))
    try:
        return markdown(create(service))
    finally:
        service.store.close()


def _interrupt(*_arguments: object) -> None:
    """Stop at once, even while the history is being written."""
    raise KeyboardInterrupt


def _announce(sandbox: Sandbox, *, again: bool) -> None:
    """Print how to reach the sandbox, who can, and the keys of a class that were not printed before."""
    alone = _loopback(sandbox.settings.host)
    lines = [
        f"export INCIDENTIO_BASE_URL={shlex.quote(sandbox.url)}",
        f"export INCIDENTIO_API_KEY={shlex.quote(sandbox.key)}",
        f"# Serving until stopped (Ctrl+C); {'only this machine' if alone else 'other machines'} can reach it.",
    ]
    lines += _class(sandbox, again=again)
    if not alone:
        sys.stderr.write(
            "sandbox: other machines can reach this server, and nothing is encrypted: anybody on the network can read"
            " the keys and all data.\n"
            "sandbox: the client sends no key over plain http to another machine. Listen on 127.0.0.1, and make a"
            " tunnel on each machine:\n"
            f"sandbox:   ssh -N -L {_port(sandbox)}:127.0.0.1:{_port(sandbox)} THIS-MACHINE\n"
        )
        sys.stderr.flush()
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _class(sandbox: Sandbox, *, again: bool) -> list[str]:
    roster = sandbox.roster
    if not roster.trainees:
        return []
    lines = [
        "# The key above is the facilitator's. The page for the facilitator, whose address is a secret:",
        f"#   {sandbox.url}/sandbox/class#{roster.admin}",
    ]
    shown = [trainee for trainee in (roster.trainees if again else sandbox.new_trainees) if trainee.key]
    if shown:
        kept = sandbox.settings.database
        once = "they are not shown again without --show-keys" if kept else "they are not shown again"
        lines += [
            f"# One key for each trainee, as INCIDENTIO_API_KEY, with INCIDENTIO_TRAINING=1; {once}:",
            *(f"#   {trainee.name}  {trainee.key}" for trainee in shown),
        ]
    if len(shown) < len(roster.trainees):
        lines.append(
            f"# {len(roster.trainees) - len(shown)} trainees have their keys from before;"
            f" {'--new-keys makes new ones: the key file is gone.' if again else '--show-keys prints them.'}"
        )
    return lines


def _port(sandbox: Sandbox) -> str:
    return sandbox.url.rpartition(":")[2]


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

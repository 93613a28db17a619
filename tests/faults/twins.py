"""Two who run the same cell at the same moment: one write, and both are told the truth."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from incidentio_magic import errors
from incidentio_magic.client import connect
from tests.faults.children import Child
from tests.faults.service import KEY, Service, environment

OTHER = "key-of-the-other-one"
SITUATIONS = ("two kernels", "two people", "one key on two machines")


def twins(count: int) -> dict:
    """Let two clients make the same writes at the same moments, in each situation.

    Args:
        count: How many writes of each kind in each situation.

    Returns:
        How often the two were told what, by situation, and `wrong`, which should be empty.
    """
    with TemporaryDirectory() as folder, Service(folder) as service:
        service.ask("POST", "/sandbox/keys", {"key": OTHER, "name": "The other one", "roles": _roles(service)})
        reported, wrong = {}, []
        for situation in SITUATIONS:
            pairs = _pairs(service, Path(folder), situation, count)
            reported[situation] = dict(Counter(" and ".join(sorted(pair)) for pair in pairs))
            wrong += _wrong(service, situation, count, pairs)
        return {"asked": {"count": count}, "reported": reported, "wrong": wrong}


def _roles(service: Service) -> list[str]:
    return service.ask("GET", "/v1/identity")["identity"]["roles"]


def _pairs(service: Service, folder: Path, situation: str, count: int) -> list[tuple[str, str]]:
    ledgers = ["shared", "shared"] if situation == "two kernels" else ["first", "second"]
    keys = [KEY, OTHER] if situation == "two people" else [KEY, KEY]
    begin = time.time() + 1.0
    children = [
        Child(
            partial(_write, situation, count, begin),
            environment(service, folder / f"{situation}-{ledger}.jsonl", key),
        )
        for ledger, key in zip(ledgers, keys, strict=True)
    ]
    first, second = (child.result() for child in children)
    return list(zip(first, second, strict=True))


def _write(situation: str, count: int, begin: float) -> list[str]:
    io = connect()
    io.vocabulary.severities()
    reference = io.incidents(limit=1, open=True, show_private=True)["reference"].iloc[0]
    reported = []
    for number in range(count):
        for verb in ("declare", "update", "event"):
            text = f"Twins of {situation} {number}"
            # Both begin at the same moment: that is the point.
            while time.time() < begin:
                time.sleep(max(0.0, (begin - time.time()) / 2))
            begin += 0.1
            try:
                if verb == "declare":
                    outcome = io.declare(text, severity="Minor")
                elif verb == "update":
                    outcome = io.update(reference, text)
                else:
                    outcome = io.event(reference, text, at="2026-01-15T00:01")
            except errors.IncidentioError as error:
                reported.append(f"{verb}: {type(error).__name__}")
            else:
                reported.append("sent" if outcome.sent else "already")
    io.close()
    return reported


def _wrong(service: Service, situation: str, count: int, pairs: list[tuple[str, str]]) -> list[str]:
    problems = []
    for table, text in (
        ("incidents", "name"),
        ("incident_updates", "message"),
        ("incident_timeline_items", "title"),
    ):
        ((there, texts),) = service.rows(
            f"SELECT count(*), count(DISTINCT json_extract(document, '$.{text}')) FROM {table}"
            f" WHERE json_extract(document, '$.{text}') LIKE 'Twins of {situation} %'"
        )
        if (there, texts) != (count, count):
            problems.append(f"{situation}: {there} {table} with {texts} texts in place of {count}")
    # Who shares a key and not a machine cannot always be told apart; then both are told that it was sent, not neither.
    allowed = [("already", "sent")] + ([("sent", "sent")] if situation == SITUATIONS[2] else [])
    problems += [f"{situation}: told {pair}" for pair in pairs if tuple(sorted(pair)) not in allowed]
    return problems

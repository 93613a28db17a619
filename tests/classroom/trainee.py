"""One trainee: a process with the real client, which does its part of each round when it is told the minute."""

from __future__ import annotations

import json
import sys
import time

from incidentio_magic import IncidentioError, connect
from tests.classroom.script import PROFILES

TRIES = 10  # a person runs the cell again when it says that it is not known whether it has happened


class Trainee:
    """Acts, measures how long it takes, and notes what went wrong.

    Args:
        client: The connection.
    """

    def __init__(self, client):
        self._client = client
        self._reference = ""
        self.begin()

    def begin(self):
        """Begin a round."""
        self.took, self.sent, self.failed = [], [], []

    def look(self):
        """Read what is open, and what was shared."""
        self._timed("list", self._client.incidents)
        if self._reference:
            self._timed("updates", lambda: self._client.updates(self._reference))

    def act(self, name, values):
        """Write once, and again as long as it is not known whether it has happened."""
        methods = {
            "declare": lambda: self._client.declare("Checkout refuses payments", **values),
            "update": lambda: self._client.update(self._reference, **values),
            "page": lambda: self._client.page(self._reference, **values),
        }
        for _try in range(TRIES):
            outcome = self._timed(name, methods[name])
            if outcome is not None:
                self._reference = self._reference or outcome.reference
                self.sent.append(outcome.record.id)
                return

    def _timed(self, name, call):
        begun = time.perf_counter()
        try:
            return call()
        except IncidentioError as error:
            self.failed.append(f"{name}: {type(error).__name__}: {error}")
            return None
        finally:
            self.took.append((name, time.perf_counter() - begun))


def main() -> None:
    """Read a minute a line from standard input, act, and answer with a line of JSON."""
    profile = PROFILES[sys.argv[1]]
    with connect(training=True) as client:
        client.vocabulary.statuses()
        client.vocabulary.severities()
        trainee = Trainee(client)
        print("ready", flush=True)
        for line in sys.stdin:
            trainee.begin()
            for name, values in profile.acts.get(float(line), []):
                trainee.act(name, values)
            trainee.look()
            reported = {"took": trainee.took, "sent": trainee.sent, "failed": trainee.failed}
            print(json.dumps(reported), flush=True)


main()

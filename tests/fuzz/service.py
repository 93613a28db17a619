"""Stands in for the wire below a client: every request gets an answer that was made up from the contract."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from incidentio_magic import errors
from incidentio_magic.api.wire import Answer, Request

if TYPE_CHECKING:
    from tests.fuzz.answers import Answers

MOST_PAGES = 4
COHERENT = 0.9  # the share of answers that are about what was asked for


class Service:
    """Answers requests.

    Args:
        contract: The OpenAPI description.
        answers: Makes the answers.
    """

    def __init__(self, contract: dict[str, Any], answers: Answers) -> None:
        self._answers = answers
        self._operations = [
            (re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))), path, methods)
            for path, methods in contract["paths"].items()
        ]
        self.asked: Counter[str] = Counter()
        self._pages: Counter[str] = Counter()

    def begin(self, oddness: float) -> None:
        """Begin another read, whose answers are this odd."""
        self._answers.oddness = oddness
        self._pages.clear()

    def send(self, request: Request) -> Answer:
        """Return an answer to a request.

        Raises:
            NotFound: If the contract has no such operation.
        """
        for pattern, path, methods in self._operations:
            operation = methods.get(request.method.lower())
            if operation and pattern.fullmatch(request.path):
                self.asked[f"{request.method} {path}"] += 1
                return self._answer(request, operation)
        raise errors.NotFound("no such operation", status=404)

    def _answer(self, request: Request, operation: dict[str, Any]) -> Answer:
        status, described = next(
            (int(code), response) for code, response in operation["responses"].items() if code.startswith("2")
        )
        content = described.get("content", {}).get("application/json")
        if content is None:
            return Answer(status)
        body = self._answers.value(content["schema"])
        self._make_coherent(request, body)
        return Answer(status, {"x-request-id": "R"}, self._answers.content(body))

    def _make_coherent(self, request: Request, body: Any) -> None:
        """Let most answers be about what was asked for, and every list end."""
        if not isinstance(body, dict):
            return
        identity = request.path.rpartition("/")[2]
        incident = body.get("incident")
        if isinstance(incident, dict) and self._answers.chance(COHERENT):
            incident |= {"reference": f"INC-{identity}"} if identity.isdecimal() else {"id": identity}
        meta = body.get("pagination_meta")
        self._pages[request.path] += 1
        if isinstance(meta, dict) and self._pages[request.path] > MOST_PAGES:
            meta.pop("after", None)

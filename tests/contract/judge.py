"""Says which recorded requests and answers the vendor's OpenAPI document does not allow.

    python -m tests.contract.judge OPENAPI.json FOLDER-OF-RECORDS

What the sandbox was asked is judged unless it refused it as wrong: tests send wrong requests on purpose. So is every
answer that no fault has spoiled. What this project's own client sends is always judged, whatever it was answered.
A property that the document does not name is a violation.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from referencing import Registry

REFUSED = {400, 405, 413, 415, 422}
# Refused before the body is read.
UNREAD = {401, 403, 404, 429}
UNJUDGED = ("/sandbox", "/nowhere")
DOCUMENT = "urn:contract"
METHODS = ("get", "post", "put", "patch", "delete")
MOST_SHOWN = 40
ECHOED_PAGE = 250


class Judge:
    """Judges exchanges by one OpenAPI document.

    Args:
        document: the document.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        from referencing import Registry
        from referencing.jsonschema import DRAFT4

        self._document = strict(document)
        resource = DRAFT4.create_resource(self._document)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
        self._operations = {
            (method.upper(), path): operation
            for path, item in self._document["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        }
        # A fixed name comes before a parameter at the same place.
        self._patterns = sorted(
            ((re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in self._document["paths"]),
            key=lambda pattern: pattern[1].count("{"),
        )
        self.operations: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """Return the operation's name and description, or None when there is none."""
        for pattern, template in self._patterns:
            if pattern.fullmatch(path.rstrip("/")) and (method, template) in self._operations:
                return f"{method} {template}", self._operations[method, template]
        return None

    def judge(self, record: dict[str, Any]) -> list[str]:
        """Return what is wrong with one exchange."""
        if record["path"].startswith(UNJUDGED):
            return []
        if record.get("side") == "client":
            return self._sent(record)
        found = self.operation(record["method"], record["path"])
        if found is None:
            unknown = record["status"] in {401, 404, 405} | REFUSED
            return [] if unknown else [f"{record['method']} {record['path']}: no such operation"]
        name, operation = found
        self.operations[name] += 1
        problems: list[str] = []
        if record["status"] not in REFUSED:
            problems += self._query(operation, record["query"])
            if record["status"] not in UNREAD:
                problems += self._body(operation, record["sent"])
        if not record.get("spoiled"):
            problems += self._answer(operation, record)
        return [f"{name}: {problem}" for problem in problems]

    def _sent(self, record: dict[str, Any]) -> list[str]:
        found = self.operation(record["method"], record["path"])
        if found is None:
            return [f"the client sends {record['method']} {record['path']}: no such operation"]
        name, operation = found
        self.sent[name] += 1
        problems = [*self._query(operation, record["query"]), *self._body(operation, record["sent"])]
        return [f"the client sends {name}: {problem}" for problem in problems]

    def _schema(self, schema: dict[str, Any], value: object, where: str) -> Iterator[str]:
        from openapi_schema_validator import OAS30Validator, oas30_format_checker

        # A reference inside the document stands for the same reference from outside it.
        outer = json.loads(json.dumps(schema).replace('"#/', f'"{DOCUMENT}#/'))
        validator = OAS30Validator(outer, registry=self._registry, format_checker=oas30_format_checker)
        for error in validator.iter_errors(value):
            place = "/".join(str(part) for part in error.absolute_path)
            yield f"{where} {place}: {error.message[:200]}"

    def _query(self, operation: dict[str, Any], text: str) -> Iterator[str]:
        known = {each["name"]: each for each in operation.get("parameters", []) if each["in"] == "query"}
        seen = set()
        for name, value in parse_qsl(text, keep_blank_values=True):
            base, *brackets = re.split(r"[\[\]]+", name.rstrip("]"))
            seen.add(base)
            if base not in known:
                yield f"query {name}: no such parameter"
                continue
            parameter = known[base]
            if (parameter.get("style") == "deepObject") != bool(brackets):
                yield f"query {name}: the parameter is {'' if not brackets else 'not '}a filter with an operator"
            elif brackets:
                operators = set(re.findall(r"\[([a-z_]+)\]", parameter.get("description", "")))
                if operators and brackets[-1] not in operators:
                    yield f"query {name}: no such operator"
            else:
                yield from self._scalar(parameter, value)
        for name, parameter in known.items():
            if parameter.get("required") and name not in seen:
                yield f"query {name}: required"

    def _scalar(self, parameter: dict[str, Any], text: str) -> Iterator[str]:
        schema = parameter["schema"]
        kind = schema.get("type")
        value: object = text
        if kind == "array":
            schema = schema["items"]
            kind = schema.get("type")
        if kind == "integer" and re.fullmatch(r"-?[0-9]+", text):
            value = int(text)
        elif kind == "boolean" and text in {"true", "false"}:
            value = text == "true"
        elif schema.get("format") == "date-time" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            value = f"{text}T00:00:00Z"
        yield from self._schema(schema, value, f"query {parameter['name']}")

    def _body(self, operation: dict[str, Any], text: str) -> Iterator[str]:
        expected = operation.get("requestBody")
        if expected is None:
            if text:
                yield "body: none is expected"
            return
        try:
            sent = json.loads(text)
        except ValueError:
            yield "body: no JSON"
            return
        yield from self._schema(expected["content"]["application/json"]["schema"], sent, "body")

    def _answer(self, operation: dict[str, Any], record: dict[str, Any]) -> Iterator[str]:
        response = operation["responses"].get(str(record["status"]))
        if response is None:
            if record["status"] < 500:
                yield f"answer: no status {record['status']}"
            return
        content = response.get("content")
        if content is None:
            if record["answer"]:
                yield "answer: none is expected"
            return
        try:
            answered = json.loads(record["answer"])
        except ValueError:
            yield f"answer {record['status']}: no JSON"
            return
        # The contract contradicts itself: a page may be asked for that its own echo in the answer may not name.
        meta = answered.get("pagination_meta") if isinstance(answered, dict) else None
        if isinstance(meta, dict) and "page_size" in meta and meta["page_size"] <= _largest_page(operation):
            meta["page_size"] = min(meta["page_size"], ECHOED_PAGE)
        yield from self._schema(next(iter(content.values()))["schema"], answered, f"answer {record['status']}")


def _largest_page(operation: dict[str, Any]) -> int:
    sizes = [
        each["schema"].get("maximum", 0) for each in operation.get("parameters", []) if each["name"] == "page_size"
    ]
    return int(max(sizes, default=0))


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with objects that hold what they name and nothing else.

    Its schemas call nothing nullable; a description that says "Set to null" is believed.
    """

    def close(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("properties"), dict) and "allOf" not in part:
                part.setdefault("additionalProperties", False)
            if "set to null" in str(part.get("description")).lower():
                part["nullable"] = True
            for name, inner in part.items():
                if name not in {"example", "examples", "default", "enum"}:
                    close(inner)
        elif isinstance(part, list):
            for inner in part:
                close(inner)

    copied = deepcopy(document)
    close(copied)
    return copied


def plain(name: str) -> str:
    """Return the name of an operation with `{id}` for each parameter of its path."""
    return re.sub(r"\{[^}]+\}", "{id}", name)


def scopes(document: dict[str, Any], table: Mapping[str, str | None]) -> list[str]:
    """Return where a table of scopes differs from the document's `x-rbac-scopes`."""
    known = {
        plain(f"{method.upper()} {path}"): operation.get("x-rbac-scopes") or [None]
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
    return [
        f"{name}: the scope is {known.get(name)}, not {scope}"
        for name, scope in table.items()
        if [scope] != known.get(name)
    ]


def records(folder: Path) -> Iterable[dict[str, Any]]:
    """Return every recorded exchange."""
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            yield json.loads(line)


def main(arguments: list[str]) -> int:
    """Judge a folder of records, and print what was seen."""
    from incidentio_magic.api.permissions import SCOPES
    from incidentio_magic.sandbox.http.scopes import OPERATIONS

    document = json.loads(Path(arguments[0]).read_text("utf-8"))
    judge = Judge(document)
    violations: Counter[str] = Counter([*scopes(document, OPERATIONS), *scopes(document, SCOPES)])
    recorded = 0
    for record in records(Path(arguments[1])):
        recorded += 1
        violations.update(judge.judge(record))
    unnamed = {plain(name) for name in judge.sent} - set(SCOPES)
    violations.update(f"the client sends {name}: its scope is not in api/permissions.py" for name in unnamed)
    for violation, times in violations.most_common(MOST_SHOWN):
        sys.stdout.write(f"{times:6} × {violation}\n")
    answered, sent = sum(judge.operations.values()), sum(judge.sent.values())
    sys.stdout.write(
        f"contract: {len(judge.operations)} operations, {answered} requests and their answers judged,"
        f" {sent} requests of the client over {len(judge.sent)} operations"
        f" (of {recorded} records), {sum(violations.values())} violations\n"
    )
    for what, never in (
        ("served but never asked for", set(OPERATIONS) - {plain(name) for name in judge.operations}),
        ("known to the client but never sent", set(SCOPES) - {plain(name) for name in judge.sent}),
    ):
        if never:
            sys.stdout.write(f"{what}: {', '.join(sorted(never))}\n")
    return 1 if violations or not answered or not sent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Answers that fit a schema, but for some parts: absent, null, empty, of another kind, unknown, doubled, far, huge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

ODD: Final = (None, "", [], {}, 0, -1, True, False, 1.5, 10**30, "odd", ["odd"], {"odd": "odd"})
TIMES: Final = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1969-12-31T23:59:59.999999999Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01",
    "2024-02-29T12:00:00+14:00",
    "yesterday",
    "",
)
NUMBERS: Final = (0, 1, -3, 2**31, 2**53 + 1, -(2**63), 10**30)
DEEPEST: Final = 12
_PLANES: Final = 17
_HALVES: Final = range(0xD800, 0xE000)


class Answers:
    """Makes answers.

    Args:
        contract: The OpenAPI description.
        random: Where chance comes from; the same seed gives the same answers.
    """

    def __init__(self, contract: dict[str, Any], random: Random) -> None:
        self._contract = contract
        self._random = random
        self.oddness = 0.0  # the share of parts that are not as the schema says

    def value(self, schema: dict[str, Any], depth: int = 0) -> Any:  # noqa: PLR0911  one for each kind of value
        """Return a value for a schema."""
        schema = self._resolved(schema)
        if self._random.random() < self.oddness:
            return self._random.choice(ODD)
        if "enum" in schema:
            return self._random.choice([*schema["enum"], *(["brand_new"] if self.oddness else [])])
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._record(schema, depth)
        if kind == "array":
            return self._list(schema, depth)
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind in {"integer", "number"}:
            return self._random.choice(NUMBERS) if self.oddness else self._random.randrange(100)
        return self._text(schema)

    def chance(self, share: float) -> bool:
        """Return true in this share of cases."""
        return self._random.random() < share

    def content(self, value: Any) -> bytes:
        """Return a value as the bytes of an answer; text that is no Unicode is escaped, or stands there as it is."""
        if self._random.random() < 0.5:
            return json.dumps(value).encode()
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            if "$ref" in schema:
                found: Any = self._contract
                for part in schema["$ref"].removeprefix("#/").split("/"):
                    found = found[part]
                schema = found
            else:
                schema = schema["allOf"][0]
        return schema

    def _record(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        record = {}
        for name, part in schema.get("properties", {}).items():
            absent = self.oddness if name in required else 0.3 + depth / DEEPEST
            if self._random.random() >= absent:
                record[name] = self.value(part, depth + 1)
        return record

    def _list(self, schema: dict[str, Any], depth: int) -> list[Any]:
        if depth > DEEPEST:
            return []
        items = [self.value(schema.get("items", {}), depth + 1) for _ in range(self._random.randrange(4))]
        if items and self._random.random() < self.oddness:
            items.append(self._random.choice(items))
        return items

    def _text(self, schema: dict[str, Any]) -> str:
        if schema.get("format") == "date-time":
            if self.oddness and self._random.random() < 0.3:
                return self._random.choice(TIMES)
            year, month, day = (self._random.randint(*span) for span in ((2020, 2026), (1, 12), (1, 28)))
            return f"{year}-{month:02}-{day:02}T12:00:00Z"
        if self._random.random() < 0.7:
            return f"text {self._random.randrange(1000)}"
        return "".join(self._character() for _ in range(self._random.randrange(1, 9)))

    def _character(self) -> str:
        code = self._random.randrange(_PLANES) * 0x10000 + self._random.randrange(0x10000)
        return "?" if code in _HALVES and not self.oddness else chr(code)

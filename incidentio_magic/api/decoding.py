"""Turns the bytes of a response into records: strictly and fast, or part by part if that fails.

The rule of the second pass, for every record and at every depth:

- Absent, null and empty are the same. - A part that cannot be understood is left out and counted under its place, such
as `incidents.severity.rank`. - A part that lacks a required member is itself left out: a duration without its status, a
shift without its end. A missing required list is empty instead, and a record without a name uses its email address or
its ID. - A record that is left out in this way is counted as lost. The other records of the page stay.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from incidentio_magic.api import models
from incidentio_magic.api._processes import fork_safe_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

UNDECODABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
META: Final = "pagination_meta"
_NAMES: Final = ("email", "id")  # what something without a name goes by
_LONGEST_INTEGER: Final = 4300  # characters; a longer one is refused by the decoder of whole answers, too
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})

_decoders: Final[dict[tuple[str, Any], msgspec.json.Decoder[Any]]] = {}
_descriptions: Final[dict[Any, Any]] = {}
_building: Final = fork_safe_lock()


@dataclass(frozen=True)
class Decoded:
    """The content of a response.

    Args:
        content: The record, or the list of records.
        meta: Where the list continues, if it is a list.
        unreadable: How many parts were left out, by place.
        lost: How many records of the list were left out.
    """

    content: Any
    meta: models.PaginationMeta | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0


def decoder(name: str, kind: Any) -> msgspec.json.Decoder[Any]:
    """Return the decoder for a response that has a `kind` under `name`; decoding in one pass takes half the time.

    Each decoder is built once, under a lock: the process crashes if several threads describe the same type to msgspec.
    """
    found = _decoders.get((name, kind))
    if found is None:
        with _building:
            found = _decoders.get((name, kind))
            if found is None:
                content = ("content", kind, msgspec.field(name=name))
                meta = (META, models.PaginationMeta | None, None)
                found = msgspec.json.Decoder(msgspec.defstruct("Body", [content, meta]))
                _decoders[name, kind] = found
    return found


def decode(content: bytes, name: str, kind: Any, body: Any = None) -> Decoded:
    """Decode a response that has a `kind` under `name`.

    Args:
        content: The response's body.
        name: The name of the member that holds it.
        kind: A record, a list of records, or a plain value.
        body: What a decoder has made of the body already; if it is not that of `name` and `kind`, it is not used.

    Raises:
        ValueError: If the response has no such member that can be read; the message shows nothing of the content.
    """
    reader = decoder(name, kind)
    if body is None or type(body) is not reader.type:
        try:
            body = reader.decode(content)
        except UNDECODABLE:
            return _decode_tolerantly(content, name, kind)
    return Decoded(body.content, body.pagination_meta)


def describe_unreadable(unreadable: Mapping[str, int], *, most: int = 3) -> str:
    """Return a line about the parts that were left out, the most frequent places first; "" if there are none."""
    if not unreadable:
        return ""
    places = sorted(unreadable.items(), key=lambda place: (-place[1], place[0]))
    listed = ", ".join(f"{place} ({count})" for place, count in places[:most])
    total = sum(unreadable.values())
    rest = len(places) - most
    more = f" and {rest} other place{'s' if rest > 1 else ''}" if rest > 0 else ""
    what = f"{total} parts of the answers" if total > 1 else "1 part of the answers"
    return f"{what} could not be read and {'were' if total > 1 else 'was'} left out: {listed}{more}"


class _Number:
    """A number with a fraction, an exponent or very many digits, as it was sent."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def integer(self) -> int | None:
        """The number as an integer, if it is one."""
        if self.text.lstrip("-").isdigit():
            return int(self.text) if len(self.text) <= _LONGEST_INTEGER else None
        number = self.real
        return int(number) if number is not None and number.is_integer() else None

    @property
    def real(self) -> float | None:
        """The number as a float, if it is finite."""
        number = float(self.text)
        return number if math.isfinite(number) else None

    @property
    def plain(self) -> int | float | None:
        """The number as the nearest value that Python has."""
        return self.integer if self.text.lstrip("-").isdigit() else self.real


def _integer(text: str) -> int | _Number:
    return int(text) if len(text) < 19 else _Number(text)  # noqa: PLR2004  more digits may not fit into 64 bits


def _decode_tolerantly(content: bytes, name: str, kind: Any) -> Decoded:
    with _building:
        if kind not in _descriptions:
            import msgspec.inspect  # noqa: PLC0415  only odd answers need it

            _descriptions[kind] = msgspec.inspect.type_info(kind)
            _descriptions[META] = msgspec.inspect.type_info(models.PaginationMeta)
    parts = _Parts(name)
    body = parts.load(content)
    if not isinstance(body, dict) or (name not in body and META not in body):
        raise ValueError(f"it has no {name}")
    listed = kind if isinstance(_descriptions[kind], _inspect().ListType) else None
    value = body.get(name)
    if listed is None:
        found = "" if kind is str and value in _EMPTY else parts.read(value, _descriptions[kind], name)
        if found is None:
            places = ", ".join(parts.unreadable) or name
            raise ValueError(f"{places} is missing or cannot be read")
        return Decoded(found, parts.read_meta(body), parts.unreadable)
    if value in _EMPTY:
        value = []
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")  # noqa: TRY004  of an answer, not of an argument
    records = [parts.read_whole(record, _descriptions[kind].item_type, name) for record in value]
    found = [record for record in records if record is not None]
    return Decoded(found, parts.read_meta(body), parts.unreadable, len(records) - len(found))


def _inspect() -> Any:
    return msgspec.inspect


class _Parts:
    """Reads plain JSON values as the parts of records, and counts those that cannot be understood."""

    def __init__(self, name: str) -> None:
        self.unreadable: Counter[str] = Counter()
        self._name = name

    def load(self, content: bytes) -> Any:
        """Return JSON as plain values; text that is not Unicode is replaced and counted."""
        text = content.decode("utf-8", "replace")
        if "\ufffd" in text and "\ufffd".encode() not in content:
            self.unreadable[f"{self._name} (characters)"] += 1
        try:
            value = json.loads(text, parse_int=_integer, parse_float=_Number, parse_constant=_Number)
        except (ValueError, RecursionError):
            raise ValueError("it is not JSON, or nested too deeply") from None
        return self._repaired(value) if "\\ud" in text.lower() else value

    def _repaired(self, value: Any) -> Any:
        if isinstance(value, str) and _SURROGATE.search(value):
            self.unreadable[f"{self._name} (characters)"] += 1
            return _SURROGATE.sub("\ufffd", value)
        if isinstance(value, list):
            return [self._repaired(item) for item in value]
        if isinstance(value, dict):
            return {self._repaired(key): self._repaired(item) for key, item in value.items()}
        return value

    def read_meta(self, body: dict[str, Any]) -> models.PaginationMeta | None:
        """Return where a list continues, if its response says so."""
        found: models.PaginationMeta | None = self.read(body.get(META), _descriptions[META], META)
        return found

    def read_whole(self, value: Any, kind: Any, place: str) -> Any:
        """Return a record of a list; None if it is lost, which is counted even if the record is empty."""
        before = self.unreadable.total()
        record = self.read(value, kind, place)
        if record is None and self.unreadable.total() == before:
            self.unreadable[place] += 1
        return record

    def read(self, value: Any, kind: Any, place: str) -> Any:
        """Return a value as a `kind`; None if it is absent or cannot be understood, the latter of which is counted."""
        inspect = _inspect()
        digits = False
        if isinstance(kind, inspect.UnionType):
            kind = next(part for part in kind.types if not isinstance(part, inspect.NoneType))
        if isinstance(kind, inspect.Metadata):
            digits, kind = "digits" in (kind.extra or {}), kind.type
        if isinstance(kind, inspect.StructType) and isinstance(value, dict):
            return self._read_record(value, kind, place)
        if isinstance(kind, inspect.ListType) and isinstance(value, list):
            items = (self.read(item, kind.item_type, place) for item in value)
            return [item for item in items if item is not None]
        found = _leaf(value, kind, digits=digits)
        if found is None and value not in _EMPTY:
            self.unreadable[place] += 1
        return found

    def _read_record(self, value: dict[str, Any], kind: Any, place: str) -> Any:
        if "." in place:  # the record that holds it was refused, but seldom for this part of it
            with suppress(*UNDECODABLE):
                return msgspec.convert(value, kind.cls)
        needs = [part for part in kind.fields if part.required]
        if needs and _is_blank(value):
            return None
        found: dict[str, Any] = {}
        for part in kind.fields:
            before = self.unreadable.total()
            inner = f"{place}.{part.encode_name}"
            content = self.read(value.get(part.encode_name), part.type, inner)
            if content is None and part.required:
                if isinstance(part.type, _inspect().ListType):
                    content = []
                elif self.unreadable.total() == before:
                    self.unreadable[inner] += 1
                if content is None and part.name == "name":
                    content = next((value[name] for name in _NAMES if _is_text(value.get(name))), None)
                if content is None:
                    return None
            if content is not None:
                found[part.name] = content
        return kind.cls(**found)


def _leaf(value: Any, kind: Any, *, digits: bool) -> Any:  # noqa: PLR0911  one for each kind of value
    """Return a plain value as a `kind`; None if it is absent or of another kind."""
    inspect = _inspect()
    if isinstance(kind, inspect.StrType):
        if digits and isinstance(value, int | _Number) and not isinstance(value, bool):
            return value.text if isinstance(value, _Number) else str(value)
        return value if isinstance(value, str) and len(value) >= (kind.min_length or 0) else None
    if isinstance(kind, inspect.BoolType):
        return value if isinstance(value, bool) else None
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        if isinstance(value, bool) or not isinstance(value, int | _Number):
            return None
        if isinstance(kind, inspect.IntType):
            number = value.integer if isinstance(value, _Number) else value
            return number if number is not None and _is_within(number, kind) else None
        return value.real if isinstance(value, _Number) else float(value)
    if isinstance(kind, inspect.DateTimeType):
        try:
            return msgspec.convert(value, models.Moment) if isinstance(value, str) else None
        except msgspec.ValidationError:
            return None
    if isinstance(kind, inspect.DictType):
        return _plain(value) if isinstance(value, dict) else None
    return _plain(value) if isinstance(kind, inspect.AnyType) else None


def _is_within(number: int, kind: Any) -> bool:
    return (kind.ge is None or number >= kind.ge) and (kind.le is None or number <= kind.le)


def _plain(value: Any) -> Any:
    """Return a value with all its numbers as Python's own."""
    if isinstance(value, _Number):
        return value.plain
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_blank(value: Any) -> bool:
    """Return whether a value is empty: some services send an absent record as a record whose parts are all empty."""
    if isinstance(value, dict):
        return all(map(_is_blank, value.values()))
    return not value

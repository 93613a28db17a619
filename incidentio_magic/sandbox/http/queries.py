"""Query strings: paging, plain parameters and bracketed filters; what is not known is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.http.errors import Problem, invalid
from incidentio_magic.sandbox.incidentio.clock import parsed, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BRACKETED = re.compile(r"([a-z_]+)((?:\[[^\[\]]+\])+)")
DEFAULT_PAGE_SIZE = 25
LARGEST_PAGE_SIZE = 250


@dataclass(frozen=True)
class Condition:
    """A part of an SQL WHERE clause, and the values of its question marks."""

    clause: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True)
class Filter:
    """One bracketed filter: `name[operator]=value` or `name[key][operator]=value`, its values gathered."""

    parameter: str
    key: str | None
    operator: str
    values: list[str]


def member(column: str, values: Sequence[object], *, negated: bool = False) -> Condition:
    """Require a column to be one of the values, or none of them (which no value at all satisfies)."""
    marks = ",".join("?" * len(values))
    clause = f"{column} IN ({marks})"
    return Condition(f"({column} IS NULL OR NOT {clause})" if negated else clause, tuple(values))


class Query:
    """The query string of one request.

    Args:
        pairs: names and values, as sent.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.problems: list[Problem] = []
        self._left: dict[str, list[str]] = {}
        for name, value in pairs:
            self._left.setdefault(name, []).append(value)

    def blame(self, name: str, message: str, code: str = "invalid_value") -> None:
        """Note that a parameter is wrong."""
        self.problems.append(Problem(message, f"/{name}", code))

    def check(self) -> None:
        """Refuse the request if a parameter was wrong or nothing has read it.

        Raises:
            RefusedError: 422, with every problem.
        """
        for name in self._left:
            self.blame(name, f"{name} is not a parameter of this endpoint", "unknown_parameter")
        if self.problems:
            raise invalid(*self.problems)

    def texts(self, name: str) -> list[str]:
        """Return every value of a parameter."""
        return self._left.pop(name, [])

    def text(self, name: str, *, required: bool = False) -> str | None:
        """Return the one value of a parameter."""
        values = self.texts(name)
        if len(values) > 1:
            self.blame(name, f"{name} can be given only once")
        if required and not values:
            self.blame(name, f"{name} is required", "is_required")
        return values[0] if values else None

    def choice(self, name: str, choices: Iterable[str], default: str | None = None) -> str | None:
        """Return one of the values that are allowed."""
        value = self.text(name)
        if value is None:
            return default
        if value not in choices:
            self.blame(name, f"{name} must be one of {', '.join(choices)}")
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean that is false when it is not given."""
        return self.choice(name, ("true", "false"), "false") == "true"

    def page_size(self, largest: int = LARGEST_PAGE_SIZE, *, required: bool = False, accepted: int = 0) -> int:
        """Return the number of rows to send: `page_size`, at most the largest page.

        Args:
            largest: how many rows a page may have.
            required: whether the parameter must be given.
            accepted: the largest `page_size` that is accepted; the page is still no larger than `largest`.
        """
        value = self.text("page_size", required=required)
        if value is None:
            return DEFAULT_PAGE_SIZE
        # A longer number than this is not worth reading.
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
            self.blame("page_size", "page_size must be a whole number from 1")
            return DEFAULT_PAGE_SIZE
        if int(value) > max(largest, accepted):
            self.blame("page_size", f"page_size must be {max(largest, accepted)} at most")
        return min(int(value), largest)

    def filters(self, *parameters: str) -> list[Filter]:
        """Return the bracketed filters on these parameters."""
        found = []
        for name in list(self._left):
            match = BRACKETED.fullmatch(name)
            if not match or match[1] not in parameters:
                continue
            parts = re.findall(r"\[([^\[\]]+)\]", match[2])
            if len(parts) > 2:  # noqa: PLR2004  a key and an operator
                self.blame(name, f"{name} has too many brackets")
            else:
                key = parts[0] if len(parts) == 2 else None  # noqa: PLR2004  a key and an operator
                found.append(Filter(match[1], key, parts[-1], self._left.pop(name)))
        return found

    def unknown_operator(self, wanted: Filter, accepted: Iterable[str]) -> None:
        """Note that a filter's operator is not one of those it accepts."""
        message = f"{wanted.parameter} accepts the operators {', '.join(accepted)}, not {wanted.operator}"
        self.blame(wanted.parameter, message, "unknown_operator")

    def member(self, wanted: Filter, column: str, known: Iterable[str] | None = None) -> Condition | None:
        """Read a filter with `one_of` or `not_in`.

        Args:
            wanted: the filter.
            column: what it is about.
            known: the known values; None to accept any.
        """
        if wanted.operator not in ("one_of", "not_in") or wanted.key:
            self.unknown_operator(wanted, ("one_of", "not_in"))
            return None
        return self.known(wanted, column, known)

    def known(self, wanted: Filter, column: str, known: Iterable[str] | None) -> Condition | None:
        """Read a filter's values, refusing those that name nothing."""
        if known is not None:
            unknown = [value for value in wanted.values if value not in known]
            if unknown:
                self.blame(wanted.parameter, f"{unknown[0]} is not a known {wanted.parameter}", "not_found")
                return None
        return member(column, wanted.values, negated=wanted.operator == "not_in")

    def dates(self, wanted: Sequence[Filter], column: str, *, instants: bool = False) -> list[Condition]:
        """Read the filters on a time: whole UTC days, both ends included.

        Args:
            wanted: every filter on this parameter.
            column: what they are about.
            instants: whether a value with a time of day is compared to the millisecond.
        """
        operators = [each.operator for each in wanted]
        conditions: list[Condition] = []
        for each in wanted:
            if each.key or each.operator not in ("gte", "lte", "date_range"):
                self.unknown_operator(each, ("gte", "lte", "date_range"))
            elif len(each.values) > 1 or ("date_range" in operators and len(operators) > 1):
                self.blame(each.parameter, f"{each.parameter} takes one value, and date_range no other operator")
                return []
            elif each.operator == "date_range":
                start, tilde, end = each.values[0].partition("~")
                if not tilde:
                    self.blame(each.parameter, "date_range must be two dates with ~ between them")
                conditions += self._bound(each, start, column, ">=", instants=instants)
                conditions += self._bound(each, end, column, "<=", instants=instants)
            else:
                sign = ">=" if each.operator == "gte" else "<="
                conditions += self._bound(each, each.values[0], column, sign, instants=instants)
        return conditions

    def _bound(self, wanted: Filter, value: str, column: str, sign: str, *, instants: bool) -> list[Condition]:
        try:
            moment = parsed(value)
        except (ValueError, OverflowError):
            self.blame(wanted.parameter, f"{value!r} is not a date")
            return []
        if instants and "T" in value:
            return [Condition(f"{column} {sign} ?", (written(moment),))]
        return [
            Condition(f"substr({column}, 1, 10) {sign} ?", (datetime.strftime(moment.astimezone(UTC), "%Y-%m-%d"),))
        ]

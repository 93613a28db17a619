"""Pages of rows: the cursor is the last row's identifier, so rows inserted meanwhile move nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from incidentio_magic.sandbox.http.errors import not_found
from incidentio_magic.sandbox.http.queries import LARGEST_PAGE_SIZE, Condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from sqlite3 import Row

    from incidentio_magic.sandbox.http.queries import Query
    from incidentio_magic.sandbox.incidentio.store import Store
    from incidentio_magic.sandbox.records import PaginationMeta

Listed = TypeVar("Listed", bound="Mapping[str, object]")
ALL = Condition("1")
# The contract: `after` is a record's ID, and "not_found: The referenced resource could not be found".
UNKNOWN_CURSOR = "the record that after names was"


def where(conditions: Sequence[Condition], joint: str = " AND ") -> Condition:
    """Join conditions into one."""
    if not conditions:
        return ALL
    clause = joint.join(f"({condition.clause})" for condition in conditions)
    return Condition(clause, tuple(value for condition in conditions for value in condition.values))


def page(
    store: Store,
    query: Query,
    table: str,
    conditions: Sequence[Condition],
    *,
    order: str = "id",
    newest_first: bool = False,
    largest: int = LARGEST_PAGE_SIZE,
    accepted: int = 0,
    required: bool = False,
    total: bool = False,
    cursor_among: Condition = ALL,
) -> tuple[list[Row], PaginationMeta]:
    """Read one page, and refuse parameters that nothing has read.

    Args:
        store: where the rows are.
        query: the request's, from which `page_size` and `after` are read.
        table: the rows' table.
        conditions: which rows.
        order: the column to order by; rows with equal values are ordered by identifier.
        newest_first: whether the order is descending.
        largest: how many rows a page may have.
        accepted: the largest `page_size` that is accepted; the page is still no larger than `largest`.
        required: whether `page_size` must be given.
        total: whether to count the rows of all pages.
        cursor_among: narrows the search for the row that `after` names, if a search by identifier is slow.

    Returns:
        The rows, and the answer's `pagination_meta`.

    Raises:
        RefusedError: 404 when `after` is the identifier of no row; 422 when another parameter is wrong.
    """
    size = query.page_size(largest, required=required, accepted=accepted)
    after = query.text("after")
    query.check()
    found = where(conditions)
    bound = found
    if after is not None:
        named = where([cursor_among, Condition("id = ?", (after,))])
        cursor = store.row(f"SELECT {order}, id FROM {table} WHERE {named.clause}", named.values)  # noqa: S608  ours
        if cursor is None:
            raise not_found(UNKNOWN_CURSOR)
        sign = "<" if newest_first else ">"
        bound = where([found, Condition(f"({order}, id) {sign} (?, ?)", (cursor[0], cursor[1]))])
    turn = "DESC" if newest_first else "ASC"
    rows = store.rows(
        f"SELECT * FROM {table} WHERE {bound.clause} ORDER BY {order} {turn}, id {turn} LIMIT ?",  # noqa: S608  names are ours
        (*bound.values, size + 1),
    )
    meta: PaginationMeta = {"page_size": size}
    if len(rows) > size:
        meta["after"] = rows[size - 1]["id"]
    if total:
        meta["total_record_count"] = store.count(
            f"SELECT count(*) FROM {table} WHERE {found.clause}",  # noqa: S608  names are ours
            found.values,
        )
    return rows[:size], meta


def page_of(
    query: Query,
    records: Sequence[Listed],
    *,
    largest: int = LARGEST_PAGE_SIZE,
    required: bool = False,
) -> tuple[list[Listed], PaginationMeta]:
    """Read one page of the organisation's own objects, which never change.

    Args:
        query: the request's.
        records: all of them, in order.
        largest: how many rows a page may have.
        required: whether `page_size` must be given.

    Raises:
        RefusedError: 404 when `after` is the identifier of no record; 422 when another parameter is wrong.
    """
    size = query.page_size(largest, required=required)
    after = query.text("after")
    query.check()
    start = 0
    if after is not None:
        start = next((place for place, record in enumerate(records, 1) if record["id"] == after), 0)
        if not start:
            raise not_found(UNKNOWN_CURSOR)
    chosen = list(records[start : start + size])
    meta: PaginationMeta = {"page_size": size}
    if start + size < len(records):
        meta["after"] = str(chosen[-1]["id"])
    return chosen, meta

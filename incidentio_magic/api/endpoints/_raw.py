"""Reads any GET endpoint, even without a record type; its responses stay as they were sent."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import msgspec

from incidentio_magic import errors
from incidentio_magic.api.endpoints._base import PAGE, SMALL_PAGE, SMALLEST_PAGE, Endpoints, Pairs, given, unexpected
from incidentio_magic.api.models import PaginationMeta
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.wire import EVERYTHING, LIST_INCIDENTS, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidentio_magic.api.wire import Answer

_INCIDENTS: Final = "/v2/incidents"


@dataclass(frozen=True)
class RawRecord:
    """A record of any endpoint, as it was sent.

    Args:
        id: Its ID, or a unique string if it has none.
        members: Its members.
    """

    id: str
    members: dict[str, Any]


class RawEndpoints(Endpoints):
    """Reads any endpoint."""

    def raw(self, path: str, query: Pairs = ()) -> Listing[RawRecord]:
        """List what a GET endpoint returns: the records of a list, or a single object.

        The first page is read without a page size, since not every endpoint accepts one; the others are as large as
        allowed.

        Args:
            path: The endpoint's path.
            query: Its parameters.
        """
        is_sized = any(name == "page_size" for name, _value in query)
        sizes = [] if is_sized else ["", *(str(size) for size in (PAGE, SMALL_PAGE, SMALLEST_PAGE))]
        rate = LIST_INCIDENTS if path == _INCIDENTS else EVERYTHING
        numbers = count()

        def fetch(cursor: str | None) -> Page[RawRecord]:
            if cursor and sizes and not sizes[0]:
                del sizes[0]
            while True:
                page = given(page_size=sizes[0] if sizes else "", after=cursor or "")
                request = Request("GET", path, query=(*query, *page), rate=rate)
                try:
                    answer = self.transport.send(request)
                except errors.ValidationFailed as error:
                    if "page_size" not in error.fields or not sizes[1:]:
                        raise
                    del sizes[0]
                else:
                    self._last.request_id = answer.headers.get("x-request-id", "")
                    return _page(request, answer, numbers)

        return Listing(fetch)


def _page(request: Request, answer: Answer, numbers: Iterator[int]) -> Page[RawRecord]:
    """Return a response as a page.

    Raises:
        UnexpectedAnswer: If it is not a JSON object.
    """
    try:
        body = msgspec.json.decode(answer.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise unexpected(request, answer, "it is not JSON") from None
    if not isinstance(body, dict):
        raise unexpected(request, answer, "it is not a JSON object")
    meta = body.pop("pagination_meta", None)
    after = meta.get("after") if isinstance(meta, dict) else None
    records = [record if isinstance(record, dict) else {"value": record} for record in _records(body)]
    return Page(
        [RawRecord(str(record.get("id") or f"#{next(numbers)}"), record) for record in records],
        PaginationMeta(after=after if isinstance(after, str) else None),
    )


def _records(body: dict[str, Any]) -> list[Any]:
    """Return the records of the only list in a response, else its only object, else the response itself."""
    lists = [value for value in body.values() if isinstance(value, list)]
    if len(lists) == 1 and len(body) == 1:
        return lists[0]
    objects = [value for value in body.values() if isinstance(value, dict)]
    if len(lists) == 1 and len(objects) == len(body) - 1 and "id" not in body:
        return lists[0]  # beside the list stands its context, such as the type of catalog entries
    return objects if len(objects) == len(body) == 1 else [body]

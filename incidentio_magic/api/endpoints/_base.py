"""Calls any endpoint: one request decoded into records, or a list of pages."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from incidentio_magic import errors
from incidentio_magic.api.decoding import decode, decoder
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.wire import EVERYTHING, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from incidentio_magic.api.decoding import Decoded
    from incidentio_magic.api.transport import Transport
    from incidentio_magic.api.wire import Answer

T = TypeVar("T")


Pairs = tuple[tuple[str, str], ...]

LARGEST_PAGE: Final = 10_000  # people only
PAGE: Final = 250
SMALL_PAGE: Final = 50  # escalations, alerts, workflow runs
SMALLEST_PAGE: Final = 25  # escalation paths; every list accepts it
_SIZES: Final = (PAGE, SMALLEST_PAGE)
_HALF_A_CHARACTER: Final = re.compile("[\ud800-\udfff]")


class Endpoints:
    """Calls endpoints over one transport.

    Args:
        transport: Sends the requests.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._last = threading.local()
        self._accepted_sizes: dict[str, int] = {}  # the page size by path, if the service refused a larger one

    @property
    def last_request_id(self) -> str:
        """The service's ID of this thread's last request that got a response."""
        return getattr(self._last, "request_id", "")

    @property
    def last_unreadable(self) -> Mapping[str, int]:
        """How many values of this thread's last response, or last whole list, could not be read, by path."""
        return getattr(self._last, "unreadable", {})

    @property
    def last_lost(self) -> int:
        """How many records of this thread's last list could not be read at all."""
        return getattr(self._last, "lost", 0)

    def whole(self, path: str, kind: type[T], query: Pairs = (), *, size: int = 0) -> list[T]:
        """Return every record of a list, from all pages.

        Args:
            path: The endpoint's path, whose last part names the list in its response.
            kind: The type of a record.
            query: The filters.
            size: The largest page size that the contract allows; 0 if the list has no pages.

        Raises:
            UnexpectedAnswer: If the list cannot be read to its end.
        """
        name = path.rpartition("/")[2]
        if size:
            listing = self._list(path, name, kind, query, size=size)
            records = listing.whole()
            self._last.unreadable, self._last.lost = dict(listing.unreadable), listing.lost
            return records
        return self._record(Request("GET", path, query=query), name, list[kind])  # type: ignore[valid-type]

    def _record(self, request: Request, name: str, kind: type[T]) -> T:
        return self._answered(request, name, kind).content  # type: ignore[no-any-return]

    def _record_about(self, request: Request, name: str, kind: type[T], is_meant: Callable[[T], bool]) -> T:
        """Return a record, if the request was about it.

        Raises:
            UnexpectedAnswer: If a read returned another record.
            AnswerLost: If a write returned another record.
        """
        record = self._record(request, name, kind)
        if is_meant(record):
            return record
        message = f"The response to {request.name} is about a different {name.replace('_', ' ')}."
        request_id = self.last_request_id
        if request.method == "GET":
            raise errors.UnexpectedAnswer(
                message, status=HTTPStatus.OK, hint="run this again", request_id=request_id, retryable=True
            )
        raise errors.AnswerLost(
            message, hint="check before you repeat it", request_id=request_id, retryable=request.repeatable
        )

    def _done(self, request: Request) -> None:
        """Send a request that returns no content."""
        self._last.request_id = self.transport.send(request).headers.get("x-request-id", "")

    def _list(  # the part of a path that names the list
        self, path: str, name: str, kind: type[T], query: Pairs = (), *, size: int = PAGE, has_total: bool = True
    ) -> Listing[T]:
        """List records.

        Args:
            path: The endpoint's path.
            name: The name of the list in its response.
            kind: The type of a record.
            query: The filters.
            size: The largest page size that the contract allows. If the service refuses it, smaller pages are read.
            has_total: Whether the service's total counts this list.
        """

        def fetch(cursor: str | None) -> Page[T]:
            while True:
                listing.size = self._accepted_sizes.get(path, size)
                try:
                    page = self._page(path, name, kind, query, listing.size, cursor)
                    return page if has_total else page.without_total()
                except errors.ValidationFailed as error:
                    smaller = next((accepted for accepted in _SIZES if accepted < listing.size), None)
                    if "page_size" not in error.fields or smaller is None:
                        raise
                    self._accepted_sizes[path] = smaller

        listing = Listing(fetch, None, self._accepted_sizes.get(path, size))
        return listing

    def _page(  # noqa: PLR0917  what a page is named by
        self,
        path: str,
        name: str,
        kind: type[T],
        query: Pairs,
        size: int,
        cursor: str | None,
        *,
        rate: str = EVERYTHING,
    ) -> Page[T]:
        pairs = (*query, ("page_size", str(size)), *((("after", cursor),) if cursor else ()))
        request = Request("GET", path, query=pairs, rate=rate)
        return Page.of(self._answered(request, name, list[kind]))  # type: ignore[valid-type]

    def _answered(self, request: Request, name: str, kind: Any) -> Decoded:
        answer = self.transport.send(replace(request, decoder=decoder(name, kind)))
        self._last.request_id = answer.headers.get("x-request-id", "")
        try:
            decoded = decode(answer.content, name, kind, answer.decoded)
        except ValueError as error:
            raise unexpected(request, answer, str(error)) from None
        self._last.unreadable, self._last.lost = decoded.unreadable, decoded.lost
        return decoded


def unexpected(request: Request, answer: Answer, why: str) -> errors.UnexpectedAnswer:
    return errors.UnexpectedAnswer(
        f"The response to {request.name} does not match the API's contract: {why}.",
        status=answer.status,
        hint="is this the address of incident.io? A newer version of incidentio_magic may support the new form",
        request_id=answer.headers.get("x-request-id", ""),
    )


def given(**values: str) -> Pairs:
    """Return the pairs of a query whose values are not empty."""
    return tuple((name, value) for name, value in values.items() if value)


def one_of(name: str, values: Iterable[str]) -> Pairs:
    """Return the query pairs for records whose property `name` has one of the values."""
    return tuple((f"{name}[one_of]", value) for value in values)


def is_about(incident_id: str, body: Mapping[str, Any]) -> bool:
    """Return whether a created record belongs to the request's incident; True if the response does not say."""
    return incident_id in {"", body.get("incident_id", incident_id)}


def quoted(identity: str) -> str:
    """Return an ID as one part of a path.

    Raises:
        InputError: If it contains a lone surrogate, or would change the path to another endpoint.
    """
    if not identity.strip(".") or _HALF_A_CHARACTER.search(identity):
        raise errors.InputError(f"{identity!r} is not an ID.")
    return quote(identity, safe="")

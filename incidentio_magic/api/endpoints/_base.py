"""How every endpoint is called: one request, decoded into records, or a list of pages."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from incidentio_magic import errors
from incidentio_magic.api import models
from incidentio_magic.api.pagination import Listing, Page
from incidentio_magic.api.wire import EVERYTHING, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidentio_magic.api.transport import Transport
    from incidentio_magic.api.wire import Answer

T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]

LARGEST_PAGE: Final = 10_000  # people only
PAGE: Final = 250
SMALL_PAGE: Final = 50  # escalations, alerts, workflow runs
SMALLEST_PAGE: Final = 25  # escalation paths; every list accepts it
_SIZES: Final = (PAGE, SMALLEST_PAGE)

_decoders: Final[dict[tuple[str, Any], msgspec.json.Decoder[Any]]] = {}
_building: Final = threading.Lock()


def decoder(name: str, kind: Any) -> msgspec.json.Decoder[Any]:
    """Return the decoder of an answer that has a `kind` under `name`; reading it in one pass takes half the time.

    Each decoder is built once, under one lock: the process dies if threads describe the same type to msgspec at once.
    """
    found = _decoders.get((name, kind))
    if found is None:
        with _building:
            found = _decoders.get((name, kind))
            if found is None:
                content = ("content", kind, msgspec.field(name=name))
                meta = ("pagination_meta", models.PaginationMeta | None, None)
                found = msgspec.json.Decoder(msgspec.defstruct("Body", [content, meta]))
                _decoders[name, kind] = found
    return found


class Endpoints:
    """Calls endpoints over one transport.

    Args:
        transport: Sends the requests.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._last = threading.local()
        self._accepted_sizes: dict[str, int] = {}  # of the pages, by path, where a larger one was refused

    @property
    def last_request_id(self) -> str:
        """The service's id of this thread's last answered request."""
        return getattr(self._last, "request_id", "")

    def _one(self, request: Request, name: str, kind: type[T]) -> T:
        return self._answered(request, name, kind).content  # type: ignore[no-any-return]

    def _done(self, request: Request) -> None:
        """Send a request whose success has no content."""
        self._last.request_id = self.transport.send(request).headers.get("x-request-id", "")

    def _many(self, path: str, name: str, kind: type[T], query: Pairs = (), *, size: int = PAGE) -> Listing[T]:
        """List records.

        Args:
            path: The endpoint's path.
            name: The name of the list in its answer.
            kind: The type of a record.
            query: The filters.
            size: The largest page that the contract allows. Where the service refuses it, smaller pages are read.
        """

        def fetch(cursor: str | None) -> Page[T]:
            while True:
                listing.size = self._accepted_sizes.get(path, size)
                try:
                    return self._page(path, name, kind, query, listing.size, cursor)
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
        body = self._answered(request, name, list[kind])  # type: ignore[valid-type]
        return Page(body.content, body.pagination_meta)

    def _answered(self, request: Request, name: str, kind: Any) -> Any:
        answer = self.transport.send(request)
        self._last.request_id = answer.headers.get("x-request-id", "")
        try:
            return decoder(name, kind).decode(answer.content)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise _unexpected(request, answer, str(error)) from None


def _unexpected(request: Request, answer: Answer, why: str) -> errors.UnexpectedAnswer:
    return errors.UnexpectedAnswer(
        f"The answer to {request.name} is not what the API promises: {why}.",
        status=answer.status,
        hint="is this the address of incident.io? A newer version of incidentio_magic may know the new form",
        request_id=answer.headers.get("x-request-id", ""),
    )


def given(**values: str) -> Pairs:
    """Return the pairs of a query whose values are not empty."""
    return tuple((name, value) for name, value in values.items() if value)


def one_of(name: str, values: Iterable[str]) -> Pairs:
    """Return the pairs of a query that ask for records whose property `name` is one of some values."""
    return tuple((f"{name}[one_of]", value) for value in values)


def quoted(identity: str) -> str:
    """Return an ID as one part of a path.

    Raises:
        InputError: If it would name another address: the one above, or the list.
    """
    if not identity.strip("."):
        raise errors.InputError(f"{identity!r} is not an ID.")
    return quote(identity, safe="")

"""Walking a list to its end, or saying why not."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from incidentio_magic import errors
from incidentio_magic.api.models import PaginationMeta
from incidentio_magic.api.pagination import Listing, Page


def records(text):
    """Return one record for each letter."""
    return [SimpleNamespace(id=letter) for letter in text]


class Pages:
    """Answers with pages in turn, and remembers the cursors it was asked for."""

    def __init__(self, *pages, total=None):
        self.pages = list(pages)
        self.total = total
        self.cursors = []

    def __call__(self, cursor):
        """Return the next page, or raise it."""
        self.cursors.append(cursor)
        page = self.pages.pop(0)
        if isinstance(page, BaseException):
            raise page
        text, after = page
        meta = (
            None if after is False else PaginationMeta(after=after, page_size=len(text), total_record_count=self.total)
        )
        return Page(records(text), meta)


def read(listing):
    """Return the letters of a listing."""
    return "".join(record.id for record in listing)


@pytest.mark.parametrize(
    ("pages", "limit", "found", "cursors", "why"),
    [
        ([("", None)], None, "", [None], ""),
        ([("", False)], None, "", [None], ""),
        ([("abc", False)], None, "abc", [None], ""),
        ([("abc", None)], None, "abc", [None], ""),
        ([("abc", "")], None, "abc", [None], ""),
        ([("abc", "c"), ("de", None)], None, "abcde", [None, "c"], ""),
        ([("abc", "c"), ("", "c")], None, "abc", [None, "c"], ""),
        ([("abc", "c"), ("", "x"), ("de", None)], None, "abcde", [None, "c", "x"], ""),
        ([("", "x"), ("", "y"), ("abc", None)], None, "abc", [None, "x", "y"], ""),
        ([("abc", "c"), ("", None)], None, "abc", [None, "c"], ""),
        ([("abc", "c"), ("def", "c")], None, "abcdef", [None, "c"], "the service repeated a cursor"),
        ([("ab", "1"), ("cd", "2"), ("ef", "1")], None, "abcdef", [None, "1", "2"], "the service repeated a cursor"),
        ([("abc", "c"), ("cde", None)], None, "abcde", [None, "c"], ""),
        ([("aab", "b"), ("ab", "c"), ("d", None)], None, "abd", [None, "b", "c"], ""),
        ([("abc", "c"), ("d", "d"), ("e", None)], None, "abcde", [None, "c", "d"], ""),
        ([("abc", "c")], 2, "ab", [None], "limit 2"),
        ([("abc", "c")], 3, "abc", [None], "limit 3"),
        ([("abc", None)], 3, "abc", [None], ""),
        ([("abc", None)], 4, "abc", [None], ""),
        ([("abc", "c"), ("de", None)], 4, "abcd", [None, "c"], "limit 4"),
        ([("abc", "c"), ("de", None)], 5, "abcde", [None, "c"], ""),
        ([("abca", None)], 3, "abc", [None], ""),
        ([("aab", "b"), ("c", None)], 2, "ab", [None], "limit 2"),
        ([("abc", None)], 0, "", [None], "limit 0"),
        ([("", None)], 0, "", [None], ""),
    ],
    ids=[
        "empty",
        "empty without meta",
        "no meta",
        "no cursor",
        "empty cursor",
        "two pages",
        "empty page with its own cursor after all",
        "empty page with a cursor",
        "empty pages with cursors at the start",
        "empty page",
        "repeated cursor",
        "cursors in a ring",
        "moved rows",
        "page of duplicates only",
        "smaller pages than asked for",
        "limit inside a page",
        "limit at the end of a page",
        "limit at the end of the list",
        "limit beyond the list",
        "limit inside the second page",
        "limit at the end of the second page",
        "duplicates after the limit",
        "duplicates before the limit",
        "limit of none",
        "limit of none, none there",
    ],
)
def test_walks(pages, limit, found, cursors, why):
    """A list is read to its end or its limit, each record once, and says why it is not complete."""
    fetch = Pages(*pages)
    listing = Listing(fetch, limit)
    assert read(listing) == found
    assert fetch.cursors == cursors
    assert listing.pages == len(cursors)
    assert (listing.incomplete, listing.complete) == (why, not why)


@pytest.mark.parametrize(
    ("pages", "total", "why"),
    [
        ([("abc", None)], 3, ""),
        ([("abc", None)], 9, "the service ended the list after 3 of 9"),
        ([("abc", "c"), ("", "c")], 9, "the service ended the list after 3 of 9"),
        ([("abc", "c"), ("", "x")], 3, ""),
        ([("abc", "c"), ("", "x"), ("def", None)], 6, ""),
        ([("abc", "c"), ("def", None)], 6, ""),
        ([("abc", "c"), ("def", None)], 7, "the service ended the list after 6 of 7"),
        ([("abc", None)], 2, ""),
        ([("", None)], 0, ""),
        ([("", None)], 1, "the service ended the list after 0 of 1"),
    ],
)
def test_the_total_that_was_promised(pages, total, why):
    """A list that ends before its promised total is incomplete, read by records or by pages."""
    listing = Listing(Pages(*pages, total=total))
    read(listing)
    assert listing.incomplete == why
    listing = Listing(Pages(*pages, total=total))
    assert sum(len(page.records) for page in listing.walk()) == len("".join(text for text, _ in pages))
    assert listing.incomplete == why


def test_the_total_of_a_walk_from_the_middle():
    """A walk that begins in the middle cannot be compared with the total."""
    listing = Listing(Pages(("de", None), total=9))
    list(listing.walk("c"))
    assert listing.complete
    assert (listing.incomplete, listing.cut_short) == ("", "")


def endless(records_of, *, total=None):
    """Return what answers with page after page, each with a cursor that was not there before."""
    numbers = itertools.count()

    def fetch(_cursor):
        number = next(numbers)
        return Page(records_of(number), PaginationMeta(after=f"cursor {number}", total_record_count=total))

    return fetch


ENDLESS = {
    "the same page": (lambda _number: records("abc"), None, "nothing new on 5 pages in a row"),
    "empty pages": (lambda _number: [], None, "nothing new on 5 pages in a row"),
    "two pages in turn": (lambda number: records("abc" if number % 2 else "def"), None, "nothing new on 5 pages"),
    "more than the total": (lambda number: [*records("a"), number], 8, "more records than the 8"),
    "always new": (lambda number: [number], None, "more than 10,000 pages"),
}


@pytest.mark.parametrize("walk", [list, lambda listing: list(listing.walk())])
@pytest.mark.parametrize(("records_of", "total", "why"), ENDLESS.values(), ids=ENDLESS)
def test_a_list_that_never_ends_ends(records_of, total, why, walk):
    """Whatever cursor comes, a list ends where its pages hold nothing new, exceed its total, or are too many."""
    listing = Listing(endless(records_of, total=total))
    walk(listing)
    assert why in listing.incomplete


@pytest.mark.parametrize("walk", [list, lambda listing: list(listing.walk())])
@pytest.mark.parametrize(("texts", "pages"), [(["a"], 1 + 5), (["a", "b"], 2 + 5), (["a", "a", "a", "a", "b"], 5 + 5)])
def test_five_pages_in_a_row_hold_nothing_new(texts, pages, walk):
    """A page with a new record begins the count anew; the fifth page after it without one is the last."""
    listing = Listing(endless(lambda number: records(texts[min(number, len(texts) - 1)])))
    walk(listing)
    assert listing.pages == pages


def test_five_pages_without_a_readable_record_are_enough():
    """A list whose pages can never be read ends, too, and says how much was lost."""
    listing = Listing(lambda cursor: Page([], PaginationMeta(after=f"{cursor}x"), {}, 2))
    assert list(listing) == []
    assert (listing.pages, listing.lost) == (5, 10)
    assert "on 5 pages in a row" in listing.incomplete


def test_a_page_more_than_the_total_is_allowed():
    """Records that are created meanwhile may make a list longer by a page; what comes after that is too much."""
    listing = Listing(endless(lambda number: [number], total=8))
    assert len(list(listing)) == listing.pages == 8 + 1 + 1
    assert "more records than the 8" in listing.incomplete


def test_lost_records_make_a_list_incomplete():
    """Records that could not be read count towards the total; the list is incomplete, but was not cut short."""
    meta = PaginationMeta(total_record_count=3)
    listing = Listing(lambda _cursor: Page(records("a"), meta, {"users.id": 1, "users": 1, "users.email": 4}, 2))
    assert read(listing) == "a"
    assert (listing.lost, listing.incomplete) == (2, "2 records could not be read")
    assert listing.unreadable == {"users.id": 1, "users": 1, "users.email": 4}
    assert len(listing.whole()) == 1


@pytest.mark.parametrize("place", ["pagination_meta", "pagination_meta.after"])
def test_a_cursor_that_cannot_be_read(place):
    """A page whose cursor cannot be read is not taken for the last."""
    listing = Listing(lambda _cursor: Page(records("a"), PaginationMeta(), {place: 1}))
    assert read(listing) == "a"
    assert listing.incomplete == "the next cursor cannot be read"


def test_before_reading():
    """A list that was not read is not complete, and has asked for nothing."""
    fetch = Pages()
    listing = Listing(fetch)
    assert not listing.complete
    assert listing.incomplete == "not read"
    assert (listing.pages, listing.lost, listing.total) == (0, 0, None)
    assert fetch.cursors == []


def test_pages_are_read_as_they_are_needed():
    """A page is not asked for before its first record is."""
    fetch = Pages(("ab", "b"), ("c", None))
    walk = iter(Listing(fetch))
    assert next(walk).id == "a"
    assert next(walk).id == "b"
    assert fetch.cursors == [None]
    assert next(walk).id == "c"
    assert fetch.cursors == [None, "b"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), errors.RateLimited("no", status=429)], ids=["key", "429"])
def test_an_interrupted_walk_is_not_complete(failure):
    """A walk that failed in the middle knows that it is not complete."""
    listing = Listing(Pages(("ab", "b"), failure))
    with pytest.raises(type(failure)):
        read(listing)
    assert listing.incomplete == "interrupted"
    assert not listing.complete


def test_an_abandoned_walk_is_not_complete():
    """A walk that its reader left is not complete."""
    listing = Listing(Pages(("ab", None)))
    next(iter(listing))
    assert not listing.complete


def test_a_second_walk_starts_anew():
    """Walking again reads again, from the first page, with nothing left over."""
    fetch = Pages(("ab", "b"), KeyboardInterrupt(), ("ab", "b"), ("c", None))
    listing = Listing(fetch)
    with pytest.raises(KeyboardInterrupt):
        read(listing)
    assert read(listing) == "abc"
    assert (listing.pages, listing.complete) == (2, True)


def test_what_the_service_tells_is_kept():
    """The total and the page size in force are at hand after a walk."""
    listing = Listing(Pages(("ab", "b"), ("c", None), total=3))
    read(listing)
    assert (listing.total, listing.page_size) == (3, 1)


def test_records_without_an_id_are_compared_whole():
    """Records that have no id are told apart by their value."""
    assert list(Listing(lambda _cursor: Page(["a", "b", "a"], None))) == ["a", "b"]


@pytest.mark.parametrize(("size", "why"), [(3, "the service did not say whether there is more"), (4, ""), (None, "")])
def test_a_full_page_that_does_not_say_whether_it_is_the_last(size, why):
    """A page as full as was asked for, without a word on where the list goes on, is not taken for the end."""
    listing = Listing(Pages(("abc", False)), None, size)
    assert read(listing) == "abc"
    assert listing.incomplete == why


def test_a_whole_list():
    """A list that must be whole is returned as a list."""
    assert [record.id for record in Listing(Pages(("abc", "c"), ("de", None))).whole()] == list("abcde")


def test_a_list_that_is_not_whole():
    """A list that must be whole and is not is an error that says why."""
    with pytest.raises(errors.UnexpectedAnswer, match="the service repeated a cursor") as caught:
        Listing(Pages(("abc", "c"), ("de", "c"))).whole()
    assert (caught.value.status, caught.value.hint, caught.value.retryable) == (200, "run this again", True)


def test_a_cursor_that_is_gone_is_an_error_that_says_so():
    """A record that was deleted between two pages is no missing list: running it again reads all of it."""
    gone = errors.NotFound("not found", status=404, request_id="r-1")
    listing = Listing(Pages(("ab", "b"), gone))
    with pytest.raises(errors.UnexpectedAnswer, match="no longer knows where the last page ended") as caught:
        list(listing)
    assert (caught.value.request_id, caught.value.retryable, listing.complete) == ("r-1", True, False)
    assert (caught.value.status, caught.value.hint) == (404, "run this again")


def test_a_list_that_is_gone_stays_not_found():
    """A list that is not there at all, and a cursor that an earlier run kept, are the caller's to understand."""
    gone = errors.NotFound("not found", status=404)
    with pytest.raises(errors.NotFound):
        list(Listing(Pages(gone)))
    with pytest.raises(errors.NotFound):
        list(Listing(Pages(gone)).walk("kept"))


def test_a_page_without_its_total():
    """Its records and where the list goes on stay; a page that says nothing of the list has no total to lose."""
    page = Page(records("a"), PaginationMeta("b", 25, 7), {"users": 1}, 1)
    assert page.without_total() == Page(records("a"), PaginationMeta("b", 25, None), {"users": 1}, 1)
    assert page.meta.total_record_count == 7
    assert Page(records("a"), None).without_total() == Page(records("a"), None)

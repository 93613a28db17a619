"""The sandbox's documentation, made from its routes: operations, scopes, and where the real service may differ."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app

from incidentio_magic.sandbox.http.scopes import OPERATIONS, operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

blueprint = Blueprint("docs", __name__)

CONTRACT, SEEN, GUESS = "the contract says so", "observed by others", "a guess"
NOTHING = "nothing"
# What the sandbox does, how sure it is that the real service does the same, and what is different if it does not.
RULES = (
    ("Without `mode`, incident lists leave out test and tutorial incidents", CONTRACT, NOTHING),
    (
        "Without `status_category`, incident lists leave out declined, canceled and merged incidents",
        SEEN,
        "the real list has more rows; a client that names the categories it wants sees the same from both",
    ),
    (
        "`created_at` and `updated_at` of incident lists compare whole days in UTC, both ends included",
        SEEN,
        "the real list has fewer rows at both ends of a window",
    ),
    (
        "`/v2/incidents` has pages of 250; a `page_size` up to 500 is accepted",
        SEEN,
        "the real pages have up to 500 rows, and say so",
    ),
    (
        "Rate limits refill continuously: 1,200 requests a minute for each key",
        CONTRACT,
        NOTHING,
    ),
    (
        "Lists of incidents, and new escalations, have a limit of their own: 60 a minute",
        SEEN,
        "the real service refuses (429) earlier or later; its headers say when",
    ),
    (
        "An unknown query parameter, operator or value is a 422",
        GUESS,
        "the real service ignores it: a misspelt filter would list too much",
    ),
    ("An `after` that names no record is a 404", CONTRACT, NOTHING),
    (
        "A property that is null is a 422",
        GUESS,
        "the real service takes null for an absent property",
    ),
    (
        "JSON under another content type is a 400",
        GUESS,
        "the real service reads it",
    ),
    (
        "A name has at most 500 characters",
        GUESS,
        "the real service refuses a shorter name (422), or takes a longer one",
    ),
    (
        "An idempotency key is remembered forever, and a repeat answers as the first request did",
        GUESS,
        "a repeat writes a second time once the real service has forgotten the key: clients need their own memory",
    ),
    (
        "Which role of an API key carries which scope",
        GUESS,
        "a key of the same roles may do less or more; the real 403 names the missing scope",
    ),
    (
        "A schedule's entries without a window cover two weeks from now, 100 to a page",
        GUESS,
        "the real window or page is another: name the window, and follow `after`",
    ),
    (
        "Attaching the same link twice attaches it once",
        GUESS,
        "the real incident has the link twice",
    ),
    (
        "An action or a follow-up that is replaced without an assignee has none",
        GUESS,
        "the real one keeps its assignee",
    ),
    (
        "Forms are served, but nothing that they require is enforced",
        GUESS,
        "the real service refuses (422) what a required element of the form lacks",
    ),
)


def served(app: Flask) -> list[tuple[str, str, str]]:
    """Return each operation, its scope, and what it does, in the order of paths."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            name = operation(method, rule.rule)
            if name in OPERATIONS:
                text = (app.view_functions[rule.endpoint].__doc__ or "").strip().splitlines()[0]
                found.append((name, OPERATIONS[name] or "any key", text))
    return sorted(found, key=lambda row: (row[0].partition(" ")[2], row[0]))


def markdown(app: Flask) -> str:
    """Return the documentation as Markdown."""
    return "\n".join(_lines(app)) + "\n"


def _lines(app: Flask) -> Iterator[str]:
    yield "# The sandbox: what it serves"
    yield ""
    yield "| operation | scope | what it does |"
    yield "| --- | --- | --- |"
    for name, scope, text in served(app):
        yield f"| `{name}` | `{scope}` | {text} |"
    yield ""
    yield "Everything else is a 404. Administration and training are under `/sandbox/`."
    yield ""
    yield "# How certain each rule is"
    yield ""
    yield "| rule | certainty | if the real service differs |"
    yield "| --- | --- | --- |"
    for rule, certainty, difference in RULES:
        yield f"| {rule} | {certainty} | {difference} |"


@blueprint.get("/")
def page() -> Response:
    """Serve the documentation as a page; no key is needed."""
    text = escape(markdown(current_app))
    html = f"<!doctype html><meta charset=utf-8><title>The sandbox</title><pre>{text}</pre>"
    headers = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
    return Response(html, mimetype="text/html", headers=headers)

"""Errors: one or two lines that say what is wrong and what to do next."""

from __future__ import annotations

import inspect
import re

import pytest

from incidentio_magic import errors

KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, errors.IncidentioError)
}


def make(kind: type, message: str = "It failed.", **parts: object) -> errors.IncidentioError:
    """Return an error of any kind."""
    return kind(message, **({"status": 418} if issubclass(kind, errors.ServiceError) else {}), **parts)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_error_shows_itself_in_two_lines(kind):
    """Every error on purpose is shown by IPython as its name and message, then hint and request id."""
    error = make(kind, hint="try again", request_id="req-1")
    assert error._render_traceback_() == [
        f"{kind.__name__}: It failed.",
        "  → try again; request_id req-1",
    ]
    assert str(error) == "It failed.\n  → try again; request_id req-1"


@pytest.mark.parametrize(
    ("parts", "second"),
    [
        ({}, []),
        ({"hint": "try again"}, ["  → try again"]),
        ({"request_id": "req-1"}, ["  → request_id req-1"]),
    ],
)
def test_lines(parts, second):
    """The second line has what there is, and is missing if there is nothing."""
    assert make(errors.NotFound, **parts).lines() == ["NotFound: It failed.", *second]


def test_parts():
    """An error carries its parts for programs."""
    error = errors.ValidationFailed(
        "No.", status=422, kind="validation_error", retry_after=3.0, retryable=True, fields={"name": "too long"}
    )
    assert (error.message, error.status, error.kind, error.retry_after) == ("No.", 422, "validation_error", 3.0)
    assert (error.retryable, error.fields) == (True, {"name": "too long"})
    assert errors.InputError("No.").fields == {}
    assert not errors.InputError("No.").retryable


@pytest.mark.parametrize("kind", [errors.InputError, errors.ServiceError])
def test_errors_are_printable(kind):
    """Nothing in an error steers the terminal or adds lines, also what is set later."""
    bad = "a\x1b[31m\u202e\r\nb"
    error = make(kind, bad, hint=bad, request_id=bad, fields={"name": bad})
    error.hint += bad
    for text in (*error.lines(), str(error), *error.fields.values()):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\r" not in text
    assert len("\n".join(error.lines()).splitlines()) == 2


def test_endless_messages_are_cut():
    """A message is never longer than a few lines of a terminal."""
    error = make(errors.InputError, "x" * 10_000, hint="y" * 10_000)
    assert [len(line) for line in error.lines()] == [len("InputError: ") + 600, len("  → ") + 600]


def test_what_is_input_and_what_is_the_service():
    """What was typed and what the service said can be caught apart."""
    assert issubclass(errors.UnknownName, errors.InputError)
    assert issubclass(errors.DraftError, errors.InputError)
    assert issubclass(errors.RateLimited, errors.ServiceError)
    assert not issubclass(errors.OutcomeUnknown, errors.ServiceError)
    assert not issubclass(errors.AnswerLost, errors.ConnectionFailed)
    assert not any(issubclass(kind, OSError) for kind in KINDS.values())


def test_an_option_is_offered_after_the_hint():
    """What an option of the cell would do is shown after the hint, and kept apart from it for forms."""
    error = errors.TemplateError("It failed.", hint="mend it", option_hint="--raw sends it")
    assert error.lines()[1] == "  → mend it; --raw sends it"
    assert error.hint == "mend it"


def test_the_tree_in_the_docstring_is_the_tree():
    """The module's docstring shows every error below the one that it is a kind of."""
    parents = {}
    above = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ((?:[│├└─]| {2,3}(?=[│├└ ]))*[ │├└─]*)([A-Z]\w+)", line)
        if found:
            depth = len(found.group(1)) // 4
            parents[found.group(2)] = above[depth - 1] if depth else None
            above[depth:] = [found.group(2)]
    assert parents == {
        name: kind.__base__.__name__ if kind is not errors.IncidentioError else None for name, kind in KINDS.items()
    }

"""What an event changed, as people read it."""

from __future__ import annotations

import pytest

from incidentio_magic.timeline.values import value_text


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("timestamp", "2026-01-14T18:00:00Z", "18:00"),
        ("timestamp", "soon", "soon"),
        ("timestamp", "", ""),
        ("field", "2026-01-14T18:00:00Z", "2026-01-14T18:00:00Z"),
        ("action", "not_doing", "not doing"),
        ("follow_up", "outstanding", "outstanding"),
        ("field", "snake_case", "snake_case"),
    ],
)
def test_value_text(kind, text, read):
    """A timestamp's moment is written like all others, a task's status in words; what people typed stays as it is."""
    assert value_text(kind, text, lambda moment: f"{moment:%H:%M}") == read

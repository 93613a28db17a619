"""A large organisation: as many people, components and open incidents as asked, and the small one inside."""

from __future__ import annotations

import pytest

from incidentio_magic.sandbox.history import seed
from incidentio_magic.sandbox.history._cast import Cast
from incidentio_magic.sandbox.service import Service
from incidentio_magic.sandbox.settings import Settings

EPOCH = "2026-06-01T12:00:00Z"


def made(**choices: int) -> Service:
    """Return a sandbox without its server."""
    return Service(Settings(epoch=EPOCH, **choices))  # type: ignore[arg-type]


def test_it_is_as_large_as_asked() -> None:
    """People, components and open incidents are counted; every person and component is somebody and something else."""
    service = made(incidents=150, directory=600, options=2000, open_incidents=120)
    users, entries = service.organisation["users"], service.organisation["catalog_entries"]
    kind = next(type_ for type_ in service.organisation["catalog_types"].values() if type_["name"] == "Component")
    components = [entry for entry in entries.values() if entry["catalog_type_id"] == kind["id"]]
    opened = service.store.count(
        "SELECT count(*) FROM incidents WHERE status_category IN ('triage', 'live', 'learning', 'paused')"
    )
    service.store.close()
    assert len(users) == 600
    assert len({user["email"] for user in users.values() if user["is_active"]}) == 598
    assert len(components) == len({component["name"] for component in components}) == 2000
    assert {identity == entry["id"] for identity, entry in entries.items()} == {True}
    assert kind["estimated_count"] == 2000
    assert opened >= 120


def test_incidents_do_not_search_the_organisation_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """People and components are looked through once for all incidents, not once for each."""
    made_casts = []
    monkeypatch.setattr(seed, "Cast", lambda organisation: made_casts.append(Cast(organisation)) or made_casts[-1])
    service = made(incidents=20, directory=200, options=500)
    service.store.close()
    (cast,) = made_casts
    assert len(cast.components) == 500 - 1  # one of them is archived
    assert len(cast.responders) == len(set(cast.responders)) > 20


def test_the_small_one_is_inside() -> None:
    """What was there is there, with its identifiers; the same choice gives the same organisation."""
    small = made(incidents=0)
    first, second = (made(incidents=0, directory=40, options=60) for _ in range(2))
    for name in ("users", "catalog_entries"):
        assert small.organisation[name].items() <= first.organisation[name].items()
        assert first.organisation[name] == second.organisation[name]
    for service in (small, first, second):
        service.store.close()


def test_fewer_than_there_are_change_nothing() -> None:
    """The organisation is never cut down."""
    small, asked = made(incidents=0), made(incidents=0, directory=1, options=1)
    assert small.organisation["users"] == asked.organisation["users"]
    for service in (small, asked):
        service.store.close()


@pytest.mark.parametrize(
    ("choices", "printed"),
    [
        ({"directory": 100_001}, "people must be between 0 and 100,000"),
        ({"options": -1}, "options must be"),
        ({"incidents": 5, "open_incidents": 6}, "open incidents must be between 0 and 5"),
    ],
)
def test_impossible_sizes(choices: dict[str, int], printed: str) -> None:
    """A size that cannot be is refused by the name of its option."""
    with pytest.raises(ValueError, match=printed):
        Settings(**choices)  # type: ignore[arg-type]

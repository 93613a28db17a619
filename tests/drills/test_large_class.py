"""A class of thirty through a private scenario, each alone, and a shared one, each team together."""

from __future__ import annotations

import pytest

from incidentio_magic import errors
from incidentio_magic.client import Incidents
from incidentio_magic.drills.played import scenario_of
from incidentio_magic.drills.practice import Practice
from incidentio_magic.drills.reading import new_scenario
from incidentio_magic.drills.scoring import score
from incidentio_magic.sandbox import Sandbox
from incidentio_magic.settings import Secret, Settings

pytestmark = pytest.mark.slow

PEOPLE = [(f"Person {number:02}", ("Blue", "Red")[number % 2]) for number in range(30)]


@pytest.fixture
def school():
    """A class of thirty in two teams, whose clock stands still."""
    with Sandbox(
        seed=1, epoch="2026-01-15T14:00:00Z", incidents=20, people=PEOPLE, frozen=True, rate=10**6, list_rate=10**6
    ) as sandbox:
        yield sandbox


@pytest.fixture
def clients(school, tmp_path):
    """The trainees' clients and, last, the facilitator's."""
    keys = [*(trainee.key for trainee in school.roster.trainees), school.key]
    made = [
        Incidents(
            Settings(school.url, Secret(key), training=key != school.key, ledger=tmp_path / f"{number}.jsonl"),
            sleep=lambda _seconds: None,
        )
        for number, key in enumerate(keys)
    ]
    yield made
    for client in made:
        client.close()


def percents(practice):
    """Return each drill's score in percent, by name."""
    found = {}
    for drill in practice.newest_of_all():
        results = score(scenario_of(drill).expectations, practice.played(drill))
        found[drill.key.name] = 100 * sum(result.score for result in results) / sum(entry.of for entry in results)
    return found


def test_a_private_scenario(school, clients):
    """Thirty declare in private: each sees and writes to their own only, and the scores are each one's own."""
    *trainees, facilitator = clients
    practice = Practice(facilitator)
    _, drills = practice.start("leaked-token", everyone=True)
    assert len(drills) == 30
    school.advance(7 * 60)
    made = [io.declare("A token can read customers' data", severity="Major", private=number % 2 == 0) for number, io in
            enumerate(trainees)]  # fmt: skip
    assert len({outcome.reference for outcome in made}) == 30
    for io, outcome in zip(trainees, made, strict=True):
        assert io.update(outcome.reference, "We find out what the token can read.").sent
        assert list(io.incidents(open=True)["reference"]) == [outcome.reference]
    for io, outcome in zip(trainees, [*made[1:], made[0]], strict=True):
        with pytest.raises(errors.IncidentioError):
            io.update(outcome.reference, "From somebody else, who must not.")
    school.advance(5 * 60)
    for drill in practice.newest_of_all():
        practice.stop(drill)
    scores = percents(practice)
    assert len(scores) == 30
    # Declared in private 25 points, in public a quarter of them; all the rest is the same.
    assert len(set(scores.values())) == 2
    private, public = max(scores.values()), min(scores.values())
    assert round((private - public) * 70 / 100, 2) == 25 - 6.25
    with facilitator.for_everyone() as everyone:
        left = everyone.incidents(mode="test", open=True)
    assert not set(left["reference"]) & {outcome.reference for outcome in made}  # stopping has closed them


def test_a_shared_scenario(school, clients, tmp_path):
    """Two teams of fifteen each play one drill on one incident; the other team's is not theirs; one score for each."""
    *trainees, facilitator = clients
    path = new_scenario(str(tmp_path / "together.toml"))
    path.write_text(path.read_text("utf-8").replace("# shared = true", "shared = true"), "utf-8")
    practice = Practice(facilitator)
    _, drills = practice.start(str(path), everyone=True)
    assert sorted((drill.key.name, len(drill.members)) for drill in drills) == [("Blue", 15), ("Red", 15)]
    school.advance(4 * 60)
    blue, red = trainees[0::2], trainees[1::2]
    blue_incident = blue[0].declare("Payments answer slowly", severity="Minor").reference
    red_incident = red[0].declare("Payments hang for many", severity="Major").reference
    for number, io in enumerate(blue[1:]):
        assert io.update(blue_incident, f"Colleague {number} has looked at the queue.").sent
    assert blue[3].page(blue_incident, path="Payments on-call").sent
    for io, other in ((blue[5], red_incident), (red[5], blue_incident)):
        with pytest.raises(errors.IncidentioError):
            io.update(other, "From the other team, who must not.")
        with pytest.raises(errors.PermissionDenied, match="the facilitator"):
            Practice(io).stop(Practice(io).present())
    for drill in practice.newest_of_all():
        practice.stop(drill)
    scores = percents(practice)
    assert scores["Blue"] > 2 * scores["Red"] > 0

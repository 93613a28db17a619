"""What each kind of trainee does at which minute of the drill, and the score that was worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

DRILL = "database-pool"
# In the order of the scenario: declared as Major by 6 (20 points), first update within 12 of that, Checkout paged
# by 15, raised to Critical within 6 of minute 20 (20 points), an update every 20, closed with a message by 65.
ENDS_AT = 66

Act = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Profile:
    """One kind of trainee.

    Args:
        acts: What is done, by minute.
        scores: What it is worth, in the order of the scenario's expectations.
    """

    acts: dict[float, list[Act]] = field(default_factory=dict)
    scores: tuple[float, ...] = (0, 0, 0, 0, 0, 0)

    @property
    def messages(self) -> list[str]:
        """The messages shared, in order."""
        return [
            values["message"]
            for _minute, acts in sorted(self.acts.items())
            for name, values in acts
            if name == "update" and "message" in values
        ]

    @property
    def pages(self) -> int:
        """How often somebody is paged."""
        return sum(name == "page" for acts in self.acts.values() for name, _values in acts)

    @property
    def declares(self) -> bool:
        """Whether an incident is declared."""
        return any(name == "declare" for acts in self.acts.values() for name, _values in acts)


def _declare(severity: str) -> Act:
    return "declare", {"severity": severity}


def _update(message: str, **values: str) -> Act:
    return "update", {"message": message, **values}


def _page(path: str) -> Act:
    return "page", {"path": path}


PROFILES = {
    "does it all in time": Profile(
        {
            4: [_declare("Major")],
            6: [_page("Checkout on-call")],
            10: [_update("We look at the pool.", status="Fixing")],
            22: [_update("All regions now.", severity="Critical")],
            38: [_update("The job is killed.")],
            50: [_update("Orders are normal.", status="Closed")],
        },
        (20, 10, 10, 20, 10, 10),
    ),
    # Declared late (half) as the wrong severity (half again); the first update 20 min later (half), the page at 25
    # (half), raised 10 min after it got worse (half), 28 min without an update (half).
    "is late with everything": Profile(
        {
            10: [_declare("Minor")],
            25: [_page("Checkout on-call")],
            30: [_update("It got worse everywhere.", severity="Critical")],
            58: [_update("It is over and stays so.", status="Closed")],
        },
        (5, 5, 5, 10, 5, 10),
    ),
    # Closed without a message (half), and nothing in between.
    "says nothing": Profile({5: [_declare("Major")], 60: [("update", {"status": "Closed"})]}, (20, 0, 0, 0, 0, 5)),
    # Too severe at first (half), which was no reason to be so severe (a quarter); the wrong team paged.
    "is over-cautious": Profile(
        {
            2: [_declare("Critical")],
            5: [_page("Search on-call")],
            8: [_update("A first look at the pool.")],
            26: [_update("A second look at the pool.")],
            45: [_update("A third look at the pool.")],
            62: [_update("Orders are normal again.", status="Closed")],
        },
        (10, 10, 0, 5, 10, 10),
    ),
    "is not there": Profile(),
    # Raised 20 min after it got worse (nothing), then 26 min of silence to the end (half), never closed.
    "forgets the end": Profile(
        {
            6: [_declare("Major")],
            15: [_page("Checkout on-call")],
            18: [_update("We look at the pool.")],
            36: [_update("The job holds connections.")],
            40: [_update("It got worse everywhere.", severity="Critical")],
        },
        (20, 10, 10, 0, 5, 0),
    ),
}
ROUNDS = sorted({minute for profile in PROFILES.values() for minute in profile.acts})
FAULTY = (10, 22)  # the rounds in which answers get lost and the service is unavailable now and then

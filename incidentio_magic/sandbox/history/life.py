"""Simulates one seeded incident: plans its events, then replays them in chronological order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from incidentio_magic.sandbox.history import other_records, texts
from incidentio_magic.sandbox.incidentio.clock import written

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from incidentio_magic.sandbox.history._cast import Cast
    from incidentio_magic.sandbox.incidentio.journal import Journal
    from incidentio_magic.sandbox.records import ActivityContent, Actor, Declaration, FieldValue, Incident

LASTS = {  # minutes, at least and at most
    "Triage": (3, 40), "Investigating": (8, 60), "Fixing": (10, 120), "Monitoring": (30, 180),
    "Documenting": (1200, 5000), "Reviewing": (1200, 5000),
}  # fmt: skip
MESSAGES = {
    "Investigating": texts.INVESTIGATING, "Fixing": texts.FIXING, "Monitoring": texts.MONITORING,
    "Documenting": texts.RESOLVED, "Closed": texts.CLOSED, "Closed without review": texts.RESOLVED,
}  # fmt: skip
REVIEWED = ("Investigating", "Fixing", "Monitoring", "Documenting", "Reviewing", "Closed")
UNREVIEWED = ("Investigating", "Fixing", "Monitoring", "Closed without review")

FIXED_BY_CHANGE_EVERY = 7
SECOND = timedelta(seconds=1)


@dataclass
class Plan:
    """The course of an incident.

    Args:
        number: its number.
        start: when it is declared.
        path: the statuses it goes through, by name.
        mode: its mode.
        private: whether it is a private security incident.
        severity: its severity's name; None if it has none yet.
        merged_into: the incident it is merged into.
    """

    number: int
    start: datetime
    path: tuple[str, ...]
    mode: str = "standard"
    private: bool = False
    severity: str | None = "Minor"
    merged_into: str | None = None


@dataclass
class Story:
    """One simulated incident.

    Args:
        journal: writes it.
        cast: the people, options and entries it chooses from.
        plan: its course.
        dice: decides everything else.
        end: when the seeded history ends; later events do not happen.
    """

    journal: Journal
    cast: Cast
    plan: Plan
    dice: Random
    end: datetime
    incident: Incident = field(init=False)
    planned: list[tuple[datetime, Callable[[str], object]]] = field(default_factory=list)

    alert_id: str | None = None
    on_fixed: list[Callable[[str], object]] = field(default_factory=list)
    moments: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lead, self.second, self.watcher = self.dice.sample(self.cast.responders, 3)
        self.service = self.dice.choice(self.cast.services)
        self.region = self.dice.choice(self.cast.regions)
        self._gaps = {"service": self.service["value"], "region": self.region["value"], "number": self.plan.number}
        chosen = texts.PRIVATE if self.plan.private else self.dice.choice(texts.STORIES)
        self.name, self.cause, self.fix, self.follow_up = (self.fill(text) for text in chosen)
        self._gaps |= {"cause": self.cause, "fix": self.fix}
        if self.plan.mode == "test":
            self.name = f"[Test] {self.name}"

    def fill(self, text: str) -> str:
        """Fill in a text's placeholders and mark every text of a private incident as confidential."""
        filled = text.format_map(self._gaps) if "{" in text else text
        marked = self.plan.private and "CONFIDENTIAL" not in filled
        return f"CONFIDENTIAL-{self.plan.number}: {filled}" if marked else filled

    def at(self, moment: datetime, event: Callable[[str], object]) -> None:
        """Plan an event."""
        if moment <= self.end:
            self.planned.append((moment, event))

    def chance(self, probability: float) -> bool:
        """Return true with this probability."""
        return self.dice.random() < probability

    def after(self, least: float, most: float) -> timedelta:
        """Return a random time span between two numbers of minutes, to the second."""
        return SECOND * round(60 * self.dice.uniform(least, most))

    def replay(self) -> Incident:
        """Replay every planned event and return the incident."""
        self._declare()
        self._moves()
        if self.plan.mode in ("standard", "test") and self.plan.merged_into is None:
            self._people()
            other_records.plan(self)
        ended = self.moments.get("Monitoring") or self.moments.get("Merged")
        if ended:
            for event in self.on_fixed:
                self.at(ended, event)
        # Simultaneous events keep the order in which they were planned.
        for moment, event in sorted(self.planned, key=itemgetter(0)):
            event(written(moment))
        self._attachments()
        self.journal.save(self.incident)
        self.planned.clear()  # the events refer to the story and would keep it in memory
        self.on_fixed.clear()
        return self.incident

    def _attachments(self) -> None:
        """Attach the customer's ticket, and to some incidents the change that fixed them."""
        ticket = self.cast.fields["Customer ticket"]["id"]
        for value in self.incident["fields"].get(ticket, []):
            self.journal.attach(self.incident["id"], 1, "arbitrary_url", value["value_link"], "Customer ticket")
        if self.plan.number % FIXED_BY_CHANGE_EVERY == 0 and not self.plan.private:
            number = self.plan.number
            change = f"https://code.example.com/platform/pull/{number}"
            self.journal.attach(self.incident["id"], 2, "github_pull_request", change, f"platform#{number}")

    @property
    def serious(self) -> bool:
        """Whether the severity is Major or worse."""
        return self.plan.severity in ("Major", "Critical")

    def _declare(self) -> None:
        cast, plan = self.cast, self.plan
        kind = "Security" if plan.private else "Customer request" if plan.path[0] == "Triage" else "Platform"
        first = cast.statuses[plan.path[0]]
        reporter = self.dice.choice(cast.responders)
        severity = cast.severities[plan.severity] if plan.severity else None
        declaration: Declaration = {
            "number": plan.number,
            "name": self.name,
            "summary": self.fill(f"{self.name}. {self.dice.choice(texts.INVESTIGATING)}"),
            "mode": plan.mode,
            "visibility": "private" if plan.private else "public",
            "incident_type_id": cast.types[kind]["id"],
            "incident_status_id": first["id"],
            "severity_id": severity["id"] if severity else None,
            "roles": {cast.roles["Reporter"]["id"]: reporter},
            "fields": self._fields(),
            "timestamps": {},
        }
        alert = None
        if plan.mode == "standard" and not plan.private and plan.path[0] != "Triage" and self.chance(0.5):
            alert = other_records.raise_alert(self)
        actor: Actor = {"alert": {"id": alert["id"], "title": alert["title"]}} if alert else {"user": reporter}
        at = written(plan.start)
        message = None if plan.path[0] == "Triage" else self.fill(self.dice.choice(texts.INVESTIGATING))
        self.incident = self.journal.open(declaration, at, actor, message=message)
        if alert:
            other_records.attach_alert(self, alert, at)

    def _fields(self) -> dict[str, list[FieldValue]]:
        fields = self.cast.fields
        service = fields["Affected service"]["id"]
        chosen: dict[str, list[FieldValue]] = {service: [{"value_option_id": self.service["id"]}]}
        if self.chance(0.8):
            regions = [
                self.region,
                *self.dice.sample(self.cast.regions, self.dice.randint(0, 2)),
            ]
            identities = dict.fromkeys(region["id"] for region in regions)
            chosen[fields["Affected regions"]["id"]] = [{"value_option_id": option_id} for option_id in identities]
        if self.chance(0.4):
            ticket = f"https://tickets.example.com/{self.plan.number * 7}"
            chosen[fields["Customer ticket"]["id"]] = [{"value_link": ticket}]
        for field_name, entries, most in (
            ("Owning team", self.cast.teams, 1),
            ("Affected components", self.cast.components, 3),
        ):
            if self.chance(0.7):
                count = self.dice.randint(1, most) if most > 1 else 1
                chosen[fields[field_name]["id"]] = [
                    {"value_catalog_entry_id": entry_id} for entry_id in self.dice.sample(entries, count)
                ]
        return chosen

    def _moves(self) -> None:
        """Plan each status change of the incident and its message."""
        moment = self.plan.start
        self.moments = {self.plan.path[0]: moment}
        for before, after in zip(self.plan.path, self.plan.path[1:], strict=False):
            moment += self.after(*LASTS[before])
            self.moments[after] = moment
            message = self.fill(self.dice.choice(MESSAGES[after])) if after in MESSAGES else None
            self.at(moment, self._move(after, message))
        if self.chance(0.25) and "Fixing" in self.moments and self.plan.severity:
            self.at(self.moments["Fixing"] + timedelta(minutes=-3), self._grade)
        if "Documenting" in self.moments:
            self.at(self.moments["Documenting"] + self.after(20, 200), self._explain)

    def _move(self, status_name: str, message: str | None) -> Callable[[str], None]:
        status = self.cast.statuses[status_name]
        merged = self.plan.merged_into if status["category"] == "merged" else None

        def move(at: str) -> None:
            actor: Actor = {"user": self.lead}
            update = self.journal.change(
                self.incident, at, actor, status_id=status["id"], message=message, merged_into=merged
            )
            if merged:
                content: ActivityContent = {
                    "source_incident": self.incident["id"],
                    "incident_update_id": update["id"],
                    "merger": actor,
                }
                self.journal.save(self.incident)
                self.journal.record(merged, at, "incident_merged", f"INC-{self.plan.number} was merged in", content)
                self.journal.relate(self.incident["id"], merged)
            elif message and self.chance(0.4):
                self.journal.item(
                    self.incident["id"],
                    at,
                    actor,
                    timestamp=at,
                    title=f"{status_name}: {message.splitlines()[0]}",
                    activity_log_id=self.journal.entry_id("incident_update"),
                )

        return move

    def _grade(self, at: str) -> None:
        severities = list(self.journal.organisation["severities"].values())
        place = next(i for i, severity in enumerate(severities) if severity["id"] == self.incident["severity_id"])
        worse = place == 0 or (place < len(severities) - 1 and self.chance(0.6))
        severity = severities[place + 1 if worse else place - 1]
        message = self.fill(texts.GRADED[0 if worse else 1])
        self.journal.change(self.incident, at, {"user": self.lead}, severity_id=severity["id"], message=message)

    def _explain(self, at: str) -> None:
        fields = self.cast.fields
        actor: Actor = {"user": self.lead}
        cause: list[FieldValue] = [{"value_text": self.cause}]
        self.journal.fill(self.incident, at, actor, fields["Root cause"]["id"], cause)
        customers: list[FieldValue] = [{"value_numeric": str(self.dice.randint(1, 5000))}]
        self.journal.fill(self.incident, at, actor, fields["Customers affected"]["id"], customers)
        self.journal.summarise(self.incident, at, actor, f"{self.name}. {self.cause} {self.fix}")

    def _people(self) -> None:
        """Plan the role assignments and the start of the impact."""
        stamp = self.cast.timestamps["Impact started at"]["id"]
        began = written(self.plan.start - self.after(4, 40))

        def assign(role: str, user: str) -> Callable[[str], None]:
            identity = self.cast.roles[role]["id"]
            return lambda at: self.journal.assign(self.incident, at, {"user": user}, identity, user)

        self.at(self.plan.start + self.after(1, 6), assign("Incident Lead", self.lead))
        if self.serious:
            self.at(self.plan.start + self.after(4, 12), assign("Communications Lead", self.second))
        if self.plan.severity == "Critical":
            self.at(self.plan.start + self.after(6, 15), assign("Scribe", self.watcher))
        if self.chance(0.6):
            actor: Actor = {"user": self.lead}
            self.at(
                self.plan.start + self.after(7, 20),
                lambda at: self.journal.time(self.incident, at, actor, stamp, began),
            )

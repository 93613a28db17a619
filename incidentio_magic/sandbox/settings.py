"""The settings of a sandbox."""

from __future__ import annotations

from dataclasses import dataclass

PORTS = range(65536)
MOST_INCIDENTS = 1_000_000
MOST_TRAINEES = 500
MOST_PEOPLE = 100_000
MOST_OPTIONS = 200_000


NAMES = {"directory": "people", "options": "options", "open_incidents": "open incidents"}


@dataclass(frozen=True)
class Settings:
    """The settings of a sandbox; `Sandbox` describes each."""

    host: str = "127.0.0.1"
    port: int = 0
    database: str | None = None
    seed: int = 1
    epoch: str | None = None
    incidents: int = 300
    key: str = ""
    rate: int = 1200
    list_rate: int = 60
    window: int = 60
    latency: float = 0.0
    frozen: bool = False
    trainees: int = 0
    people: tuple[tuple[str, str], ...] = ()
    new_keys: bool = False
    directory: int = 0
    options: int = 0
    open_incidents: int | None = None
    allowed_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse impossible settings.

        Raises:
            ValueError: a setting is out of range.
        """
        if not 0 <= self.incidents <= MOST_INCIDENTS:
            raise ValueError(f"incidents must be between 0 and {MOST_INCIDENTS:,}")
        if not 0 <= max(self.trainees, len(self.people)) <= MOST_TRAINEES:
            raise ValueError(f"trainees must be between 0 and {MOST_TRAINEES}")
        for name, most in (("directory", MOST_PEOPLE), ("options", MOST_OPTIONS), ("open_incidents", self.incidents)):
            if not 0 <= (getattr(self, name) or 0) <= most:
                raise ValueError(f"{NAMES[name]} must be between 0 and {most:,}")
        if self.window < 1:
            raise ValueError("window must be at least 1")
        if self.seed < 0:
            raise ValueError("seed must not be negative")
        if self.port not in PORTS:
            raise ValueError(f"port must be between {PORTS[0]} and {PORTS[-1]}")

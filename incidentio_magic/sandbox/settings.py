"""How a sandbox is asked to be."""

from __future__ import annotations

from dataclasses import dataclass

SANDBOX_KEY = "sandbox-key-with-every-role"


@dataclass(frozen=True)
class Settings:
    """What can be chosen when a sandbox starts.

    Args:
        host: the address to listen on; the default is reached from this machine only.
        port: the port to listen on; 0 takes a free one.
        database: the file that keeps the state; None keeps it in memory.
        seed: decides every identifier and row.
        epoch: the ISO time at which the seeded history ends; None is the real time, cut to the hour.
        incidents: how many incidents are seeded.
        key: the API key that may do everything.
        rate: requests a minute for each key.
        list_rate: requests a minute for listing incidents, and for creating escalations.
        latency: seconds that every answer waits.
        frozen: whether the clock stands still, except for one second at each accepted write.
    """

    host: str = "127.0.0.1"
    port: int = 0
    database: str | None = None
    seed: int = 1
    epoch: str | None = None
    incidents: int = 300
    key: str = SANDBOX_KEY
    rate: int = 1200
    list_rate: int = 60
    latency: float = 0.0
    frozen: bool = False

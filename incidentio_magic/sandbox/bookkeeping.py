"""What the sandbox says about itself: the types of its recorded requests and of its state."""

from __future__ import annotations

from typing import Any, TypedDict


class RecordedRequest(TypedDict):
    """A request as it was received; without a status, its answer was lost."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: Any  # any JSON; None if it is none
    status: int | None
    headers: dict[str, str]


class ClockState(TypedDict):
    """The sandbox's clock."""

    now: str
    epoch: str
    frozen: bool
    speed: float


class SandboxState(TypedDict):
    """The sandbox as its administrator sees it."""

    clock: ClockState
    seed: int
    counts: dict[str, int]
    notifications: dict[str, int]
    faults: list[dict[str, object]]
    requests: int
    refused: int

"""The Kaplan-Meier estimate for durations; an unfinished duration counts for as long as it has lasted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NORMAL: Final = 1.959963984540054  # of 95 %
MEDIAN: Final = 0.5
P90: Final = 0.9


@dataclass(frozen=True)
class Quantile:
    """The duration within which a share of the incidents end, in seconds; NaN if the data do not reach it.

    Args:
        value: The estimate.
        low: The lower end of its 95 % interval.
        high: The upper end.
        at_risk: How many incidents had lasted at least that long, ended or not.
    """

    value: float
    low: float
    high: float
    at_risk: int


_UNKNOWN: Final = Quantile(np.nan, np.nan, np.nan, 0)


class Survival:
    """The Kaplan-Meier estimate of how long something lasts.

    Args:
        ended: How long the ended incidents lasted, in seconds.
        ongoing: How long the others have lasted so far, in seconds.
    """

    def __init__(self, ended: NDArray[np.float64], ongoing: NDArray[np.float64]) -> None:
        self._ended, self._ongoing = np.sort(ended), np.sort(ongoing)
        self.times, deaths = np.unique(self._ended, return_counts=True)
        self.at_risk = self._reached(self.times)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.surviving = np.cumprod(1 - deaths / self.at_risk)
            # Greenwood's variance, on the scale of log(-log) on which intervals stay between 0 and 1.
            spread = np.sqrt(np.cumsum(deaths / (self.at_risk * (self.at_risk - deaths)))) / np.log(self.surviving)
            bend = np.exp(_NORMAL * np.abs(spread))
            self.low = np.nan_to_num(self.surviving**bend, nan=0.0)
            self.high = np.where(self.surviving > 0, self.surviving ** (1 / bend), np.nan)
        # Where nothing survives, the last interval that is known still holds.
        known = np.where(np.isnan(self.high), -1, np.arange(len(self.high)))
        last = np.maximum.accumulate(known) if len(known) else known
        self.high = np.where(last >= 0, self.high[np.maximum(last, 0)], 1.0) if len(known) else self.high

    def _reached(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        ended = len(self._ended) - np.searchsorted(self._ended, times, side="left")
        ongoing = len(self._ongoing) - np.searchsorted(self._ongoing, times, side="left")
        return np.asarray(ended + ongoing, dtype=np.int64)

    def quantile(self, share: float) -> Quantile:
        """Return the duration within which a share of the incidents end.

        Args:
            share: Between 0 and 1: 0.5 for the median, 0.9 for p90.
        """
        if not len(self.times):
            return _UNKNOWN
        value, low, high = (self._first_at_most(1 - share, curve) for curve in (self.surviving, self.low, self.high))
        at_risk = 0 if np.isnan(value) else int(self._reached(np.array([value]))[0])
        return Quantile(value, low, high, at_risk)

    def _first_at_most(self, level: float, curve: NDArray[Any]) -> float:
        reached = np.flatnonzero(curve <= level + 1e-12)
        return float(self.times[reached[0]]) if len(reached) else float("nan")

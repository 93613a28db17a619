"""Public holidays of a country or a part of it, from the package `holidays`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from incidentio_magic.errors import InputError, SettingsError
from incidentio_magic.names.close_matches import closest

_EPOCH: Final = date(1970, 1, 1)
_SHOWN: Final = 8


def check_region(region: str) -> None:
    """Raise an error if a region has no known holidays; an empty region passes.

    Args:
        region: A country or a part of it, such as `DE` or `DE-BY`.

    Raises:
        InputError: If it is not known.
        SettingsError: If the package is not installed.
    """
    if region:
        _holidays(region, _EPOCH.year)


def holidays_between(region: str, first: int, last: int) -> set[int]:
    """Return the public holidays between two days, both included, as days since 1970.

    Args:
        region: A country or a part of one.
        first: The first day, since 1970.
        last: The last day.
    """
    years = range((_EPOCH + timedelta(days=first)).year, (_EPOCH + timedelta(days=last)).year + 1)
    found = (day for year in years for day in _holidays(region, year))
    return {number for day in found if first <= (number := (day - _EPOCH).days) <= last}


def _holidays(region: str, year: int) -> list[date]:
    try:
        import holidays  # noqa: PLC0415  an extra
    except ModuleNotFoundError:
        raise SettingsError(
            "Holidays need the package holidays, which is not installed.",
            hint='pip install "incidentio-magic[holidays]", or leave out --holidays',
        ) from None
    known: dict[str, Any] = holidays.list_supported_countries()
    country, _dash, part = region.strip().upper().partition("-")
    if country not in known:
        near = closest(country, known, most=1)
        hint = f"did you mean {near[0]}?" if near else "write a code of ISO 3166, such as DE, DE-BY or US-CA"
        raise InputError(f"No holidays of {region!r} are known.", hint=hint)
    if part and part not in known[country]:
        parts = ", ".join(f"{country}-{name}" for name in list(known[country])[:_SHOWN]) or f"{country} alone"
        raise InputError(f"No holidays of {region!r} are known.", hint=f"there are: {parts}")
    return list(holidays.country_holidays(country, subdiv=part or None, years=year))

"""The options that draw a frame as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidentio_magic.magics.grammar import nearest

if TYPE_CHECKING:
    from incidentio_magic.magics.session import Session


def add_plot(group: Any) -> None:
    """Add the option that draws."""
    group.add_argument("--plot", action="store_true", help="draw it; chart.frame then holds the DataFrame")


def add_series(group: Any) -> None:
    """Add the option that also draws the user's own metrics."""
    group.add_argument(
        "--with",
        dest="series",
        action="append",
        default=[],
        metavar="NAME",
        help="with --plot: a Series or DataFrame of the notebook, indexed by time, on the same time axis",
    )


def series(session: Session, names: list[str]) -> dict[str, Any]:
    """Return the variables with these names, in the scope of the magic's caller.

    Raises:
        InputError: If there is no such variable.
    """
    from incidentio_magic.magics._scope import caller_scope  # noqa: PLC0415  loads on first use

    variables = {name: value for name, value in caller_scope(session.shell).items() if not name.startswith("_")}
    for name in names:
        if name not in variables:
            raise nearest("variable", name, variables, instead="assign it in a cell above")
    return {name: variables[name] for name in names}

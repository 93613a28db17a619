"""Renders a board's rows as HTML and as text. Escapes every string of the service."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from incidentio_magic.moments import between
from incidentio_magic.printable import one_line
from incidentio_magic.widgets.board_rows import MOST_ROWS, Change, ago

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from incidentio_magic.widgets.board_rows import Gone, Overdue, Row, Snapshot

_LONGEST: Final = 300  # maximum characters of a name; the row shows as many as fit
_TEXT_NAME: Final = 40
_HEADINGS: Final = ("Severity", "Incident", "Name", "Status", "Lead", "Age", "Last update")
_NO_CHANGE: Final = Change()
_WIDTHS: Final = ((6.5, 0.6), (5, 0), (9, 3), (8, 0.9), (7, 1.5), (6.4, 0.5), (7.8, 0.6))  # in em, and the share
_COLUMNS: Final = " ".join(f"minmax({least}em, {share}fr)" if share else f"{least}em" for least, share in _WIDTHS)

# JupyterLab's variables follow its theme; the values after them serve front ends without.
STYLE: Final = f"""<style>
.incidents-board {{ container-type: inline-size; }}
.incidents-board-html.widget-html, .incidents-board-html .widget-html-content {{
  height: auto; line-height: 1.35; overflow: visible; font-size: var(--jp-ui-font-size1, 13px);
  color: var(--jp-ui-font-color1, inherit); }}
.incidents-board .ib-row {{ display: grid; grid-template-columns: {_COLUMNS}; column-gap: .8em; align-items: center;
  min-height: 2.6em; padding: .15em .5em; border-left: 4px solid transparent; }}
.incidents-board .ib-row > div {{ min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.incidents-board-line {{ border-top: 1px solid var(--jp-border-color2, rgba(128, 128, 128, .35)); }}
.incidents-board .ib-head {{ font-weight: 600; min-height: 2em; color: var(--jp-ui-font-color2, inherit); }}
.incidents-board a {{ color: var(--jp-content-link-color, LinkText); }}
.incidents-board .ib-0 {{ border-left-color: var(--jp-error-color1, #d32f2f); }}
.incidents-board .ib-1 {{ border-left-color: var(--jp-warn-color1, #f57c00); }}
.incidents-board .ib-2 {{ border-left-color: var(--jp-border-color1, #888); }}
.incidents-board .ib-0 .ib-severity {{ font-weight: 700; }}
.incidents-board .ib-changed {{ background: rgba(33, 150, 243, .14); }}
.incidents-board .ib-small {{ font-size: .85em; font-weight: 400;
  color: color-mix(in srgb, var(--jp-ui-font-color1, #212121) 80%, var(--jp-layout-color1, #fff)); }}
.incidents-board .ib-row > .ib-name {{ display: flex; flex-wrap: wrap; align-items: center; }}
.incidents-board .ib-row > .ib-lead, .incidents-board .ib-row > .ib-status {{
  white-space: normal; overflow-wrap: anywhere; }}
.incidents-board .ib-page {{ flex: 1 0 100%; font-size: .85em; white-space: normal; overflow-wrap: anywhere; }}
.incidents-board .ib-waits {{ font-weight: 600; color: var(--ib-late); }}
.incidents-board .ib-name bdi {{ min-width: 0; overflow: hidden; white-space: normal; overflow-wrap: anywhere;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }}
.incidents-board .ib-badge {{ flex: none; font-size: .78em; font-weight: 700; padding: 0 .45em;
  margin-right: .45em; border-radius: 3px; border: 1px solid currentColor; }}
.incidents-board .ib-late {{ font-weight: 700; color: var(--ib-late); }}
.incidents-board {{ --ib-late: #b71c1c; }}
body[data-jp-theme-light="false"] .incidents-board {{ --ib-late: #ff8a80; }}
.incidents-board .ib-gone .ib-name bdi {{ text-decoration: line-through; }}
.incidents-board .ib-note {{ padding: .15em .5em; overflow-wrap: anywhere; }}
.incidents-board h3.ib-title {{ font-size: 1.15em; font-weight: 600; margin: 0; }}
.incidents-board .ib-lost {{ display: none; }}
.incidents-board:is(.jupyter-widgets-disconnected, .incidentio-lost) .ib-lost {{ display: block; }}
.incidents-board:is(.jupyter-widgets-disconnected, .incidentio-lost) button {{ display: none; }}
.jp-OutputArea:has(.incidents-board) .incidents-board-saved {{ display: none; }}
.incidents-board .ib-panel {{ padding: .3em .5em .6em 1em; border-left: 4px solid var(--jp-brand-color1, #1976d2); }}
.incidents-board .ib-panel, .incidents-board .ib-panel-body {{ overflow: visible; }}
.incidents-board button.ib-close {{ background: transparent; color: var(--jp-ui-font-color1, inherit); }}
.incidents-board .ib-training {{ margin: .2em .5em; padding: .25em .6em; font-weight: 600; color: #3b2a00;
  background: #ffd766; border-radius: 3px; }}
.incidents-board .ib-stale {{ margin: .2em .5em; padding: .25em .6em; font-weight: 600;
  border: 1px solid var(--jp-error-color1, #d32f2f); border-left-width: 4px; border-radius: 3px; }}
.incidents-board .ib-empty {{ padding: .8em .5em; }}
.incidents-board button:focus-visible {{ outline: 2px solid var(--jp-brand-color1, Highlight); outline-offset: 1px; }}
.incidents-board .ib-space {{ visibility: hidden; }}
.incidents-board .ib-spoken {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.incidents-board .ib-head-actions {{ position: relative; }}
@container (max-width: 760px) {{
  .incidents-board .ib-head, .incidents-board .ib-space {{ display: none; }}
  .incidents-board .ib-row {{ grid-template-columns: 7em 6em minmax(0, 1fr); padding: .4em .5em;
    grid-template-areas: "severity reference name" "status status lead" "age age update"; }}
  .incidents-board .ib-severity {{ grid-area: severity; }}
  .incidents-board .ib-reference {{ grid-area: reference; }}
  .incidents-board .ib-name {{ grid-area: name; }}
  .incidents-board .ib-status {{ grid-area: status; }}
  .incidents-board .ib-lead {{ grid-area: lead; }}
  .incidents-board .ib-age {{ grid-area: age; }}
  .incidents-board .ib-age::before {{ content: "age "; }}
  .incidents-board .ib-row > .ib-update {{ grid-area: update; }}
  .incidents-board .ib-row > .ib-update::before {{ content: "last update "; }}
  .incidents-board .ib-late br {{ display: none; }}
}}
</style>"""


def heading() -> str:
    """Return the row of column headings."""
    return f'<div class="ib-row ib-head">{"".join(f"<div>{title}</div>" for title in _HEADINGS)}</div>'


def row_html(
    row: Row,
    snapshot: Snapshot,
    overdue: Overdue,
    *,
    show_private: bool,
    change: Change | None = None,
    gone: Gone | None,
) -> str:
    """Return one incident's cells.

    Args:
        row: The incident.
        snapshot: The refresh it belongs to.
        overdue: The rule for overdue incidents.
        show_private: Whether the names of private incidents are shown.
        change: How it changed.
        gone: Why it is no longer listed, if it is not.
    """
    incident, change = row.incident, change or _NO_CHANGE
    late = not gone and overdue.marks(row, snapshot.at)
    name = escape(one_line(row.name(show_private=show_private), limit=_LONGEST))
    went = gone.where.upper() if gone else ""
    badges = "".join(
        f'<span class="ib-badge">{badge}</span>'
        for badge, shown in (
            (went, went),
            ("NEW", change.new),
            ("test", incident.mode == "test"),
        )
        if shown
    )
    since = _since(row, snapshot)
    kinds = [f"ib-{_place(row, snapshot)}"]
    kinds += ["ib-gone"] if gone else ["ib-changed"] if change != _NO_CHANGE else []
    status, before = (gone.status, row.status) if gone and gone.status else (row.status, change.status)
    # The title shows what a narrow cell cuts off.
    cells = (
        ("severity", row.severity, _cell(row.severity, change.severity)),
        ("reference", "", _link(incident.reference, incident.permalink)),
        ("name", "", f'{badges}<bdi title="{name}">{name}</bdi>{_pages(row, snapshot)}'),
        ("status", status, _cell(status, before)),
        ("lead", row.lead, _lead(row, snapshot)),
        ("age", "since it was declared", ago(between(row.declared_at, snapshot.at))),
        (
            "update",
            "since an update was last shared",
            f'<span class="ib-late">{since}<br> ⚠ overdue</span>' if late else since,
        ),
    )
    return (
        f'<div class="ib-row {" ".join(kinds)}">'
        + "".join(f'<div class="ib-{kind}" title="{_text(title)}">{html}</div>' for kind, title, html in cells)
        + "</div>"
    )


def note(text: str, kind: str = "note") -> str:
    """Return a line of text.

    Args:
        text: Any string; escaped here.
        kind: note, title, training, stale or empty.
    """
    tag = "h3" if kind == "title" else "div"
    return f'<{tag} class="ib-note ib-{kind}">{escape(text)}</{tag}>'


def as_text(snapshot: Snapshot, overdue: Overdue, *, show_private: bool, zone: tzinfo) -> str:
    """Return a snapshot as plain text, for front ends without widgets.

    Args:
        snapshot: The last refresh.
        overdue: The rule for overdue incidents.
        show_private: Whether the names of private incidents are shown.
        zone: The time zone of shown times.
    """
    lines = [_HEADINGS]
    for row in snapshot.rows[:MOST_ROWS]:
        since = _since(row, snapshot)
        lines.append(
            (
                one_line(row.severity),
                one_line(row.incident.reference),
                one_line(row.name(show_private=show_private), limit=_TEXT_NAME),
                one_line(row.status),
                one_line(row.lead, limit=_TEXT_NAME),
                ago(between(row.declared_at, snapshot.at)),
                f"{since}, overdue" if overdue.marks(row, snapshot.at) else since,
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    if not snapshot.rows:
        table = []
    rule = [overdue.rule()] if snapshot.rows else []
    more = len(snapshot.rows) - MOST_ROWS
    if snapshot.on_call:
        for row in snapshot.rows[:MOST_ROWS]:
            found = "; ".join(filter(None, [*_page_lines(row, snapshot).values(), _of_teams(row, snapshot)]))
            rule += [f"{one_line(row.incident.reference)}: {found}."] if found else []
        rule += [line for line in (snapshot.on_call.line(), snapshot.on_call.problem) if line]
    table += [f"… and {more} more, less urgent."] if more > 0 else []
    return "\n".join([*table, f"As of {clock(snapshot.at, zone)}.", *incomplete(snapshot), *rule])


def nothing(filters: Mapping[str, Any], *, training: bool) -> str:
    """Return the sentence for an empty board.

    Args:
        filters: The fields of `IncidentQuery`, by name.
        training: Whether only test incidents are shown.
    """
    what = "open test incidents" if training else "open incidents"
    if filters.get("all"):
        what = what.removeprefix("open ")
    plain = not any(value for name, value in filters.items() if name not in {"open", "all", "everyone"})
    return f"No {what}." if plain else f"No {what} match these filters."


def incomplete(snapshot: Snapshot) -> Sequence[str]:
    """Return a line for each reason why incidents are missing; no line if none are."""
    lines = [f"Incomplete: {snapshot.incomplete}."] if snapshot.incomplete else []
    if snapshot.own_only:
        lines.append("The trainees' records are left out; --everyone shows them.")
    return lines


def clock(moment: datetime, zone: tzinfo) -> str:
    """Format the time of day of a moment, with its zone."""
    return f"{moment.astimezone(zone):%H:%M:%S %Z}"


def _since(row: Row, snapshot: Snapshot) -> str:
    """Return how long ago an update was shared; an ellipsis if that is not read yet."""
    return "…" if row.last_update is None else ago(between(row.last_update, snapshot.at))


def _page_lines(row: Row, snapshot: Snapshot) -> dict[str, str]:
    """Return the open pages about an incident as lines, by kind: waiting and acknowledged."""
    if snapshot.on_call is None:
        return {}
    lines = {
        "waits": snapshot.on_call.waiting(row.incident.id, snapshot.at),
        "acknowledged": snapshot.on_call.acknowledged(row.incident.id),
    }
    return {kind: line for kind, line in lines.items() if line}


def _of_teams(row: Row, snapshot: Snapshot) -> str:
    """Return who is on call for the teams of an incident; empty if that is not known yet."""
    return snapshot.on_call.of_teams(row.incident) if snapshot.on_call else ""


def _pages(row: Row, snapshot: Snapshot) -> str:
    """Return the open pages about an incident, below its name."""
    lines = _page_lines(row, snapshot)
    return "".join(f'<span class="ib-page ib-{kind}">📟 {_text(line)}</span>' for kind, line in lines.items())


def _lead(row: Row, snapshot: Snapshot) -> str:
    """Return an incident's lead, and below it who is on call for its teams."""
    lead = f"<bdi>{_text(row.lead)}</bdi>" if row.lead else '<span class="ib-small">no lead</span>'
    on_call = _of_teams(row, snapshot)
    return lead + (f'<br><span class="ib-small"><bdi>{_text(on_call)}</bdi></span>' if on_call else "")


def _cell(text: str, before: str) -> str:
    was = f'<br><span class="ib-small">was <bdi>{_text(before)}</bdi></span>' if before else ""
    return f"<bdi>{_text(text)}</bdi>{was}"


def _text(text: str) -> str:
    return escape(one_line(text))


def _link(reference: str, permalink: str | None) -> str:
    if permalink and permalink.startswith("https://") and permalink.isprintable() and " " not in permalink:
        return f'<a href="{escape(permalink)}" target="_blank" rel="noopener">{_text(reference)}</a>'
    return _text(reference)


def _place(row: Row, snapshot: Snapshot) -> int:
    """Return 0 for the most severe, 1 for the second, 2 for all others."""
    above = sum(severity.rank > row.rank for severity in snapshot.severities)
    return min(above, 2)

"""The live board of open incidents, which the kernel's poller refreshes."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from ipywidgets.widgets.widget_string import HTMLStyle

from incidentio_magic.environment import training_in
from incidentio_magic.errors import IncidentioError, RateLimited
from incidentio_magic.widgets._shared import close
from incidentio_magic.widgets.board_display import show_extras
from incidentio_magic.widgets.board_panels import Panels
from incidentio_magic.widgets.board_rows import MOST_ROWS, Overdue
from incidentio_magic.widgets.board_table import (
    STYLE,
    as_text,
    clock,
    heading,
    incomplete,
    note,
    nothing,
    row_html,
)
from incidentio_magic.widgets.display import show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta, tzinfo

    from incidentio_magic.widgets.board_rows import Gone, Row, Snapshot
    from incidentio_magic.widgets.poller import Feed, Poller

_AGAIN = "Run this cell again for a fresh board."
_LOST = note(
    "The kernel of this board is gone, so it no longer refreshes. Run this cell again for a fresh board.",
    "stale ib-lost",
)
_BUTTON_WIDTH = "80px"


class Board(widgets.VBox):  # ipywidgets has no types
    """A table of open incidents that refreshes itself.

    Args:
        poller: Refreshes it.
        filters: The fields of `IncidentQuery`, by name.
        zone: The time zone of shown times.
        overdue: The longest time without an update, by severity name; None means never overdue.
        show_private: Whether the names of private incidents are shown.
        training: Whether only test incidents are shown.
        kinds: The forms that every row offers, such as `update`.
        open_form: Returns the form of a kind for a reference; None if it cannot be opened here.
        cell: The ID of the notebook cell that made it, if known.
    """

    def __init__(
        self,
        poller: Poller,
        filters: Mapping[str, Any],
        *,
        zone: tzinfo,
        overdue: Mapping[str, timedelta | None] | None = None,
        show_private: bool = False,
        training: bool = False,
        kinds: Sequence[str] = (),
        open_form: Callable[[str, str], widgets.Widget | None] = lambda _kind, _reference: None,
        cell: str = "",
    ) -> None:
        self.cell = cell
        self._poller = poller
        self._filters = filters
        self._zone = zone
        self._given = dict(overdue or {})
        self._show_private = show_private
        self._training = training
        self._kinds = tuple(kinds)
        self._lock = threading.RLock()
        self._stopped = False
        self._read_at: datetime | None = None
        self._lines: dict[str, widgets.HBox] = {}
        self._text = "The board has not been read yet."
        self._row_layout = widgets.Layout(flex="1 1 380px", min_width="0", width="auto", margin="0")
        self._note_layout = widgets.Layout(width="auto", margin="0")
        self._line_layout = widgets.Layout(flex_flow="row wrap", align_items="center", width="auto")
        self._buttons_layout = widgets.Layout(flex="0 0 auto", width="auto", overflow="visible")
        self._button_layout = widgets.Layout(width=_BUTTON_WIDTH, margin="1px 2px")
        self._button_style = widgets.ButtonStyle()
        self._html_style = HTMLStyle()
        self._hidden_layout = widgets.Layout(display="none")
        # All rows share these; closing a row leaves them open.
        self._of_lines = (
            *(self._row_layout, self._line_layout, self._buttons_layout, self._button_layout),
            *(self._button_style, self._html_style),
        )
        self._held = False
        self._top = self._html(self._note_layout)
        self._state_line = self._html(self._row_layout).add_class("ib-state")
        self._rule = self._html(self._note_layout)
        self._refresh = self._control("Refresh now", "Read the incidents now", self.refresh)
        self._stop = self._control("Stop", "Stop refreshing this board", self.stop)
        self._rows = widgets.VBox([], layout=widgets.Layout(width="100%"))
        self._head = self._line(heading(), "")
        self._panels = Panels(open_form, self.refresh, self._arrange)
        table = widgets.VBox([self._head, self._rows], layout=widgets.Layout(width="100%")).add_class("ib-table")
        signals = [self._signal("ib-hold", held=True), self._signal("ib-release", held=False)]
        buttons = widgets.HBox([self._refresh, self._stop], layout=self._buttons_layout)
        controls = widgets.HBox([self._state_line, buttons], layout=self._line_layout)
        self._head.layout = widgets.Layout(flex_flow="row wrap", align_items="center", width="auto")  # hidden alone
        super().__init__([self._top, controls, table, self._rule, *signals])
        self.add_class("incidents-board")
        # Makes the front end count the views; a count of zero is the only sign that the output was cleared. ipywidgets
        # does not guarantee the count. Without it, the board ends with its button, its cell or its kernel.
        self._view_count = 0
        self.observe(self._views_changed, "_view_count")
        self.feed = poller.watch(self, filters)
        self.show(self.feed)
        poller.start()

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and the table as text for front ends without widgets."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return {**bundle, "text/plain": f"{self._text}\nThis copy does not refresh."}

    def _ipython_display_(self) -> None:
        """Show the board; JupyterLab's shortcuts do not apply in its forms."""
        show(self._repr_mimebundle_())
        show_extras()

    @property
    def stopped(self) -> bool:
        """Whether it has stopped refreshing."""
        return self._stopped

    def refresh(self) -> None:
        """Read the incidents now, unless the board has stopped."""
        if self._stopped:
            return
        if isinstance(self.feed.error, RateLimited):
            self._state_line.value = note("The rate limit is used up; the next read waits until it allows one.")
            return
        self._refresh.disabled = True
        self._poller.refresh(self.feed)

    def stop(self) -> None:
        """Stop refreshing; the rows stay."""
        self.ended("")
        self._poller.leave(self)

    def close(self) -> None:
        """Stop, and close all widgets."""
        if not self._stopped:
            self.stop()
        self._panels.close()
        for child in self.children:
            close(child)
        self.layout.close()
        super().close()

    def ended(self, reason: str) -> None:
        """Say that refreshing has ended, and why."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            self._refresh.disabled = self._stop.disabled = True
            as_of = f"This is as of {clock(self._read_at, self._zone)}." if self._read_at else ""
            self._state_line.value = note(" ".join(filter(None, ("Stopped.", reason, as_of, _AGAIN))), "stale")

    def show(self, feed: Feed) -> None:
        """Show the feed's rows, or why it could not be read."""
        with self._lock:
            if self._stopped:
                return
            try:
                self._draw(feed)
            except IncidentioError as error:  # the overdue rule names an unknown severity
                self._state_line.value = note(error.lines()[0], "stale")
            self._refresh.disabled = feed.next_at is None

    def _draw(self, feed: Feed) -> None:
        snapshot = feed.snapshot
        self._training = self._training or (snapshot.training if snapshot else training_in(os.environ))
        banner = note("Training: only test incidents are shown.", "training") if self._training else ""
        title = "Open test incidents" if self._training else "Open incidents"
        if snapshot is None:
            self._top.value = STYLE + note(title, "title") + _LOST + banner
            self._state_line.value = self._state(feed, 0)
            self._head.layout.display = "none"
            return
        self._read_at = snapshot.at
        overdue = Overdue(snapshot.severities, self._given)
        late = sum(overdue.marks(row, snapshot.at) for row in snapshot.rows[:MOST_ROWS])
        self._top.value = STYLE + note(f"{title}: {len(snapshot.rows)}", "title") + _LOST + banner
        self._state_line.value = self._state(feed, late)
        self._head.layout.display = "" if snapshot.rows or snapshot.gone else "none"
        self._fill(snapshot, overdue)
        more = len(snapshot.rows) - MOST_ROWS
        lines = [note(line, "stale") for line in incomplete(snapshot)]
        if not snapshot.rows:
            lines.append(note(nothing(self._filters, training=self._training), "empty"))
        if more > 0:
            lines.append(note(f"… and {more} more, less urgent. Filters shorten the board: %incidents board --help"))
        if snapshot.on_call:
            lines += [note(line) for line in (snapshot.on_call.line(),) if line]
            lines += [note(line, "stale") for line in (snapshot.on_call.problem,) if line]
        if snapshot.rows:
            lines.append(f'<div class="ib-small">{note(overdue.rule())}</div>')
        self._rule.value = "".join(lines)
        self._text = as_text(snapshot, overdue, show_private=self._show_private, zone=self._zone)
        if not snapshot.rows:
            self._text = f"{nothing(self._filters, training=self._training)} {self._text}"

    def _fill(self, snapshot: Snapshot, overdue: Overdue) -> None:
        """Update the rows, add new ones, and close those that are no longer listed."""
        shown: list[tuple[Row, Gone | None]] = [(row, None) for row in snapshot.rows[:MOST_ROWS]]
        shown += [(gone.row, gone) for gone in snapshot.gone[:MOST_ROWS]]
        lines, unused = {}, dict(self._lines)
        for row, gone in shown:
            html = row_html(
                row,
                snapshot,
                overdue,
                show_private=self._show_private,
                change=snapshot.changes.get(row.incident.id),
                gone=gone,
            )
            # A row always belongs to the same incident, so a click never opens a form for another incident.
            line = unused.pop(row.incident.id, None)
            if line is None:
                line = self._line(html, row.incident.reference)
            elif line.children[0].value != html:
                line.children[0].value = html
            _enable(line, enabled=gone is None)
            lines[row.incident.id] = line
        if self._held:  # every row keeps its place, even if its incident is no longer listed
            for line in unused.values():
                _enable(line, enabled=False)
            lines = {**self._lines, **{key: line for key, line in lines.items() if key not in self._lines}}
            unused = {}
        self._lines = lines
        self._arrange()
        for line in unused.values():
            close(line, keep=self._of_lines)

    def _arrange(self) -> None:
        """Put the rows in order, and the open forms under their rows."""
        children: list[widgets.Widget] = []
        for line in self._lines.values():
            children += [line, *self._panels.below(line.reference)]
        children += self._panels.without_row([line.reference for line in self._lines.values()])
        if self._rows.children != tuple(children):
            self._rows.children = tuple(children)

    def _hold(self, *, held: bool) -> None:
        """Keep the order of the rows while the pointer or the focus is in the table; then apply what changed."""
        with self._lock:
            if held == self._held:
                return
            self._held = held
            if not held and not self._stopped and self.feed.snapshot is not None:
                self.show(self.feed)

    def _signal(self, name: str, *, held: bool) -> widgets.Button:
        """Return a hidden button, which the page's script clicks when the user enters or leaves the table."""
        button = widgets.Button(layout=self._hidden_layout, style=self._button_style).add_class(name)
        button.on_click(lambda _button: self._hold(held=held))
        return button

    def _state(self, feed: Feed, late: int) -> str:
        """Return the line that says how up to date the board is."""
        read = feed.snapshot
        if feed.waiting:
            return note(feed.waiting)
        shown = read.rows[:MOST_ROWS] if read else ()
        unknown = sum(row.last_update is None for row in shown)
        again = f"next about {clock(feed.next_at, self._zone)}" if feed.next_at else ""
        if feed.error is not None:
            since = f"Stale: last read at {clock(read.at, self._zone)}." if read else "Nothing could be read yet."
            error = feed.error.message.removesuffix(".")
            if read and feed.listed:
                count = f"of {unknown} incidents" if unknown > 1 else "of 1 incident"
                since = f"Read at {clock(read.at, self._zone)}, without the last updates {count}."
            return note(f"⚠ {since} {error}. Retries automatically, {again}.", "stale")
        if read is None:
            return note("Reading the incidents …")
        parts = [f"As of {clock(read.at, self._zone)}"]
        if late:
            parts.append(f"{late} overdue" + (f" of the {MOST_ROWS} shown" if len(read.rows) > MOST_ROWS else ""))
        parts += [again] if again else []
        if unknown and not feed.next_at:
            parts.append("reading the last updates …")
        if feed.slower > 1:
            parts.append(f"{feed.slower} times slower than usual, because the rate limit is almost used up")
        return note(" · ".join(parts))

    def _html(self, layout: widgets.Layout, html: str = "") -> widgets.HTML:
        made = widgets.HTML(html, layout=layout, style=self._html_style)
        made.add_class("incidents-board-html")
        return made

    def _control(self, text: str, tooltip: str, act: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(
            description=text,
            tooltip=tooltip,
            style=self._button_style,
            layout=widgets.Layout(width="auto", margin="1px 2px"),
        )
        button.on_click(lambda _button: act())
        return button

    def _line(self, html: str, reference: str) -> widgets.HBox:
        """Return a row: its cells and its buttons; without a reference, buttons that only take space."""
        cells = self._html(self._row_layout, html)
        buttons = [
            widgets.Button(
                description=kind.capitalize(),
                tooltip=f"{kind.capitalize()} {reference}",
                style=self._button_style,
                layout=self._button_layout,
            ).add_class(f"ib-{kind}")
            for kind in self._kinds
        ]
        for kind, button in zip(self._kinds, buttons, strict=True):
            if reference:
                button.on_click(lambda _button, kind=kind: self._panels.show_form(kind, reference))
            else:
                button.disabled = True
                button.add_class("ib-space")
        actions = widgets.HBox(buttons, layout=self._buttons_layout).add_class("ib-actions")
        if not reference:
            actions.add_class("ib-head-actions")
        parts = [cells, actions] if buttons else [cells]
        line = widgets.HBox(parts, layout=self._line_layout)
        line.reference = reference
        line.add_class("incidents-board-line")
        return line

    def _views_changed(self, change: Mapping[str, Any]) -> None:
        if change["old"] and not change["new"] and not self._stopped:
            self.stop()


def _enable(line: widgets.HBox, *, enabled: bool) -> None:
    """Enable a line's buttons; those of an incident that is no longer listed are disabled and hidden."""
    for button in line.children[1].children if len(line.children) > 1 else ():
        if button.disabled == enabled:
            button.disabled = not enabled
            (button.remove_class if enabled else button.add_class)("ib-space")

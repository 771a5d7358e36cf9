"""The intents about the projection of the map, and the lane in which points are laid by their neighbours."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer import charts as charting
from explorer.charts import Chart
from explorer.state import noticed
from models import projection
from models.chart_events import Laid, Laying
from models.charts import KINDS, laid
from models.errors import Stopped, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from explorer.state import SessionState
    from explorer.worker import Work, Worker
    from models.charts import Moment
    from models.events import Embedded, Event, Projection
    from models.job import Control
    from models.params import Value

KEPT = 4  # layouts that are kept, to come back to at once


class Projecting:
    """Chooses what the map shows; `lane` gives the lane in which layouts are made.

    An intent only says what is wanted; `follow`, called when that has changed, sees to it. So undoing does too.
    """

    def __init__(
        self,
        lane: Callable[[], Worker],
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
        do: Callable[[str, SessionState], None],
    ) -> None:
        self._lane, self._read, self._apply, self._do = lane, read, apply, do
        self._control: Control | None = None
        self._asked: Chart | None = None
        self._made: tuple[Laid, ...] = ()

    # ---- what a person does

    def choose(self, kind: str, settings: Mapping[str, Value] | None = None) -> None:
        """Lay the map by a kind of projection; a line tells why, where it cannot be."""
        state = self._read()
        if state.home is None:
            self._apply(noticed(state, "There are no points on the map yet. Train a model, or open a run.", "warning"))
            return
        try:
            chosen = charting.choose(state, kind, settings or {})
        except UserError as error:
            self._apply(noticed(state, str(error), "warning"))
            return
        self._do(f"Map by {KINDS[kind].title}", chosen)

    def again(self) -> None:
        """Make what is shown anew, of the codes as they are now."""
        chart = self._read().chart
        if chart.kind:
            self.choose(chart.kind, chart.settings)

    def turn(self, yaw: float, pitch: float) -> None:
        """Turn a map in space by so many degrees to the right and upwards."""
        self._do("Turn the map", charting.turn(self._read(), yaw, pitch))

    def stop(self) -> None:
        """End the work on a layout; the map lies as the run has it again."""
        if self._asked is not None:
            self._apply(noticed(replace(self._read(), chart=Chart()), "Stopped. The map lies as it did before."))

    # ---- what follows from it

    def follow(self) -> None:
        """Show what the chart asks for; begin the work of a layout that is not made yet, end that of another."""
        state = self._read()
        chart = state.chart
        if self._asked is not None and self._asked is not chart:
            self._asked = None
            if self._control is not None:
                self._control.stop()
            state = replace(state, laying=None)
        if chart.kind and chart.projection is None and state.home is not None and self._asked is None:
            state = self._begun(state, chart, state.home)
        made = chart.projection
        if made is not None and made.layout is not None and not any(each.projection is made for each in self._made):
            self._made = (*self._made, Laid("", made.layout.step, chart.kind, chart.settings, made))[-KEPT:]
        self._apply(charting.charted(state))

    def follow_pins(self) -> None:
        """Lay the plane through A, B and C where these are now; three on one line leave it as it was."""
        state = self._read()
        chart, codes = state.chart, charting.corners(state)
        if chart.kind != "plane" or codes is None or state.home is None:
            return
        try:
            through = projection.plane_through(state.home.codes, codes)
        except UserError:
            return
        self._apply(replace(state, chart=replace(chart, projection=through)))

    def _begun(self, state: SessionState, chart: Chart, home: Embedded) -> SessionState:
        """The work on a layout goes on, or it is known from before."""
        known = next((made for made in self._made if _is_of(made, chart, home)), None)
        if known is not None:
            return charting.laid(state, known)
        self._asked = chart
        self._control = self._lane().renew(laying(chart, home), self._control)
        begun = Laying(home.run, home.step, chart.kind, chart.settings, KINDS[chart.kind].title)
        return replace(state, laying=begun)


def _is_of(made: Laid, chart: Chart, home: Embedded) -> bool:
    """Whether a layout is the one that is asked for, of the same codes."""
    layout = None if made.projection is None else made.projection.layout
    return chart.asks_for(made) and layout is not None and layout.codes is home.codes


def laying(chart: Chart, home: Embedded) -> Work:
    """Lay the points of `home` by their neighbours; whatever comes in between, one `Laid` ends it."""

    def work(control: Control) -> Iterator[Event]:
        from models import device

        device.lower_priority()
        known = (home.run, home.step, chart.kind, chart.settings)
        moments = laid(chart.kind, chart.settings, home.codes, home.step, control, home.projection)
        try:
            made = yield from _told(moments, known)
            yield Laid(*known, made)
        except Stopped:
            yield Laid(*known)
        except UserError as error:
            yield Laid(*known, problem=str(error))

    return work


def _told(
    moments: Generator[Moment, None, Projection], known: tuple[str, int, str, Mapping[str, Value]]
) -> Generator[Event, None, Projection]:
    """Each moment as an event, with the seconds that its work will take on, as far as it can be told."""
    what, began, first = "", 0.0, 0.0
    while True:
        try:
            moment = next(moments)
        except StopIteration as end:
            made: Projection = end.value
            return made
        if moment.what != what:
            what, began, first = moment.what, time.monotonic(), moment.share or 0.0
        left = None
        if moment.share is not None and moment.share > first:
            left = (time.monotonic() - began) * (1 - moment.share) / (moment.share - first)
        yield Laying(*known, what, moment.share, left, moment.projection)

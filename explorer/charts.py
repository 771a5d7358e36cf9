"""By which projection the map shows the codes: what is chosen, and the points as it lays them; pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from models import charts, projection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.state import SessionState
    from models.chart_events import Laid, Laying
    from models.events import Codes, Embedded, Projection
    from models.params import Value


@dataclass(frozen=True, eq=False)
class Chart:
    """A kind of `models/charts.py` with its settings; without a kind the map lies as the run itself has it.

    `projection` is what was made of them, None while a layout is not made yet; a map in space as it is from the front.
    """

    kind: str = ""
    settings: Mapping[str, Value] = field(default_factory=dict)
    projection: Projection | None = None

    def asks_for(self, event: Laying | Laid) -> bool:
        """Whether `event` tells of the layout that is awaited."""
        return self.projection is None and (self.kind, dict(self.settings)) == (event.kind, dict(event.settings))


@dataclass(frozen=True, eq=False)
class Place:
    """A place of the map that a person pointed at, and the code that was found there."""

    x: float
    y: float
    code: Codes  # [latent_dim]
    projection: Projection


def kind_of(state: SessionState) -> str:
    """The kind by which the map is laid, or will be when the work on it ends."""
    width = 2 if state.run is None else state.run.latent_dim
    return state.chart.kind or charts.home(width)


def corners(state: SessionState) -> Codes | None:
    """The codes [3, latent_dim] pinned as A, B and C, once all three are."""
    first = state.pins[:3]
    codes = [pin.code for pin in first if pin is not None]
    return np.stack(codes) if len(codes) == 3 else None


def choose(state: SessionState, kind: str, settings: Mapping[str, Value]) -> SessionState:
    """The map is laid by `kind`; a layout waits for the work on it. Raises UserError where it cannot be."""
    if state.home is None:
        return state
    codes = state.home.codes
    if kind in ("", charts.home(codes.shape[1])):
        return replace(state, chart=Chart())
    if charts.KINDS[kind].lays:
        charts.require(kind, codes)
        return replace(state, chart=Chart(kind, dict(settings)))
    made = charts.made(kind, settings, codes, corners(state))
    made = projection.space(codes, state.home.projection) if made.depth is not None else made
    return replace(state, chart=Chart(kind, dict(settings), made))


def turn(state: SessionState, yaw: float, pitch: float) -> SessionState:
    """A map in space is turned by so many degrees to the right and upwards."""
    front, settings = state.chart.projection, state.chart.settings
    if front is None or front.depth is None:
        return state
    turned = {
        "yaw": (_degrees(settings, "yaw") + yaw + 180) % 360 - 180,
        "pitch": min(max(_degrees(settings, "pitch") + pitch, -90.0), 90.0),
    }
    return replace(state, chart=replace(state.chart, settings=turned))


def told(state: SessionState, event: Embedded) -> SessionState:
    """The run tells where its points lie now; the map shows them by what is chosen."""
    return charted(replace(state, home=event))


def charted(state: SessionState) -> SessionState:
    """The map as it is chosen to be; a layout in the making as far as it has come."""
    chosen = state.chart.projection
    if chosen is None and state.laying is not None:
        chosen = state.laying.projection
    if state.home is None:
        return state
    return replace(state, embedding=state.home if chosen is None else _shown(state.home, chosen, state.chart.settings))


def _shown(home: Embedded, chosen: Projection, settings: Mapping[str, Value]) -> Embedded:
    """The points of the run by another projection; a layout keeps its points and follows their codes."""
    layout = chosen.layout
    if chosen.depth is not None:
        chosen = projection.seen_from(chosen, _degrees(settings, "yaw"), _degrees(settings, "pitch"))
    if layout is None:
        return replace(home, points=projection.project(home.codes, chosen), projection=chosen)
    if len(layout.codes) != len(home.codes):
        return home
    if layout.codes is not home.codes:
        chosen = replace(chosen, layout=replace(layout, codes=home.codes))
    return replace(home, points=layout.ground.points, projection=chosen)


def _degrees(settings: Mapping[str, Value], name: str) -> float:
    return float(settings.get(name) or 0.0)


def laying(state: SessionState, event: Laying) -> SessionState:
    """A layout has come so far; news of one that nobody awaits any more changes nothing."""
    return charted(replace(state, laying=event)) if state.chart.asks_for(event) else state


def laid(state: SessionState, event: Laid) -> SessionState:
    """The layout is made; without one the map lies as the run has it again."""
    if not state.chart.asks_for(event):
        return state
    if event.projection is not None:
        return charted(replace(state, laying=None, chart=replace(state.chart, projection=event.projection)))
    return charted(replace(state, laying=None, chart=Chart()))


def whereabouts(state: SessionState, code: Codes) -> tuple[float, float] | None:
    """The place of a code [latent_dim] on the map: where it was found, else where the projection puts it."""
    if state.embedding is None:
        return None
    found, chosen = state.place, state.embedding.projection
    if found is not None and found.code is code and found.projection is chosen:
        return found.x, found.y
    x, y = projection.project(code[None], chosen)[0].tolist()
    return x, y

"""The ways that the map draws: through the key frames of a morph, around a board, or from pin A to pin B."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.charts import whereabouts
from explorer.timeline import corner_slots, path_of, slots_of
from explorer.widgets.map_marks import Marker, Stretch
from models import latent, projection
from models.paths import between

if TYPE_CHECKING:
    from explorer.pins import Pin
    from explorer.session import Session
    from explorer.state import SessionState
    from explorer.widgets.map_canvas import MapCanvas
    from models.events import Codes
    from models.paths import Mode

ARC = 33  # places at which a way is known
AROUND = ((0, 1), (1, 3), (3, 2), (2, 0))  # corners of a board, edge by edge


class MapWays:
    """Draws on `shown` what the session's morphs and boards make of its pins, and where a picture is pointed at."""

    def __init__(self, session: Session, shown: MapCanvas) -> None:
        self._session, self._map = session, shown
        for name in ("embedding", "pins", "spherical", "timeline", "shortest", "board", "way"):
            getattr(session, f"{name}_changed").connect(self._show_ways)
        session.pointed_changed.connect(self._show_pointed)
        self._show_ways()

    def _show_ways(self) -> None:
        state = self._session.state
        drawn = [] if state.embedding is None else [way for way in ways(state) if np.isfinite(way.codes).all()]
        self._map.set_ways([_stretch(state, way) for way in drawn])

    def _show_pointed(self) -> None:
        state = self._session.state
        place = None if state.pointed is None else whereabouts(state, state.pointed)
        self._map.set_pointed(None if place is None else Marker(*place))


class Way(NamedTuple):
    """From one pin to another over codes [n, d] at equal steps, both ends counted."""

    start: Pin
    end: Pin
    codes: Codes


def ways(state: SessionState) -> list[Way]:
    """What is drawn now."""
    if state.way == "morph":
        return _legs(state)
    corners = [state.pins[slot] for slot in corner_slots(state) if slot is not None]
    if state.way == "board" and len(corners) == 4:
        edges = [(corners[one], corners[other]) for one, other in AROUND]
    else:
        edges = [(state.pins[0], state.pins[1])] if state.way != "board" else []
    return [_bent(one, other, state.spherical) for one, other in edges if one is not None and other is not None]


def _bent(start: Pin, end: Pin, spherical: bool) -> Way:
    mode: Mode = "spherical" if spherical else "linear"
    return Way(start, end, np.stack([between(start.code, end.code, share, mode) for share in _shares()]))


def _legs(state: SessionState) -> list[Way]:
    path, slots = path_of(state), slots_of(state)
    if path is None:
        return []
    found = []
    for leg, (one, other) in enumerate(path.legs):
        start, end = state.pins[slots[one]], state.pins[slots[other]]
        codes = np.stack([path.between(leg, share) for share in _shares()])
        if start is not None and end is not None:
            found.append(Way(start, end, codes))
    return found


def _shares() -> list[float]:
    return [place / (ARC - 1) for place in range(ARC)]


def _stretch(state: SessionState, way: Way) -> Stretch:
    """Where a way lies on the map, and how far off the straight line there."""
    assert state.embedding is not None
    places = projection.project(way.codes, state.embedding.projection)
    bulge = places - latent.lerp(places[0], places[-1], np.linspace(0, 1, ARC))
    ends = zip((way.start, way.end), places[[0, -1]].tolist(), strict=True)
    start, end = (Marker(x, y, pin.index) for pin, (x, y) in ends)
    return Stretch(start, end, bulge)

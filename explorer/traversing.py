"""Traversals: every dimension of the probe's code walked over its range, page by page, and the intents about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models import traversals

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.asked import Label
    from explorer.state import SessionState
    from models.events import Codes

COLUMNS = 9
MOST = 12  # rows on a page


@dataclass(frozen=True, eq=False)
class Traversal:
    """What is walked: which order, which page of so many rows, and from where to where [d, 2], once that is known."""

    order: str = "number"
    page: int = 0
    rows: int = 4
    ranges: NDArray[np.float32] | None = None


def width_of(state: SessionState) -> int:
    """How many dimensions a code has."""
    return 0 if state.run is None else state.run.latent_dim


def pages_of(state: SessionState) -> int:
    """How many pages there are."""
    return max(1, -(-width_of(state) // state.traversal.rows))


def shown_of(state: SessionState) -> NDArray[np.int64]:
    """The dimensions on the page, in order."""
    effects = state.seen.effects
    figures = (None, None) if effects is None else (effects.effect, effects.kl)
    order = traversals.ordered(width_of(state), state.traversal.order, *figures)
    first = min(state.traversal.page, pages_of(state) - 1) * state.traversal.rows
    return order[first : first + state.traversal.rows]


def asked_of(state: SessionState) -> tuple[list[Codes], list[Label]]:
    """The codes of the page, row by row, each drawn as the probe is."""
    ranges = state.traversal.ranges
    if state.code is None or ranges is None or len(ranges) != len(state.code):
        return [], []
    codes = traversals.walks(state.code, shown_of(state), ranges, COLUMNS)
    return [*codes], [state.label] * len(codes)


def measured(state: SessionState) -> SessionState:
    """From where to where each dimension goes, as the codes of the map lie now."""
    if state.embedding is None or not len(state.embedding.codes) or state.run is None:
        return state
    codes = state.embedding.codes
    if not np.isfinite(codes).all():
        return state
    ranges = traversals.ranges_of(codes, "prior" in state.run.capabilities)
    return replace(state, traversal=replace(state.traversal, ranges=ranges))


class Traversing:
    """The intents of a session about traversals; they change what is looked at, never the code."""

    def __init__(self, read: Callable[[], SessionState], apply: Callable[[SessionState], None]) -> None:
        self._read, self._apply = read, apply

    def _look(self, **changes: object) -> None:
        state = self._read()
        self._apply(replace(state, traversal=replace(state.traversal, **changes)))  # type: ignore[arg-type]

    def measure(self) -> None:
        """Take the ranges anew from the codes as they are."""
        self._apply(measured(self._read()))

    def sort(self, order: str) -> None:
        """Show the dimensions by number, by effect or by KL divergence, from the first page on."""
        self._look(order=order, page=0)

    def turn(self, by: int) -> None:
        """Go on by so many pages, or back."""
        state = self._read()
        page = min(max(state.traversal.page + by, 0), pages_of(state) - 1)
        if page != state.traversal.page:
            self._look(page=page)

    def fit(self, rows: int) -> None:
        """Show so many rows on a page; the first of the rows stays in sight."""
        old = self._read().traversal
        rows = min(max(rows, 1), MOST)
        if rows != old.rows:
            self._look(rows=rows, page=old.page * old.rows // rows)

"""Styles mixed by layer: which codes give their coarse layers, which their fine ones, and where they meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer import gestures

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.state import SessionState
    from models.events import Codes, RunInfo

SIDE = 4  # rows and columns of a sheet


@dataclass(frozen=True)
class Mixture:
    """A sheet of pairs: `crossing` of the coarsest layers are those of the row, the others those of the column."""

    rows: Codes  # [r, latent_dim]
    columns: Codes  # [c, latent_dim]
    crossing: int


def layers_of(run: RunInfo | None) -> tuple[str, ...]:
    """The layers, coarse to fine, whose styles can be mixed; none when the model of `run` has no styles."""
    return run.layers if run is not None and "synthesize" in run.capabilities else ()


def dealt(state: SessionState, random: np.random.Generator, rows: bool = True, columns: bool = True) -> SessionState:
    """Fresh codes for the rows, the columns or both; the layers meet where they did, at first in the middle."""
    layers, old = layers_of(state.run), state.mixture
    if not layers or state.run is None:
        return state
    fresh = gestures.fresh_codes(state, 2 * SIDE, random)
    if fresh is None:
        return state
    return replace(
        state,
        mixture=Mixture(
            fresh[:SIDE] if rows or old is None else old.rows,
            fresh[SIDE:] if columns or old is None else old.columns,
            len(layers) // 2 if old is None else old.crossing,
        ),
    )


def crossed(state: SessionState, crossing: int) -> SessionState:
    """So many of the coarsest layers become those of the rows."""
    if state.mixture is None or crossing == state.mixture.crossing:
        return state
    within = min(max(crossing, 0), len(layers_of(state.run)))
    return replace(state, mixture=replace(state.mixture, crossing=within))


def pinned(state: SessionState) -> SessionState:
    """Pin A becomes the first row, pin B the first column, as far as they are set."""
    if state.mixture is None:
        return state
    sides = zip(state.pins[:2], (state.mixture.rows, state.mixture.columns), strict=True)
    rows, columns = (side if pin is None else np.concatenate([pin.code[None], side[1:]]) for pin, side in sides)
    return replace(state, mixture=Mixture(rows, columns, state.mixture.crossing))


class Mixing:
    """The intents of a session about mixed styles; each is one pure step from a state to the next."""

    def __init__(
        self,
        read: Callable[[], SessionState],
        do: Callable[[str, SessionState], None],
        random: np.random.Generator,
    ) -> None:
        self._read, self._do, self._random = read, do, random

    def deal(self, rows: bool = True, columns: bool = True) -> None:
        """Draw fresh codes for the rows, the columns or both."""
        self._do("Draw fresh styles", dealt(self._read(), self._random, rows, columns))

    def cross(self, crossing: int) -> None:
        """Let so many of the coarsest layers be those of the rows."""
        self._do("Cross the styles elsewhere", crossed(self._read(), crossing))

    def take_pins(self) -> None:
        """Let pin A be the first row and pin B the first column."""
        self._do("Mix the pins' styles", pinned(self._read()))

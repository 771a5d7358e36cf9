"""The intents of a session about morphs and boards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer import gestures
from explorer import morph_gestures as morphs
from explorer.morph_drawings import MorphDrawings
from explorer.morph_works import shortening
from explorer.pins import LETTERS, Pin, free_slot, letter, with_pin
from explorer.state import noticed
from explorer.timeline import LEG, KeyFrame, Shortest, board_of, leg_of, unsought

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.asked import Label
    from explorer.drawings import Drawings
    from explorer.state import SessionState
    from explorer.worker import Worker
    from models.job import Control

FULL = f"All {len(LETTERS)} pins are taken. Let go of one first."


class Morphing:
    """The intents of a session about morphs and boards; `lane` is where shortest ways are sought."""

    def __init__(
        self,
        lane: Callable[[], Worker],
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
        do: Callable[[str, SessionState], None],
        drawings: Drawings,
    ) -> None:
        self.drawings = MorphDrawings(read, drawings)
        self._lane, self._read, self._apply, self._do = lane, read, apply, do
        self._control: Control | None = None
        self._random = np.random.default_rng()

    def show(self, way: str) -> None:
        """Which way the map draws: that of the "morph", the outline of the "board", or from pin A to B."""
        self._apply(replace(self._read(), way=way))

    def leave(self, way: str) -> None:
        """That way is looked at no more."""
        if self._read().way == way:
            self.show("")

    # ---- going along

    def seek(self, time: float) -> None:
        """The probe goes to where the morph is at a time in seconds."""
        self._do("Go along the morph", morphs.sought(self._read(), time))

    def play_on(self, time: float) -> None:
        """The same while it plays: no step of its own to be undone, for all of them belong to the first."""
        self._apply(morphs.sought(self._read(), time))

    # ---- key frames

    def arrange(self, frames: Sequence[KeyFrame]) -> None:
        """Make these the key frames."""
        self._do("Arrange key frames", morphs.arranged(self._read(), frames))

    def add(self, slot: int, time: float | None = None) -> None:
        """Make the pin of a slot a key frame, at a time or, without one or before all, after the last."""
        time = None if time is not None and time < 0 else time
        self._do(f"Add key frame {letter(slot)}", morphs.added(self._read(), slot, time))

    def add_class(self, label: int) -> None:
        """Pin the probe's code once more, as this class, and make it a key frame: so classes blend into each other."""
        self._add_pin(None, label, None)

    def add_probe(self, time: float | None = None) -> None:
        """Pin the probe's code and make it a key frame, at a time or after the last."""
        state = self._read()
        self._add_pin(state.selection, state.label, time)

    def _add_pin(self, index: int | None, label: Label, time: float | None) -> None:
        state = self._read()
        slot = free_slot(state)
        if slot is None:
            self._apply(noticed(state, FULL, "warning"))
        elif state.code is not None:
            pinned = replace(state, pins=with_pin(state.pins, slot, Pin(state.code, index, label)))
            self._do(f"Add key frame {letter(slot)}", morphs.added(pinned, slot, time))

    def remove(self, place: int) -> None:
        """Let the key frame at that place go; its pin stays."""
        self._do("Remove a key frame", morphs.removed(self._read(), place))

    def swap(self, place: int, other: int) -> None:
        """Let two key frames change places."""
        self._do("Reorder key frames", morphs.swapped(self._read(), place, other))

    def take_all_pins(self) -> None:
        """Let all pins be key frames again, one after the other."""
        self._do("All pins as key frames", morphs.with_timeline(self._read(), frames=None, closing=LEG))

    # ---- how it goes

    def last(self, seconds: float) -> None:
        """Let the whole way take so many seconds."""
        self._do("Set the length of the morph", morphs.lasting(self._read(), seconds))

    def shape(self, **changes: Any) -> None:
        """Change `easing`, `loop` or `closing` of the timeline."""
        self._do("Shape the morph", morphs.with_timeline(self._read(), **changes))

    def bend(self, mode: str) -> None:
        """Let the ways be "linear", "spherical" or "geodesic"; a probe on its way comes along."""
        state = self._read()
        state = replace(state, shortest=replace(state.shortest, wanted=frozenset()))  # who was stopped may begin anew
        state = replace(morphs.with_timeline(state, geodesic=mode == "geodesic"), spherical=mode == "spherical")
        state = state if state.morph is None else gestures.morph(state, state.morph)
        self._do("Shape the morph", state if state.playhead is None else morphs.sought(state, state.playhead))

    # ---- boards

    def corner(self, corner: int, slot: int) -> None:
        """Let the pin of a slot stand at a corner."""
        self._do("Set a corner", morphs.cornered(self._read(), corner, slot))

    def take_first_pins(self) -> None:
        """Let the first four pins be the corners again."""
        state = self._read()
        self._do("First four pins as corners", replace(state, board=replace(state.board, corners=None)))

    def widen(self, side: int) -> None:
        """Let the board have so many rows and columns."""
        state = self._read()
        self._do("Size the board", replace(state, board=replace(state.board, side=side)))

    def take(self, index: int) -> None:
        """Give picture `index` of the board to the probe."""
        state = self._read()
        board = board_of(state)
        if board is not None and index < len(board[0]):
            moved = gestures.set_code(state, board[0][index])
            label = board[1][index]
            self._do("Take from the board", moved if label is None else replace(moved, label=label))

    def deal(self, count: int) -> None:
        """Pin fresh codes until there are so many pins."""
        self._do(f"Pin {count} random codes", morphs.dealt(self._read(), count, self._random))

    def point_at(self, index: int | None) -> None:
        """Mark on the map where picture `index` of the board lies, or nothing."""
        state = self._read()
        board = None if index is None else board_of(state)
        pointed = None if board is None or index is None else board[0][index]
        if pointed is not None or state.pointed is not None:
            self._apply(replace(state, pointed=pointed))

    # ---- shortest ways

    def shorten(self) -> None:
        """Seek the shortest ways that are wanted and neither known nor sought before; others make room for them."""
        state = self._read()
        wanted = unsought(state)
        known = state.shortest if state.shortest.fits(state) else Shortest(state.weights, state.knobs)
        legs = frozenset(map(leg_of, wanted))
        if legs <= known.wanted or state.weights is None or state.live:
            return
        self._control = self._lane().renew(shortening(state, wanted), self._control)
        self._apply(replace(state, shortest=replace(known, wanted=legs, working=True, problem="")))

    def stop(self) -> None:
        """Seek no further; what was found stays."""
        if self._control is not None:
            self._control.stop()
        state = self._read()
        if state.shortest.working:
            self._apply(replace(state, shortest=replace(state.shortest, working=False)))

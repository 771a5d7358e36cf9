"""What the pages about morphs and boards say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.asked import classes_of
from explorer.pins import letter
from explorer.timeline import CORNERS, corner_slots, frames_of, leg_of, path_of

if TYPE_CHECKING:
    from explorer.state import SessionState

NO_RUN = "Train a model or open a run first."
EMPTY = (
    "Walk from picture to picture: pin two codes or more with P, and they become the key frames of a film that you can "
    "play, scrub and take away."
)
EMPTY_BOARD = (
    "A board blends four codes: pin four with P, and they become its corners. Point at a picture to see where it lies, "
    "click it to take it to the probe."
)


def told_path(state: SessionState) -> str:
    """Where the morph is, or what there is to know of the way: one line."""
    path, frames = path_of(state), frames_of(state)
    if path is None:
        broken = len(frames) > 1
        return "A key frame has a code that is no number." if broken else "Add another key frame: drop a pin here."
    if not np.ptp(path.codes, axis=0).any() and (path.shares is None or not np.ptp(path.shares, axis=0).any()):
        return "All key frames are the same picture."
    if state.shortest.problem and state.timeline.geodesic:
        return state.shortest.problem
    where = [_told_place(state)] if state.playhead is not None else []
    return " · ".join([*where, *_told_lengths(state)])


def _told_place(state: SessionState) -> str:
    """A to B 40 %."""
    path, frames = path_of(state), frames_of(state)
    assert path is not None
    leg, share = path.place(state.playhead or 0.0)
    start, end = (letter(frames[each].slot) for each in path.legs[leg])
    return f"{start} to {end} {share:.0%}"


def _told_lengths(state: SessionState) -> list[str]:
    """How much shorter the pictures' way became."""
    path = path_of(state)
    if path is None or not state.timeline.geodesic:
        return []
    if state.live:
        return ["straight while the model learns"]
    known = state.shortest.legs if state.shortest.fits(state) else {}
    legs = [leg_of(ends) for ends in path.ends]
    found = [known.get(leg) or known.get(leg[::-1]) for leg in legs]
    there = [each for each in found if each is not None]
    straight, length = sum(each.straight for each in there), sum(each.length for each in there)
    if not straight:
        return ["seeking the shortest way"] if state.shortest.working else []
    return [f"pictures go {length:.1f} instead of {straight:.1f}, {1 - length / straight:.0%} shorter"]


def told_corner(state: SessionState, corner: int) -> str:
    """What a corner of the board is, for who points at it."""
    slot = corner_slots(state)[corner]
    held = f"pin {letter(slot)}" if slot is not None else "empty"
    return f"{CORNERS[corner].capitalize()}: {held}. Drop another pin here, or click to choose one."


def told_place(index: int, side: int) -> str:
    """Where picture `index` of a board with so many columns lies, in shares of the way right and down."""
    row, column = divmod(index, side)
    last = max(1, side - 1)
    return f"{column / last:.0%} right, {row / last:.0%} down"


def cannot(state: SessionState) -> str:
    """Why no shortest way can be sought in the model on the stage; empty where it can."""
    draws_in_steps = state.run is not None and "sample_steps" in state.run.capabilities
    return "This model draws in many steps, so the shortest way cannot be sought." if draws_in_steps else ""


def class_names(state: SessionState) -> tuple[str, ...]:
    """The classes that the model on the stage can be asked for."""
    return state.run.class_names if state.run is not None and classes_of(state.run) else ()

"""What a morph and a board are made of: pins as key frames in time, pins as corners, and the ways between them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer import asked
from explorer.pins import letter, pins_set
from models import paths
from models.path_events import Shortened
from models.paths import Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.asked import Label
    from explorer.pins import Pin
    from explorer.state import SessionState
    from models.events import Codes, RunInfo, Shares, Weights
    from models.params import Value
    from models.path_events import Ends, ShorteningEnded
    from models.paths import Easing, Loop, Mode

LEG = 2.0  # seconds from one key frame to the next, unless a person says otherwise
SHORTEST_LEG = 0.1  # seconds
SIDE = 7  # rows and columns of a board
CORNERS = ("top left", "top right", "bottom left", "bottom right")

Leg = tuple[bytes, bytes]  # what tells two ends from all others


class KeyFrame(NamedTuple):
    """The pin of a slot, so many seconds after the first key frame."""

    slot: int
    time: float


@dataclass(frozen=True)
class Timeline:
    """The key frames as a person arranged them, None for all pins one after the other; `closing` leads back around."""

    frames: tuple[KeyFrame, ...] | None = None
    closing: float = LEG  # seconds from the last key frame to the first, where the way goes around
    easing: Easing = "smooth"
    loop: Loop = "to-and-fro"
    geodesic: bool = False  # else along an arc or straight, as the state's `spherical` tells


@dataclass(frozen=True)
class Board:
    """The slots of the corners in the order of `CORNERS`, None for the first four pins; `side` rows and columns."""

    corners: tuple[int, ...] | None = None
    side: int = SIDE


@dataclass(frozen=True)
class Shortest:
    """The shortest ways that were found with these weights and knobs, by leg, and what is being sought."""

    weights: Weights | None = None
    knobs: Mapping[str, Value] | None = None
    legs: Mapping[Leg, Shortened] = field(default_factory=dict)
    wanted: frozenset[Leg] = frozenset()  # that were asked for last
    working: bool = False
    problem: str = ""

    @property
    def share(self) -> float:
        """How much of what was asked for is done, 0 to 1."""
        return sum(self.legs[leg].share for leg in self.wanted if leg in self.legs) / max(1, len(self.wanted))

    def after(self, event: Shortened | ShorteningEnded) -> Shortest:
        """With what the search tells; what was found with other weights comes too late."""
        if self.weights is None or event.step != self.weights.step:
            return self
        if isinstance(event, Shortened):
            return replace(self, legs={**self.legs, leg_of(event.ends): event})
        return replace(self, working=False, problem=event.problem)

    def fits(self, state: SessionState) -> bool:
        """Whether the model still draws as it did when these ways were found."""
        return self.weights is state.weights and self.knobs is state.knobs


def leg_of(ends: Ends) -> Leg:
    """What tells these two ends from all others."""
    sides = ((ends.start, ends.start_shares), (ends.end, ends.end_shares))
    start, end = (code.tobytes() + (b"" if shares is None else shares.tobytes()) for code, shares in sides)
    return start, end


# ---- morphs


def frames_of(state: SessionState) -> tuple[KeyFrame, ...]:
    """The key frames whose pins are set, by time, the first at 0."""
    pinned = [slot for slot, _ in pins_set(state)]
    chosen = state.timeline.frames
    if chosen is None:
        return tuple(KeyFrame(slot, place * LEG) for place, slot in enumerate(pinned))
    return in_time(frame for frame in chosen if frame.slot in pinned)


def slots_of(state: SessionState) -> tuple[int, ...]:
    """The slots of the key frames in their order."""
    return tuple(frame.slot for frame in frames_of(state))


def in_time(frames: Iterable[KeyFrame]) -> tuple[KeyFrame, ...]:
    """Key frames in order, the first at 0, none nearer to another than `SHORTEST_LEG`."""
    ordered = sorted(frames, key=lambda frame: frame.time)
    placed: list[KeyFrame] = []
    for frame in ordered:
        since = frame.time - ordered[0].time
        least = placed[-1].time + SHORTEST_LEG if placed else 0.0
        placed.append(KeyFrame(frame.slot, max(since, least)))
    return tuple(placed)


def reordered(frames: Sequence[KeyFrame], place: int, time: float) -> tuple[list[KeyFrame], int]:
    """The key frames after one was moved to another time, and its place in their order now.

    Between its neighbours it takes that time; past one of them it changes places with it, and the times stay.
    """
    others = [*frames[:place], *frames[place + 1 :]]
    now = sum(other.time < time for other in others)
    moved = [*others[:now], frames[place], *others[now:]]
    if now == place:
        moved[place] = KeyFrame(frames[place].slot, time)
        return moved, now
    return [KeyFrame(each.slot, frame.time) for each, frame in zip(moved, frames, strict=True)], now


def mode_of(state: SessionState) -> Mode:
    """The shape of the ways."""
    return "geodesic" if state.timeline.geodesic else "spherical" if state.spherical else "linear"


def path_of(state: SessionState) -> Path | None:
    """The way through all key frames; None where there are not two, or one has a code that is no number."""
    frames, timeline = frames_of(state), state.timeline
    pins = [pin for frame in frames if (pin := state.pins[frame.slot]) is not None]
    if len(pins) < 2 or not all(np.isfinite(pin.code).all() for pin in pins):
        return None
    seconds = [later.time - earlier.time for earlier, later in itertools.pairwise(frames)]
    closing = [timeline.closing] if timeline.loop == "around" else []
    path = Path(
        np.stack([pin.code for pin in pins]),
        (*seconds, *closing),
        shares_of(pins, state.run),
        mode_of(state),
        timeline.easing,
        timeline.loop,
    )
    return replace(path, nodes=_nodes(state, path)) if timeline.geodesic else path


def shares_of(pins: Sequence[Pin], run: RunInfo | None) -> Shares | None:
    """The shares [k, classes] as which pins are drawn; None for a model that cannot be asked."""
    classes = asked.classes_of(run)
    return np.stack([asked.shares(pin.label, classes) for pin in pins]) if classes else None


def label_of(shares: Shares | None) -> Label:
    """Shares [classes] as a label: the class, where there is but one."""
    if shares is None:
        return None
    most = int(shares.argmax())
    return most if shares[most] >= 1 else shares


def _nodes(state: SessionState, path: Path) -> dict[int, Codes]:
    """The shortest ways of the legs that are known, also of those that were sought the other way round."""
    known = state.shortest.legs if state.shortest.fits(state) else {}
    found: dict[int, Codes] = {}
    for number, ends in enumerate(path.ends):
        start, end = leg_of(ends)
        if (start, end) in known:
            found[number] = known[start, end].nodes
        elif (end, start) in known:
            found[number] = known[end, start].nodes[::-1]
    return found


def unsought(state: SessionState) -> list[Ends]:
    """The legs whose shortest way is wanted and not known to its end, each once, whichever way round."""
    path = path_of(state) if state.timeline.geodesic else None
    known = {leg for leg, each in state.shortest.legs.items() if each.done} if state.shortest.fits(state) else set()
    wanted: list[Ends] = []
    for ends in [] if path is None else path.ends:
        start, end = leg_of(ends)
        if start != end and (start, end) not in known and (end, start) not in known:
            wanted.append(ends)
            known.add((start, end))
    return wanted


# ---- boards


class Corners(NamedTuple):
    """The codes [4, d] at the corners of a board in the order of `CORNERS`, and their shares [4, classes]."""

    codes: Codes
    shares: Shares | None


def corner_slots(state: SessionState) -> tuple[int | None, ...]:
    """The slot of each corner: another pin takes the place of one that was let go; None where there is none."""
    pinned = [slot for slot, _ in pins_set(state)]
    if state.board.corners is None:
        return tuple([*pinned[:4], *[None] * 4][:4])
    spare = [slot for slot in pinned if slot not in state.board.corners]
    return tuple(slot if slot in pinned else spare.pop(0) if spare else None for slot in state.board.corners)


def corners_of(state: SessionState) -> Corners | None:
    """What stands at the corners; None while one is missing, or has a code that is no number."""
    pins = [state.pins[slot] for slot in corner_slots(state) if slot is not None]
    there = [pin for pin in pins if pin is not None and np.isfinite(pin.code).all()]
    if len(there) < 4:
        return None
    return Corners(np.stack([pin.code for pin in there]), shares_of(there, state.run))


def board_of(state: SessionState) -> tuple[Codes, list[Label]] | None:
    """Codes [side * side, d] of a board, row by row, and the label of each; None while a corner is missing."""
    corners, side = corners_of(state), state.board.side
    if corners is None:
        return None
    codes = paths.board(corners.codes, side, "spherical" if state.spherical else "linear")
    if corners.shares is None:
        return codes, [None] * len(codes)
    return codes, [label_of(each) for each in paths.board(corners.shares, side, "linear")]


# ---- taking away


def exported_as(kind: str, state: SessionState) -> dict[str, Value]:
    """The settings with which an export of that kind is what is seen now."""
    path = path_of(state) if kind == "morph" else None
    if path is not None:
        letters = ",".join(letter(slot) for slot in slots_of(state))
        seconds = ",".join(f"{each:.3g}" for each in path.seconds)
        return {"points": letters, "seconds": seconds, "mode": path.mode, "easing": path.easing, "loop": path.loop}
    if kind == "board" and corners_of(state) is not None:
        letters = ",".join(letter(slot) for slot in corner_slots(state) if slot is not None)
        return {"points": letters, "mode": "spherical" if state.spherical else "linear", "side": state.board.side}
    return {}

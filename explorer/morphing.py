"""Morphs and boards: what a person does with them, state to state, and the intents of a session about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer import gestures
from explorer.morph_drawings import MorphDrawings
from explorer.pins import LETTERS, Pin, free_slot, letter, pins_set, with_pin
from explorer.state import noticed
from explorer.timeline import (
    LEG,
    KeyFrame,
    Shortest,
    board_of,
    corner_slots,
    frames_of,
    in_time,
    label_of,
    leg_of,
    path_of,
    unsought,
)
from models.errors import Stopped, UserError
from models.path_events import ShorteningEnded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from explorer.asked import Label
    from explorer.drawings import Drawings
    from explorer.state import SessionState
    from explorer.worker import Work, Worker
    from models.event import Event
    from models.job import Control
    from models.morph_models import Given
    from models.path_events import Ends

FULL = f"All {len(LETTERS)} pins are taken. Let go of one first."


def sought(state: SessionState, time: float) -> SessionState:
    """The probe goes to where the morph is at a time in seconds."""
    path = path_of(state)
    if path is None:
        return state
    moment = path.at(time)
    label = state.label if moment.shares is None else label_of(moment.shares)
    return replace(gestures.set_code(state, moment.code), label=label, playhead=time)


def arranged(state: SessionState, frames: Sequence[KeyFrame]) -> SessionState:
    """These become the key frames, in the order of their times."""
    return _with(state, frames=in_time(frames))


def added(state: SessionState, slot: int, time: float | None = None) -> SessionState:
    """The pin of a slot becomes one more key frame: at a time, else after the last.

    While all pins are key frames by themselves it is one already, which goes to that time.
    """
    frames = frames_of(state)
    if state.timeline.frames is None and any(frame.slot == slot for frame in frames):
        others = [frame for frame in frames if frame.slot != slot]
        return state if time is None else arranged(state, [*others, KeyFrame(slot, time)])
    last = frames[-1].time + LEG if frames else 0.0
    return arranged(state, [*frames, KeyFrame(slot, last if time is None else time)])


def removed(state: SessionState, place: int) -> SessionState:
    """The key frame at that place of the order is one no more; its pin stays."""
    frames = frames_of(state)
    return arranged(state, [*frames[:place], *frames[place + 1 :]])


def swapped(state: SessionState, place: int, other: int) -> SessionState:
    """Two key frames change places; the times stay."""
    frames = [*frames_of(state)]
    if not (0 <= place < len(frames) and 0 <= other < len(frames)):
        return state
    one, two = frames[place], frames[other]
    frames[place], frames[other] = KeyFrame(two.slot, one.time), KeyFrame(one.slot, two.time)
    return arranged(state, frames)


def lasting(state: SessionState, seconds: float) -> SessionState:
    """The whole way takes so many seconds, every leg its share of them as before."""
    path = path_of(state)
    if path is None:
        return state
    times = seconds / path.length
    frames = [KeyFrame(slot, time * times) for slot, time in frames_of(state)]
    return _with(arranged(state, frames), closing=state.timeline.closing * times)


def _with(state: SessionState, **changes: Any) -> SessionState:
    return replace(state, timeline=replace(state.timeline, **changes))


def cornered(state: SessionState, corner: int, slot: int) -> SessionState:
    """The pin of a slot stands at a corner; one that stood at another corner changes places with it."""
    before = corner_slots(state)
    now = [*before]
    if slot in before:
        now[before.index(slot)] = before[corner]
    now[corner] = slot
    spare = [other for other, _ in pins_set(state) if other not in now]
    whole = [each if each is not None else spare.pop(0) if spare else slot for each in now]
    return replace(state, board=replace(state.board, corners=tuple(whole)))


def dealt(state: SessionState, count: int, random: np.random.Generator) -> SessionState:
    """So many pins at least: fresh codes of the prior, or like the data's, take the free slots."""
    fresh = gestures.fresh_codes(state, count, random)
    missing = count - len(pins_set(state))
    for code in [] if fresh is None else fresh[: max(missing, 0)]:
        slot = free_slot(state)
        if slot is not None:
            state = replace(state, pins=with_pin(state.pins, slot, Pin(code, None, state.label)))
    return state


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
        self._do("Go along the morph", sought(self._read(), time))

    def play_on(self, time: float) -> None:
        """The same while it plays: no step of its own to be undone, for all of them belong to the first."""
        self._apply(sought(self._read(), time))

    # ---- key frames

    def arrange(self, frames: Sequence[KeyFrame]) -> None:
        """Make these the key frames."""
        self._do("Arrange key frames", arranged(self._read(), frames))

    def add(self, slot: int, time: float | None = None) -> None:
        """Make the pin of a slot a key frame, at a time or, without one or before all, after the last."""
        time = None if time is not None and time < 0 else time
        self._do(f"Add key frame {letter(slot)}", added(self._read(), slot, time))

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
            self._do(f"Add key frame {letter(slot)}", added(pinned, slot, time))

    def remove(self, place: int) -> None:
        """Let the key frame at that place go; its pin stays."""
        self._do("Remove a key frame", removed(self._read(), place))

    def swap(self, place: int, other: int) -> None:
        """Let two key frames change places."""
        self._do("Reorder key frames", swapped(self._read(), place, other))

    def take_all_pins(self) -> None:
        """Let all pins be key frames again, one after the other."""
        self._do("All pins as key frames", _with(self._read(), frames=None, closing=LEG))

    # ---- how it goes

    def last(self, seconds: float) -> None:
        """Let the whole way take so many seconds."""
        self._do("Set the length of the morph", lasting(self._read(), seconds))

    def shape(self, **changes: Any) -> None:
        """Change `easing`, `loop` or `closing` of the timeline."""
        self._do("Shape the morph", _with(self._read(), **changes))

    def bend(self, mode: str) -> None:
        """Let the ways be "linear", "spherical" or "geodesic"; a probe on its way comes along."""
        state = self._read()
        state = replace(state, shortest=replace(state.shortest, wanted=frozenset()))  # who was stopped may begin anew
        state = replace(_with(state, geodesic=mode == "geodesic"), spherical=mode == "spherical")
        state = state if state.morph is None else gestures.morph(state, state.morph)
        self._do("Shape the morph", state if state.playhead is None else sought(state, state.playhead))

    # ---- boards

    def corner(self, corner: int, slot: int) -> None:
        """Let the pin of a slot stand at a corner."""
        self._do("Set a corner", cornered(self._read(), corner, slot))

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
        self._do(f"Pin {count} random codes", dealt(self._read(), count, self._random))

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
        self._control = self._lane().renew(_shortening(state, wanted), self._control)
        self._apply(replace(state, shortest=replace(known, wanted=legs, working=True, problem="")))

    def stop(self) -> None:
        """Seek no further; what was found stays."""
        if self._control is not None:
            self._control.stop()
        state = self._read()
        if state.shortest.working:
            self._apply(replace(state, shortest=replace(state.shortest, working=False)))


def comparing(state: SessionState, folders: Sequence[str], out: str | Path, options: Mapping[str, Any]) -> Work:
    """Morph the pictures of the first and the last key frame by every run in these folders, as one sheet."""

    def work(control: Control) -> Iterator[Event]:
        from models.morph_models import KIND, ComparedOptions, compare
        from models.subject import Subject

        ends = _given(state)
        if ends is None:
            raise UserError("There are no pictures of two key frames yet.", mend="Pin two codes first.")
        wanted = ComparedOptions.read(dict(options), of=KIND)
        subjects = [Subject.of_run(folder) for folder in folders]
        told = {"runs": ",".join(subject.info.id for subject in subjects)}
        yield from compare(subjects, ends, Path(out), wanted, told, control)

    return work


def _given(state: SessionState) -> tuple[Given, Given] | None:
    """The pictures of the first and the last key frame: the data's own where a pin is a point, else as drawn."""
    from models.morph_models import Given

    names = () if state.run is None else state.run.class_names
    drawn = () if state.pin_pictures is None else state.pin_pictures.pictures
    pinned, found = pins_set(state), []
    for frame in frames_of(state)[:: max(1, len(frames_of(state)) - 1)]:
        place = [slot for slot, _ in pinned].index(frame.slot)
        pin = pinned[place][1]
        original = None if pin.index is None or state.data is None else state.data.picture(pin.index)
        pixels = original if original is not None else drawn[place] if place < len(drawn) else None
        if pixels is not None:
            found.append(Given(pixels, names[pin.label] if isinstance(pin.label, int) and names else ""))
    return (found[0], found[1]) if len(found) == 2 else None


def _shortening(state: SessionState, wanted: Sequence[Ends]) -> Work:
    """Seek the shortest ways between these ends, one after the other; `ShorteningEnded` comes last."""
    weights, knobs = state.weights, state.knobs
    assert weights is not None

    def work(control: Control) -> Iterator[Event]:
        from models import device
        from models.geodesic import shortest
        from models.painter import Painter

        device.lower_priority()
        device.take_threads(1)
        problem = ""
        try:
            painter = Painter.of(weights)
            painter.turn(knobs)
            for ends in wanted:
                yield from shortest(painter, ends, weights.run, weights.step, control)
        except Stopped:
            return
        except UserError as error:
            problem = str(error)
        yield ShorteningEnded(weights.run, weights.step, problem)

    return work

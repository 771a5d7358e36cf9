"""What a person does with morphs and boards, as pure functions from one state to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer import gestures
from explorer.pins import Pin, free_slot, pins_set, with_pin
from explorer.timeline import LEG, KeyFrame, corner_slots, frames_of, in_time, label_of, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from explorer.state import SessionState


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
    return with_timeline(state, frames=in_time(frames))


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
    return with_timeline(arranged(state, frames), closing=state.timeline.closing * times)


def with_timeline(state: SessionState, **changes: Any) -> SessionState:
    """The timeline with some of its fields changed."""
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

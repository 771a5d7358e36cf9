"""Codes put aside: the ends of a morph, the corners of a board, the terms of a sum."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models import latent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.asked import Label
    from explorer.state import SessionState
    from models.events import Embedded


LETTERS = string.ascii_uppercase  # one for each slot there can be


@dataclass(frozen=True)
class Pin:
    """A code put aside; `index` names the point it was taken from, if it was one."""

    code: NDArray[np.float32]  # [latent_dim]
    index: int | None = None
    label: Label = None  # the class it is drawn as


def letter(slot: int) -> str:
    """What the pin in a slot is called: A, B, C ..."""
    return LETTERS[slot]


def pins_set(state: SessionState) -> list[tuple[int, Pin]]:
    """The pins that hold a code, each with its slot."""
    return [(slot, pin) for slot, pin in enumerate(state.pins) if pin is not None]


def free_slot(state: SessionState) -> int | None:
    """The first slot without a pin; None when all are taken."""
    taken = {slot for slot, _ in pins_set(state)}
    return next((slot for slot in range(len(LETTERS)) if slot not in taken), None)


def with_pin(pins: tuple[Pin | None, ...], slot: int, pin: Pin | None) -> tuple[Pin | None, ...]:
    """The pins with another one in `slot`, or none; A and B always have slots, others while they are needed."""
    longer = [*pins, *[None] * (slot + 1 - len(pins))]
    longer[slot] = pin
    while len(longer) > 2 and longer[-1] is None:
        longer.pop()
    return tuple(longer)


def moved(pin: Pin | None, event: Embedded) -> Pin | None:
    """The pin where its point lies now; one whose point is gone stays where it was."""
    if pin is None or pin.index is None:
        return pin
    known = pin.index < len(event.codes)
    return replace(pin, code=event.codes[pin.index]) if known else replace(pin, index=None)


def between(state: SessionState, share: float | None) -> NDArray[np.float32] | None:
    """The code `share` of the way from pin A to pin B; the present one where there is no such way."""
    a, b = state.pins[:2]
    if a is None or b is None or share is None:
        return state.code
    return (latent.slerp if state.spherical else latent.lerp)(a.code, b.code, share)

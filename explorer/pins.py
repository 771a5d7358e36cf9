"""Codes put aside to morph from and to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models import latent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.asked import Label
    from explorer.state import SessionState
    from models.events import Embedded


@dataclass(frozen=True)
class Pin:
    """A code put aside to morph from or to; `index` names the point it was taken from, if it was one."""

    code: NDArray[np.float32]  # [latent_dim]
    index: int | None = None
    label: Label = None  # the class it is drawn as


def moved(pin: Pin | None, event: Embedded) -> Pin | None:
    """The pin where its point lies now; one whose point is gone stays where it was."""
    if pin is None or pin.index is None:
        return pin
    known = pin.index < len(event.codes)
    return replace(pin, code=event.codes[pin.index]) if known else replace(pin, index=None)


def between(state: SessionState, share: float | None) -> NDArray[np.float32] | None:
    """The code `share` of the way from pin A to pin B; the present one where there is no such way."""
    a, b = state.pins
    if a is None or b is None or share is None:
        return state.code
    return (latent.slerp if state.spherical else latent.lerp)(a.code, b.code, share)

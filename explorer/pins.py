"""Codes put aside to morph from and to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.asked import Label
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

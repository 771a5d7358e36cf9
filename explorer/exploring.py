"""What a person explores with: one intent of the session for each gesture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer import gestures
from explorer.bench import Benching
from explorer.gathering import Gathering
from explorer.mixing import Mixing
from explorer.pins import free_slot, letter
from explorer.shown_pages import ShownPages
from explorer.stage import Stage
from explorer.traversing import Traversing

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QObject

    from explorer.asked import Label
    from explorer.pins import Pin
    from explorer.state import Visibility
    from models.params import Value


class Exploring(Stage):
    """The intents about points, codes, pins and classes; each is one pure gesture from a state to the next."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._random = np.random.default_rng()
        self.gathering = Gathering(lambda: self.state, self.do, self.drawings)
        self.benching = Benching(lambda: self.state, self.do)
        self.traversing = Traversing(lambda: self.state, self._apply)
        self.shown_pages = ShownPages(lambda: self.state, self.drawings)
        self.mixing = Mixing(lambda: self.state, self.do, self._random)

    def select(self, index: int | None) -> None:
        """Select held-out point `index`, or none."""
        self.do("Select a point" if index is not None else "Let go of a point", gestures.select(self.state, index))

    def move_to(self, x: float, y: float) -> None:
        """Decode the place (x, y) of the map."""
        self.do("Go to a place", gestures.move_to(self.state, x, y))

    def set_code(self, code: NDArray[np.float32]) -> None:
        """Decode `code` [latent_dim]."""
        self.do("Set the code", gestures.set_code(self.state, code))

    def set_dimension(self, dimension: int, value: float) -> None:
        """Change one number of the probe's code."""
        self.do(f"Move z{dimension}", gestures.set_dimension(self.state, dimension, value))

    def randomise(self) -> None:
        """Draw the unlocked numbers of the code: from the prior, else from a normal fitted to the data's codes."""
        self.do("Randomise the code", gestures.randomise(self.state, self._random))

    def reset_code(self) -> None:
        """Put the unlocked numbers of the code back to the middle of the data."""
        self.do("Reset the code", gestures.reset(self.state))

    def lock(self, dimension: int, locked: bool) -> None:
        """Keep one number of the code when randomising and resetting."""
        self.do(f"{'Lock' if locked else 'Unlock'} z{dimension}", gestures.lock(self.state, dimension, locked))

    def pin(self, slot: int, pin: Pin | None = None) -> None:
        """Put a code aside in `slot` (0 is A, 1 is B ...): that of `pin`, else the probe's."""
        self.do(f"Pin {letter(slot)}", gestures.pin(self.state, slot, pin))

    def pin_next(self) -> None:
        """Put the probe's code aside in the first free slot."""
        slot = free_slot(self.state)
        if slot is None:
            self.tell("All 26 pins are taken. Let go of one first.", "warning")
        else:
            self.pin(slot)

    def unpin(self, slot: int) -> None:
        """Let go of the code in `slot`."""
        self.do(f"Unpin {letter(slot)}", gestures.unpin(self.state, slot))

    def take_pin(self, slot: int) -> None:
        """Let the probe go to the code in `slot`, drawn as it was."""
        self.do(f"Go to pin {letter(slot)}", gestures.take_pin(self.state, slot))

    def morph(self, share: float) -> None:
        """Go `share` (0 to 1) of the way from pin A to pin B."""
        self.do("Morph from A to B", gestures.morph(self.state, share))

    def bend(self, spherical: bool) -> None:
        """Morph along an arc around the origin, or straight."""
        self.do("Morph along an arc" if spherical else "Morph straight", gestures.bend(self.state, spherical))

    def set_label(self, label: Label) -> None:
        """Ask for a class, or for a mixture of all by their shares [classes]."""
        self.drawings.set_label(label)

    def set_knob(self, name: str, value: Value) -> None:
        """Turn one knob of the drawing."""
        self.drawings.set_knob(name, value)

    def set_visibility(self, label: int, visibility: Visibility) -> None:
        """Show, dim or hide a class on the map."""
        self.do("Show, dim or hide a class", gestures.set_visibility(self.state, label, visibility))

    def isolate(self, label: int) -> None:
        """Dim all classes but one; a second time shows all again."""
        self.do("Isolate a class", gestures.isolate(self.state, label))

    def color_by(self, factor: str) -> None:
        """Colour the map by the factor of this name, or by class when it is empty."""
        self.do("Colour the map", replace(self.state, factor=factor))

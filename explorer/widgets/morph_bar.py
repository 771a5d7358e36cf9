"""The way between two codes put aside: A, B, a slider from one to the other, its shape, and a walk along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.widgets.parts import Quiet, action_button
from explorer.widgets.picture import PictureButton
from explorer.widgets.track_slider import TrackSlider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QAction, QHideEvent

FRAME = 33  # ms between two steps of the walk
WAY = 3000  # ms from A to B


class MorphBar(QWidget):
    """Buttons for the actions that pin A and B, bend the way and play, and a slider; `set_*` emit nothing.

    `moved` tells the share of the way, 0 at A and 1 at B; while it plays, `walking` is true during each `moved`.
    """

    moved = Signal(float)

    def __init__(self, pins: Sequence[QAction], bend: QAction, play: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.walking = False
        self._share: float | None = None
        self._direction = 1.0
        self._play = play
        self._timer = QTimer(self, interval=FRAME)
        self._timer.timeout.connect(self._step)
        self.pins = tuple(self._pin_button(action, letter) for action, letter in zip(pins, "AB", strict=True))
        self.slider = TrackSlider()
        self.slider.setObjectName("probe_morph")
        self.slider.setAccessibleName("Morph from A to B")
        self.slider.setToolTip("The way from A to B: drag, or use the arrow keys")
        self.slider.moved.connect(self.moved)
        self.share = Quiet()
        self.share.setObjectName("probe_share")
        self.share.setWordWrap(False)
        self.words = Quiet("Pin A and B to morph between them.")
        self.words.setObjectName("probe_morph_words")
        self.bend = action_button(bend, "probe_bend")
        self.play = action_button(play, "probe_play")
        self._lay_out()
        self.set_ready(False)
        self.set_share(None)

    def _pin_button(self, action: QAction, letter: str) -> PictureButton:
        button = PictureButton(letter)
        button.setObjectName(f"probe_pin_{letter.lower()}")
        button.setAccessibleName(action.text())
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button

    def _lay_out(self) -> None:
        self._way = QWidget()
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.share, 1)
        below.addWidget(self.bend)
        below.addWidget(self.play)
        column = QVBoxLayout(self._way)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.slider)
        column.addLayout(below)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        for part, stretch in ((self.pins[0], 0), (self.words, 1), (self._way, 1), (self.pins[1], 0)):
            across.addWidget(part, stretch)

    # ---- set from outside

    def set_ready(self, ready: bool) -> None:
        """Whether both ends are pinned."""
        self.slider.setEnabled(ready)
        self._play.setEnabled(ready)
        self.words.setVisible(not ready)
        self._way.setVisible(ready)
        if not ready:
            self.stop()

    def set_bendable(self, bendable: bool) -> None:
        """Whether the way may be an arc."""
        self.bend.setVisible(bendable)

    def set_share(self, share: float | None) -> None:
        """How much of the way from A to B is gone; None while the code lies elsewhere."""
        self._share = share
        self.slider.set_hollow(share is None)
        if share is not None:
            self.slider.set_real(share)
        self.share.setText("" if share is None else f"{share:.0%} to B")

    def set_picture(self, slot: int, pixels: NDArray[np.uint8] | None) -> None:
        """The picture at A (0) or B (1)."""
        self.pins[slot].set_picture(pixels)

    def walk(self) -> None:
        """Go to and fro between A and B until `stop`."""
        self._timer.start()

    def stop(self) -> None:
        """Stand still."""
        self._timer.stop()
        self._play.setChecked(False)

    def _step(self) -> None:
        """One frame of the walk, turning round at A and B."""
        share = (self._share or 0.0) + self._direction * FRAME / WAY
        if not 0 <= share <= 1:
            self._direction, share = -self._direction, float(np.clip(share, 0, 1))
        self.walking = True
        self.moved.emit(share)
        self.walking = False

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody watches: stand still."""
        super().hideEvent(event)
        self.stop()

"""How far a layout of the map is: a few words, a slim bar, and a button that ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.widgets.elided import Elided
from explorer.widgets.parts import action_button
from explorer.widgets.progress import Bar
from explorer.words import time_left

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from models.chart_events import Laying

NARROW, WIDE = 32, 120  # px of the bar


class LayingBar(QWidget):
    """Hidden while nothing is laid; `stop` ends the work."""

    def __init__(self, stop: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("laying_bar")
        self.setAccessibleName("Progress of the layout")
        self._words, self._bar = Elided(quiet=True), Bar("laying_progress", "Share of the layout that is done")
        self._words.setObjectName("laying_words")
        self._bar.setMinimumWidth(NARROW)
        self._bar.setMaximumWidth(WIDE)
        stopping = action_button(stop, "stop_laying_button")
        stopping.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it was
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._words, 2)
        row.addWidget(self._bar, 1)
        row.addWidget(stopping)
        self.hide()

    def show_laying(self, laying: Laying | None) -> None:
        """Tell of this layout, or of none."""
        self.setVisible(laying is not None)
        if laying is None:
            return
        self._bar.show_fraction(laying.share)
        share = "" if laying.share is None else f" {laying.share:.0%}"
        left = "" if laying.seconds_left is None else f" · {time_left(laying.seconds_left)}"
        self._words.setText(f"{laying.what}{share}{left}")

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

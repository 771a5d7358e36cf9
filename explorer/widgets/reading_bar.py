"""How far the looking at pictures is, with a button to end it, or the offer to learn to read them first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.icons import icon
from explorer.widgets.elided import Elided
from explorer.words import duration, time_left

if TYPE_CHECKING:
    from explorer.seen import Seen


class ReadingBar(QWidget):
    """Tells that a person wants to `learn` or to `stop`; `name` begins the names of its controls."""

    learn = Signal()
    stop = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Elided(quiet=True)
        self.words.setObjectName(f"{name}_reading")
        self.offer = QPushButton()
        self.offer.setObjectName(f"{name}_learn")
        self.offer.setAccessibleName("Learn to read the pictures")
        self.offer.setToolTip(
            "Train a small network on the run's data that sees factors or classes in pictures; it is kept"
        )
        self.offer.clicked.connect(self.learn)
        self.end = QPushButton(icon("stop"), "Stop")
        self.end.setObjectName(f"{name}_stop_reading")
        self.end.setAccessibleName("Stop looking at pictures")
        self.end.setToolTip("End the looking; what was found before stays")
        self.end.clicked.connect(self.stop)
        for button in (self.offer, self.end):
            button.setStyleSheet("padding: 3px 8px")
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(4)
        across.addWidget(self.words, 1)
        across.addWidget(self.offer)
        across.addWidget(self.end)

    def show_seen(self, seen: Seen, idle: str = "") -> None:
        """Show what goes on; words that are `idle` where nothing does."""
        working, unlearned = seen.reading, seen.unlearned
        self.end.setVisible(working is not None)
        self.offer.setVisible(working is None and unlearned is not None)
        if working is not None:
            share = "" if working.fraction is None else f" {working.fraction:.0%}"
            left = "" if working.seconds_left is None else f", {time_left(working.seconds_left)}"
            self.words.setText(f"{working.what}{share}{left}")
        elif unlearned is not None:
            self.offer.setText(f"Learn to read ({duration(unlearned)})")
            self.words.setText("")
        else:
            self.words.setText(seen.ended.problem if seen.ended is not None and seen.ended.problem else idle)

"""What the terms of a sum add up to: its picture, and the buttons that give it to the probe or keep it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.widgets.fittings import button
from explorer.widgets.picture import Picture

WIDE, NARROW = 120, 84  # px of the picture


class SumOutcome(QWidget):
    """The picture above its buttons, which are only icons in a narrow place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = Picture("")
        self.picture.setObjectName("bench_result")
        self.picture.setAccessibleName("What the terms add up to")
        self.take = button("bench_take", "", "probe", "Give the sum to the probe")
        self.keep = button("bench_keep", "", "pin", "Keep the sum as the next free pin")
        below = QHBoxLayout()
        below.setSpacing(4)
        below.addWidget(self.take)
        below.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.picture, 1)
        column.addLayout(below)
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        """Take less room, or more."""
        self.picture.setFixedWidth(NARROW if narrow else WIDE)
        self.take.setText("" if narrow else "To probe")
        self.keep.setText("" if narrow else "Pin it")

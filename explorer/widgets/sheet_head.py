"""The line above a sheet of classes: what it shows, how many rows it has, and whether it shows all classes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from explorer.widgets.elided import Elided
from explorer.widgets.track_slider import TrackSlider
from models.wording import counted


class SheetHead(QWidget):
    """`sized` tells rows and columns, from fewest to most; `chosen` whether every class has a column."""

    sized = Signal(int)
    chosen = Signal(bool)

    def __init__(self, fewest: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.about = Elided(quiet=True)
        self.every = QToolButton()
        self.every.setObjectName("class_sheet_every")
        self.every.setText("All classes")
        self.every.setAccessibleName("A column for every class")
        self.every.setToolTip("A row for each code, the probe's first, and a column for each class")
        self.every.setCheckable(True)
        self.every.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.every.clicked.connect(self.chosen)
        self.side = TrackSlider()
        self.side.setObjectName("class_sheet_side")
        self.side.setAccessibleName("Rows and columns of the sheet")
        self.side.set_span(fewest, most, fewest)
        self.side.setMaximumWidth(96)
        self.side.moved.connect(lambda value: self.sized.emit(round(value)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.about, 1)
        row.addWidget(self.side)
        row.addWidget(self.every)

    def set_sheet(self, side: int, every: bool) -> None:
        """How the sheet is now."""
        if not self.side.isSliderDown():
            self.side.set_real(side)
        self.side.setToolTip(f"{counted(side, 'row')} of the sheet")
        self.every.setChecked(every)
        self.about.setText("Codes by classes" if every else "This class")

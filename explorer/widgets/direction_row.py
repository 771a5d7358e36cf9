"""One direction: its name, a slider along it, the pictures to its left and right, and what it moves besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from explorer.icons import icon
from explorer.widgets.elided import Elided
from explorer.widgets.film_strip import FilmStrip
from explorer.widgets.leak_bars import LeakBars
from explorer.widgets.slider_row import ValueField
from explorer.widgets.track_slider import TrackSlider
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent

    from models.directions import Direction
    from models.traits import Moves

NARROW = 520  # px of width under which what it moves is not shown
NAME, SMALL_NAME = 116, 84  # px of width
METHODS = {"difference": "means apart", "logistic": "by regression", "pca": "principal"}


class Name(Elided):
    """A name that a double click lets a person change."""

    wanted = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change it."""
        self.wanted.emit()


class DirectionRow(QWidget):
    """The row of direction `number`; `set_*` emit nothing."""

    moved = Signal(float)  # the place on the way, in spreads
    renamed = Signal(str)
    removed = Signal()

    def __init__(self, number: int, places: Sequence[float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places = tuple(places)
        self._field: ValueField | None = None
        self._direction: Direction | None = None
        self.setObjectName(f"direction_{number}")
        self.name = Name()
        self.name.wanted.connect(self.edit)
        self.made = Elided(quiet=True)
        self.strip = FilmStrip(places)
        self.strip.picked.connect(lambda index: self.moved.emit(self._places[index]))
        self.slider = TrackSlider()
        self.slider.wheel_needs_focus = True
        low, high = self.strip.span
        self.slider.set_span(low, high, 0.0)
        self.slider.moved.connect(self.moved)
        self.value = Elided(quiet=True)
        self.leak = LeakBars()
        self.pen, self.bin = QToolButton(), QToolButton()
        for button, drawing in ((self.pen, "pen"), (self.bin, "close")):
            button.setIcon(icon(drawing))
            button.setFixedSize(24, 24)
        self.pen.clicked.connect(self.edit)
        self.bin.clicked.connect(self.removed)
        named = {"name": self.name, "slider": self.slider, "strip": self.strip, "leak": self.leak,
                 "rename": self.pen, "delete": self.bin}  # fmt: skip
        for name, part in named.items():
            part.setObjectName(f"direction_{name}_{number}")
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.value, 1)
        buttons.addWidget(self.pen)
        buttons.addWidget(self.bin)
        self._left = QWidget()
        self._left.setFixedWidth(NAME)
        head = QVBoxLayout(self._left)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(0)
        head.addWidget(self.name)
        head.addWidget(self.made)
        head.addLayout(buttons)
        head.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._left, 0, 0, 2, 1)
        grid.addWidget(self.slider, 0, 1)
        grid.addWidget(self.strip, 1, 1)
        grid.addWidget(self.leak, 0, 2, 2, 1)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 1)

    # ---- set from outside

    def set_direction(self, direction: Direction) -> None:
        """Show what it is."""
        if direction is self._direction:
            return
        self._direction = direction
        name = printable(direction.name)
        self.name.setText(name)
        share = "" if direction.share is None else f", {direction.share:.0%} of all"
        self.made.setText(METHODS[direction.method] + share)
        self.slider.setAccessibleName(f"Along {name}")
        self.slider.setToolTip(f"Move the probe along {name}, in spreads of the data's codes")
        self.strip.setAccessibleName(f"Pictures along {name}")
        self.leak.setAccessibleName(f"What {name} moves")
        for button, verb in ((self.pen, "Rename"), (self.bin, "Delete")):
            button.setAccessibleName(f"{verb} {name}")
            button.setToolTip(f"{verb} this direction")
        ends = zip(direction.ends or (), map(printable, direction.names), strict=False)
        self.strip.set_ends([(place, end) for place, end in ends if end])

    def set_place(self, place: float | None) -> None:
        """Where the probe lies on the way; None without a probe."""
        self.slider.setEnabled(place is not None)
        self.strip.set_place(place)
        self.value.setText("" if place is None else f"at {round(place, 2) + 0.0:+.2f}".replace("-", "\N{MINUS SIGN}"))
        if place is not None and not self.slider.isSliderDown():
            self.slider.set_real(place)

    def set_pictures(self, pictures: NDArray[np.uint8] | None) -> None:
        """The pictures at the places of the strip, uint8 [n, h, w, 1 or 3]."""
        name = self.name.text()
        tips = [f"{name} at {place:+g} spreads: click to go there" for place in self._places]
        self.strip.set_pictures(pictures, tips)

    def set_moves(self, moves: Moves | None, words: str) -> None:
        """What it moves, or why that is not known."""
        self.leak.set_moves(moves, words)

    # ---- a name of one's own

    def edit(self) -> None:
        """Open a field over the name."""
        self._close()
        field = ValueField(self.name.text(), self._left)
        field.setObjectName("direction_name_field")
        field.setAccessibleName("Name of the direction")
        field.setGeometry(self.name.geometry().adjusted(-2, -2, 2, 4))
        field.left.connect(self._close)
        field.editingFinished.connect(self._typed)
        field.selectAll()
        field.show()
        field.setFocus()
        self._field = field

    def _typed(self) -> None:
        field = self._field
        if field is not None:
            self._close()
            self.renamed.emit(field.text())

    def _close(self) -> None:
        field, self._field = self._field, None
        if field is not None:
            field.hide()
            field.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, Delete deletes."""
        key = event.key()
        if key == Qt.Key.Key_F2:
            self.edit()
        elif key == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow place the pictures come first."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        self.leak.setVisible(not narrow)
        self._left.setFixedWidth(SMALL_NAME if narrow else NAME)

"""Gathering by what points are: a class, a value or a range of a factor, or nearness to something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QHBoxLayout, QPushButton, QSpinBox, QStackedWidget, QWidget

from explorer.widgets.modifiers import WORDS, how_now
from explorer.widgets.parts import Choice, Quiet
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.datasets import Factor

MOST_NEAR, SOME_NEAR = 100_000, 50


class GatherForm(QWidget):
    """`class_wanted` tells a label, `range_wanted` a factor's place and bounds, `near_wanted` a source and how many.

    Each comes with how it joins the points gathered before, as the keys held at the click say.
    """

    class_wanted = Signal(int, object)
    range_wanted = Signal(int, float, float, object)
    near_wanted = Signal(str, int, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._factors: tuple[Factor, ...] = ()
        self._classes: tuple[tuple[int, str], ...] = ()
        self.what, self.value = _choice("gather_what", "Gather by"), _choice("gather_value", "Value to gather")
        self.low, self.high = _bound("gather_low", "Lowest value"), _bound("gather_high", "Highest value")
        self.gather = _button("gather_by_value", "Gather", "Gather the points of this class or these values")
        self.count = QSpinBox()
        self.count.setObjectName("gather_count")
        self.count.setAccessibleName("How many neighbours")
        self.count.setToolTip("How many of the nearest points are gathered")
        self.count.setRange(1, MOST_NEAR)
        self.count.setValue(SOME_NEAR)
        self.source = _choice("gather_source", "Neighbours of")
        self.near = _button("gather_near", "Gather", "Gather the points whose codes lie nearest")
        self._values = QStackedWidget()
        self._values.addWidget(self.value)
        self._values.addWidget(_side_by_side(self.low, Quiet("to"), self.high))
        rows = QGridLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        nearest = _side_by_side(self.count, Quiet("nearest"))
        for row, parts in enumerate(((self.what, self._values, self.gather), (nearest, self.source, self.near))):
            for column, part in enumerate(parts):
                rows.addWidget(part, row, column)
        rows.setColumnStretch(1, 1)
        self.what.activated.connect(self._show_values)
        self.gather.clicked.connect(self._want_values)
        self.near.clicked.connect(
            lambda: self.near_wanted.emit(self.source.currentData(), self.count.value(), how_now())
        )
        self.set_known((), ())
        self.set_sources(())

    def set_known(self, classes: Sequence[tuple[int, str]], factors: Sequence[Factor]) -> None:
        """Offer classes by label and name, and these factors."""
        if (tuple(classes), tuple(factors)) == (self._classes, self._factors) and self.what.count():
            return
        self._classes, self._factors = tuple(classes), tuple(factors)
        self.what.clear()
        if classes:
            self.what.addItem("class", -1)
        for place, factor in enumerate(factors):
            self.what.addItem(printable(factor.name), place)
        for part in (self.what, self._values, self.gather):
            part.setEnabled(bool(classes or factors))
        self._show_values()

    def set_sources(self, sources: Sequence[tuple[str, str]]) -> None:
        """Offer neighbours of these, by title and name; the one that is chosen stays so."""
        before = self.source.currentData()
        self.source.clear()
        for title, name in sources:
            self.source.addItem(title, name)
        self.source.setCurrentIndex(max(0, self.source.findData(before)))
        for part in (self.count, self.source, self.near):
            part.setEnabled(bool(sources))

    @property
    def _factor(self) -> Factor | None:
        place = self.what.currentData()
        return None if place is None or place < 0 else self._factors[place]

    def _show_values(self) -> None:
        """Names to choose from, or the two ends of a range."""
        factor = self._factor
        ranged = factor is not None and not factor.values
        self._values.setCurrentIndex(int(ranged))
        if factor is not None and ranged:
            for bound, value in ((self.low, factor.low), (self.high, factor.high)):
                bound.setRange(min(factor.low, factor.high), max(factor.low, factor.high))
                bound.setSingleStep((factor.high - factor.low) / 20 or 1)
                bound.setValue(value)
                bound.setSuffix(f" {factor.unit}" if factor.unit else "")
            return
        self.value.clear()
        named = self._classes if factor is None else tuple(enumerate(factor.values))
        for number, name in named:
            self.value.addItem(printable(name), number)

    def _want_values(self) -> None:
        place, factor = self.what.currentData(), self._factor
        if factor is None:
            self.class_wanted.emit(self.value.currentData(), how_now())
        elif factor.values:
            number = float(self.value.currentData())
            self.range_wanted.emit(place, number, number, how_now())
        else:
            low, high = sorted((self.low.value(), self.high.value()))
            self.range_wanted.emit(place, low, high, how_now())


def _choice(name: str, title: str) -> Choice:
    choice = Choice()
    choice.setObjectName(name)
    choice.setAccessibleName(title)
    choice.setToolTip(title)
    choice.setMinimumContentsLength(3)
    return choice


def _bound(name: str, title: str) -> QDoubleSpinBox:
    bound = QDoubleSpinBox()
    bound.setObjectName(name)
    bound.setAccessibleName(title)
    bound.setToolTip(title)
    bound.setDecimals(3)
    bound.setMinimumWidth(56)
    return bound


def _button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(f"{tip}. {WORDS}")
    button.setStyleSheet("padding: 4px 8px")
    return button


def _side_by_side(*parts: QWidget) -> QWidget:
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for part in parts:
        if isinstance(part, Quiet):
            part.setWordWrap(False)
        row.addWidget(part, 0 if isinstance(part, Quiet) else 1)
    return both

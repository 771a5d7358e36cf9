"""The knobs of the drawing as a few rows: a name, a slider, the value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from explorer.widgets.elided import Elided
from explorer.widgets.track_slider import TrackSlider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.params import Setting, Value


class KnobList(QWidget):
    """One slider for each bounded number among the settings; `moved` tells name and value, `set_*` emit nothing."""

    moved = Signal(str, object)

    def __init__(self, prefix: str = "knob", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prefix = prefix  # of the names of its parts
        self.rows: dict[str, tuple[Setting, TrackSlider, QLabel]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_knobs(self, knobs: Sequence[Setting]) -> None:
        """Show these, or nothing where there are none."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        turnable = [knob for knob in knobs if knob.kind in ("int", "float") and None not in (knob.low, knob.high)]
        self.rows = {knob.name: self._row(place, knob) for place, knob in enumerate(turnable)}
        self.setVisible(bool(self.rows))

    def _row(self, place: int, knob: Setting) -> tuple[Setting, TrackSlider, QLabel]:
        name, slider, value = Elided(knob.label), TrackSlider(), QLabel()
        name.setObjectName(f"{self._prefix}_name_{knob.name}")
        value.setObjectName(f"{self._prefix}_value_{knob.name}")
        slider.setObjectName(f"{self._prefix}_{knob.name}")
        slider.setAccessibleName(knob.label)
        for part in (name, slider, value):
            part.setToolTip(knob.help)
            self._grid.addWidget(part, place, self._grid.count() % 3)
        value.setMinimumWidth(value.fontMetrics().horizontalAdvance("0.000"))
        name.setMinimumWidth(name.fontMetrics().horizontalAdvance(knob.label) + 2)
        assert knob.low is not None
        assert knob.high is not None
        slider.set_span(_place(knob, knob.low), _place(knob, knob.high), _place(knob, float(knob.default or 0)))
        slider.moved.connect(lambda where: self._moved(knob, where))
        return knob, slider, value

    def _moved(self, knob: Setting, where: float) -> None:
        number = math.exp(where) if knob.logarithmic else where
        low, high = knob.low or 0.0, knob.high or 0.0
        value: Value = round(number) if knob.kind == "int" else min(max(float(f"{number:.4g}"), low), high)
        self.rows[knob.name][2].setText(_written(value))
        self.moved.emit(knob.name, value)

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show these, and those that are missing as they are declared."""
        for name, (knob, slider, label) in self.rows.items():
            value = values.get(name, knob.default)
            label.setText(_written(value))
            if not slider.isSliderDown() and isinstance(value, int | float):
                slider.set_real(_place(knob, value))


def _place(knob: Setting, value: float) -> float:
    return math.log(max(value, 1e-12)) if knob.logarithmic else float(value)


def _written(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)

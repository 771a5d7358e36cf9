"""The names of curves as a small table: show or hide each, and read its values at the step pointed at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from explorer.widgets.parts import Quiet
from explorer.words import figure, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QColor

SWATCH = 10  # px
WIDEST = ("-0.001234", "-1.23e+09", "-999,999")  # what `number` writes at most


class CurveLegend(QWidget):
    """One row a name: check box with its colour, then the training and the held-out value."""

    toggled = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listed: list[tuple[str, QColor]] = []
        self._boxes: dict[str, QCheckBox] = {}
        self._values: dict[tuple[str, bool], QLabel] = {}
        self._when = Quiet()
        self._when.setObjectName("curve_step")
        self._when.setAccessibleName("Step of the values")
        self._when.setWordWrap(False)
        self._when.setFixedHeight(self._when.fontMetrics().height())
        self._when.setFixedWidth(self._when.fontMetrics().horizontalAdvance("Step 1,000,000"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self._when, 0, 0)
        for column, words, hint in ((1, "train", "On training pictures: thin"), (2, "held-out", "On others: dashed")):
            heading = Quiet(words)
            heading.setAlignment(Qt.AlignmentFlag.AlignRight)
            heading.setToolTip(hint)
            self._grid.addWidget(heading, 0, column)

    def set_names(self, colors: Mapping[str, QColor], visible: Mapping[str, bool]) -> None:
        """List these curves in this order; emits nothing."""
        if list(colors.items()) != self._listed:
            self._listed = list(colors.items())
            self._fill(colors)
        for name, box in self._boxes.items():
            box.setChecked(visible[name])

    def set_values(self, step: float | None, values: Mapping[tuple[str, bool], float]) -> None:
        """Show the values at `step`, by name and whether held-out; NaN and absent ones as a dash."""
        self._when.setText(f"Step {step:,.0f}" if step is not None else "")
        for key, label in self._values.items():
            value = values.get(key, math.nan)
            label.setText("–" if math.isnan(value) else number(value))

    def text(self) -> str:
        """The table as plain text, for tests and screen readers."""
        rows = [
            "\t".join((figure(name), *(self._values[name, held_out].text() for held_out in (False, True))))
            for name in self._boxes
        ]
        return "\n".join([self._when.text(), *rows])

    def _fill(self, colors: Mapping[str, QColor]) -> None:
        for widget in (*self._boxes.values(), *self._values.values()):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._boxes, self._values = {}, {}
        for row, name in enumerate(colors, start=1):
            swatch = QPixmap(SWATCH, SWATCH)
            swatch.fill(colors[name])
            box = QCheckBox(figure(name))
            box.setObjectName(f"curve_{name}")
            box.setAccessibleName(f"Show {figure(name)}")
            box.setIcon(QIcon(swatch))
            box.setIconSize(QSize(SWATCH, SWATCH))
            box.clicked.connect(lambda shown, name=name: self.toggled.emit(name, shown))
            self._boxes[name] = box
            self._grid.addWidget(box, row, 0)
            for held_out in (False, True):
                label = QLabel("–")
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                metrics = label.fontMetrics()  # a fixed size: figures that count must not lay the panel out anew
                label.setFixedSize(max(map(metrics.horizontalAdvance, WIDEST)), metrics.height())
                self._values[name, held_out] = label
                self._grid.addWidget(label, row, 1 + held_out)

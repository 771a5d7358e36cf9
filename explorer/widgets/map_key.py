"""The key of the map: what colours its points, the legend of classes or values, and the ramp of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QFontMetrics, QLinearGradient, QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer import colors
from explorer.widgets.legend import Legend
from explorer.widgets.parts import Choice, Quiet
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from models.coloring import Coloring
    from models.datasets import Factor

WIDTH = 128  # px
BAR, STOPS = 12, 12  # px of height of the ramp; colours it is drawn with


class RampBar(QWidget):
    """The colours of a number from its lowest to its highest value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ramp_bar")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._low = self._high = ""

    def set_factor(self, factor: Factor) -> None:
        """Show the range of `factor`."""
        self._low = f"{factor.low:.3g}"
        self._high = f"{factor.high:.3g}{f' {factor.unit}' if factor.unit else ''}"
        self.setAccessibleName(f"{printable(factor.name)} from {self._low} to {self._high}")
        self.update()

    def sizeHint(self) -> QSize:
        """The bar, and the numbers below it."""
        return QSize(WIDTH, BAR + 4 + QFontMetrics(self.font()).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Low at the left, high at the right."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0, 0, self.width(), BAR)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for stop in range(STOPS + 1):
            gradient.setColorAt(stop / STOPS, colors.ramp_color(stop / STOPS))
        painter.setPen(colors.theme().line)
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(colors.theme().quiet)
        line, baseline = QFontMetrics(self.font()), self.height() - QFontMetrics(self.font()).descent()
        painter.drawText(0, baseline, self._low)
        painter.drawText(self.width() - line.horizontalAdvance(self._high), baseline, self._high)
        painter.end()


class MapKey(QWidget):
    """A legend, and above it, where there is more than classes, a choice of what it is a legend of.

    `chosen` by a person: the name of a factor or of something else that was offered, empty for the class.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legend, self._bar, self._choice = Legend(self), RampBar(self), Choice(self)
        self._choice.setObjectName("colour_by")
        self._choice.setAccessibleName("Colour by")
        self._choice.setToolTip("What the colours of the points tell")
        self._choice.activated.connect(self._choose)
        self._head = QWidget(self)
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 8, 8, 0)
        head.setSpacing(4)
        for part in (Quiet("Colour by"), self._choice, self._bar):
            head.addWidget(part)
        self._head.setFixedWidth(WIDTH + 8)
        self._head.hide()
        self._bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.legend, 1)
        column.addStretch()

    def _choose(self) -> None:
        self.chosen.emit(self._choice.currentData())

    def set_choices(self, others: Sequence[tuple[str, str]], factors: Sequence[Factor], chosen: str) -> None:
        """Offer the class, `others` by title and name, and factors; `chosen` is the name of what is shown."""
        choices = [("class", ""), *others, *((printable(factor.name), factor.name) for factor in factors)]
        self._choice.clear()
        for title, name in choices:
            self._choice.addItem(title, name)
        self._choice.setCurrentIndex([name for _, name in choices].index(chosen))
        self._head.setVisible(len(choices) > 1)

    def set_coloring(self, coloring: Coloring) -> None:
        """Show the legend or the ramp of it."""
        self._bar.setVisible(coloring.ramp is not None)
        if coloring.ramp is not None:
            self._bar.set_factor(coloring.ramp)
        self.legend.set_classes(coloring.names, {} if coloring.ramp is not None else coloring.counts)

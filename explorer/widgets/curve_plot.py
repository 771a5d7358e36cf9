"""Losses over steps: a plot that follows its curves until a hand pans or zooms it, and points at steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.colors import mixed, theme
from explorer.curve_math import range_of, rounded_out, thinned, value_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QColor, QMouseEvent, QResizeEvent

FEW = 1  # held-out points that are drawn as dots too: one alone makes no line
SHORT = 4000  # points of all lines together that are drawn with soft edges
AXIS_WIDTH = 56


@dataclass(frozen=True)
class Line:
    """One curve as it is drawn; training is thin and paler, held-out is bold and dashed, in the same hue."""

    name: str
    held_out: bool
    steps: NDArray[np.int64]
    values: NDArray[np.float64]
    color: QColor


class CurvePlot(QWidget):
    """Draws `Line`s; tells the step under the mouse by `pointed` (None when it leaves)."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = pg.GraphicsView()  # pyqtgraph's ready-made plot brings menus that we would have to tame
        self._plot.setObjectName("curve_plot")
        self._plot.setAccessibleName("Curves of the losses")
        self._plot.setMinimumSize(80, 60)
        self._box = pg.ViewBox(enableMenu=False)
        self._axes = {side: pg.AxisItem(side) for side in ("left", "bottom")}
        self._arrange()
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self._box.addItem(self._cross, ignoreBounds=True)
        self._marks: list[Any] = []
        self._lines: tuple[Line, ...] = ()
        self._drawn: dict[tuple[str, bool], tuple[Any, Any]] = {}
        self._pens: dict[tuple[int, bool], Any] = {}
        self._touched = self._logarithmic = False
        self._followed: tuple[float, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self._dress()
        self._box.sigRangeChangedManually.connect(self._touch)
        self._plot.viewport().installEventFilter(self)
        self._plot.viewport().setMouseTracking(True)

    def _arrange(self) -> None:
        """The axes at the left and below the curves."""
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 4, 8, 0)
        layout.setSpacing(0)
        layout.addItem(self._axes["left"], 0, 0)
        layout.addItem(self._box, 0, 1)
        layout.addItem(self._axes["bottom"], 1, 1)
        self._plot.setCentralItem(layout)
        for axis in self._axes.values():
            axis.linkToView(self._box)

    # ---- what is shown

    @property
    def touched(self) -> bool:
        """Whether a hand has chosen the range, so that it no longer follows the curves."""
        return self._touched

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Draw `lines` and nothing else."""
        self._lines = tuple(lines)
        self._draw()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Draw the values by their logarithm; those that are not above zero vanish."""
        self._logarithmic = logarithmic
        self._axes["left"].setLogMode(logarithmic)
        self._draw()

    def fit(self) -> None:
        """Show everything again, and follow the curves from now on."""
        self._touched = False
        self._draw()

    def values_at(self, step: float) -> dict[tuple[str, bool], float]:
        """What each line shows at `step`, by name and whether it is held-out; NaN where it does not reach."""
        return {(line.name, line.held_out): value_at(line.steps, line.values, step) for line in self._lines}

    def newest(self) -> dict[tuple[str, bool], float]:
        """The last value of each line."""
        return {(line.name, line.held_out): float(line.values[-1]) for line in self._lines if len(line.values)}

    def point_at(self, step: float | None) -> None:
        """Stand the crosshair at `step`, or take it away."""
        self._cross.setVisible(step is not None)
        if step is not None:
            self._cross.setPos(step)

    def set_marks(self, marks: Sequence[tuple[int, str]]) -> None:
        """Stand a line with a word at each of these steps, and nowhere else."""
        for mark in self._marks:
            self._box.removeItem(mark)
        self._marks = []
        for place, (step, word) in enumerate(marks):  # neighbours' words stand on different lines
            options = {"position": 0.92 - 0.1 * (place % 4), "anchors": [(0, 0.5), (1, 0.5)], "color": theme().warning}
            mark = pg.InfiniteLine(step, angle=90, label=word, labelOpts=options)
            self._marks.append(mark)
            self._box.addItem(mark, ignoreBounds=True)
        self._dress_marks()

    @property
    def marks(self) -> list[float]:
        """The steps at which marks stand."""
        return [float(mark.value()) for mark in self._marks]

    def _dress_marks(self) -> None:
        for mark in self._marks:
            mark.setPen(pg.mkPen(theme().warning, width=1, style=Qt.PenStyle.DashLine))
            mark.label.setColor(theme().warning)

    # ---- drawing

    def _draw(self) -> None:
        shown = {(line.name, line.held_out): line for line in self._lines if len(line.steps)}
        for key in [key for key in self._drawn if key not in shown]:
            for item in self._drawn.pop(key):
                self._box.removeItem(item)
        if not shown:
            return
        left, right = self._window()
        columns = max(50, (self._plot.width() - AXIS_WIDTH) // 2)  # finer is drawn slower, not seen better
        points = {
            key: thinned(line.steps, self._scaled(line.values), left, right, columns) for key, line in shown.items()
        }
        soft = sum(len(x) for x, _ in points.values()) <= SHORT
        for key, (x, y) in points.items():
            self._draw_line(shown[key], x, y, soft)
        if not self._touched:
            self._follow(left, right, [y for _, y in points.values()])

    def _draw_line(self, line: Line, x: NDArray[np.float64], y: NDArray[np.float64], soft: bool) -> None:
        key = (line.name, line.held_out)
        if key not in self._drawn:
            self._drawn[key] = (pg.PlotCurveItem(connect="finite"), pg.ScatterPlotItem(pxMode=True))
            for item in self._drawn[key]:
                item.setZValue(2 if line.held_out else 1)
                self._box.addItem(item, ignoreBounds=True)
        curve, dots = self._drawn[key]
        curve.setData(x, y, pen=self._pen(line), antialias=soft)
        few = line.held_out and len(x) <= FEW
        if few or len(dots.data):
            dots.setData(x if few else [], y if few else [], size=5, pen=None, brush=pg.mkBrush(line.color))

    def _pen(self, line: Line) -> Any:
        key = (line.color.rgb(), line.held_out)
        if key not in self._pens:
            color = line.color if line.held_out else mixed(line.color, theme().map, 0.3)
            style = Qt.PenStyle.DashLine if line.held_out else Qt.PenStyle.SolidLine
            self._pens[key] = pg.mkPen(color, width=2 if line.held_out else 1, style=style)
        return self._pens[key]

    def _scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self._logarithmic:
            return values
        above = values > 0
        return np.log10(values, out=np.full(len(values), np.nan), where=above)

    def _window(self) -> tuple[float, float]:
        """The steps between the edges of the plot: those chosen by hand, else all."""
        if self._touched:
            left, right = self._box.viewRange()[0]
            return float(left), float(right)
        ends = [(line.steps[0], line.steps[-1]) for line in self._lines if len(line.steps)]
        left, right = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
        return (left, right) if right > left else (left - 1, right + 1)

    def _follow(self, left: float, right: float, curves: list[NDArray[np.float64]]) -> None:
        heights = range_of(curves)
        if heights is None:
            return
        ranges = (*rounded_out(left, right), *rounded_out(*heights))
        if ranges != self._followed:  # to move the range costs more than to draw the curves
            self._followed = ranges
            self._box.setRange(xRange=ranges[:2], yRange=ranges[2:], padding=0.01)

    def _touch(self, *_: object) -> None:
        self._touched, self._followed = True, ()
        self._draw()

    # ---- the mouse and the theme

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Tell the step under the mouse; a double click fits."""
        if event.type() is QEvent.Type.Leave:
            self.pointed.emit(None)
        elif event.type() is QEvent.Type.MouseButtonDblClick:
            self.fit()
            return True
        elif event.type() is QEvent.Type.MouseMove:
            moved: QMouseEvent = event  # type: ignore[assignment]
            self.pointed.emit(self._step_under(moved.position()))
        return False

    def _step_under(self, place: QPointF) -> float | None:
        at = self._plot.mapToScene(place.toPoint())
        if not self._lines or not self._box.sceneBoundingRect().contains(at):
            return None
        left, right = self._window()
        return float(round(min(max(self._box.mapSceneToView(at).x(), left), right)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Thin the curves to the new width."""
        super().resizeEvent(event)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._dress()
            self._draw()
        super().changeEvent(event)

    def _dress(self) -> None:
        now = theme()
        self._pens.clear()
        self._plot.setBackground(now.map)
        self._cross.setPen(pg.mkPen(now.quiet, width=1))
        self._dress_marks()
        for axis in self._axes.values():
            axis.setPen(pg.mkPen(now.line))
            axis.setTextPen(pg.mkPen(now.quiet))
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-4)
        self._axes["left"].setWidth(AXIS_WIDTH)

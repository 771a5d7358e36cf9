"""Curves: every loss by name, on training and on held-out pictures, with the final figures beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.colors import class_color
from explorer.curve_math import smoothed
from explorer.widgets.curve_legend import CurveLegend
from explorer.widgets.curve_plot import CurvePlot, Line
from explorer.widgets.later import Later
from explorer.widgets.parts import Caution, Quiet
from explorer.words import figure, number
from models.evaluate.measures import judges, measure_of

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QShowEvent

    from explorer.session import Session

MANY = 5  # illnesses in the side, the newest; the plot marks all
PAUSE = 400  # ms between two drawings while curves grow
EMPTY = (
    "The losses of a training appear here, each by its name: on the pictures it learns from, "
    "and on held-out ones it never sees. Start a training, or open a run."
)


class CurvesView(QWidget):
    """The plot, and beside it smoothing, scale, legend and figures."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._choice: dict[str, bool] = {}  # what the person showed or hid, by name
        self._step: float | None = None
        self.plot, self.legend = CurvePlot(), CurveLegend()
        self._figures, self._ill = QGridLayout(), Caution()
        self._ill.setObjectName("illnesses")
        self._ill.setAccessibleName("What went wrong in training")
        self._stale = True
        self._later = Later(PAUSE, self._refresh, self)
        self._lay_out()
        session.curves_changed.connect(self._ask)
        session.run_changed.connect(self._show_run)
        session.figures_changed.connect(self._show_figures)
        session.illnesses_changed.connect(self._show_illnesses)
        self.plot.pointed.connect(self._point)
        self.legend.toggled.connect(self._toggle)
        self._ask()
        self._show_figures()
        self._show_illnesses()

    # ---- what the session says

    def _ask(self) -> None:
        self._stale = True
        if self.isVisible():
            self._later.ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._later.ask()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours for the same curves."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._ask()

    def _show_run(self) -> None:
        self._step = None
        self.plot.point_at(None)
        self.plot.fit()

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        self._stale = False
        self._stack.setCurrentIndex(1 if self._session.state.curves else 0)
        colors, visible = self._colors(), self._visible()
        self.legend.set_names(colors, visible)
        weight = self._weight()
        self.plot.set_lines(
            [
                Line(
                    name,
                    split != "train",
                    curve.steps,
                    smoothed(curve.values, weight if split == "train" else 0.0),
                    colors[name],
                )
                for (split, name), curve in self._session.state.curves.items()
                if visible[name]
            ]
        )
        self._show_values()

    def _show_figures(self) -> None:
        while (item := self._figures.takeAt(0)) is not None and (old := item.widget()) is not None:
            old.deleteLater()
        told = self._session.state.figures
        figures = {} if told is None else {name: value for name, value in told.values.items() if not judges(name)}
        for row, (name, value) in enumerate(figures.items(), start=1):
            label, amount, measure = Quiet(figure(name)), QLabel(number(value)), measure_of(name)
            for part in (label, amount):
                part.setToolTip(measure.told if measure is not None else "")
            amount.setObjectName(f"figure_{name}")
            amount.setAccessibleName(figure(name))
            amount.setAlignment(Qt.AlignmentFlag.AlignRight)
            amount.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._figures.addWidget(label, row, 0)
            self._figures.addWidget(amount, row, 1)
        if figures:
            self._figures.addWidget(QLabel("On the whole test set"), 0, 0, 1, 2)

    def _show_illnesses(self) -> None:
        """What went wrong: a mark at its step, and a line in the side with what to do."""
        seen = self._session.state.illnesses
        self.plot.set_marks([(each.step, each.illness) for each in seen])
        self._ill.setText("\n".join(f"{each.illness} at step {each.step:,}" for each in seen[-MANY:]))
        self._ill.setToolTip("\n\n".join({each.illness: each.message for each in seen}.values()))
        self._ill.setVisible(bool(seen))

    # ---- what is shown

    def _names(self) -> list[str]:
        """All names: those that training has first, then figures that only held-out pictures have."""
        curves = self._session.state.curves
        trained = [name for split, name in curves if split == "train"]
        return list(dict.fromkeys(trained + [name for _, name in curves]))

    def _colors(self) -> dict[str, QColor]:
        return {name: class_color(place) for place, name in enumerate(self._names())}

    def _visible(self) -> dict[str, bool]:
        """What the person chose; else what training has, as the other figures live on scales of their own."""
        curves = self._session.state.curves
        any_trained = any(split == "train" for split, _ in curves)
        return {name: self._choice.get(name, not any_trained or ("train", name) in curves) for name in self._names()}

    def _weight(self) -> float:
        """What smoothing keeps of the past: 0, 0.9, 0.99 and 0.999 at the thirds of the slider."""
        return float(1 - 10 ** (-3 * self._smoothing.value() / self._smoothing.maximum()))

    def _show_values(self) -> None:
        """The values at the crosshair, or the newest ones."""
        newest = max((curve.steps[-1] for curve in self._session.state.curves.values() if len(curve.steps)), default=0)
        step = float(newest) if self._step is None else self._step
        values = self.plot.values_at(step) if self._step is not None else self.plot.newest()
        self.legend.set_values(step if values else None, values)

    # ---- the hand of the person

    def _toggle(self, name: str, shown: bool) -> None:
        self._choice[name] = shown
        self._refresh()

    def _point(self, step: float | None) -> None:
        self._step = step
        self.plot.point_at(step)
        self._show_values()

    def _smooth(self) -> None:
        self._amount.setText(self._weight_words())
        self._ask()

    def _weight_words(self) -> str:
        return f"{self._weight():.3f}".rstrip("0").rstrip(".")

    # ---- how it is laid out

    def _lay_out(self) -> None:
        empty = Quiet(EMPTY)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setContentsMargins(24, 8, 24, 8)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("curves_splitter")
        split.addWidget(self.plot)
        split.addWidget(self._side())
        split.setStretchFactor(0, 1)
        split.setSizes([570, 310])
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(split)

    def _side(self) -> QWidget:
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, 60)
        self._smoothing.setValue(20)
        self._smoothing.setObjectName("smoothing")
        self._smoothing.setAccessibleName("Smoothing")
        self._smoothing.setToolTip("A running mean over the training curves; held-out ones are drawn as measured")
        self._smoothing.setMinimumWidth(48)
        self._smoothing.valueChanged.connect(self._smooth)
        self._amount = Quiet(self._weight_words())
        self._amount.setMinimumWidth(self._amount.fontMetrics().horizontalAdvance("0.999"))
        logarithmic = QCheckBox("Log scale")
        logarithmic.setObjectName("log_scale")
        logarithmic.setAccessibleName("Logarithmic scale")
        logarithmic.setToolTip("Draw values by their logarithm; only those above zero")
        logarithmic.toggled.connect(self.plot.set_logarithmic)
        fit = QPushButton("Fit")
        fit.setObjectName("fit_curves")
        fit.setAccessibleName("Fit the plot to the curves")
        fit.setToolTip("Show all again (double click in the plot)")
        fit.clicked.connect(self.plot.fit)
        smoothing, scale = QHBoxLayout(), QHBoxLayout()
        for part in (QLabel("Smoothing"), self._smoothing, self._amount):
            smoothing.addWidget(part)
        scale.addWidget(logarithmic, 1)
        scale.addWidget(fit)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._ill)
        column.addWidget(self.legend)
        column.addLayout(smoothing)
        column.addLayout(scale)
        column.addLayout(self._figures)
        column.addStretch(1)
        side = QScrollArea()
        side.setObjectName("curves_side")
        side.setAccessibleName("Losses and how they are drawn")
        side.setWidget(inside)
        side.setWidgetResizable(True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setMinimumWidth(120)
        return side

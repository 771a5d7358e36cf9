"""Styles mixed by layer: rows give the coarse layers, columns the fine ones, and a slider says where they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.icons import icon
from explorer.mixing import layers_of
from explorer.widgets.crossed_grid import CrossedGrid
from explorer.widgets.elided import Elided
from explorer.widgets.picture import Picture
from explorer.widgets.track_slider import STEPS, TrackSlider

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from explorer.session import Session

EMPTY = (
    "Give the coarse layers of one picture, which say where a head looks, the fine layers of another, which say how it "
    "is coloured. Train a model with styles, or open a run."
)
NO_STYLES = "This model has no styles by layer, so there is nothing to mix."
WIDE = 1.3  # times as wide as high, from which on the slider stands beside the sheet


class MixingView(QWidget):
    """Reads mixture and mixed pictures of the session; a click on a picture at the head sends its code to the probe."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("mixing_view")
        self.setAccessibleName("Styles")
        self._make_parts()
        self._lay_out()
        session.run_changed.connect(self._show_run)
        session.catalog_changed.connect(self._show_words)
        session.mixture_changed.connect(self._show_mixture)
        session.mixed_changed.connect(self._show_sheet)
        session.pins_changed.connect(self._show_pins)
        self._show_run()

    def _make_parts(self) -> None:
        self.crossing = TrackSlider()
        self.crossing.setObjectName("mixing_crossing")
        self.crossing.setAccessibleName("Layer where the styles meet")
        self.crossing.setToolTip("How many of the coarsest layers are those of the row; the others are the column's")
        self.crossing.moved.connect(self._cross)
        self.told = Elided(quiet=True)
        self.told.setObjectName("mixing_told")
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no words move the slider
        self.sheet = CrossedGrid("The mixed pictures appear here.")
        self.sheet.setObjectName("mixing_sheet")
        self.sheet.setAccessibleName("Mixed pictures")
        self.sheet.picked.connect(self._take_code)
        self.sheet.told.connect(self._session.tell)
        mixing = self._session.mixing
        self.rows = self._button("rows", "Rows", "dice", "Draw other pictures for the rows")
        self.rows.clicked.connect(lambda: mixing.deal(columns=False))
        self.columns = self._button("columns", "Columns", "dice", "Draw other pictures for the columns")
        self.columns.clicked.connect(lambda: mixing.deal(rows=False))
        self.pins = self._button("pins", "Pins", "pin", "Pin A becomes the first row, pin B the first column")
        self.pins.clicked.connect(lambda: mixing.take_pins())

    def _button(self, name: str, text: str, drawing: str, tip: str) -> QPushButton:
        button = QPushButton(icon(drawing), text)
        button.setObjectName(f"mixing_{name}")
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setStyleSheet("padding: 4px")  # a narrow panel has no room for the usual one
        return button

    def _lay_out(self) -> None:
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("mixing_empty")
        self.empty.setContentsMargins(8, 8, 8, 8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.rows, self.columns, self.pins):
            buttons.addWidget(button)
        hand = QVBoxLayout()
        hand.setSpacing(4)
        hand.addWidget(self.crossing)
        hand.addWidget(self.told)
        hand.addLayout(buttons)
        hand.addStretch()
        mixed = QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom, mixed)
        self._sides.setContentsMargins(8, 8, 8, 8)
        self._sides.setSpacing(8)
        self._sides.addLayout(hand)
        self._sides.addWidget(self.sheet)
        self._share(wide=False)
        scroll = QScrollArea()
        scroll.setObjectName("mixing_scroll")
        scroll.setAccessibleName("Styles")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(mixed)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(scroll)

    # ---- the hand of the person

    def _cross(self, place: float) -> None:
        """The slider rests at whole layers only."""
        self._session.mixing.cross(round(place))
        self._show_crossing()

    def _take_code(self, index: int) -> None:
        mixture, (row, column) = self._session.state.mixture, self.sheet.place_of(index)
        if mixture is not None and row == 0:
            self._session.set_code(mixture.columns[column - 1])
        elif mixture is not None and column == 0:
            self._session.set_code(mixture.rows[row - 1])

    # ---- hearing

    def _show_run(self) -> None:
        layers = layers_of(self._session.state.run)
        if layers:
            self.crossing.set_span(0, len(layers), 0)
            self.crossing.setSingleStep(STEPS // len(layers))
            self.crossing.setPageStep(STEPS // len(layers))
        self._stack.setCurrentIndex(1 if layers else 0)
        self._begin()
        self._show_words()
        self._show_mixture()
        self._show_pins()

    def _begin(self) -> None:
        """Somebody looks for the first time: deal."""
        if self.isVisible() and self._session.state.mixture is None:
            self._session.mixing.deal()

    def _show_words(self) -> None:
        """Why nothing can be mixed, and which models can."""
        state = self._session.state
        families = state.catalog.families if state.catalog is not None else ()
        able = [info.title for info in families if "synthesize" in info.capabilities]
        who = f" These can: {', '.join(able)}." if able else ""
        self.empty.set_empty((EMPTY if state.run is None else NO_STYLES) + who)

    def _show_mixture(self) -> None:
        self._show_crossing()
        self._show_sheet()

    def _show_crossing(self) -> None:
        mixture, layers = self._session.state.mixture, layers_of(self._session.state.run)
        if mixture is None or not layers:
            return
        self.crossing.set_real(mixture.crossing)
        coarse, fine = layers[: mixture.crossing], layers[mixture.crossing :]
        told = [f"{_span(part)} of the {whose}" for part, whose in ((coarse, "row"), (fine, "column")) if part]
        self.told.setText(", ".join(told))

    def _show_pins(self) -> None:
        self.pins.setEnabled(any(pin is not None for pin in self._session.state.pins))

    def _show_sheet(self) -> None:
        state = self._session.state
        if not self.isVisible():
            return
        if state.mixed is None or state.mixture is None:
            self.sheet.set_pictures(None)
            return
        rows, columns = len(state.mixture.rows), len(state.mixture.columns)
        tips = [f"Column {column}" for column in range(1, columns + 1)]
        for row in range(1, rows + 1):
            tips.append(f"Row {row}")
            tips += [f"Coarse layers of row {row}, fine layers of column {column}" for column in range(1, columns + 1)]
        self.sheet.set_crossed(state.mixed.pictures, columns + 1, tips)

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.drawings.show_mixing(True)
        self._begin()
        self._show_mixture()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the renderer rest."""
        super().hideEvent(event)
        self._session.drawings.show_mixing(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The slider beside the sheet in a wide panel, above it in a high one."""
        super().resizeEvent(event)
        wide = event.size().width() > WIDE * event.size().height()
        self._sides.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._share(wide)

    def _share(self, wide: bool) -> None:
        for place, part in enumerate((2, 3) if wide else (0, 1)):
            self._sides.setStretch(place, part)

    def sizeHint(self) -> QSize:
        """Room for a sheet that can be read."""
        return QSize(320, 340)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(200, 160)


def _span(layers: tuple[str, ...]) -> str:
    """Neighbouring layers in words."""
    return layers[0] if len(layers) == 1 else f"{layers[0]} to {layers[-1]}"

"""Board: four pins at the corners, and all pictures between them, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QStackedLayout, QVBoxLayout, QWidget

from explorer.morph_words import EMPTY_BOARD, told_place
from explorer.pins import letter, pins_set
from explorer.timeline import board_of, corner_slots
from explorer.widgets.board_grid import BoardGrid
from explorer.widgets.fittings import button, flat_button
from explorer.widgets.morph_controls import MODES
from explorer.widgets.parts import Choice, Quiet
from explorer.widgets.picture import Picture

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent

    from explorer.session import Session

LEAST, MOST = 2, 16  # rows and columns


class BoardView(QWidget):
    """Reads pins, board and its pictures of the session; a click sends the code of a picture to the probe."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("board_view")
        self.setAccessibleName("Board")
        self._make_parts()
        self._lay_out()
        for signal in (
            session.pins_changed,
            session.board_changed,
            session.spherical_changed,
            session.timeline_changed,
        ):
            signal.connect(self._show_board)
        session.run_changed.connect(self._show_run)
        session.embedding_changed.connect(self._show_empty)
        session.board_pictures_changed.connect(self._show_pictures)
        self._show_run()

    def _make_parts(self) -> None:
        morphing = self._session.morphing
        self.grid = BoardGrid("The board appears here in a moment.")
        self.grid.setObjectName("board_grid")
        self.grid.setAccessibleName("Board of four pins")
        self.grid.setAccessibleDescription("Arrows point at pictures, Return takes one to the probe.")
        self.grid.picked.connect(morphing.take)
        self.grid.cornered.connect(morphing.corner)
        self.grid.pointed.connect(self._point_at)
        self.grid.told.connect(self._session.tell)
        self.told = Quiet()
        self.told.setObjectName("board_told")
        self.side = QSpinBox()
        self.side.setObjectName("board_side")
        self.side.setAccessibleName("Rows and columns of the board")
        self.side.setToolTip("Rows and columns of the board")
        self.side.setRange(LEAST, MOST)
        self.side.setKeyboardTracking(False)
        self.side.valueChanged.connect(morphing.widen)
        self.mode = Choice()
        self.mode.setObjectName("board_mode")
        self.mode.setAccessibleName("Way between the corners")
        for mode in ("linear", "spherical"):
            self.mode.addItem(MODES[mode][0], mode)
        self.mode.setToolTip("Blend along straight lines, or along arcs around the origin")
        self.mode.activated.connect(lambda: morphing.bend(self.mode.currentData()))
        self.export = flat_button("board_export", "export", "Take the board away as a picture")
        self.export.clicked.connect(lambda: self._session.export_asked.emit("board"))
        self.first = flat_button("board_first", "reset", "Let the first four pins be the corners again")
        self.first.clicked.connect(lambda: morphing.take_first_pins())
        self.empty = Picture(EMPTY_BOARD)
        self.empty.setObjectName("board_empty")
        words = "Draw codes and pin them until there are four, to see a board at once"
        self.deal = button("board_deal", "Pin random codes up to four", "dice", words)
        self.deal.clicked.connect(lambda: morphing.deal(4))

    def _lay_out(self) -> None:
        hand = QVBoxLayout()
        hand.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(4)
        for part in (self.side, self.first, self.export):
            row.addWidget(part)
        row.addStretch()
        hand.addWidget(self.mode)
        hand.addLayout(row)
        hand.addWidget(self.told)
        hand.addStretch()
        desk = QWidget()
        across = QHBoxLayout(desk)
        across.setContentsMargins(8, 4, 8, 4)
        across.setSpacing(8)
        across.addWidget(self.grid, 1)
        side = QWidget()
        side.setLayout(hand)
        hand.setContentsMargins(0, 0, 0, 0)
        side.setFixedWidth(152)
        across.addWidget(side)
        nothing = QWidget()
        alone = QVBoxLayout(nothing)
        alone.setContentsMargins(8, 8, 8, 8)
        alone.addWidget(self.empty, 1)
        alone.addWidget(self.deal, 0, Qt.AlignmentFlag.AlignHCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(nothing)
        self._stack.addWidget(desk)

    def _point_at(self, index: int) -> None:
        self._session.morphing.point_at(None if index < 0 else index)
        self._show_told(None if index < 0 else index)

    # ---- hearing

    def _show_run(self) -> None:
        run = self._session.state.run
        self.mode.setVisible(run is not None and "prior" in run.capabilities)
        self._show_board()
        self._show_pictures()

    def _show_board(self) -> None:
        state = self._session.state
        whole = board_of(state) is not None
        self._stack.setCurrentIndex(1 if whole else 0)
        self.grid.set_corners(corner_slots(state), {slot: letter(slot) for slot, _ in pins_set(state)})
        self.mode.setCurrentIndex(self.mode.findData("spherical" if state.spherical else "linear"))
        blocked = self.side.blockSignals(True)
        self.side.setValue(state.board.side)
        self.side.blockSignals(blocked)
        self.first.setVisible(state.board.corners is not None)
        self.export.setEnabled(whole)
        self._show_empty()
        self._show_told(None)

    def _show_empty(self) -> None:
        state = self._session.state
        count = len(pins_set(state))
        self.empty.set_empty(f"{EMPTY_BOARD} {count} of 4 are pinned." if count else EMPTY_BOARD)
        self.deal.setEnabled(state.run is not None and state.embedding is not None)

    def _show_told(self, index: int | None) -> None:
        """Where the picture lies that is pointed at."""
        slots = corner_slots(self._session.state)
        letters = " ".join(letter(slot) for slot in slots if slot is not None)
        words = f"Blended from {letters}. Drag a pin to a corner."
        self.told.setText(words if index is None else told_place(index, self._session.state.board.side))

    def _show_pictures(self) -> None:
        """Those of a board of another size are passed over."""
        state = self._session.state
        if not self.isVisible():
            return
        side, drawn = state.board.side, state.board_pictures
        if drawn is None:
            self.grid.set_board(None, 1)
        elif len(drawn.pictures) == side * side:
            self.grid.set_board(drawn.pictures, side, [told_place(index, side) for index in range(side * side)])

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.morphing.show("board")
        self._session.morphing.drawings.show_board(True)
        self._show_pictures()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the renderer rest."""
        super().hideEvent(event)
        self._session.morphing.drawings.show_board(False)
        self._session.morphing.point_at(None)
        self._session.morphing.leave("board")

    def sizeHint(self) -> QSize:
        """A board that can be read."""
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(240, 96)

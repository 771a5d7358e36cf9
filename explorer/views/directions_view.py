"""Directions with names, made from two groups or the widest spread: each a slider with pictures and its leakage."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.directing import MOST, PLACES
from explorer.named import groups_named, known_of, opposite
from explorer.widgets.direction_row import DirectionRow
from explorer.widgets.fittings import button, scrolling
from explorer.widgets.name_menu import short
from explorer.widgets.parts import Choice, labelled
from explorer.widgets.picture import Picture
from explorer.widgets.reading_bar import ReadingBar
from models.errors import printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from explorer.session import Session

EMPTY = (
    "A direction is a slider with a meaning: from one group of points to another, as smile low to smile high or 3 to "
    "8, or where the codes spread most. Choose two groups above and make it."
)
NO_RUN = "Sliders with a meaning: from one group of points to another. Train a model, or open a run."
METHODS = (("difference", "difference of means"), ("logistic", "logistic regression"))
NARROW = 560  # px of width
WIDEST = 3  # principal directions that come at a time


class DirectionsView(QWidget):
    """Reads directions, their strips and what was measured of them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows: list[DirectionRow] = []
        self._points: object = None  # what was read of the points when groups were offered last
        self._offered: list[tuple[str, list[str]]] = []
        self._asked_for: list[NDArray[np.float32]] = []  # axes whose leakage was asked for
        self.setObjectName("directions_view")
        self.setAccessibleName("Directions")
        self._make_parts()
        self._lay_out()
        for name in ("run", "phase", "data", "embedding", "groups", "gathered"):
            getattr(session, f"{name}_changed").connect(self._show_groups)
        session.directions_changed.connect(self._show_directions)
        session.code_changed.connect(self._show_places)
        session.strips_changed.connect(self._show_strips)
        session.seen_changed.connect(self._show_seen)
        session.seen_changed.connect(self._show_read)

    # ---- making

    def _make_parts(self) -> None:
        self.low, self.high, self.method = Choice(), Choice(), Choice()
        for choice, name, words in (
            (self.low, "low", "Group at the left end"),
            (self.high, "high", "Group at the right end"),
            (self.method, "method", "How the direction is found"),
        ):
            choice.setObjectName(f"directions_{name}")
            choice.setAccessibleName(words)
            choice.setToolTip(words)
            choice.setMaxVisibleItems(24)
        for value, words in METHODS:
            self.method.addItem(words, value)
        self.low.activated.connect(self._suggest)
        self.make = button("directions_make", "Make", "direction", "Make a slider from the one group to the other")
        self.make.clicked.connect(self._make)
        tip = "Make sliders along the three directions in which the codes spread most, whatever they mean"
        self.widest = button("directions_widest", "Widest", "direction", tip)
        self.widest.clicked.connect(lambda: self._session.directing.spread(WIDEST))
        self.reading = ReadingBar("directions")
        self.reading.learn.connect(lambda: self._session.readings.learn())
        self.reading.stop.connect(lambda: self._session.readings.stop())
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("directions_empty")

    def _lay_out(self) -> None:
        ends, way = QHBoxLayout(), QHBoxLayout()
        ends.addWidget(labelled("From", self.low))
        ends.addWidget(self.low, 1)
        ends.addWidget(labelled("to", self.high))
        ends.addWidget(self.high, 1)
        way.addWidget(self.method, 1)
        way.addWidget(self.make)
        way.addWidget(self.widest)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(4)
        for part, stretch in ((ends, 2), (way, 1)):
            part.setSpacing(4)
            self._head.addLayout(part, stretch)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._scroll = scrolling(inside, "directions_scroll", "Directions")
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addWidget(self.reading)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.empty, 1)

    # ---- the hand of the person

    def _suggest(self) -> None:
        """What a group is most likely compared with comes beside it."""
        other = opposite(known_of(self._session.state), str(self.low.currentData() or ""))
        place = self.high.findData(other)
        if other and place < 0:
            self.high.addItem(printable(other.replace("!=", " not ").replace("=", " ")), other)
            place = self.high.count() - 1
        self.high.setCurrentIndex(place)
        self._show_ready()

    def _make(self) -> None:
        low, high = self.low.currentData(), self.high.currentData()
        if low and high:
            self._session.directing.make(str(low), str(high), str(self.method.currentData()))

    # ---- hearing

    def _show_groups(self) -> None:
        """What can be compared now; what was chosen stays, as far as it is still there."""
        if not self.isVisible():
            return
        state = self._session.state
        offered = list(groups_named(known_of(state)))
        if offered != self._offered:
            self._offered = offered
            for choice in (self.low, self.high):
                before = choice.currentData()
                choice.clear()
                for heading, named in offered:
                    for what in named:
                        of = "" if heading in ("Groups", "Classes") else f"{heading} "
                        choice.addItem(f"{printable(of)}{short(what)}", what)
                choice.setCurrentIndex(max(choice.findData(before), 0))
            self._suggest()
        self._show_ready()
        self._show_directions()
        self._session.readings.begin()

    def _show_read(self) -> None:
        """Factors that were read in made-up pictures make more groups."""
        if self.isVisible() and self._session.state.seen.points is not self._points:
            self._points = self._session.state.seen.points
            self._show_groups()

    def _show_ready(self) -> None:
        state = self._session.state
        room = len(state.directions) < MOST
        low, high = self.low.currentData(), self.high.currentData()
        self.make.setEnabled(room and bool(low) and bool(high) and low != high)
        self.widest.setEnabled(room and state.embedding is not None and len(state.embedding.codes) > 1)

    def _show_directions(self) -> None:
        """A row for each."""
        state = self._session.state
        if not self.isVisible():
            return
        while len(self.rows) > len(state.directions):
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(state.directions):
            self._add_row()
        for row, direction in zip(self.rows, state.directions, strict=True):
            row.set_direction(direction)
        self._scroll.setVisible(bool(state.directions))
        self.empty.setVisible(not state.directions)
        self.empty.set_empty(NO_RUN if state.run is None else EMPTY)
        self._show_ready()
        self._show_places()
        self._show_strips()
        self._show_seen()

    def _add_row(self) -> None:
        number, directing = len(self.rows), self._session.directing
        row = DirectionRow(number, PLACES.tolist())
        row.moved.connect(partial(directing.move, number))
        row.renamed.connect(partial(directing.rename, number))
        row.removed.connect(partial(directing.remove, number))
        self._column.insertWidget(number, row)
        self.rows.append(row)

    def _show_places(self) -> None:
        state = self._session.state
        if self.isVisible():
            for row, direction in zip(self.rows, state.directions, strict=False):
                lies = state.code is not None and len(state.code) == len(direction.axis)
                row.set_place(float(direction.places(state.code)) if lies and state.code is not None else None)

    def _show_strips(self) -> None:
        """Pictures of another set of directions are passed over."""
        state = self._session.state
        if not self.isVisible():
            return
        drawn, wide = state.strips, len(PLACES)
        fitting = drawn is not None and len(drawn.pictures) == wide * len(state.directions)
        for number, row in enumerate(self.rows):
            part = slice(number * wide, (number + 1) * wide)
            row.set_pictures(drawn.pictures[part] if drawn is not None and fitting else None)

    def _show_seen(self) -> None:
        """What each moves; what nobody has measured yet is measured, once somebody can read these data."""
        state, seen = self._session.state, self._session.state.seen
        if not self.isVisible():
            return
        waiting = "measuring what it moves…" if seen.reading is not None else ""
        for row, direction in zip(self.rows, state.directions, strict=False):
            leak = seen.leak_of(direction)
            row.set_moves(None if leak is None else leak.moves, waiting)
        self.reading.show_seen(seen)
        self.reading.setVisible(
            bool(self.reading.words.text()) or seen.reading is not None or seen.unlearned is not None
        )
        missing = [each.axis for each in state.directions if seen.leak_of(each) is None]
        new = [axis for axis in missing if not any(axis is asked for asked in self._asked_for)]
        able = seen.ended is None or (seen.unlearned is None and not seen.ended.problem)
        if new and able and seen.reading is None and not state.phase.busy:
            self._asked_for += new
            self._session.readings.measure()

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.shown_pages.show("directions", True)
        self._show_groups()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the renderer rest."""
        super().hideEvent(event)
        self._session.shown_pages.show("directions", False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """How a direction is found stands below its ends in a narrow place."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def sizeHint(self) -> QSize:
        """Room for two sliders with their pictures."""
        return QSize(640, 220)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(240, 120)

"""Traversals: what each dimension of the code does to the probe's picture, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.traversing import COLUMNS, asked_of, pages_of, shown_of, width_of
from explorer.widgets.elided import Elided
from explorer.widgets.fittings import button
from explorer.widgets.later import Later
from explorer.widgets.parts import Choice, labelled
from explorer.widgets.picture import Picture
from explorer.widgets.reading_bar import ReadingBar
from explorer.widgets.walk_table import Walk, WalkTable
from models.traversals import dead, places

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent

    from explorer.session import Session
    from explorer.state import SessionState

EMPTY = "What each number of the code does to the picture appears here. Train a model, or open a run."
WAITING = "What each number of the code does appears here as soon as the model has a map."
SORTS = (("number", "by number"), ("effect", "by effect"), ("kl", "by KL divergence"))
ROW = 40  # px of height that a row likes to have
RANGES_EVERY = 1000  # ms while training


class TraversalsView(QWidget):
    """Reads the probe's code, the page and what was measured of the dimensions."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tried = ""  # the run whose dimensions were tried by themselves
        self.setObjectName("traversals_view")
        self.setAccessibleName("Traversals")
        self._make_parts()
        self._lay_out()
        self._later = Later(RANGES_EVERY, self._measure, self)
        for name in ("code", "locked", "traversal"):
            getattr(session, f"{name}_changed").connect(self._show_rows)
        session.walked_changed.connect(self._show_pictures)
        session.seen_changed.connect(self._show_seen)
        session.run_changed.connect(self._show_run)
        session.embedding_changed.connect(self._show_embedding)
        session.phase_changed.connect(self._try)

    # ---- making

    def _make_parts(self) -> None:
        traversing, readings = self._session.traversing, self._session.readings
        self.sort = Choice()
        self.sort.setObjectName("traversals_sort")
        self.sort.setAccessibleName("Order of the dimensions")
        self.sort.setToolTip(
            "Effect: how far pixels change over two spreads. KL divergence: nats that the dimension tells of a picture"
        )
        for value, words in SORTS:
            self.sort.addItem(words, value)
        self.sort.activated.connect(lambda: traversing.sort(str(self.sort.currentData())))
        self.measure = button("traversals_measure", "Measure", "traversal", "Try every dimension on some codes anew")
        self.measure.clicked.connect(lambda: readings.try_dimensions())
        self.reading = ReadingBar("traversals")
        self.reading.learn.connect(lambda: readings.learn())
        self.reading.stop.connect(lambda: readings.stop())
        self.back = button("traversals_back", "‹", "", "Dimensions before these (Page up)")
        self.back.clicked.connect(lambda: traversing.turn(-1))
        self.on = button("traversals_on", "›", "", "Dimensions after these (Page down)")
        self.on.clicked.connect(lambda: traversing.turn(1))
        self.page = Elided(quiet=True)
        self.page.setObjectName("traversals_page")
        self.page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.page.setMinimumWidth(110)
        self.table = WalkTable(COLUMNS)
        self.table.setObjectName("traversals_table")
        self.table.setAccessibleName("Dimensions")
        self.table.picked.connect(self._go)
        self.table.locked.connect(self._lock)
        self.table.grid.told.connect(self._session.tell)
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("traversals_empty")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(labelled("Sort", self.sort))
        head.addWidget(self.sort)
        head.addWidget(self.measure)
        head.addWidget(self.reading, 1)
        head.addWidget(self.back)
        head.addWidget(self.page)
        head.addWidget(self.on)
        self.sort.setMaximumWidth(160)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)

    # ---- the hand of the person

    def _go(self, row: int, column: int) -> None:
        """The probe's number becomes that of the picture."""
        state = self._session.state
        if state.traversal.ranges is not None:
            dimension = int(shown_of(state)[row])
            value = float(places(state.traversal.ranges, dimension, COLUMNS)[column])
            self._session.set_dimension(dimension, value)

    def _lock(self, row: int, locked: bool) -> None:
        self._session.lock(int(shown_of(self._session.state)[row]), locked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The page keys turn pages."""
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self._session.traversing.turn(by)

    # ---- hearing

    def _show_run(self) -> None:
        self._measure()
        self._show_rows()
        self._show_seen()

    def _show_embedding(self) -> None:
        """Ranges are measured at once for a new run, then now and then."""
        if self._session.state.traversal.ranges is None:
            self._measure()
        else:
            self._later.ask()
        self._try()

    def _measure(self) -> None:
        if self.isVisible() and self._session.state.embedding is not None:
            self._session.traversing.measure()

    def _try(self) -> None:
        """What the dimensions do is measured by itself once for a run that draws fast and does not train."""
        state = self._session.state
        run, fits = state.run, self.isVisible() and state.embedding is not None and state.weights is not None
        if run is None or not fits or state.phase.busy or state.seen.effects is not None or self._tried == run.id:
            return
        if "sample_steps" not in run.capabilities:
            self._tried = run.id
            self._session.readings.try_dimensions()

    def _show_rows(self) -> None:
        """The dimensions of the page, where the probe is in each, and what is known of them."""
        state = self._session.state
        if not self.isVisible():
            return
        ready = bool(asked_of(state)[0])
        self.table.setVisible(ready)
        self.empty.setVisible(not ready)
        self.empty.set_empty(EMPTY if state.run is None else WAITING)
        shown = shown_of(state).tolist() if ready else []
        self.table.set_walks(_walks(state, shown))
        count, pages = width_of(state), pages_of(state)
        first = min(state.traversal.page, pages - 1) * state.traversal.rows
        self.page.setText(f"{first + 1}–{first + len(shown)} of {count:,}" if shown else "")
        self.back.setEnabled(first > 0)
        self.on.setEnabled(first + len(shown) < count)
        self.sort.setCurrentIndex(self.sort.findData(state.traversal.order))
        for part in (self.back, self.page, self.on):
            part.setVisible(pages > 1)
        self._show_pictures()

    def _show_pictures(self) -> None:
        """Pictures of another page are passed over."""
        state = self._session.state
        drawn, ranges = state.walked, state.traversal.ranges
        if not self.isVisible():
            return
        shown = shown_of(state).tolist()
        if drawn is None or ranges is None or len(drawn.pictures) != len(shown) * COLUMNS:
            self.table.set_pictures(None, ())
            return
        tips = [
            f"z{dimension} = {value:.3g}: click to go there".replace("-", "\N{MINUS SIGN}")
            for dimension in shown
            for value in places(ranges, dimension, COLUMNS).tolist()
        ]
        self.table.set_pictures(drawn.pictures, tips)

    def _show_seen(self) -> None:
        state = self._session.state
        if not self.isVisible():
            return
        self.reading.show_seen(state.seen, _told(state))
        self.measure.setEnabled(state.weights is not None and state.embedding is not None)
        self._show_rows()

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.shown_pages.show("traversal", True)
        self._show_run()
        self._try()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the renderer rest."""
        super().hideEvent(event)
        self._session.shown_pages.show("traversal", False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many rows as fit."""
        super().resizeEvent(event)
        self._session.traversing.fit((event.size().height() - 40) // ROW)

    def sizeHint(self) -> QSize:
        """Room for four rows."""
        return QSize(640, 220)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(280, 100)


def _walks(state: SessionState, shown: list[int]) -> list[Walk]:
    """What is said of each dimension of the page."""
    effects, ranges, code = state.seen.effects, state.traversal.ranges, state.code
    effect, kl = (None, None) if effects is None else (effects.effect, effects.kl)
    asleep, most = dead(effect, kl, width_of(state)), 0.0 if effect is None else float(effect.max(initial=0.0))
    found = []
    for dimension in shown:
        low, high = (0.0, 1.0) if ranges is None else ranges[dimension].tolist()
        place = 0.5 if code is None else (float(code[dimension]) - low) / (high - low)
        share = None if effect is None or most <= 0 else float(effect[dimension]) / most
        told = "" if kl is None else f"{kl[dimension]:.2f} nats"
        found.append(Walk(dimension, share, told, bool(asleep[dimension]), dimension in state.locked, place))
    return found


def _told(state: SessionState) -> str:
    """How many of the dimensions do something, once that is measured."""
    effects = state.seen.effects
    if effects is None:
        return ""
    asleep = int(dead(effects.effect, effects.kl, width_of(state)).sum())
    stale = "" if effects.step == state.step else f", measured at step {effects.step:,}"
    return f"{width_of(state) - asleep:,} of {width_of(state):,} do something{stale}"

"""The bench of arithmetic: terms with their pictures, what they add up to, and what became of the factors in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.bench import example_of, sum_of
from explorer.named import groups_named, known_of
from explorer.pins import letter, pins_set
from explorer.widgets.carried import dragged_words
from explorer.widgets.fittings import button, scrolling
from explorer.widgets.later import Later
from explorer.widgets.name_menu import fill_names, menu_of
from explorer.widgets.picture import Picture
from explorer.widgets.reading_bar import ReadingBar
from explorer.widgets.sum_outcome import SumOutcome
from explorer.widgets.term_card import TermCard
from explorer.widgets.verdict_list import VerdictList, summary, words
from models.arithmetic import in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent, QShowEvent
    from PySide6.QtWidgets import QMenu

    from explorer.session import Session

EMPTY = (
    "Add and subtract codes here: man with glasses − man + woman. Drag pins into this place, or add what the menu "
    "knows: pins, points, and the means of classes, factors and groups."
)
NO_RUN = "Add and subtract codes here. Train a model, or open a run."
NARROW = 600  # px of width under which the factors are told in one line
CHECK_AFTER = 500  # ms that a sum rests before it is looked at


class BenchView(QWidget):
    """Reads bench, its pictures and what was seen in them; pins and points may be dropped anywhere on it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.cards: list[TermCard] = []
        self._looked_at: object = None  # the pictures that were looked at last
        self.setObjectName("bench_view")
        self.setAccessibleName("Arithmetic")
        self.setAcceptDrops(True)
        self._make_parts()
        self._lay_out()
        self._check_later = Later(CHECK_AFTER, self._check, self)
        for name in ("run", "phase", "bench", "pins", "data", "groups", "gathered"):
            getattr(session, f"{name}_changed").connect(self._show_terms)
        session.bench_pictures_changed.connect(self._show_pictures)
        session.seen_changed.connect(self._show_seen)
        session.seen_changed.connect(self._show_example)
        self._show_terms()

    # ---- making

    def _make_parts(self) -> None:
        tip = "Add a term: a pin, a point, the mean of a class, factor or group"
        self.add = button("bench_add", "Add", "sum", tip)
        self.menu = menu_of(self, "bench_add_menu")
        self.menu.aboutToShow.connect(partial(self._fill, self.menu, self._session.benching.add))
        self.add.setMenu(self.menu)
        self.example = button("bench_example", "Example", "start", "Lay out a sum that is worth a look on these data")
        self.example.clicked.connect(lambda: self._session.benching.example())
        self.clear = button("bench_clear", "Clear", "clear", "Take all terms off the bench")
        self.clear.clicked.connect(lambda: self._session.benching.clear())
        self.outcome = SumOutcome()
        self.outcome.picture.told.connect(self._session.tell)
        self.outcome.take.clicked.connect(lambda: self._session.benching.take())
        self.outcome.keep.clicked.connect(lambda: self._session.benching.keep())
        self.summary = QLabel()
        self.summary.setObjectName("bench_summary")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.verdicts = VerdictList()
        self.verdicts.setObjectName("bench_verdicts")
        self.verdicts.setAccessibleName("What became of the factors")
        self.reading = ReadingBar("bench")
        self.reading.learn.connect(lambda: self._session.readings.learn())
        self.reading.stop.connect(lambda: self._session.readings.stop())
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("bench_empty")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        for part in (self.add, self.example, self.clear):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.reading, 8)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        inside = QWidget()
        inside.setLayout(self._row)
        self._row.addStretch(1)
        self._scroll = scrolling(inside, "bench_terms", "Terms of the sum")
        told = QWidget()
        lines = QVBoxLayout(told)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        lines.addWidget(self.summary)
        lines.addWidget(self.verdicts)
        lines.addStretch(1)
        self._told = scrolling(told, "bench_told", "What became of the factors")
        self._equals = QLabel("=")
        font = self._equals.font()
        font.setPointSizeF(1.6 * font.pointSizeF())
        self._equals.setFont(font)
        self._whole = QWidget()
        across = QHBoxLayout(self._whole)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        across.addWidget(self._scroll, 5)
        across.addWidget(self._equals)
        across.addWidget(self.outcome)
        across.addWidget(self._told, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._whole, 1)
        column.addWidget(self.empty, 1)

    # ---- choosing

    def _fill(self, menu: QMenu, chosen: Callable[[str], object]) -> None:
        """All that can be a term now."""
        state = self._session.state
        single: list[tuple[str, Callable[[], object]]] = []
        if state.code is not None:
            single.append(("The probe's code, pinned", self._session.benching.add_probe))
        if state.selection is not None:
            what = f"point {state.selection}"
            single.append((f"The selected point, {state.selection}", partial(chosen, what)))
        for slot, _ in pins_set(state):
            single.append((f"Pin {letter(slot)}", partial(chosen, f"pin {letter(slot)}")))
        fill_names(menu, single, groups_named(known_of(state)), chosen)

    def _choose_for(self, place: int) -> None:
        """Something else in place of a term, chosen from the same menu."""
        menu = menu_of(self, "bench_choice_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fill(menu, partial(self._session.benching.put, place))
        card = self.cards[place]
        menu.popup(card.mapToGlobal(card.rect().bottomLeft()))

    # ---- dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome pins and points."""
        if self._session.state.run is not None and dragged_words(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """One more term."""
        event.acceptProposedAction()
        self._session.benching.add(dragged_words(event.mimeData()))

    # ---- hearing

    def _show_terms(self) -> None:
        """The cards of the terms, in order, and what stands in their place while there are none."""
        state = self._session.state
        if not self.isVisible():
            return
        terms, known = state.bench, known_of(state)
        while len(self.cards) > len(terms):
            card = self.cards.pop()
            card.hide()
            card.deleteLater()
        while len(self.cards) < len(terms):
            self._add_card()
        problems = sum_of(state, known).problems
        for card, term, problem in zip(self.cards, terms, problems, strict=True):
            card.set_term(term.words, term.weight, problem)
        self._whole.setVisible(bool(terms))
        self.empty.setVisible(not terms)
        self.empty.set_empty(NO_RUN if state.run is None else EMPTY)
        self.add.setEnabled(state.run is not None)
        self._show_example()
        self.clear.setEnabled(bool(terms))
        self._show_pictures()
        self._show_seen()
        self._session.readings.begin()

    def _show_example(self) -> None:
        if self.isVisible():
            self.example.setEnabled(bool(example_of(self._session.state)))

    def _add_card(self) -> None:
        place = len(self.cards)
        card, benching = TermCard(place), self._session.benching
        card.flipped.connect(partial(benching.flip, place))
        card.weighed.connect(partial(self._weigh, place))
        card.removed.connect(partial(benching.remove, place))
        card.replaced.connect(partial(benching.put, place))
        card.asked.connect(partial(self._choose_for, place))
        self._row.insertWidget(place, card)
        self.cards.append(card)

    def _weigh(self, place: int, size: float) -> None:
        old = self._session.state.bench[place].weight
        self._session.benching.weigh(place, -size if old < 0 else size)

    def _show_pictures(self) -> None:
        """Pictures of the terms that have a code, and last of the sum; those of other terms are passed over."""
        state = self._session.state
        if not self.isVisible():
            return
        total = sum_of(state)
        placed = [place for place, put in enumerate(total.puts) if put is not None]
        drawn = [] if state.bench_pictures is None else [*state.bench_pictures.pictures]
        whole = total.result is not None
        fitting = bool(placed) and len(drawn) == len(placed) + whole
        for place, card in enumerate(self.cards):
            shown = drawn[placed.index(place)] if fitting and place in placed else None
            card.picture.set_picture(shown)
        self.outcome.picture.set_picture(drawn[-1] if fitting and whole else None)
        self.outcome.picture.set_empty("" if whole else "A term is missing.")
        for part in (self.outcome.take, self.outcome.keep):
            part.setEnabled(whole)
        if fitting and whole and not state.phase.busy:
            self._check_later.ask()

    def _check(self) -> None:
        """Look at a sum that rests, once somebody can read its data."""
        state = self._session.state
        if not self.isVisible() or state.bench_pictures is self._looked_at or not state.bench:
            return
        ended = state.seen.ended
        if state.seen.reading is not None:
            self._check_later.ask()
        elif ended is None or (ended.unlearned is None and not ended.problem):
            self._looked_at = state.bench_pictures
            self._session.readings.check()

    def _show_seen(self) -> None:
        state = self._session.state
        if not self.isVisible():
            return
        checked = state.seen.checked
        fitting = checked is not None and checked.terms == state.bench
        found = checked.verdicts if checked is not None and fitting else ()
        self.verdicts.set_verdicts(found)
        self.summary.setText(summary(found) if found else "")
        narrow = self.width() < NARROW
        self._told.setVisible(bool(found) and not narrow)
        self.reading.show_seen(state.seen, self.summary.text() if narrow else "")
        self.outcome.picture.setToolTip("\n".join([in_words(state.bench), *map(words, found)]))

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.shown_pages.show("bench", True)
        self._show_terms()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the renderer rest."""
        super().hideEvent(event)
        self._session.shown_pages.show("bench", False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow place the terms come first."""
        super().resizeEvent(event)
        self.outcome.set_narrow(event.size().width() < NARROW)
        self._show_seen()

    def sizeHint(self) -> QSize:
        """Room for three terms and their sum."""
        return QSize(640, 190)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(240, 120)

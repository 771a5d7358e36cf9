"""Copies: what the model draws beside the training pictures nearest to it, and whether that is nearer than usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.copying import SOURCES, pictures_of
from explorer.widgets.elided import Elided
from explorer.widgets.parts import Choice, Quiet, scrolled
from explorer.widgets.picture import CAPTION, Picture
from explorer.widgets.picture_grid import PictureGrid
from explorer.widgets.progress import Bar
from explorer.widgets.rank_bars import RankBars
from explorer.words import time_left
from models.errors import printable

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from explorer.session import Session
    from models.copy_events import Copied

WIDE = 1.5  # times as wide as high: a low panel
NEXT_HIGH = 44  # px
EMPTY = (
    "Is the model copying? Here the picture of the probe, the samples or the pins stand beside the training pictures "
    "nearest to them. Train a model, or open a run."
)
NOTHING = {
    "probe": "The probe shows no picture yet: click on the map.",
    "samples": "This run has no samples yet.",
    "pins": "Nothing is pinned yet: press P to pin what the probe shows.",
}


class CopiesView(QWidget):
    """Reads `copying` of the session; a click on one of several pictures shows which training picture is nearest."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._order: list[int] = [0]  # of the pictures that were compared, the likeliest copy first
        self._place = 0  # in that order
        self.setObjectName("copies_view")
        self.setAccessibleName("Copies")
        self._make_parts()
        self._lay_out()
        session.copying_changed.connect(self._show)
        session.run_changed.connect(self._show)
        for changed in (session.picture_changed, session.samples_changed, session.pin_pictures_changed):
            changed.connect(self._show_which)
        self._show()

    def _make_parts(self) -> None:
        self.source = Choice()
        self.source.setObjectName("copies_source")
        self.source.setAccessibleName("Pictures to compare")
        self.source.setToolTip("Which pictures are compared with those that the model learned from")
        for name, words in SOURCES.items():
            self.source.addItem(words, name)
        self.source.activated.connect(lambda: self._session.copies.choose(self.source.currentData()))
        self.drawn, self.nearest = Picture(caption="drawn"), Picture(caption="nearest in training")
        for picture, name in ((self.drawn, "drawn"), (self.nearest, "nearest")):
            picture.setObjectName(f"copies_{name}")
            picture.setAccessibleName(picture.caption.capitalize())
            picture.told.connect(self._session.tell)
        self.several, self.others = PictureGrid(), PictureGrid()
        self.several.setObjectName("copies_several")
        self.several.setAccessibleName("Compared pictures, the likeliest copy first")
        self.several.picked.connect(self._look_at)
        self.others.setObjectName("copies_others")
        self.others.setAccessibleName("The next nearest training pictures")
        self.others.setFixedHeight(NEXT_HIGH)
        for grid in (self.several, self.others):
            grid.told.connect(self._session.tell)
        self.verdict, self.fact = Quiet(), Elided(quiet=True)
        self.verdict.setObjectName("copies_verdict")
        self.fact.setObjectName("copies_fact")
        self.rank = RankBars()
        self.rank.setObjectName("copies_rank")

    def _lay_out(self) -> None:
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("copies_empty")
        self.empty.setContentsMargins(8, 8, 8, 8)
        pictures = QHBoxLayout()
        pictures.setSpacing(8)
        for picture in (self.several, self.drawn, self.nearest):
            pictures.addWidget(picture)
        compared, facts = QWidget(), QWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, compared)
        self._halves.setContentsMargins(8, 4, 8, 4)
        self._halves.setSpacing(8)
        self._halves.addLayout(pictures, 1)
        column = QVBoxLayout(facts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in (self.source, self.verdict, self.rank, self.fact, self.others):
            column.addWidget(part)
        column.addStretch(0)
        self._halves.addWidget(scrolled(facts, "copies_scroll", "How near it is"), 1)
        self._stack = QStackedLayout(self)
        for page in (self.empty, self._waiting(), compared):
            self._stack.addWidget(page)

    def _waiting(self) -> QWidget:
        """What is seen while training pictures are loaded, or why they are not."""
        page = QWidget()
        self.progress = Bar("copies_progress", "How far the training pictures are loaded")
        self.loading, self.problem = Quiet(), Quiet(error=True)
        self.loading.setObjectName("copies_loading")
        self.problem.setObjectName("copies_problem")
        self.cancel = QToolButton()
        self.cancel.setObjectName("copies_cancel")
        self.cancel.setText("Cancel")
        self.cancel.setAccessibleName("End the loading")
        self.cancel.setToolTip("Load no more training pictures")
        self.cancel.clicked.connect(self._session.copies.stop)
        self.again = QPushButton("Try again")
        self.again.setObjectName("copies_again")
        self.again.setAccessibleName("Load the training pictures")
        self.again.setToolTip("Load the pictures that this model learned from; nothing is downloaded")
        self.again.clicked.connect(self._session.copies.ask)
        row, column = QHBoxLayout(), QVBoxLayout(page)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        column.setContentsMargins(16, 8, 16, 8)
        column.addStretch(1)
        column.addWidget(self.loading)
        column.addWidget(self.problem)
        column.addLayout(row)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    # ---- the hand of the person

    def _look_at(self, place: int) -> None:
        self._place = place
        self._show_one()

    # ---- hearing

    def _show_which(self) -> None:
        """Somebody may look at what has just been drawn for the first time."""
        if self._session.state.copying.answer is None:
            self._show()

    def _show(self) -> None:
        state = self._session.state
        copying = state.copying
        self.source.setCurrentIndex(self.source.findData(copying.source))
        if state.run is None:
            self.empty.set_empty(EMPTY)
            self._stack.setCurrentIndex(0)
        elif copying.comparing is not None or copying.problem:
            self._show_waiting()
        elif copying.answer is None:
            self._show_absence()
        else:
            self._stack.setCurrentIndex(2)
            self._show_answer(copying.answer)

    def _show_absence(self) -> None:
        """Nothing was compared yet: there is nothing to compare, or the answer is a moment away."""
        source = self._session.state.copying.source
        there = pictures_of(self._session.state, source) is not None
        self._clear("One moment." if there else NOTHING[source])
        self._stack.setCurrentIndex(2)

    def _clear(self, words: str) -> None:
        for picture in (self.drawn, self.nearest):
            picture.set_picture(None)
        for part in (self.several, self.rank, self.fact, self.others):
            part.hide()
        self.verdict.setText(words)

    def _show_waiting(self) -> None:
        copying = self._session.state.copying
        now, busy = copying.comparing, copying.comparing is not None
        left = "" if now is None or now.seconds_left is None else f", {time_left(now.seconds_left)}"
        self.loading.setText("" if now is None else f"{now.what or 'Loading the training pictures'}{left}")
        self.progress.show_fraction(None if now is None else now.fraction)
        self.problem.setText(copying.problem)
        while_busy: tuple[QWidget, ...] = (self.loading, self.progress, self.cancel)
        for part in (*while_busy, self.problem, self.again):
            part.setVisible(busy is (part in while_busy))
        self._stack.setCurrentIndex(1)

    def _show_answer(self, answer: Copied) -> None:
        """Of several pictures all, the likeliest copy first; and one of them beside its nearest ones."""
        suspicious, ranks = answer.suspicious, answer.ranks
        self._order = np.lexsort((answer.alone, -ranks, ~suspicious)).tolist()
        self._place = min(self._place, len(self._order) - 1)
        several = len(self._order) > 1
        self.several.setVisible(several)
        if several:
            tips = [f"Closer than {ranks[each]:.1%} of held-out pictures: click to look" for each in self._order]
            self.several.set_pictures(answer.pictures[self._order], tips)
        for part in (self.rank, self.fact, self.others):
            part.show()
        self._show_one()

    def _show_one(self) -> None:
        answer = self._session.state.copying.answer
        if answer is None:
            return
        one = self._order[self._place]
        self.drawn.set_picture(answer.pictures[one])
        self.nearest.set_picture(answer.nearest[one, 0])
        words = verdict(answer, one)
        self.verdict.setText(words)
        distance = float(answer.distances[one, 0])
        usual = "Held-out pictures' own distances to their nearest"
        self.rank.set_value(distance, answer.known_distances, usual, lower=True)
        self.fact.setText(f"{self._named(answer, one, 0)} · RMS difference {distance:.3f}")
        tips = [
            f"{self._named(answer, one, place)}, RMS difference {answer.distances[one, place]:.3f}"
            for place in range(1, answer.indices.shape[1])
        ]
        self.others.set_pictures(answer.nearest[one, 1:], tips)

    def _named(self, answer: Copied, one: int, place: int) -> str:
        """A training picture by its class and number."""
        run, label = self._session.state.run, int(answer.labels[one, place])
        names = run.class_names if run is not None else ()
        named = f"{printable(names[label])} · " if 0 <= label < len(names) else ""
        return f"{named}training picture {answer.indices[one, place]:,}"

    # ---- being seen, and sizes

    def showEvent(self, event: QShowEvent) -> None:
        """Who is seen has pictures compared."""
        super().showEvent(event)
        self._session.copies.show(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the processor rest."""
        super().hideEvent(event)
        self._session.copies.show(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures stand above the rest, in a low panel beside it."""
        super().resizeEvent(event)
        low = event.size().width() > WIDE * event.size().height()
        self._halves.setDirection(QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom)
        for picture in (self.drawn, self.nearest):
            picture.setMaximumHeight(max(64, event.size().width() // (4 if low else 2)) + CAPTION)

    def sizeHint(self) -> QSize:
        """Room for two pictures side by side."""
        return QSize(320, 240)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(200, 120)


def verdict(answer: Copied, one: int) -> str:
    """What the distance of one picture means, in a sentence."""
    rank = float(answer.ranks[one])
    closer = f"Closer to a training picture than {rank:.1%} of held-out pictures are"
    if answer.distances[one, 0] == 0:
        return "This is a training picture, pixel by pixel: a copy."
    if answer.suspicious[one]:
        return f"{closer}, and much closer than to any other: perhaps a copy."
    if rank >= 0.99:
        return f"{closer}, but no closer than to others like it: a smooth picture rather than a copy."
    return f"{closer}: no copy."

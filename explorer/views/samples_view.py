"""What the model makes up, from the same codes all along, and what it makes of pictures it has never seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from explorer.widgets.class_bars import ClassBars
from explorer.widgets.elided import Elided
from explorer.widgets.picture_grid import PictureGrid
from explorer.words import duration

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent

    from explorer.session import Session

NO_SAMPLES = "Pictures that the model makes up appear here, always from the same codes. Train a model or open a run."
NO_PAIRS = "Held-out pictures appear here beside what the model makes of them. Train a model or open a run."
NO_ENCODER = "This model has no way from pictures to codes, so there is nothing to reconstruct."


class SamplesView(QWidget):
    """Reads samples and reconstructions of the session; a click on a pair selects its point on the map."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("samples_view")
        self.setAccessibleName("Samples and reconstructions")
        self.samples = PictureGrid(NO_SAMPLES)
        self.pairs = PictureGrid(NO_PAIRS)
        self.about_samples, samples = _half("samples", "Samples", self.samples, self._make_judge())
        self.about_pairs, pairs = _half("reconstructions", "Reconstructions", self.pairs)
        for grid in (self.samples, self.pairs):
            grid.told.connect(session.tell)
        self.pairs.picked.connect(self._pick)
        self._splitter = QSplitter()
        self._splitter.setObjectName("samples_splitter")
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(samples)
        self._splitter.addWidget(pairs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._splitter)
        session.run_changed.connect(self._show_all)
        for changed in (session.samples_changed, session.turned_changed, session.knobs_changed):
            changed.connect(self._show_samples)
        session.reconstructions_changed.connect(self._show_pairs)
        for changed in (session.judged_changed, session.judging_changed):
            changed.connect(self._show_judged)

    def _show_all(self) -> None:
        run = self._session.state.run
        blind = run is not None and "encode" not in run.capabilities
        self.pairs.set_empty(NO_ENCODER if blind else NO_PAIRS)
        self._show_samples()
        self._show_pairs()
        self._show_judged()

    def _make_judge(self) -> QWidget:
        """The bars of the classes, and while nobody can tell these, the offer to train who can."""
        self.bars, self.train_judge = ClassBars(), QPushButton()
        self.bars.setObjectName("class_bars")
        self.bars.setAccessibleName("Classes recognised in the samples")
        self.train_judge.setObjectName("train_judge")
        self.train_judge.setAccessibleName("Train the judge")
        self.train_judge.setToolTip(
            "A small classifier learns to recognise the classes of these data, once for all runs. "
            "Then you see here which classes the model draws, while it trains too"
        )
        self.train_judge.clicked.connect(self._session.judgements.train_judge)
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bars)
        column.addWidget(self.train_judge, 0, Qt.AlignmentFlag.AlignLeft)
        return both

    def _show_judged(self) -> None:
        """Which classes are recognised in the samples."""
        if not self.isVisible():
            return
        state = self._session.state
        judged, run = state.judged, state.run
        known = judged is not None and judged.recognised is not None and judged.expected is not None
        self.bars.setVisible(known)
        self.train_judge.setVisible(judged is not None and not known)
        if judged is None or run is None:
            return
        if judged.recognised is not None and judged.expected is not None:
            counts = np.bincount(judged.recognised, minlength=len(judged.expected))
            self.bars.set_shares(run.class_names, counts, judged.expected)
            return
        share = "" if state.judging is None else f" {state.judging.fraction or 0:.0%}"
        words = "Judging…" if share else f"Train the judge ({duration(5 * max(1, round(judged.seconds / 5)))})"
        self.train_judge.setText(f"{words}{share}")
        self.train_judge.setAccessibleName(self.train_judge.text())
        self.train_judge.setEnabled(state.judging is None)

    def _show_samples(self) -> None:
        if not self.isVisible():
            return
        state = self._session.state
        drawn = state.turned if state.knobs and state.turned is not None else state.samples
        self.samples.set_pictures(None if drawn is None else drawn.pictures)
        if state.samples is None or state.run is None:
            self.about_samples.setText("")
            return
        known = "prior" in state.run.capabilities
        source = "the prior" if known else "a normal distribution fitted to the data's codes"
        asked = " · each class in turn" if state.samples.labels is not None else ""
        turned = " · with the knobs of the probe" if drawn is state.turned else ""
        step = state.samples.step if drawn is None else drawn.step
        self.about_samples.setText(f"step {step:,} · the same codes from {source}{asked}{turned}")

    def _show_pairs(self) -> None:
        if not self.isVisible():
            return
        shown = self._session.state.reconstructions
        if shown is None:
            self.pairs.set_pictures(None)
            self.about_pairs.setText("")
            return
        self.pairs.set_pairs(shown.originals, shown.reconstructions)
        self.about_pairs.setText(f"step {shown.step:,} · held-out picture left, reconstruction right")

    def _pick(self, place: int) -> None:
        """The pair's original is sought among the held-out pictures, for pairs carry no index."""
        state = self._session.state
        if state.reconstructions is None or state.data is None:
            return
        original = state.reconstructions.originals[place]
        same = np.flatnonzero((state.data.pictures == original).all(axis=(1, 2, 3)))
        if len(same):
            self._session.select(int(same[0]))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was passed over while hidden."""
        super().showEvent(event)
        self._show_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side in a wide panel, one above the other in a high one."""
        super().resizeEvent(event)
        wide = event.size().width() > event.size().height()
        self._splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def sizeHint(self) -> QSize:
        """Room for two sheets."""
        return QSize(560, 240)


def _half(name: str, title: str, grid: PictureGrid, below: QWidget | None = None) -> tuple[QLabel, QWidget]:
    """A grid under its title, and what stands below it; returns the quiet line beside the title, and the whole."""
    half, heading, about = QWidget(), QLabel(title), Elided(quiet=True)
    grid.setObjectName(f"{name}_grid")
    grid.setAccessibleName(title)
    about.setObjectName(f"{name}_about")
    head = QHBoxLayout()
    head.addWidget(heading)
    head.addWidget(about, 1)
    column = QVBoxLayout(half)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addLayout(head)
    column.addWidget(grid, 1)
    if below is not None:
        column.addWidget(below)
    return about, half

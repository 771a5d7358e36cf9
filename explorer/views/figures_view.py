"""Figures: how good the run on the stage is, with error bars, beside other judged runs of the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer import scores
from explorer.widgets.elided import Elided
from explorer.widgets.parts import Choice, Quiet
from explorer.widgets.progress import Bar
from explorer.words import time_left

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from explorer.scores import Column
    from explorer.session import Session

EMPTY = (
    "How good a model is: does it draw what it is asked for, all of it, in all its variety? "
    "Train a model or open a run, then judge it here."
)
UNJUDGED = (
    "This run is not judged yet. A small classifier of its data will look at what it draws, and at real pictures."
)
TRAINING = "The run can be judged when its training has ended."
WAYS = {
    "Thorough": {},
    "Quick": {"samples": 500, "seeds": 2, "likelihood_pictures": 200},
}


class FiguresView(QWidget):
    """The button that judges, how far it is, and the table: one row a figure, one column a run."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._offered = ""  # the run whose training ended and that nobody judged yet
        self._was_busy = False
        self._make_parts()
        self._lay_out()
        for changed in (session.run_changed, session.figures_changed, session.runs_changed, session.judged_changed):
            changed.connect(self._show_figures)
        for changed in (session.phase_changed, session.judging_changed, session.weights_changed):
            changed.connect(self._show_work)
        self._show_figures()

    # ---- what the session says

    def _show_figures(self) -> None:
        state = self._session.state
        columns = scores.columns(state)
        names = scores.rows(columns)
        self._table.setColumnCount(1 + len(columns))
        self._table.setRowCount(len(names))
        first = _item("Figure", "The arrow points to the better side; rest the mouse on a figure to read what it says")
        first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.setHorizontalHeaderItem(0, first)
        for place, column in enumerate(columns, start=1):
            self._table.setHorizontalHeaderItem(place, _item(column.title, f"{column.title}\n{column.about}".strip()))
        for row, name in enumerate(names):
            self._show_row(row, name, columns)
        self._stack.setCurrentIndex(1 if names else 0)
        self._empty.setText(EMPTY if state.run is None else UNJUDGED)
        self._about.setText(columns[0].about.replace("\n", " · ") if columns and names else "")
        self._show_work()

    def _show_row(self, row: int, name: str, columns: list[Column]) -> None:
        heading = _item(scores.title(name), scores.told(name))
        self._table.setItem(row, 0, heading)
        best = scores.best(name, columns)
        for place, column in enumerate(columns, start=1):
            words = column.words(name)
            item = _item(words, f"{scores.told(name)}\n\n{column.how(name)}".strip())
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column is best:
                font = item.font()
                font.setBold(True)
                item.setFont(font)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}, the best")
            self._table.setItem(row, place, item)

    def _show_work(self) -> None:
        state = self._session.state
        if self._was_busy and not state.phase.busy and state.run is not None and state.weights is not None:
            self._offered = state.run.id
        self._was_busy = state.phase.busy
        judging = state.judging
        ready = state.run is not None and state.weights is not None and not state.live and not state.phase.busy
        offered = ready and state.run is not None and self._offered == state.run.id and not scores.is_judged(state)
        self.judge_button.setEnabled(ready and judging is None)
        self.judge_button.setDefault(offered and judging is None)  # the style paints a default button in the accent
        self.judge_button.setToolTip(TRAINING if state.phase.busy else "Draw pictures and measure how good they are")
        self._way.setEnabled(judging is None)
        self._work.setVisible(judging is not None)
        self._about.setVisible(judging is None)
        if judging is not None:
            here = state.run is not None and judging.folder == state.run.folder
            share = (
                f" {judging.fraction:.0%}, {time_left(judging.seconds_left)}" if judging.fraction is not None else ""
            )
            self._bar.show_fraction(judging.fraction)
            self._progress.setText(f"{judging.what}{share}{'' if here else ' (another run)'}")

    # ---- what the person does

    def _judge(self) -> None:
        self._session.judgements.judge(WAYS[self._way.currentText()])

    # ---- how it is made

    def _make_parts(self) -> None:
        self.judge_button = QPushButton("Judge this run")
        self.judge_button.setObjectName("judge_run")
        self.judge_button.setAccessibleName("Judge this run")
        self.judge_button.clicked.connect(self._judge)
        self._way = Choice()
        self._way.setObjectName("judge_way")
        self._way.setAccessibleName("How thoroughly")
        self._way.setToolTip("Thorough: 3 times 2,000 pictures. Quick: 2 times 500, with wider error bars")
        self._way.addItems(list(WAYS))
        self._way.setMaximumWidth(120)
        self._bar = Bar("judging_progress", "Progress of judging")
        self._bar.setFixedWidth(96)
        self._progress = Elided(quiet=True)
        self._progress.setObjectName("judging_words")
        self.stop_button = QPushButton("Cancel")
        self.stop_button.setObjectName("stop_judging")
        self.stop_button.setAccessibleName("Stop judging")
        self.stop_button.setToolTip("End the judging; nothing is changed")
        self.stop_button.clicked.connect(self._session.judgements.stop)
        self._about = Elided(quiet=True)
        self._about.setObjectName("figures_about")
        self._empty = Quiet(EMPTY)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(24, 8, 24, 8)
        self._table = _table(self)

    def _lay_out(self) -> None:
        self._work = QWidget()
        work = QHBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        for part in (self._bar, self._progress, self.stop_button):
            work.addWidget(part, 1 if part is self._progress else 0)
        head = QHBoxLayout()
        head.addWidget(self.judge_button)
        head.addWidget(self._way)
        head.addWidget(self._work, 1)
        head.addWidget(self._about, 1)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._table)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(head)
        column.addLayout(self._stack, 1)

    def sizeHint(self) -> QSize:
        """Room for some rows."""
        return QSize(560, 240)


def _item(text: str, tip: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(tip)
    return item


def _table(parent: QObject) -> QTableWidget:
    """An empty table that is read, not edited."""
    table = QTableWidget()
    table.setObjectName("figures_table")
    table.setAccessibleName("Figures of this run and of other judged runs of the same data")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setShowGrid(False)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.viewport().setAutoFillBackground(False)  # beside few columns and under few rows lies the panel itself
    table.setAlternatingRowColors(True)
    for header, name in ((table.horizontalHeader(), "figures_runs"), (table.verticalHeader(), "figures_names")):
        header.setObjectName(name)
        header.setAccessibleName("Runs" if header is table.horizontalHeader() else "Figures")
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    table.horizontalHeader().setMaximumSectionSize(220)
    return table

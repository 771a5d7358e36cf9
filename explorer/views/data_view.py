"""Data: what the chosen data set looks like, before anybody trains on it."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.icons import icon
from explorer.remembered import recent_data, remember_data
from explorer.widgets.class_sheet import ClassSheet
from explorer.widgets.elided import Elided
from explorer.widgets.later import Later
from explorer.widgets.parts import Caution, Quiet
from explorer.widgets.progress import Bar
from models.errors import printable
from models.wording import counted

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from explorer.session import Session
    from models.data_events import DataShown
    from models.portrait import Portrait

REST = 600  # ms without a change of the form after which its data are looked at
EMPTY = (
    "Here you see the pictures before you train on them: some of every class, how many there are, and what was left "
    "out. Choose a data set in Train, or drop a folder of pictures on the window."
)
ABSENT = "These data are not on this machine yet. They are downloaded once and kept."
CANCELLED = "You stopped before the data were loaded."


class DataView(QWidget):
    """Follows the form of Train while it can be seen; `wanted` is a data set and a path that a person chose again."""

    wanted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._drawn: DataShown | None = None
        self._later = Later(REST, self._follow, self)
        self._lay_out()
        session.look_changed.connect(self._show_look)
        self._show_look()

    # ---- following the form

    def showEvent(self, event: QShowEvent) -> None:
        """Look at what was chosen meanwhile, if the panel is still there in a moment: tabs come and go at the start."""
        super().showEvent(event)
        self._later.start()

    def _follow(self) -> None:
        look = self._session.state.look
        if self.isVisible() and look.job is not None and look.current is None and look.working is None:
            self._session.looks.begin()

    def _show_look(self) -> None:
        look = self._session.state.look
        if look.job is not None and look.current is None and look.working is None and self.isVisible():
            self._later.start()  # anew with every change, unlike `ask`
        self._show_progress()
        shown = look.current
        if shown is not None and shown is not self._drawn and shown.portrait is not None:
            self._draw(shown, shown.portrait)
        drawn = shown is not None and shown.portrait is not None
        self._content.setVisible(drawn)
        self._nothing.setVisible(not drawn)
        self._say(shown)

    def _show_progress(self) -> None:
        working = self._session.state.look.working
        self._progress.setVisible(working is not None)
        if working is not None:
            share = "" if working.fraction is None else f" {working.fraction:.0%}"
            self._bar.show_fraction(working.fraction)
            self._what.setText(f"{working.what}{share}")

    def _say(self, shown: DataShown | None) -> None:
        """What stands where no data can be shown, and the button that helps."""
        look = self._session.state.look
        words, offer = "" if look.working is not None else EMPTY, ""
        if shown is not None and look.working is None:
            if shown.absent:
                words, offer = ABSENT, "Download and look"
            elif shown.problem:
                words, offer = shown.problem, "Look again"
            else:
                words, offer = CANCELLED, "Look at the data"
        self._title.setText(self._title_of(look.job.dataset) if look.job is not None else "Data")
        self._words.setText(words)
        self._offer.setText(offer)
        self._offer.setVisible(bool(offer))

    def _title_of(self, dataset: str) -> str:
        catalog = self._session.state.catalog
        known = catalog.datasets if catalog is not None else ()
        return next((info.title for info in known if info.name == dataset), dataset)

    # ---- what the person does

    def _look(self) -> None:
        self._session.looks.begin(fetch=True)

    def _show_recent(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("recent_data")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for dataset, path in recent_data():
            words = f"{self._title_of(dataset)}: {printable(path)}".replace("&", "&&")
            menu.addAction(words, partial(self.wanted.emit, dataset, path))
        if menu.isEmpty():
            menu.addAction("No folder or file was used yet").setEnabled(False)
        menu.popup(self._recent.mapToGlobal(self._recent.rect().bottomLeft()) if self.isVisible() else QCursor.pos())

    def _copy_skipped(self) -> None:
        QGuiApplication.clipboard().setText(self._skipped.toPlainText())
        self._session.tell("The list of files that were left out is on the clipboard.", "done")

    # ---- drawing what is known

    def _draw(self, shown: DataShown, told: Portrait) -> None:
        self._drawn = shown
        facts = (
            f"{told.train:,} to train on, {told.test:,} to test on",
            told.size,
            f"values {told.low} to {told.high}, mean {told.mean:.0f}",
            *map(printable, told.notes),
        )
        self._facts.setText("\n".join(facts))
        self._warnings.setText("\n".join(printable(warning) for warning in told.warnings))
        self._warnings.setVisible(bool(told.warnings))
        count = len(told.skipped)
        self._fold.setText(f"{counted(count, 'file')} left out")
        self._fold.setChecked(False)
        self._skipped_row.setVisible(bool(count))
        self._skipped.setPlainText("\n".join(f"{printable(each.path)}: {each.reason}" for each in told.skipped))
        self._factors.setText("\n".join(("Known factors", *(each.words for each in told.factors))))
        self._factors.setVisible(bool(told.factors))
        if shown.pictures is not None and shown.labels is not None:
            self._sheet.set_data(told.classes, shown.pictures, shown.labels)
        paths = [value for value in shown.job.dataset_settings.values() if isinstance(value, str)]
        known = next((path for path in paths if path and os.path.exists(os.path.expanduser(path))), "")
        if known:
            remember_data(shown.job.dataset, known)

    # ---- how it is laid out

    def _lay_out(self) -> None:
        self._title = Elided("Data")
        self._title.setObjectName("data_title")
        self._recent = _tool("recent", "Recent", "Folders and files that were used before")
        self._recent.setArrowType(Qt.ArrowType.DownArrow)
        self._recent.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._recent.clicked.connect(self._show_recent)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 4)
        head.addWidget(self._title, 1)
        head.addWidget(self._recent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._make_progress())
        column.addWidget(self._make_nothing(), 1)
        column.addWidget(self._make_content(), 1)

    def _make_progress(self) -> QWidget:
        self._progress = QWidget()
        self._bar, self._what = Bar("look_progress", "How much is loaded"), Elided(quiet=True)
        cancel = _tool("cancel_look", "Cancel", "Stop loading the data")
        cancel.clicked.connect(self._session.looks.stop)
        below = QHBoxLayout()
        below.addWidget(self._what, 1)
        below.addWidget(cancel)
        column = QVBoxLayout(self._progress)
        column.setContentsMargins(12, 0, 8, 4)
        column.setSpacing(2)
        column.addWidget(self._bar)
        column.addLayout(below)
        return self._progress

    def _make_nothing(self) -> QWidget:
        self._nothing, self._words, self._offer = QWidget(), Quiet(), QPushButton()
        self._words.setObjectName("data_words")
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._offer.setObjectName("look_at_data")
        self._offer.setAccessibleName("Look at the data")
        self._offer.clicked.connect(self._look)
        column = QVBoxLayout(self._nothing)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._words)
        column.addWidget(self._offer)
        column.addStretch(1)
        return self._nothing

    def _make_content(self) -> QWidget:
        self._facts, self._warnings, self._factors, self._sheet = Quiet(), Caution(), Quiet(), ClassSheet()
        for label, name in ((self._facts, "facts"), (self._warnings, "warnings"), (self._factors, "factors")):
            label.setObjectName(f"data_{name}")
            label.setMinimumWidth(1)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        for part in (self._facts, self._warnings, self._make_skipped(), self._sheet, self._factors):
            column.addWidget(part)
        column.addStretch(1)
        self._content = QScrollArea()
        self._content.setObjectName("data_scroll")
        self._content.setAccessibleName("What is in the data set")
        self._content.setWidgetResizable(True)
        self._content.setFrameShape(QFrame.Shape.NoFrame)
        self._content.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content.setWidget(inside)
        return self._content

    def _make_skipped(self) -> QWidget:
        self._skipped_row, self._skipped = QWidget(), QPlainTextEdit()
        self._skipped.setObjectName("skipped_files")
        self._skipped.setAccessibleName("Files that were left out, with reasons")
        self._skipped.setReadOnly(True)
        self._skipped.setFixedHeight(120)
        self._skipped.hide()
        self._fold = _tool("skipped_fold", "", "Show which files, and why")
        self._fold.setCheckable(True)
        self._fold.setArrowType(Qt.ArrowType.RightArrow)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.toggled.connect(self._unfold)
        copy = _tool("copy_skipped", "", "Copy the list of files that were left out")
        copy.setIcon(icon("copy"))
        copy.clicked.connect(self._copy_skipped)
        head = QHBoxLayout()
        head.addWidget(self._fold)
        head.addStretch(1)
        head.addWidget(copy)
        column = QVBoxLayout(self._skipped_row)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self._skipped)
        return self._skipped_row

    def _unfold(self, unfolded: bool) -> None:
        self._fold.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self._skipped.setVisible(unfolded)


def _tool(name: str, text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setAccessibleName(text or tip)
    button.setToolTip(tip)
    return button

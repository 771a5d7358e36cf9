"""What a person did with the run on the stage, step by step; a click on a step goes back or forth to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from explorer.widgets.parts import Quiet

if TYPE_CHECKING:
    from explorer.session import Session

BEGIN = "As the run was opened"
EMPTY = "Every step you take with codes, classes, pins and knobs is listed here. Click one to go back to it."


class HistoryView(QWidget):
    """Reads the history of the session; steps that were undone stay listed, paler, until another takes their place."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("history_view")
        self.setAccessibleName("History")
        self.words = Quiet(EMPTY)
        self.words.setObjectName("history_empty")
        self.steps = QListWidget()
        self.steps.setObjectName("history_steps")
        self.steps.setAccessibleName("Steps, the newest last")
        self.steps.setFrameShape(QListWidget.Shape.NoFrame)
        self.steps.itemClicked.connect(self._go_to)
        self.steps.itemActivated.connect(self._go_to)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.words)
        column.addWidget(self.steps, 1)
        session.history_changed.connect(self._show_history)
        self._show_history()

    def _go_to(self, item: QListWidgetItem) -> None:
        self._session.go_to_deed(self.steps.row(item))

    def _show_history(self) -> None:
        history = self._session.state.history
        words = [BEGIN, *(deed.words for deed in history.deeds)] if history.deeds else []
        self.words.setVisible(not words)
        self.steps.setVisible(bool(words))
        while self.steps.count() > len(words):
            self.steps.takeItem(self.steps.count() - 1)
        for row, text in enumerate(words):
            if row == self.steps.count():
                self.steps.addItem(text)
            item = self.steps.item(row)
            item.setText(text)
            role = QPalette.ColorRole.WindowText if row <= history.done else QPalette.ColorRole.PlaceholderText
            item.setForeground(self.palette().brush(role))
        if words:
            self.steps.setCurrentRow(history.done)
            self.steps.scrollToItem(self.steps.item(history.done), QListWidget.ScrollHint.EnsureVisible)

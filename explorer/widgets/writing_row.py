"""A line to type into, and below it what was typed in pictures of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from explorer.icons import icon
from explorer.widgets.parts import Quiet
from explorer.widgets.picture_grid import PictureGrid
from models.spelling import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.events import Pictures

HIGH = 72  # px of the row of pictures


class WritingRow(QWidget):
    """`typed` tells the text, `shared` whether all pictures come from one code; `again` and `saved` are wishes.

    `picked` tells the place of a picture that was clicked; `set_*` emit nothing.
    """

    typed = Signal(str)
    shared = Signal(bool)
    again = Signal()
    saved = Signal()
    picked = Signal(int)
    told = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setObjectName("class_text")
        self.line.setAccessibleName("Write in pictures of classes")
        self.line.setMaxLength(8 * MOST)
        self.line.setClearButtonEnabled(True)
        self.line.textEdited.connect(self.typed)
        self.one = self._button("class_text_shared", "lock", "One code", "Draw all from the probe's code, in one hand")
        self.one.setCheckable(True)
        self.one.clicked.connect(self.shared)
        self.dice = self._button("class_text_again", "dice", "Other codes", "Draw each from another code")
        self.dice.clicked.connect(lambda: self.again.emit())
        self.save = self._button("class_text_save", "export", "Save", "Save what is written as a picture")
        self.save.clicked.connect(lambda: self.saved.emit())
        self.problem = Quiet(error=True)
        self.problem.setObjectName("class_text_problem")
        self.pictures = PictureGrid()
        self.pictures.setObjectName("class_text_grid")
        self.pictures.setAccessibleName("What is written, in pictures")
        self.pictures.setFixedHeight(HIGH)
        self.pictures.picked.connect(self.picked)
        self.pictures.told.connect(self.told)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        for button in (self.one, self.dice, self.save):
            row.addWidget(button)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addWidget(self.pictures)
        self.set_text("", ())
        self.set_pictures(None)

    def _button(self, name: str, drawing: str, words: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(tip)
        button.setIcon(icon(drawing))
        button.setIconSize(QSize(16, 16))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def set_example(self, words: str) -> None:
        """What stands in the empty line."""
        self.line.setPlaceholderText(words)

    def set_text(self, text: str, unknown: Sequence[str]) -> None:
        """Show the text, and which of its letters name no class."""
        if text != self.line.text():
            self.line.setText(text)
        self.problem.setText(f"There is no class {', '.join(unknown)}" if unknown else "")
        self.problem.setVisible(bool(unknown))
        for button in (self.dice, self.save):
            button.setEnabled(bool(text))

    def set_shared(self, shared: bool) -> None:
        """Whether all pictures come from one code."""
        self.one.setChecked(shared)

    def set_pictures(self, pictures: Pictures | None, tips: Sequence[str] = ()) -> None:
        """Show uint8 [n, h, w, c] in a row, or nothing."""
        self.pictures.setVisible(pictures is not None)
        self.pictures.set_columns(None if pictures is None else len(pictures))
        self.pictures.set_pictures(pictures, tips)

"""One editor for each kind of setting: it says at once, below itself, when what was typed is not allowed."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from explorer.widgets.parts import Choice, Line, Quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent

    from models.params import Setting, Value


class Sentence(Quiet):
    """What is wrong, never cut off: a form reckons too little height for words that wrap in a narrow column."""

    def __init__(self, name: str) -> None:
        super().__init__(error=True)
        self.setObjectName(f"{name}_problem")
        self.hide()

    def say(self, text: str) -> None:
        """Show the text, or nothing while there is none."""
        self.setText(text)
        self._fit()
        self.setVisible(bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the words need at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(self.heightForWidth(self.width()) if self.text() else 0)


class Field(QWidget):
    """The editor of one setting; `changed` comes from a person's hand only."""

    changed = Signal()

    def __init__(self, setting: Setting, editor: QWidget, name: str) -> None:
        super().__init__()
        self.setting, self.editor = setting, editor
        self._sentence = Sentence(name)
        editor.setObjectName(name)
        editor.setAccessibleName(setting.label)
        editor.setAccessibleDescription(setting.help)
        editor.setToolTip(setting.help)
        self.row = QHBoxLayout()
        self.row.setSpacing(4)
        self.row.addWidget(editor, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self.row)
        column.addWidget(self._sentence)
        self.setFocusProxy(editor)

    def value(self) -> Value:
        """What is set; the setting's default while there is a problem."""
        raise NotImplementedError

    def set_value(self, value: Value) -> None:
        """Show `value`, legal or not, without a signal."""
        raise NotImplementedError

    def problem(self) -> str:
        """What is wrong with what was typed, as a sentence; empty when nothing is."""
        return ""

    def come_into_sight(self) -> None:
        """Scroll the panel, so that whoever types sees what is wrong with it."""
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None and self._sentence.isVisible() and self.editor.hasFocus():
            above.ensureWidgetVisible(self, 0, 8)

    def check(self) -> None:
        """Show or hide the sentence about what is wrong."""
        problem = self.problem()
        self._sentence.say(problem)
        self.editor.setAccessibleDescription(f"{self.setting.help} {problem}".strip())
        if isinstance(self.editor, Line):
            self.editor.set_wrong(bool(problem))

    def _refused(self) -> str:
        return f"{self.setting.label} must be {self.setting.allowed}."

    def _edited(self) -> None:
        self.check()
        self.changed.emit()


class BoolField(Field):
    """Yes or no, as a check box that carries its own label."""

    def __init__(self, setting: Setting, name: str) -> None:
        self._box = QCheckBox(setting.label)
        super().__init__(setting, self._box, name)
        self._box.clicked.connect(self._edited)

    def value(self) -> Value:
        """True or false."""
        return self._box.isChecked()

    def set_value(self, value: Value) -> None:
        """Tick the box or clear it."""
        self._box.setChecked(bool(value))


class ChoiceField(Field):
    """One of a few words."""

    def __init__(self, setting: Setting, name: str) -> None:
        self._combo = Choice()
        super().__init__(setting, self._combo, name)
        if setting.optional:
            self._combo.addItem("not set", None)
        for choice in setting.choices:
            self._combo.addItem(choice.replace("_", " "), choice)
        self._combo.activated.connect(self._edited)

    def value(self) -> Value:
        """The word chosen."""
        chosen: Value = self._combo.currentData()
        return chosen

    def set_value(self, value: Value) -> None:
        """Choose `value`; a word that is not offered is added, so that nothing is changed in silence."""
        place = self._combo.findData(value)
        if place < 0 and value is not None:
            self._combo.addItem(str(value), value)
            place = self._combo.count() - 1
        self._combo.setCurrentIndex(place)
        self.check()

    def problem(self) -> str:
        """Whether the word is among those allowed."""
        value = self.value()
        if value in self.setting.choices or (value is None and self.setting.optional):
            return ""
        return self._refused()


class TextField(Field):
    """A line of text."""

    def __init__(self, setting: Setting, name: str) -> None:
        self._line = Line(setting.unit)
        super().__init__(setting, self._line, name)
        if setting.optional:
            self._line.setPlaceholderText("not set")
        self._line.textEdited.connect(self._edited)

    def value(self) -> Value:
        """The text, or None where it may be empty and is."""
        text = self._line.text().strip()
        return None if not text and self.setting.optional else text

    def set_value(self, value: Value) -> None:
        """Show the text."""
        self._line.setText("" if value is None else str(value))
        self.check()


class NumberField(TextField):
    """A number as free text; the arrow keys step it, ten times finer or by factors of two where it is logarithmic."""

    def __init__(self, setting: Setting, name: str) -> None:
        super().__init__(setting, name)
        self._line.installEventFilter(self)

    def value(self) -> Value:
        """The number, or None where it may be empty."""
        return self.setting.default if self.problem() else self._read()

    def set_value(self, value: Value) -> None:
        """Show the number with all its digits."""
        super().set_value(None if value is None else repr(value).removesuffix(".0"))
        self._line.setCursorPosition(0)

    def problem(self) -> str:
        """Whether the text is a number, and within its bounds."""
        try:
            self._read()
        except ValueError:
            return self._refused()
        return ""

    def _read(self) -> Value:
        text = super().value()
        return None if text is None else self.setting.read(str(text))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Step with the arrow keys."""
        if event.type() is QEvent.Type.KeyPress and not self.problem():
            keys: dict[int, int] = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
            pressed: QKeyEvent = event  # type: ignore[assignment]
            if pressed.key() in keys:
                self._step(keys[pressed.key()])
                return True
        return False

    def _step(self, direction: int) -> None:
        value, setting = self._read(), self.setting
        if value is None or isinstance(value, str):
            return
        if setting.logarithmic:
            value = float(f"{value * 2.0**direction:.6g}")
        elif setting.kind == "int":
            value += direction
        else:
            size = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.01
            value = float(f"{value + direction * size:.6g}")
        if setting.fits(value):
            self.set_value(value)
            self._edited()


class PathField(TextField):
    """A folder, or a file where the setting's name says so: typed, chosen in a dialog, or dropped here."""

    def __init__(self, setting: Setting, name: str) -> None:
        super().__init__(setting, name)
        self._of_file = setting.name.endswith("file")
        thing = "file" if self._of_file else "folder"
        self._line.setPlaceholderText(f"drop a {thing} here")
        self._line.setAcceptDrops(False)  # else the line would take the drop as text, with file:// before it
        self.setAcceptDrops(True)
        browse = QToolButton()
        browse.setText("Browse…")
        browse.setObjectName(f"{name}_browse")
        browse.setAccessibleName(f"Choose {setting.label.lower()}")
        browse.setToolTip(f"Choose a {thing}")
        browse.clicked.connect(self._browse)
        self.row.addWidget(browse)

    def problem(self) -> str:
        """Whether something of another kind lies there; a folder that is not there yet may be made."""
        value = self.value()
        if self._of_file:
            folder = bool(value) and os.path.isdir(os.path.expanduser(str(value)))
            return f"{self.setting.label} must be a file, and this is a folder." if folder else ""
        wrong = bool(value) and os.path.isfile(os.path.expanduser(str(value)))
        return f"{self.setting.label} must be a folder, and this is a file." if wrong else ""

    def _browse(self) -> None:
        start = str(self.value() or Path.home())
        if self._of_file:
            path, _ = QFileDialog.getOpenFileName(self, self.setting.label, start)
        else:
            path = QFileDialog.getExistingDirectory(self, self.setting.label, start)
        if path:
            self._take(path)

    def _take(self, path: str) -> None:
        self.set_value(path)
        self._edited()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome a folder, or a file."""
        if self._dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        path = self._dropped(event)
        if path:
            event.acceptProposedAction()
            self._take(path)

    def _dropped(self, event: QDropEvent) -> str:
        """The first thing of the right kind among what is dragged, or empty; a file may stand for its folder."""
        for url in event.mimeData().urls():
            path = Path(url.toLocalFile()) if url.isLocalFile() else None
            if path is not None and path.exists() and not (self._of_file and path.is_dir()):
                return str(path if path.is_dir() or self._of_file else path.parent)
        return ""


FIELDS: dict[str, Callable[[Setting, str], Field]] = {
    "bool": BoolField,
    "int": NumberField,
    "float": NumberField,
    "choice": ChoiceField,
    "text": TextField,
    "path": PathField,
}

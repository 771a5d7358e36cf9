"""Open generator: choose an ONNX file of one's own, perhaps its encoder, and say what is known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout

from explorer.forms import SettingsForm
from explorer.widgets.parts import Quiet
from models.bringing import Bringing

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from explorer.session import Session

ABOUT = (
    "Any program can write such a file: a graph from codes to pictures, that may be told a class. It is looked through "
    "and tried first, in a process of its own; nothing in it can do more than compute. Then it opens like any other "
    "run: with a map of what it draws, sliders, morphs and classes."
)


class GeneratorDialog(QDialog):
    """Everything it offers is declared in `models.bringing.Bringing`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("generator_dialog")
        self.setAccessibleName("Open generator")
        self.setWindowTitle("Open generator")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.form = SettingsForm(Bringing.declared(), prefix="generator_")
        self.form.changed.connect(self._show_problems)
        self._problem = Quiet(error=True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.setObjectName("generator_buttons")
        self._open = self._buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self._open.setObjectName("generator_open")
        self._open.setAccessibleName("Open the generator")
        self._open.setToolTip("Look through the file, try it, and open it as a run")
        self._open.setDefault(True)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._show_problems()

    def _lay_out(self) -> None:
        about = Quiet()
        about.setText(ABOUT)
        scroll = QScrollArea()
        scroll.setObjectName("generator_settings")
        scroll.setAccessibleName("What is known about the generator")
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.form)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(about)
        column.addWidget(scroll, 1)
        column.addWidget(self._problem)
        column.addWidget(self._buttons)
        self.resize(560, 440)

    def _show_problems(self) -> None:
        problems = self.form.problems()
        self._problem.setText(" ".join(problems))
        self._open.setEnabled(bool(str(self.form.values()["file"] or "").strip()) and not problems)

    def accept(self) -> None:
        """Open it."""
        self._session.bring(self.form.values())
        super().accept()

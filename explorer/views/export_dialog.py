"""Export: choose what to take away and how it shall look, see it, then save it or copy it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from explorer.coloring import chosen_factor
from explorer.forms import SettingsForm
from explorer.timeline import exported_as
from explorer.widgets.later import Later
from explorer.widgets.parts import Choice, Quiet
from explorer.widgets.picture import Picture, to_image
from models.export import CLASS, KINDS
from models.indices import told_indices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.session import Session
    from models.params import Setting, Value

FOLDER = "export/folder"
PAUSE = 250  # ms that the settings rest before the preview is drawn
TABLE = "A table has nothing to look at: one row for every held-out picture, with its label, its code and its place."
FILES = "Files for other programs have nothing to look at. They are checked before they are written."


class ExportDialog(QDialog):
    """Everything it offers is declared in `models.export.KINDS`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._copying = False
        self._forms: dict[str, SettingsForm] = {}
        self.setObjectName("export_dialog")
        self.setAccessibleName("Export")
        self.setWindowTitle("Export")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._make_parts()
        self._lay_out()
        self._preview_later = Later(PAUSE, self._preview, self)
        session.drawing_changed.connect(self._show_drawing)
        self._kind.currentIndexChanged.connect(self._show_kind)
        self._show_kind()

    def _make_parts(self) -> None:
        self._kind = Choice()
        self._kind.setObjectName("export_kind")
        self._kind.setAccessibleName("What to export")
        for name, kind in KINDS.items():
            self._kind.addItem(kind.title, name)
        self._summary, self._problem = Quiet(), Quiet(error=True)
        self._picture = Picture("The picture appears here in a moment.")
        self._picture.setObjectName("export_preview")
        self._picture.setAccessibleName("Preview")
        self._settings = QScrollArea()
        self._settings.setObjectName("export_settings")
        self._settings.setAccessibleName("Settings of the export")
        self._settings.setWidgetResizable(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.setObjectName("export_buttons")
        self._buttons.rejected.connect(self.reject)
        self._save = self._button("export_save", "Save as…", QDialogButtonBox.ButtonRole.AcceptRole, self._ask_where)
        self._copy = self._button("export_copy", "Copy", QDialogButtonBox.ButtonRole.ActionRole, self._start_copying)
        self._script = self._button(
            "export_python", "Copy as Python", QDialogButtonBox.ButtonRole.ActionRole, self._copy_script
        )
        self._script.setToolTip("Copy a short script that makes the same file without this window")
        self._save.setDefault(True)

    def _button(self, name: str, text: str, role: QDialogButtonBox.ButtonRole, do: object) -> QPushButton:
        button = self._buttons.addButton(text, role)
        button.setObjectName(name)
        button.setAccessibleName(text.rstrip("…"))
        button.clicked.connect(do)
        return button

    def _lay_out(self) -> None:
        choices = QVBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self._kind)
        choices.addWidget(self._summary)
        choices.addWidget(self._settings, 1)
        choices.addWidget(self._problem)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(choices, 2)
        row.addWidget(self._picture, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(row, 1)
        column.addWidget(self._buttons)
        self.resize(760, 480)

    # ---- what is chosen

    @property
    def kind(self) -> str:
        """The kind that is chosen."""
        return str(self._kind.currentData())

    def choose(self, kind: str) -> None:
        """Choose a kind."""
        self._kind.setCurrentIndex(self._kind.findData(kind))

    @property
    def form(self) -> SettingsForm:
        """The settings of the kind that is chosen; they stay as they are while another kind is looked at."""
        if self.kind not in self._forms:
            form = SettingsForm(self._offered(), prefix=f"export_{self.kind}_")
            form.changed.connect(self._show_problems)
            self._forms[self.kind] = form
        return self._forms[self.kind]

    def _offered(self) -> list[Setting]:
        """The declared settings; those about factors offer the known ones, first as the map is seen now."""
        state = self._session.state
        factors = state.data.factors if state.data is not None and state.data.values is not None else ()
        seen, laid_out = chosen_factor(state), exported_as(self.kind, state)
        offered = []
        for setting in KINDS[self.kind].options.declared():
            if setting.name == "colour_by" and factors:
                names = [factor.name for factor in factors]
                default = CLASS if seen is None else names[seen]
                offered.append(replace(setting, kind="choice", choices=(CLASS, *names), default=default))
            elif setting.name == "factors" and factors:
                offered.append(replace(setting, default=True))
            elif setting.name == "indices":
                offered.append(replace(setting, default=told_indices(state.gathered)))
            elif setting.name in laid_out:
                offered.append(replace(setting, default=laid_out[setting.name]))
            elif setting.name not in ("colour_by", "factors"):
                offered.append(setting)
        return offered

    def _show_kind(self) -> None:
        self._summary.setText(KINDS[self.kind].summary)
        before = self._settings.takeWidget()
        if before is not None:
            before.setParent(self)
            before.hide()
        self._settings.setWidget(self.form)
        self.form.show()
        self._picture.set_picture(None)
        words = FILES if KINDS[self.kind].bundle is not None else TABLE
        self._picture.set_empty(words if self._is_table else "The picture appears here in a moment.")
        self._show_problems()

    @property
    def _is_table(self) -> bool:
        return ".png" not in KINDS[self.kind].suffixes

    def _show_problems(self) -> None:
        problems = self.form.problems()
        self._problem.setText(" ".join(problems))
        self._save.setEnabled(not problems)
        self._copy.setEnabled(not problems and not self._is_table)
        self._script.setEnabled(not problems and KINDS[self.kind].bundle is None)
        if not problems:
            self._preview_later.ask()

    # ---- looking and copying

    def _preview(self) -> None:
        """The picture without enlarging its pixels: the window does that."""
        if self._is_table or self.form.problems():
            return
        self._copying = False  # a newer drawing replaces the one that was to be copied
        values = self.form.values()
        self._session.draw(self.kind, values | ({"scale": 1} if "scale" in values else {}))

    def _start_copying(self) -> None:
        self._copying = True
        self._session.draw(self.kind, self.form.values())

    def _copy_script(self) -> None:
        self._session.recipes.script(self.kind, self.form.values())

    def _show_drawing(self) -> None:
        drawing = self._session.state.drawing
        if drawing is None or self._is_table:
            return
        self._picture.set_picture(drawing.pictures[0])
        if self._copying:
            self._copying = False
            QGuiApplication.clipboard().setImage(to_image(drawing.pictures[0]))
            self._session.tell("The picture is on the clipboard.", "done")

    # ---- saving

    def _ask_where(self) -> None:
        suffixes = KINDS[self.kind].suffixes
        folder = str(QSettings().value(FOLDER, str(Path.home())))
        filters = ";;".join(f"{suffix[1:].upper()} (*{suffix})" for suffix in suffixes)
        dialog = QFileDialog(self, "Save as" if suffixes else "Save into a folder", folder, filters)
        dialog.setObjectName("export_file_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if suffixes:
            dialog.setDefaultSuffix(suffixes[0][1:])
            dialog.selectFile(f"{self.kind}{suffixes[0]}")
            dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(name.split()[0].lower()))
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self.save, self.kind, self.form.values()))
        dialog.open()

    def save(self, kind: str, values: Mapping[str, Value], path: str) -> None:
        """Write the file, remember its folder and be done."""
        QSettings().setValue(FOLDER, str(Path(path).parent))
        self._session.export(kind, path, values)
        self.accept()

"""Several models side by side: choose runs, and take away a sheet with the same morph by each of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from explorer.forms import SettingsForm
from explorer.widgets.parts import Quiet
from models.errors import printable
from models.grids import PICTURE_SUFFIXES
from models.morph_models import ComparedOptions
from models.runs import examples, summarise

if TYPE_CHECKING:
    from explorer.session import Session
    from models.listings import RunSummary

FOLDER = "export/folder"
FIRST = 4  # runs that are chosen at first
WORDS = (
    "The pictures of the first and the last key frame are given to every model. Each encodes them, or seeks the codes "
    "that draw them, and morphs one into the other: a sheet with a row for each model."
)
NONE = "There is no run whose pictures have this size. Train a model or open a run first."


class ModelsDialog(QDialog):
    """Reads the list of runs of the session; the sheet is written by `Session.compare_models`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("models_dialog")
        self.setAccessibleName("Morph in several models")
        self.setWindowTitle("Morph in several models")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.runs = QListWidget()
        self.runs.setObjectName("models_runs")
        self.runs.setAccessibleName("Runs to morph with")
        self.runs.setToolTip("The rows of the sheet, from above to below")
        fitting = [each for each in self._known() if self._fits(each)]
        for place, each in enumerate(sorted(fitting, key=self._is_elsewhere)):
            self._add(each, chosen=place < FIRST)
        self.runs.itemChanged.connect(self._show_possible)
        self.form = SettingsForm(ComparedOptions.declared(), prefix="models_")
        self.form.changed.connect(self._show_possible)
        self.problem = Quiet(error=True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.setObjectName("models_buttons")
        self._buttons.rejected.connect(self.reject)
        self._save = self._buttons.addButton("Save as…", QDialogButtonBox.ButtonRole.AcceptRole)
        self._save.setObjectName("models_save")
        self._save.setAccessibleName("Save as")
        self._save.clicked.connect(self._ask_where)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        words = Quiet(WORDS if fitting else NONE)
        for part, stretch in ((words, 0), (self.runs, 1), (self.form, 0), (self.problem, 0), (self._buttons, 0)):
            column.addWidget(part, stretch)
        self.resize(520, 520)
        self._show_possible()

    def _known(self) -> list[RunSummary]:
        """The runs that are listed, the one on the stage and those that come with the program."""
        listed, shown = self._session.state.runs, self._session.state.run
        folders = dict.fromkeys(str(folder) for folder in (*([shown.folder] if shown else []), *examples()))
        missing = set(folders) - {run.folder for run in listed}
        return [
            *(summarise(Path(folder)) for folder in folders if folder in missing and Path(folder).is_dir()),
            *listed,
        ]

    def _fits(self, run: RunSummary) -> bool:
        shown = self._session.state.run
        return shown is not None and not run.problem and run.image_shape == shown.image_shape

    def _is_elsewhere(self, run: RunSummary) -> bool:
        """The run on the stage comes first."""
        shown = self._session.state.run
        return shown is None or run.folder != shown.folder

    def _add(self, run: RunSummary, chosen: bool) -> None:
        item = QListWidgetItem(f"{printable(run.title)} · {run.dataset} · {run.step:,} steps")
        item.setData(Qt.ItemDataRole.UserRole, run.folder)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
        item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        self.runs.addItem(item)

    @property
    def chosen(self) -> list[str]:
        """The folders of the chosen runs."""
        items = [self.runs.item(row) for row in range(self.runs.count())]
        return [it.data(Qt.ItemDataRole.UserRole) for it in items if it.checkState() is Qt.CheckState.Checked]

    def _show_possible(self) -> None:
        problems = self.form.problems()
        self.problem.setText(" ".join(problems))
        self._save.setEnabled(bool(self.chosen) and not problems)

    def _ask_where(self) -> None:
        folder = str(QSettings().value(FOLDER, str(Path.home())))
        filters = ";;".join(f"{suffix[1:].upper()} (*{suffix})" for suffix in PICTURE_SUFFIXES)
        dialog = QFileDialog(self, "Save as", folder, filters)
        dialog.setObjectName("models_file_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.selectFile("models.png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()

    def save(self, path: str) -> None:
        """Write the sheet and be done."""
        QSettings().setValue(FOLDER, str(Path(path).parent))
        self._session.compare_models(self.chosen, path, self.form.values())
        self.accept()

"""Runs: what was trained so far, to open, go on with, name, show in its folder, or throw away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QMessageBox,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.actions import make_action
from explorer.run_list import RUN, SIDE, RunDelegate, RunModel
from explorer.widgets.parts import ActionButton, Quiet
from explorer.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QShowEvent

    from explorer.session import Session
    from models.listings import RunSummary

EMPTY = "Your trainings are kept here. Start one in Train, or open the folder of a run."
NO_MATCH = "No run has all these words."


class RunsView(QWidget):
    """The list, a filter above it and actions below, which also stand in its context menu."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._was_busy = False
        self._thumbnails = Thumbnails(2 * SIDE, parent=self)
        self._model = RunModel(self)
        self._make_actions()
        self._lay_out()
        self._thumbnails.loaded.connect(self._repaint)
        self._model.renamed.connect(session.rename_run)
        self._list.selectionModel().selectionChanged.connect(self._show_actions)
        self._list.doubleClicked.connect(self._open)
        session.runs_changed.connect(self._show_runs)
        session.phase_changed.connect(self._show_phase)
        self._show_runs()

    # ---- what the session says

    def _show_runs(self) -> None:
        """The new list, with the same runs chosen as before; a title that is being typed is waited for."""
        if self._list.state() is QAbstractItemView.State.EditingState:
            return
        self._renew(lambda: self._model.set_runs(self._session.state.runs))

    def _sieve(self, text: str) -> None:
        self._renew(lambda: self._model.set_words(text))

    def _renew(self, change: Callable[[], None]) -> None:
        """Change the rows and choose the same runs again."""
        folders = {run.folder for run in self._chosen()}
        change()
        chosen, flags = self._list.selectionModel(), QItemSelectionModel.SelectionFlag
        for place in self._model.places(folders):
            chosen.select(place, flags.Select)
            chosen.setCurrentIndex(place, flags.NoUpdate)
        self._empty.setText(NO_MATCH if self._session.state.runs else EMPTY)
        self._stack.setCurrentIndex(1 if self._model.rowCount() else 0)
        self._show_actions()

    def showEvent(self, event: QShowEvent) -> None:
        """A command line may have trained others meanwhile."""
        super().showEvent(event)
        if not event.spontaneous() and self._session.state.catalog is not None:  # at the launch they are listed anyway
            self._session.refresh_runs()

    def _show_phase(self) -> None:
        """A training that ended is a new run, or one that goes on differently."""
        busy = self._session.state.phase.busy
        if self._was_busy and not busy:
            self._session.refresh_runs()
        self._was_busy = busy
        self._show_actions()

    def _show_actions(self) -> None:
        chosen = self._chosen()
        one = chosen[0] if len(chosen) == 1 else None
        free = not self._session.state.phase.busy
        whole = one is not None and one.status != "damaged"
        self.open_action.setEnabled(free and whole)
        self.resume_action.setEnabled(free and one is not None and one.resumable)
        self.rename_action.setEnabled(one is not None and not one.problem)
        self.reveal_action.setEnabled(one is not None)
        self.delete_action.setEnabled(bool(chosen))
        self.open_folder_action.setEnabled(free)

    def _chosen(self) -> list[RunSummary]:
        return [index.data(RUN) for index in self._list.selectionModel().selectedIndexes()]

    def _repaint(self, path: str) -> None:
        place = self._model.row_of_thumbnail(path)
        if place.isValid():
            self._list.update(place)

    # ---- what the person does

    def _open(self) -> None:
        if self.open_action.isEnabled():
            self._session.open_run(self._chosen()[0].folder)

    def _resume(self) -> None:
        self._session.resume_run(self._chosen()[0].folder)

    def _rename(self) -> None:
        self._list.edit(self._list.currentIndex())

    def _reveal(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._chosen()[0].folder))

    def _open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open the folder of a run", str(Path.home()))
        if folder:
            self._session.open_run(folder)

    def _delete(self) -> None:
        """Ask, then move the chosen runs to the bin."""
        runs = self._chosen()
        shown = self._session.state.run
        if self._session.state.phase.busy and shown is not None and shown.folder in {run.folder for run in runs}:
            self._session.tell("This run is being trained. Stop it first.", "warning")
            return
        what = f"“{runs[0].title}”" if len(runs) == 1 else f"{len(runs)} runs"
        box = QMessageBox(QMessageBox.Icon.Question, "Delete", f"Move {what} to the bin?", parent=self)
        box.setObjectName("delete_question")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes = box.addButton("Move to the bin", QMessageBox.ButtonRole.AcceptRole)
        yes.setObjectName("delete_yes")
        box.addButton(QMessageBox.StandardButton.Cancel).setObjectName("delete_no")
        box.setDefaultButton(yes)
        yes.clicked.connect(lambda: self._throw_away(runs))
        box.open()

    def _throw_away(self, runs: list[RunSummary]) -> None:
        for run in runs:
            self._session.delete_run(run.folder)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions())
        menu.popup(self._list.viewport().mapToGlobal(place))

    # ---- how it is made

    def _make_actions(self) -> None:
        self.open_action = make_action(self, "open_this_run", "Open", "Return", self._open, "", "Show this run")
        self.resume_action = make_action(
            self, "resume_this_run", "Resume", "Ctrl+R", self._resume, "start", "Train this run to its end"
        )
        self.rename_action = make_action(
            self, "rename_run", "Rename", "F2", self._rename, "", "Give this run another title"
        )
        self.reveal_action = make_action(
            self, "reveal_run", "Show folder", "Ctrl+Shift+F", self._reveal, "", "Show this run among your files"
        )
        self.delete_action = make_action(self, "delete_run", "Delete…", "Del", self._delete, "", "Move to the bin")
        self.open_folder_action = make_action(
            self,
            "open_run_folder",
            "Open run folder…",
            "Ctrl+O",
            self._open_folder,
            "runs",
            "Open a run kept elsewhere",
        )
        for action in self.actions()[:-1]:  # Return and Del are the list's own while it has the focus, nobody else's
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)

    def _lay_out(self) -> None:
        search = QLineEdit()
        search.setObjectName("run_filter")
        search.setAccessibleName("Filter the runs")
        search.setPlaceholderText("Filter: vae mnist …")
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._sieve)
        self._list = QListView()
        self._list.setObjectName("run_list")
        self._list.setAccessibleName("Runs")
        self._list.setModel(self._model)
        delegate = RunDelegate(self._thumbnails, self._list)
        delegate.closeEditor.connect(self._show_runs, Qt.ConnectionType.QueuedConnection)
        self._list.setItemDelegate(delegate)
        self._list.addActions(self.actions())
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._show_menu)
        self._empty = Quiet(EMPTY)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(24, 24, 24, 24)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._list)
        more = QToolButton()
        more.setText("More")
        more.setObjectName("more_run_actions")
        more.setAccessibleName("More to do with this run")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.addActions([self.rename_action, self.reveal_action, self.delete_action, self.open_folder_action])
        buttons = QHBoxLayout()
        buttons.addWidget(ActionButton(self.open_action))
        buttons.addWidget(ActionButton(self.resume_action))
        buttons.addWidget(more)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(search)
        column.addLayout(self._stack, 1)
        column.addLayout(buttons)

"""What a person takes away by the menu File: exports, and the sheet of samples on the clipboard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from explorer.widgets.picture import to_image
from models.grids import sheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from explorer.session import Session

SHEET_SCALE = 2  # of the pixels of copied samples


class TakingAway(QObject):
    """Takes from what the session shows; asks over `window`."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        session.export_asked.connect(self.export)
        session.comparison_asked.connect(self.compare_models)

    def export(self, kind: str = "") -> None:
        """Ask what to write, beginning with a kind, how and where."""
        if self._session.state.run is None:
            self._session.tell("There is nothing to export yet. Train a model or open a run first.", "warning")
            return
        from explorer.views.export_dialog import ExportDialog

        dialog = ExportDialog(self._session, self._window)
        if kind:
            dialog.choose(kind)
        dialog.open()

    def compare_models(self) -> None:
        """Ask which models shall morph the same two pictures."""
        from explorer.views.models_dialog import ModelsDialog

        ModelsDialog(self._session, self._window).open()

    def cancel_export(self) -> None:
        """End what is being exported."""
        self._session.cancel_tasks()

    def copy_sheet(self) -> None:
        """Put the sheet of samples on the clipboard."""
        samples = self._session.state.samples
        if samples is None:
            self._session.tell("There are no samples to copy yet. Train a model or open a run first.", "warning")
            return
        columns = math.ceil(len(samples.pictures) ** 0.5)
        QGuiApplication.clipboard().setImage(to_image(sheet(samples.pictures, columns, scale=SHEET_SCALE)))
        self._session.tell("The sheet of samples is on the clipboard.", "done")

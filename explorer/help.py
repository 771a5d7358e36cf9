"""What the menu Help offers: the shortcuts, the log, which program this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QMessageBox

from explorer.icons import app_icon
from explorer.views.shortcut_list import ShortcutList
from models.manifest import program_version

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QMainWindow

    from explorer.session import Session

ABOUT = "See generative models think: train one, walk through its latent space, draw with it."


class Help(QObject):
    """Opens over `window`."""

    def __init__(self, session: Session, window: QMainWindow, log_file: Path | None) -> None:
        super().__init__(window)
        self._session, self._window, self._log_file = session, window, log_file

    def show_shortcuts(self) -> None:
        """List all shortcuts."""
        ShortcutList(self._window.menuBar().findChildren(QMenu), self._window).open()

    def open_log(self) -> None:
        """Open the log in the person's own reader of text."""
        if self._log_file is None or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_file))):
            self._session.tell(f"The log could not be opened here. It is {self._log_file}.", "warning")

    def about(self) -> None:
        """Say what this is and which version."""
        box = QMessageBox(self._window)
        box.setObjectName("about_box")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About Latent Explorer")
        box.setIconPixmap(app_icon().pixmap(64, 64))
        box.setText(f"Latent Explorer {program_version()}")
        box.setInformativeText(ABOUT)
        box.open()

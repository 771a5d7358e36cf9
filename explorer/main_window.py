"""The window: the map in the middle, panels in docks around it, and what a person asks of its menus or drops on it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QMainWindow, QMenu, QMessageBox

from explorer.actions import fill_menus, make_action
from explorer.colors import theme
from explorer.docks import Docks
from explorer.dropped import Dropped, meant_by
from explorer.icons import app_icon
from explorer.notices import Toasts
from explorer.remembered import VERSION, put_aside, remembered_theme
from explorer.status_line import StatusLine
from explorer.style import dress
from explorer.top_bar import TopBar
from explorer.views.map_view import MapView
from explorer.views.shortcut_list import ShortcutList
from explorer.widgets.picture import to_image
from models.errors import printable
from models.grids import sheet
from models.manifest import program_version
from models.runs import BUNDLED

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent

    from explorer.colors import ThemeName
    from explorer.session import Session
    from explorer.views.data_view import DataView
    from explorer.views.train_view import TrainView

SIZE = QSize(1440, 900)
FRAME = QSize(16, 40)  # room for what the desktop draws around a window: how much that is, it tells only afterwards
IMAGES_FOLDER = "images_folder"
ROOM_TO_READ = 360  # px: a question that is wider than its words is read at a glance
SHEET_SCALE = 2  # of the pixels of copied samples


class MainWindow(QMainWindow):
    """Puts the panels together; `painted` says that a person has seen the window for the first time."""

    painted = Signal()

    def __init__(self, session: Session, log_file: Path | None = None) -> None:
        super().__init__()
        self._session, self._log_file = session, log_file
        self._was_painted = False
        self._asks = True
        self.theme_name = remembered_theme()
        self.ended = True  # whether all work had ended when the window closed
        self.setObjectName("main_window")
        self.setAccessibleName("Latent Explorer")
        self.setWindowTitle("Latent Explorer")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 400)
        self.map_view = MapView(session)
        self.setCentralWidget(self.map_view)
        self.docks = Docks(session, self)
        self.train_view = cast("TrainView", self.docks.view("train"))
        self.theme_action = make_action(
            self, "theme", "Light or &dark", "Ctrl+T", self.toggle_theme, "theme", "Change between light and dark"
        )
        self.menuBar().setObjectName("menu_bar")
        self.menuBar().setAccessibleName("Menus")
        train = self.train_view
        training = (train.start_action, train.pause_action, train.stop_action)
        self.top_bar = TopBar(session, training, self.theme_action, self)
        self.addToolBar(self.top_bar)
        cast("DataView", self.docks.view("data")).wanted.connect(self.train_on)
        fill_menus(self)
        self.setStatusBar(StatusLine(session, BUNDLED, self))
        self.toasts = Toasts(session, self, self.map_view.map)
        for changed in (session.run_changed, session.runs_changed):
            changed.connect(self._show_title)
        session.phase_changed.connect(self._close_if_awaited)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_desktop)
        self._restore()

    def _show_title(self) -> None:
        """The title of the run on the stage, as the list of runs has it now."""
        state = self._session.state
        if state.run is None:
            self.setWindowTitle("Latent Explorer")
            return
        listed = (each.title for each in state.runs if each.folder == state.run.folder)
        title = printable(next(listed, state.run.title or state.run.id))
        self.setWindowTitle(f"{title} · Latent Explorer")

    # ---- what is remembered

    def _restore(self) -> None:
        """The window as it was left; where that cannot be, as it belongs."""
        settings = QSettings()
        if not settings.contains("geometry"):
            self._begin_anew()
            return
        geometry, docks = settings.value("geometry"), settings.value("docks")
        fits = self.restoreGeometry(geometry)  # not to a screen of another size
        whole = self.restoreState(docks, VERSION)
        if not whole:
            self._session.tell(put_aside("the layout in them is damaged"), "warning")
        if not (fits and whole and self.docks.placed and self._on_screen()):
            self._begin_anew()

    def _begin_anew(self) -> None:
        self.resize(SIZE.boundedTo(self.screen().availableSize() - FRAME))
        self.docks.arrange()

    def _on_screen(self) -> bool:
        """Whether enough of the window's head can be seen to take hold of it."""
        head = self.frameGeometry()
        head.setHeight(64)
        seen = [screen.availableGeometry().intersected(head) for screen in QGuiApplication.screens()]
        return any(part.width() >= 128 and part.height() >= 32 for part in seen)

    def _remember(self) -> None:
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue("docks", self.saveState(VERSION))
        if self._session.state.run is not None:
            settings.setValue("last_run", self._session.state.run.folder)

    # ---- opening

    def ask_for_images(self) -> None:
        """Let a person choose a folder of pictures to train on."""
        last = str(QSettings().value(IMAGES_FOLDER, Path.home()))
        folder = QFileDialog.getExistingDirectory(self, "Open images folder", last)
        if folder:
            QSettings().setValue(IMAGES_FOLDER, str(Path(folder).parent))
            self.train_on("folder", folder)

    def train_on(self, dataset: str, path: str) -> None:
        """Choose the data set that reads from `path`, and show what is in it."""
        self.train_view.choose(dataset, path)
        self.docks.show("data")
        name = printable(Path(path).name)
        self._session.tell(f"Training will use the pictures in {name}. Press Start when you are ready.")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Whatever has files in it may be dropped; what it is, is told then."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A run opens, pictures are chosen for training, for anything else one sentence says what can be dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        kind, path = meant_by(paths)
        event.acceptProposedAction()
        if kind is Dropped.RUN:
            self._session.open_run(path)
        elif kind is Dropped.PICTURES:
            self.train_on("folder", str(path))
        elif kind is Dropped.ARRAYS:
            self.train_on("arrays", str(path))
        else:
            mend = "Drop one folder: a run to open it, or pictures to train on them. Or drop a .npz, .npy or IDX file."
            self._session.tell(mend, "warning")

    # ---- taking away

    def export(self) -> None:
        """Ask what to write, how and where."""
        if self._session.state.run is None:
            self._session.tell("There is nothing to export yet. Train a model or open a run first.", "warning")
            return
        from explorer.views.export_dialog import ExportDialog

        ExportDialog(self._session, self).open()

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

    # ---- looks

    def set_theme(self, name: ThemeName) -> None:
        """Show a theme and remember it."""
        self.theme_name = name
        QSettings().setValue("theme", name)
        dress(name)

    def toggle_theme(self) -> None:
        """From light to dark or back."""
        name = "light" if theme().name == "dark" else "dark"
        cast("QAction", self.findChild(QAction, f"action_theme_{name}")).trigger()

    def _follow_desktop(self) -> None:
        if self.theme_name == "system":
            dress("system")

    def toggle_full_screen(self) -> None:
        """Take the whole screen, or give it back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first painting is told, so that slow things can begin behind it."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._go_on_behind)

    def _go_on_behind(self) -> None:
        self.painted.emit()
        self.docks.complete()

    # ---- help

    def show_shortcuts(self) -> None:
        """List all shortcuts."""
        ShortcutList(self.menuBar().findChildren(QMenu), self).open()

    def open_log(self) -> None:
        """Open the log in the person's own reader of text."""
        if self._log_file is None or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_file))):
            self._session.tell(f"The log could not be opened here. It is {self._log_file}.", "warning")

    def about(self) -> None:
        """Say what this is and which version."""
        box = QMessageBox(self)
        box.setObjectName("about_box")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About Latent Explorer")
        box.setIconPixmap(app_icon().pixmap(64, 64))
        box.setText(f"Latent Explorer {program_version()}")
        box.setInformativeText("See generative models think: train one, walk through its latent space, draw with it.")
        box.open()

    # ---- closing

    def close_unasked(self) -> None:
        """Close without a question, for who closes from outside; a training is stopped and kept."""
        self._asks = False
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask during training; then stop all work, which is kept, and remember the layout."""
        if self._asks and self._session.state.phase.busy:
            event.ignore()
            self._ask_to_stop()
            return
        self._remember()
        self.hide()
        self.ended = self._session.close()
        super().closeEvent(event)

    def _ask_to_stop(self) -> None:
        """Ask once; the training goes on behind the question."""
        if self._question() is not None:
            return
        told = "It is kept and can be resumed later. Wait, and the window closes when it is done."
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Quit", "A training is running. Stop it and quit?", parent=self)
        box.setObjectName("closing_box")
        box.setInformativeText(told)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        stop = box.addButton("Stop and quit", QMessageBox.ButtonRole.AcceptRole)
        stop.setObjectName("closing_yes")
        box.addButton(QMessageBox.StandardButton.Cancel).setObjectName("closing_no")
        box.setDefaultButton(stop)
        stop.clicked.connect(self.close_unasked)
        for label in box.findChildren(QLabel):
            label.setMinimumWidth(ROOM_TO_READ if label.text() else 0)
        box.open()

    def _question(self) -> QMessageBox | None:
        """The question that is being asked, if it is."""
        boxes = self.findChildren(QMessageBox, "closing_box")
        return next((box for box in boxes if box.isVisible()), None)

    def _close_if_awaited(self) -> None:
        """A training that ended behind the question has answered it; what went wrong is still to be read."""
        box, state = self._question(), self._session.state
        if box is None or state.phase.busy:
            return
        box.close()
        if state.notice is None or state.notice.level != "error":
            self.close_unasked()

"""The window: the map in the middle, panels in docks around it, and what a person asks of its menus or drops on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMainWindow

from explorer.actions import fill_menus, make_action
from explorer.closing import Question
from explorer.colors import theme
from explorer.docks import Docks
from explorer.dropped import Dropped, meant_by
from explorer.generators import Generators
from explorer.help import Help
from explorer.icons import app_icon
from explorer.layout import remember, restore
from explorer.notices import Toasts
from explorer.remembered import remembered_theme
from explorer.returning import Returning
from explorer.status_line import StatusLine
from explorer.style import dress
from explorer.taking_away import TakingAway
from explorer.top_bar import TopBar
from explorer.views.compare_view import CompareView
from explorer.views.map_view import MapView
from explorer.views.points_view import PointsView
from explorer.widgets.parts import side_by_side
from models.errors import printable
from models.runs import BUNDLED

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent

    from explorer.colors import ThemeName
    from explorer.session import Session
    from explorer.views.data_view import DataView
    from explorer.views.own_view import OwnView
    from explorer.views.train_view import TrainView

IMAGES_FOLDER = "images_folder"


class MainWindow(QMainWindow):
    """Puts the panels together; `painted` says that a person has seen the window for the first time."""

    painted = Signal()

    def __init__(self, session: Session, log_file: Path | None = None) -> None:
        super().__init__()
        self._session = session
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
        self.map_view, self.points_view = MapView(session), PointsView(session)
        self.compare_view = CompareView(session)
        self.setCentralWidget(side_by_side(self.points_view, self.map_view, self.compare_view))
        self.docks = Docks(session, self)
        self.train_view = cast("TrainView", self.docks.view("train"))
        self.own_view = cast("OwnView", self.docks.view("own"))
        self.theme_action = make_action(
            self, "theme", "Light or &dark", "Ctrl+T", self.toggle_theme, "theme", "Change between light and dark"
        )
        self.menuBar().setObjectName("menu_bar")
        self.menuBar().setAccessibleName("Menus")
        train = self.train_view
        training = (train.start_action, train.pause_action, train.step_action, train.stop_action)
        self.top_bar = TopBar(session, training, self.theme_action, self)
        self.addToolBar(self.top_bar)
        cast("DataView", self.docks.view("data")).wanted.connect(self.train_on)
        self.taking_away, self.help = TakingAway(session, self), Help(session, self, log_file)
        self.generators = Generators(session, self)
        self.returning = Returning(session, self)
        fill_menus(self)
        self.setStatusBar(StatusLine(session, BUNDLED, self))
        self.toasts = Toasts(session, self, self.map_view.map)
        for changed in (session.run_changed, session.runs_changed):
            changed.connect(self._show_title)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_desktop)
        self._question = Question(session, self, self.close_unasked)
        problem = restore(self, self.docks)
        if problem:
            session.tell(problem, "warning")

    def _show_title(self) -> None:
        """The title of the run on the stage, as the list of runs has it now."""
        state = self._session.state
        if state.run is None:
            self.setWindowTitle("Latent Explorer")
            return
        listed = (each.title for each in state.runs if each.folder == state.run.folder)
        title = printable(next(listed, state.run.title or state.run.id))
        self.setWindowTitle(f"{title} · Latent Explorer")

    # ---- opening

    def open_run(self, folder: Path) -> None:
        """Open a trained run."""
        self._session.open_run(folder)

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
        """A run opens, a picture goes to the model, several are chosen for training; else one sentence tells."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        kind, path = meant_by(paths)
        event.acceptProposedAction()
        if kind is Dropped.RUN:
            self._session.open_run(path)
        elif kind is Dropped.RECIPE:
            self.returning.open(path)
        elif kind is Dropped.PICTURE and self._session.state.weights is not None:
            self.docks.show("own")
            self.own_view.bring(str(path))
        elif kind is Dropped.PICTURE:
            self.train_on("folder", str(path.parent))
        elif kind is Dropped.PICTURES:
            self.train_on("folder", str(path))
        elif kind is Dropped.ARRAYS:
            self.train_on("arrays", str(path))
        elif kind is Dropped.GENERATOR:
            self.generators.open(paths)
        else:
            mend = "Drop one folder: a run to open it, or pictures to train on them. Or drop a .npz, .npy or IDX file."
            self._session.tell(mend, "warning")

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

    # ---- closing

    def close_unasked(self) -> None:
        """Close without a question, for who closes from outside; a training is stopped and kept."""
        self._asks = False
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask during training; then stop all work, which is kept, and remember the layout."""
        if self._asks and self._session.state.phase.busy:
            event.ignore()
            self._question.ask()
            return
        remember(self)
        if self._session.state.run is not None:
            QSettings().setValue("last_run", self._session.state.run.folder)
        self.hide()
        self.ended = self._session.close()
        super().closeEvent(event)

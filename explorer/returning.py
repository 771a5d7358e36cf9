"""Coming back: files with a recipe, sessions saved and opened, and the panel that a gesture was made in."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from explorer.actions import make_action
from explorer.remembered import VERSION
from explorer.widgets.map_camera import Camera
from models.recipe_files import SESSION

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from explorer.main_window import MainWindow
    from explorer.session import Session
    from explorer.views.desk_view import DeskView
    from models.recipe import Recipe

FOLDER = "recipes/folder"
RECIPES = "Files with a recipe (*.png *.svg *.pdf *.gif *.webp *.mp4 *.csv *.npz *.parquet *.zip);;All files (*)"
SESSIONS = f"Sessions (*{SESSION})"
DOCKS = {
    "probe": "probe", "samples": "samples", "mixing": "mixing", "curves": "curves", "reconstructions": "selection",
    "written": "classes",
}  # fmt: skip
PAGES = {
    "morph": "morph", "board": "board", "arithmetic": "bench", "traversal": "traversals", "directions": "directions",
    "selection": "groups", "copies": "copies",
}  # fmt: skip
FARTHEST = 1e6  # a look at the map from beyond that is none


class Returning(QObject):
    """Asks over `window`; its `actions` belong into the menu File."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        session.sessions.views = self._views
        session.taken_up.connect(self._show_panel)
        session.recalled_changed.connect(self._look_again)
        session.scripted_changed.connect(self._copy)

    def actions(self) -> tuple[QAction, ...]:
        """Open recipe, open and save a session, copy as Python."""
        window = self._window
        return (
            make_action(
                window, "open_recipe", "Open &recipe…", "Ctrl+Shift+R", self.ask_for_recipe, "reset",
                "Open a picture, film or table that this program wrote, and go back to how it was made",
            ),
            make_action(
                window, "save_session", "&Save session…", "Ctrl+S", self.ask_where, "desk",
                "Save pins, directions, groups and how you look at them to a file",
            ),
            make_action(
                window, "open_session", "Open sess&ion…", "Ctrl+Shift+S", self.ask_for_session, "desk",
                "Open a session that was saved, with its run",
            ),
            make_action(
                window, "copy_python", "Copy as &Python", "Ctrl+Alt+P", self.copy_probe, "copy",
                "Copy a short script that draws the probe's picture without this window",
            ),
        )  # fmt: skip

    # ---- asking

    def ask_for_recipe(self) -> None:
        """Let a person choose a file that carries a recipe."""
        self._ask("Open recipe", RECIPES).fileSelected.connect(self.open)

    def ask_for_session(self) -> None:
        """Let a person choose a session that was saved."""
        self._ask("Open session", SESSIONS).fileSelected.connect(self.open)

    def ask_where(self) -> None:
        """Let a person choose where the session is saved."""
        run = self._session.state.run
        if run is None:
            self._session.tell("There is no session to save yet. Train a model or open a run first.", "warning")
            return
        dialog = self._ask("Save session", SESSIONS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.selectFile(f"{Path(run.folder).name}{SESSION}")
        dialog.fileSelected.connect(self.save)

    def _ask(self, title: str, filters: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(QSettings().value(FOLDER, str(Path.home()))), filters)
        dialog.setObjectName("recipe_file_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.open()
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def open(self, path: str | Path) -> None:
        """Open a file with a recipe, or a session."""
        QSettings().setValue(FOLDER, str(Path(path).parent))
        self._session.recipes.open(path)

    def save(self, path: str) -> None:
        """Save the session, with the layout of the window."""
        QSettings().setValue(FOLDER, str(Path(path).parent))
        whole = path if path.endswith(SESSION) else path.removesuffix(".json").removesuffix(".session") + SESSION
        layout = self._window.saveState(VERSION).data()
        self._session.recipes.save_session(whole, {**self._views(), "layout": base64.b64encode(layout).decode()})

    # ---- how the window looks at it

    @property
    def _desk(self) -> DeskView:
        return cast("DeskView", self._window.docks.view("desk"))

    def _views(self) -> dict[str, Any]:
        """Where the map is looked at, unless it follows its points, and the page of the desk in front."""
        canvas = self._window.map_view.map
        looked = None if canvas.following else [canvas.camera.x, canvas.camera.y, canvas.camera.scale]
        return {"camera": looked, "page": self._desk.pages.currentIndex()}

    def _look_again(self) -> None:
        """The run came to the stage with a session: the map is looked at as it was left."""
        event = self._session.state.recalled
        if event is not None and event.recipe is not None:
            self._look(event.recipe)

    def _look(self, recipe: Recipe) -> None:
        camera = _told(recipe).get("camera")
        if isinstance(camera, list) and len(camera) == 3 and all(isinstance(each, int | float) for each in camera):
            x, y, scale = map(float, camera)
            if 0 < scale < FARTHEST and max(abs(x), abs(y)) < FARTHEST:
                self._window.map_view.map.look(Camera(x, y, scale))

    def _show_panel(self, recipe: Recipe) -> None:
        """A person opened it: the panel of its gesture comes to the front, a saved layout comes back."""
        layout, page = _told(recipe).get("layout"), _told(recipe).get("page")
        if isinstance(layout, str):
            try:
                self._window.restoreState(base64.b64decode(layout, validate=True), VERSION)
            except binascii.Error:
                self._session.tell("The layout in this session is damaged; the window stays as it is.", "warning")
        self._look(recipe)
        if isinstance(page, int) and 0 <= page < self._desk.pages.count():
            self._desk.pages.setCurrentIndex(page)
        if recipe.gesture in DOCKS:
            self._window.docks.show(DOCKS[recipe.gesture])
        if recipe.gesture in PAGES:
            self._window.docks.show("desk")
            self._desk.show_page(PAGES[recipe.gesture])

    def copy_probe(self) -> None:
        """Copy the script of the probe's picture."""
        self._session.recipes.script("probe", {})

    def _copy(self) -> None:
        scripted = self._session.state.scripted
        if scripted is not None:
            QGuiApplication.clipboard().setText(scripted.text)
            self._session.tell("The script is on the clipboard. It makes the same file without this window.", "done")


def _told(recipe: Recipe) -> dict[str, Any]:
    views = recipe.desk.get("views")
    return views if isinstance(views, dict) else {}

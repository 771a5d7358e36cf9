"""What one can do with a picture of one's own: bring it, draw it, move from it; the actions of the menus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from explorer.actions import make_action
from explorer.own import drawable
from models.own_events import OwnPicture

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    from explorer.session import Session

PICTURES_FOLDER = "pictures_folder"
FILES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff)"


class OwnActions:
    """Actions of the widget `owner`; `negative` says whether what is brought has dark and light exchanged."""

    def __init__(self, session: Session, owner: QWidget) -> None:
        self._session, self._owner = session, owner
        self._random = np.random.default_rng()
        self.negative = False
        self._make_bringing()
        self._make_drawing()

    def _make_bringing(self) -> None:
        owner = self._owner
        self.open = make_action(
            owner, "open_picture", "Open &picture…", "Ctrl+Shift+O", self.ask_for_picture, "own",
            "Bring a picture of your own to the model",
        )  # fmt: skip
        self.paste = make_action(
            owner, "paste_picture", "Pas&te picture", "Ctrl+V", self.paste_picture, "copy",
            "Bring what was copied to the model",
        )  # fmt: skip
        self.held_out = make_action(
            owner, "held_out_picture", "Find a &held-out picture", "Ctrl+U", self._take_held_out, "dice",
            "Find a picture in the model that it has never seen, a random one of the data it learned from",
        )  # fmt: skip
        self.take = make_action(
            owner, "take_own_code", "Move from this &code", "Ctrl+Shift+V", self._session.owns.take, "probe",
            "Give the code that was found to the probe, to move its sliders, or to pin it and morph",
        )  # fmt: skip

    def _make_drawing(self) -> None:
        owner, owns = self._owner, self._session.owns
        self.draw = make_action(
            owner, "draw_picture", "&Draw a picture", "Ctrl+D", owns.draw_on, "draw",
            "Draw with the mouse, and see at once what the model makes of it",
        )  # fmt: skip
        self.draw_on_point = make_action(
            owner, "draw_on_point", "Draw on the selected point", "Alt+D", lambda: owns.draw_on("selection"),
            "selection", "Change the picture of the selected point with the pen",
        )  # fmt: skip
        self.draw_on_probe = make_action(
            owner, "draw_on_probe", "Draw on the probe's picture", "Ctrl+Shift+D", lambda: owns.draw_on("probe"),
            "probe", "Change the picture that the probe shows with the pen",
        )  # fmt: skip
        self.centre = make_action(
            owner, "centre_drawing", "Centre the drawing", "Ctrl+Alt+C", owns.centre, "centre",
            "Move the drawing to the middle, where the digits of MNIST lie",
        )  # fmt: skip
        self.clear = make_action(
            owner, "clear_drawing", "Clear the drawing", "Ctrl+Shift+X", owns.clear, "clear", "Take all strokes away"
        )
        self.lay_aside = make_action(
            owner, "lay_drawing_aside", "Lay the drawing aside", "Ctrl+Alt+X", owns.lay_aside, "close",
            "Draw no more; the picture that was found stays",
        )  # fmt: skip

    def show(self) -> None:
        """What is possible now."""
        state = self._session.state
        able, sketched = state.weights is not None, state.sketch is not None
        for action in (self.open, self.paste, self.held_out):
            action.setEnabled(able)
        can_draw = able and drawable(state.run)
        self.draw.setEnabled(can_draw)
        known = state.selection is not None and state.data is not None and len(state.data.pictures) > 0
        self.draw_on_point.setEnabled(can_draw and known)
        self.draw_on_probe.setEnabled(can_draw and state.picture is not None)
        for action in (self.centre, self.clear, self.lay_aside):
            action.setEnabled(sketched)
        found = state.own.found
        self.take.setEnabled(found is not None and found.code is not None)

    # ---- bringing

    def ask_for_picture(self) -> None:
        """Let a person choose a file."""
        last = str(QSettings().value(PICTURES_FOLDER, Path.home()))
        dialog = QFileDialog(self._owner, "Open picture", last, FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.bring)
        dialog.open()

    def bring(self, path: str) -> None:
        """Seek the picture in a file."""
        QSettings().setValue(PICTURES_FOLDER, str(Path(path).parent))
        self._begin(OwnPicture(path=path, negative=self.negative))

    def paste_picture(self) -> None:
        """Seek the picture on the clipboard, or in the file that was copied."""
        copied = QGuiApplication.clipboard().mimeData()
        files = [url.toLocalFile() for url in copied.urls() if url.isLocalFile()]
        image = QImage(copied.imageData()) if copied.hasImage() else QImage()
        if len(files) == 1:
            self.bring(files[0])
        elif not image.isNull():
            self._begin(OwnPicture(pixels=pixels_of(image), negative=self.negative))
        else:
            self._session.tell("There is no picture on the clipboard. Copy one first.", "warning")

    def _take_held_out(self) -> None:
        self._begin(OwnPicture(number=int(self._random.integers(2**31)), negative=self.negative))

    def _begin(self, picture: OwnPicture) -> None:
        self._session.owns.lay_aside()
        self._session.owns.begin(picture)


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """The pixels uint8 [h, w, 4] of an image, with how opaque they are."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4).copy()

"""Own picture: what a person brings to the model, what the model makes of it, and how near the search has come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.actions import make_action
from explorer.asked import classes_of
from explorer.widgets.elided import Elided
from explorer.widgets.error_curve import ErrorCurve
from explorer.widgets.parts import Choice, Quiet, action_button
from explorer.widgets.picture import CAPTION, Picture
from explorer.widgets.progress import Bar
from explorer.words import number
from models.errors import printable
from models.own_events import OwnPicture

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent

    from explorer.session import Session

WIDE = 1.5  # times as wide as high: a low panel
PICTURES_FOLDER = "pictures_folder"
FILES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff)"
EMPTY = (
    "Bring a picture of your own to the model: drop a file on the map, paste one, or take a held-out one. The code "
    "that draws it is found, and from there you can move and morph."
)


class OwnView(QWidget):
    """Reads `own` of the session; its `actions()` belong into the menus."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._random = np.random.default_rng()
        self.setObjectName("own_view")
        self.setAccessibleName("Own picture")
        self._make_actions()
        self._make_parts()
        self._lay_out()
        session.own_changed.connect(self._show)
        session.weights_changed.connect(self._show_actions)
        session.run_changed.connect(self._show_run)
        self._show_run()

    # ---- what the person brings

    def _make_actions(self) -> None:
        self.open_action = make_action(
            self, "open_picture", "Open &picture…", "Ctrl+Shift+O", self.ask_for_picture, "own",
            "Bring a picture of your own to the model",
        )  # fmt: skip
        self.paste_action = make_action(
            self, "paste_picture", "Pas&te picture", "Ctrl+V", self.paste, "copy", "Bring what was copied to the model"
        )
        self.held_out_action = make_action(
            self, "held_out_picture", "Find a &held-out picture", "Ctrl+U", self._take_held_out, "dice",
            "Find a picture in the model that it has never seen, a random one of the data it learned from",
        )  # fmt: skip
        self.take_action = make_action(
            self, "take_own_code", "Move from this &code", "Ctrl+Shift+V", self._session.owns.take, "probe",
            "Give the code that was found to the probe, to move its sliders, or to pin it and morph",
        )  # fmt: skip

    def ask_for_picture(self) -> None:
        """Let a person choose a file."""
        last = str(QSettings().value(PICTURES_FOLDER, Path.home()))
        dialog = QFileDialog(self, "Open picture", last, FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.bring)
        dialog.open()

    def bring(self, path: str) -> None:
        """Seek the picture in a file."""
        QSettings().setValue(PICTURES_FOLDER, str(Path(path).parent))
        self._begin(OwnPicture(path=path, negative=self.negative.isChecked()))

    def paste(self) -> None:
        """Seek the picture on the clipboard, or in the file that was copied."""
        copied = QGuiApplication.clipboard().mimeData()
        files = [url.toLocalFile() for url in copied.urls() if url.isLocalFile()]
        image = QImage(copied.imageData()) if copied.hasImage() else QImage()
        if len(files) == 1:
            self.bring(files[0])
        elif not image.isNull():
            self._begin(OwnPicture(pixels=pixels_of(image), negative=self.negative.isChecked()))
        else:
            self._session.tell("There is no picture on the clipboard. Copy one first.", "warning")

    def _take_held_out(self) -> None:
        number = int(self._random.integers(2**31))
        self._begin(OwnPicture(number=number, negative=self.negative.isChecked()))

    def _begin(self, picture: OwnPicture) -> None:
        self._session.owns.begin(picture)

    def _choose_label(self) -> None:
        self._session.owns.again(label=self.label.currentData())

    # ---- parts

    def _make_parts(self) -> None:
        self.original, self.found = Picture(caption="your picture"), Picture(caption="in the model")
        for picture, name in ((self.original, "original"), (self.found, "found")):
            picture.setObjectName(f"own_{name}")
            picture.setAccessibleName(picture.caption.capitalize())
            picture.told.connect(self._session.tell)
        self.what, self.told = Elided(), Elided(quiet=True)
        self.what.setObjectName("own_what")
        self.told.setObjectName("own_told")
        self.curve = ErrorCurve()
        self.curve.setObjectName("own_curve")
        self.bar = Bar("own_progress", "How far the search is")
        self.cancel = QToolButton()
        self.cancel.setObjectName("own_cancel")
        self.cancel.setText("Enough")
        self.cancel.setAccessibleName("End the search")
        self.cancel.setToolTip("End the search and keep the nearest picture until now")
        self.cancel.clicked.connect(self._session.owns.stop)
        self.problem = Quiet(error=True)
        self.problem.setObjectName("own_problem")
        self.label = Choice()
        self.label.setObjectName("own_class")
        self.label.setAccessibleName("Class to seek it as")
        self.label.setToolTip("As which class the model shall draw it")
        self.label.activated.connect(self._choose_label)
        self.negative = QCheckBox("Negative")
        self.negative.setObjectName("own_negative")
        self.negative.setAccessibleName("Exchange dark and light")
        self.negative.setToolTip("Exchange dark and light, for ink on paper in a model of white on black")
        self.negative.clicked.connect(lambda on: self._session.owns.again(negative=on))

    def _lay_out(self) -> None:
        pictures, facts, search, choices = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for picture in (self.original, self.found):
            pictures.addWidget(picture)
        facts.addWidget(self.what, 1)
        facts.addWidget(action_button(self.take_action, "own_take"))
        self._search = QWidget()
        search.setContentsMargins(0, 0, 0, 0)
        search.addWidget(self.bar, 1)
        search.addWidget(self.cancel)
        self._search.setLayout(search)
        choices.addWidget(self.label, 1)
        choices.addWidget(self.negative)
        inside = QWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, inside)
        self._halves.setContentsMargins(8, 4, 8, 8)
        self._halves.setSpacing(4)
        self._halves.addLayout(pictures, 1)
        column = QVBoxLayout()
        self._halves.addLayout(column, 1)
        column.setSpacing(4)
        column.addLayout(facts)
        column.addWidget(self.told)
        column.addWidget(self.curve)
        column.addWidget(self._search)
        column.addWidget(self.problem)
        column.addLayout(choices)
        column.addStretch(0)
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("own_empty")
        self.empty.setContentsMargins(8, 8, 8, 8)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(_scrolled(inside))
        bring = QHBoxLayout()
        bring.setContentsMargins(8, 4, 8, 0)
        bring.setSpacing(4)
        for action in (self.open_action, self.paste_action, self.held_out_action):
            bring.addWidget(action_button(action, action.objectName().replace("action_", "own_")))
        bring.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bring)
        whole.addLayout(self._stack, 1)

    # ---- hearing

    def _show_run(self) -> None:
        """The classes that a picture can be sought as, and nothing of the run before."""
        run = self._session.state.run
        self.label.clear()
        self.label.addItem("Best class", None)
        names = run.class_names if run is not None and classes_of(run) else ()
        for label, name in enumerate(names):
            self.label.addItem(printable(name), label)
        self.label.setVisible(bool(names))
        self._show()

    def _show_actions(self) -> None:
        able = self._session.state.weights is not None
        for action in (self.open_action, self.paste_action, self.held_out_action):
            action.setEnabled(able)

    def _show(self) -> None:
        own = self._session.state.own
        found = own.found
        self._show_actions()
        self._stack.setCurrentIndex(0 if own.asked is None else 1)
        self.take_action.setEnabled(found is not None and found.code is not None)
        if own.asked is None:
            return
        self.what.setText(_name_of(own.asked))
        self.label.setCurrentIndex(max(0, self.label.findData(own.asked.label)))
        self.negative.setChecked(own.asked.negative)
        self._search.setVisible(own.working)
        self.bar.show_fraction(None if found is None or found.code is None else found.share)
        self.problem.setText("" if found is None else found.problem)
        self.problem.setVisible(bool(self.problem.text()))
        self.original.set_picture(None if found is None else found.original)
        self.found.set_picture(None if found is None else found.picture)
        self.curve.set_errors(None if found is None else found.errors, 1.0 if found is None else found.share)
        self._show_words()

    def _show_words(self) -> None:
        """How near the picture is, as which class, and of which step the model was."""
        state, found = self._session.state, self._session.state.own.found
        if found is None or found.error is None:
            self.told.setText("Beginning the search" if state.own.working else "")
            return
        names = state.run.class_names if state.run is not None else ()
        drawn = f" · as {printable(names[found.label])}" if found.label is not None and found.label < len(names) else ""
        self.told.setText(f"MSE {number(found.error)}{drawn} · step {found.step:,}")

    # ---- sizes

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures stand above the rest, in a low panel beside it, and take no more height than square ones need."""
        super().resizeEvent(event)
        low = event.size().width() > WIDE * event.size().height()
        self._halves.setDirection(QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom)
        for picture in (self.original, self.found):
            picture.setMaximumHeight(max(64, event.size().width() // (4 if low else 2)) + CAPTION)

    def sizeHint(self) -> QSize:
        """Room for two pictures side by side."""
        return QSize(320, 340)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(200, 160)


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """The pixels uint8 [h, w, 4] of an image, with how opaque they are."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4).copy()


def _name_of(picture: OwnPicture) -> str:
    if picture.held_out:
        return "A held-out picture"
    return printable(Path(picture.path).name) if picture.path else "Pasted picture"


def _scrolled(inside: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setObjectName("own_scroll")
    scroll.setAccessibleName("Own picture")
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(inside)
    return scroll

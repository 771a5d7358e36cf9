"""A picture of a model on the screen: enlarged without smoothing, copied and saved by its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QIODevice, QRectF, QSaveFile, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QImageWriter, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu, QSizePolicy, QWidget

from explorer.colors import theme
from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QContextMenuEvent, QPaintEvent

    Keep = Callable[[str, int], None]

WHOLE = 0.75  # a whole factor is taken when it fills at least this share of what a broken one would
TAKEN_AWAY = 280  # px: copied and saved pictures are enlarged by a whole factor to at least this
FAST = QImage.Format.Format_RGB32  # Qt enlarges pictures of this format several times faster than grey ones
CAPTION = 18  # px of height, with letters a little smaller than elsewhere


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """Pixels uint8 [h, w, 1 or 3] as a QImage with memory of its own."""
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, width * channels, form).copy()


def factor(width: int, height: int, across: float, down: float) -> float:
    """How much a picture of width x height is enlarged to fit into across x down: whole where that wastes little."""
    most = max(0.0, min(across / width, down / height))
    whole = float(int(most))
    return whole if whole >= WHOLE * most else most


def fitted(size: QSize, space: QRectF, ratio: float) -> QRectF:
    """Where a picture of `size` lies centred in `space`, on whole pixels of a screen with that many per unit."""
    times = factor(size.width(), size.height(), space.width() * ratio, space.height() * ratio)
    width, height = round(size.width() * times), round(size.height() * times)
    left = round(space.left() * ratio + (space.width() * ratio - width) / 2)
    top = round(space.top() * ratio + (space.height() * ratio - height) / 2)
    return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)


def draw(painter: QPainter, target: QRectF, image: QImage, source: QRectF | None = None) -> None:
    """Draw an image, or the part `source` of it, with sharp pixels; only what must shrink is smoothed."""
    source = source or QRectF(image.rect())
    shrinks = target.width() * painter.device().devicePixelRatio() < source.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
    painter.drawImage(target, image.convertToFormat(FAST), source)


def draw_empty(painter: QPainter, space: QRectF, words: str) -> None:
    """A dashed frame with quiet words where a picture will be."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().line, 1, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(space.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    painter.setPen(theme().quiet)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(space.adjusted(12, 4, -12, -4), flags, words)


def picture_menu(owner: QWidget, image: QImage, told: Callable[[str, str], None], keep: Keep | None = None) -> QMenu:
    """Copy and save `image`; what became of it is told as a message and its level ("done" or "error").

    Who can save it with its recipe gives `keep`, which is asked for a file and how many times to enlarge its pixels.
    """
    times = -(-TAKEN_AWAY // max(image.width(), image.height()))
    size = image.size() * times
    large = image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation)

    def save(path: str) -> None:
        if keep is None:
            told(*save_png(large, path))
        else:
            keep(path, times)

    def ask_where() -> None:
        dialog = QFileDialog(owner, "Save picture", "picture.png", "PNG pictures (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(save)
        dialog.open()

    menu = QMenu(owner)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("Copy picture", lambda: QGuiApplication.clipboard().setImage(large)).setObjectName("copy_picture")
    menu.addAction("Save picture...", ask_where).setObjectName("save_picture")
    return menu


def save_png(image: QImage, path: str) -> tuple[str, str]:
    """Write `image` to `path`, whole or not at all; returns what to tell and its level."""
    file = QSaveFile(path)
    opened = file.open(QIODevice.OpenModeFlag.WriteOnly)
    written = opened and QImageWriter(file, b"png").write(image) and file.commit()
    if written:
        return f"Saved {printable(path)}", "done"
    return f"{printable(path)}: could not be written: {file.errorString()}. Choose another folder.", "error"


class Pictured:
    """What a widget that shows one picture is besides a widget; a base named before Qt's."""

    _image: QImage | None = None

    @property
    def image(self) -> QImage | None:
        """What is shown, in the picture's own pixels."""
        return self._image

    def set_picture(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show uint8 [h, w, 1 or 3], or nothing."""
        self._image = None if pixels is None else to_image(pixels)
        cast("QWidget", self).update()

    def _paint_picture(self, painter: QPainter, space: QRectF, words: str, frame: QColor) -> QRectF:
        """The picture with a hairline around it, or words in its place; returns where it lies."""
        if self._image is None:
            draw_empty(painter, space, words)
            return space
        target = fitted(self._image.size(), space, painter.device().devicePixelRatioF())
        draw(painter, target, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(frame)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(target.adjusted(-1, -1, 0, 0))
        return target


class Picture(Pictured, QWidget):
    """One picture, as large as the space allows; `empty` are the words in its place, `caption` those below it."""

    told = Signal(str, str)

    def __init__(self, empty: str = "", caption: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words, self.caption = empty, caption
        self.keep: Keep | None = None  # who saves it with its recipe
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_empty(self, words: str) -> None:
        """The words shown while there is no picture."""
        self.words = words
        self.update()

    def set_caption(self, caption: str) -> None:
        """What stands below the picture."""
        self.caption = caption
        self.setAccessibleName(caption.capitalize())
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size; the layout may give much more or less."""
        return QSize(160, 160 + self._foot())

    def minimumSizeHint(self) -> QSize:
        """Still recognisable."""
        return QSize(48, 48 + self._foot())

    def _foot(self) -> int:
        return CAPTION if self.caption else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, and the caption right below."""
        painter = QPainter(self)
        space = QRectF(self.contentsRect()).adjusted(1, 1, -1, -1 - self._foot())
        frame = theme().accent if self.hasFocus() else theme().line
        bottom = self._paint_picture(painter, space, self.words, frame).bottom()
        if self.caption:
            font = self.font()
            font.setPointSizeF(0.85 * font.pointSizeF())
            painter.setFont(font)
            painter.setPen(theme().quiet)
            line = QRectF(0, bottom, self.width(), CAPTION)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, self.caption)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy or save what is shown."""
        if self._image is not None:
            picture_menu(self, self._image, self.told.emit, self.keep).popup(event.globalPos())


class PictureButton(Pictured, QAbstractButton):
    """A button that carries a small picture and a letter, or only the letter while it has no picture."""

    def __init__(self, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(letter)
        self.setFixedSize(48, 48)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture with the letter on a small plate, framed where the mouse or the focus is."""
        painter = QPainter(self)
        space = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        lit = self.isEnabled() and (self.hasFocus() or self.underMouse())
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        target = self._paint_picture(painter, space, self.text(), theme().line)
        if self._image is not None:
            plate = QRectF(target.left(), target.top(), 16, 16)
            painter.fillRect(plate, theme().accent)
            painter.setPen(theme().accent_text)
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self.text())
        if lit:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(space, 4, 4)

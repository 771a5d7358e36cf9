"""Key frames in time: cards to be dragged, a film of what lies between them, and the place where the morph is now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QHelpEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from explorer.timeline import SHORTEST_LEG, KeyFrame, reordered
from explorer.widgets.picture import to_image
from explorer.widgets.pin_strip import dragged_pin
from explorer.widgets.timeline_marks import CARD, GAP, HEAD, RULER, Axis, Look, paint_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy import uint8
    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QContextMenuEvent,
        QDragEnterEvent,
        QDragMoveEvent,
        QDropEvent,
        QImage,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
    )

FAR = 4  # px that a card is moved before it is dragged
FRAME = 1 / 30  # seconds that an arrow key goes


class TimelineBar(QWidget):
    """Shows key frames by `set_*`, which emit nothing, and tells what a person wants.

    `scrubbed` tells a time in seconds, `arranged` the key frames, `swapped` two places, `removed` a place, `dropped`
    the slot of a pin and a time, -1 for behind the last, `appended` that the probe's code shall follow the last,
    `resized` that another number of pictures fits the film.
    """

    scrubbed = Signal(float)
    arranged = Signal(list)
    swapped = Signal(int, int)
    removed = Signal(int)
    dropped = Signal(int, float)
    appended = Signal()
    played = Signal()
    closed = Signal(float)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: tuple[KeyFrame, ...] = ()
        self._letters: Mapping[int, str] = {}
        self._images: dict[int, QImage] = {}
        self._film: QImage | None = None
        self._cells, self._aspect = 0, 1.0
        self._length, self._around = 0.0, False
        self._playhead: float | None = None
        self._chosen: int | None = None
        self._held: int | None = None  # the card under the pressed mouse; len(frames) is the one that closes the way
        self._dragged: float | None = None  # the time it is dragged to
        self._pressed = QPointF()
        self._scrubbing = False
        self._target: float | None = None  # where what is dragged over the bar would land
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # ---- set from outside

    def set_frames(self, frames: Sequence[KeyFrame], letters: Mapping[int, str], closing: float | None) -> None:
        """The key frames, what their slots are called, and the seconds back to the first where the way goes around."""
        self._frames, self._letters, self._around = tuple(frames), letters, closing is not None
        self._length = (self._frames[-1].time if self._frames else 0.0) + (closing or 0.0)
        self._dragged = self._held = None
        if self._chosen is not None and self._chosen >= len(self._frames):
            self._chosen = None
        self.update()

    def set_images(self, pictures: Mapping[int, NDArray[uint8]]) -> None:
        """The picture uint8 [h, w, 1 or 3] of each slot."""
        self._images = {slot: to_image(pixels) for slot, pixels in pictures.items()}
        self.update()

    def set_aspect(self, aspect: float) -> None:
        """How much wider than high the pictures are."""
        if aspect != self._aspect:
            self._aspect = aspect
            self.resized.emit()

    def set_film(self, pictures: NDArray[uint8] | None) -> None:
        """Pictures uint8 [n, h, w, 1 or 3] of the middles of n equal parts of the way."""
        self._cells = 0 if pictures is None else len(pictures)
        self._film = None if pictures is None else to_image(pictures.reshape(-1, *pictures.shape[2:]))
        self.update()

    def set_playhead(self, time: float | None) -> None:
        """Where the morph is, in seconds from the first key frame; None off the way."""
        if time != self._playhead:
            before, self._playhead = self._playhead, time
            for each in (before, time):
                if each is not None:
                    x = self.axis.x(each)
                    self.update(QRectF(x - HEAD, 0, 2 * HEAD, self.height()).toAlignedRect())

    @property
    def chosen(self) -> int | None:
        """The place of the key frame that was clicked last."""
        return self._chosen

    @property
    def axis(self) -> Axis:
        """Where times lie."""
        return Axis(self.width(), self._length)

    @property
    def film_count(self) -> int:
        """How many pictures fit side by side between the first and the last key frame."""
        high = max(1.0, self._film_area().height())
        return max(2, min(64, math.ceil((self.axis.right - self.axis.left) / max(8.0, high * self._aspect))))

    def _film_area(self) -> QRectF:
        return QRectF(0, RULER, self.width(), max(8, self.height() - RULER - CARD - 2 * GAP))

    def sizeHint(self) -> QSize:
        """A film high enough to be seen."""
        return QSize(480, RULER + CARD + 2 * GAP + 48)

    def minimumSizeHint(self) -> QSize:
        """The cards, and a low film."""
        return QSize(160, RULER + CARD + 2 * GAP + 16)

    # ---- where everything lies

    def card(self, place: int) -> QRectF:
        """The card of the key frame at that place of the order; one more is that which closes a way around."""
        time = self._length if place == len(self._frames) else self._frames[place].time
        return QRectF(self.axis.x(time) - CARD / 2, self.height() - CARD - 1, CARD, CARD)

    def adding(self) -> QRectF:
        """The place behind the last card, where another key frame is added."""
        end = self.card(len(self._frames)).right() if self._frames else self.axis.left - CARD / 2
        return QRectF(min(end + 2 * GAP, self.width() - CARD - 1), self.height() - CARD - 1, CARD, CARD)

    def _card_at(self, place: QPointF) -> int | None:
        cards = range(len(self._frames) + (self._around and bool(self._frames)))
        return next((each for each in reversed(cards) if self.card(each).contains(place)), None)

    # ---- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold a card, or go to the time under the mouse."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._pressed = event.position()
        self._held = self._card_at(event.position())
        if self._held is None and self._frames and not self.adding().contains(event.position()):
            self._scrubbing = len(self._frames) > 1
            self._scrub(event.position().x())
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The card or the time under the pressed mouse goes along."""
        if self._scrubbing:
            self._scrub(event.position().x())
        elif self._held is not None and event.buttons() & Qt.MouseButton.LeftButton:
            away = event.position().x() - self._pressed.x()
            if self._dragged is not None or abs(away) >= FAR:
                self._dragged = max(0.0, self.axis.time(event.position().x(), beyond=True))
                self.update()
        else:
            over = self._card_at(event.position()) is not None or self.adding().contains(event.position())
            self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A dragged card stays where it was brought; one that was only clicked is gone to."""
        held, dragged = self._held, self._dragged
        self._held = self._dragged = None
        self._scrubbing = False
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if held is None and self.adding().contains(event.position()) and self.adding().contains(self._pressed):
            self.appended.emit()
        elif held is not None and dragged is None:
            self._choose(held)
        elif held == len(self._frames) and dragged is not None:
            self.closed.emit(max(SHORTEST_LEG, dragged - self._frames[-1].time))
        elif held is not None and dragged is not None:
            frames, self._chosen = reordered(self._frames, held, dragged)
            self.arranged.emit(frames)
        self.update()

    def _scrub(self, x: float) -> None:
        self.scrubbed.emit(self.axis.time(x))

    def _choose(self, place: int) -> None:
        """Mark a key frame and go to its time."""
        self._chosen = min(place, len(self._frames) - 1)
        if len(self._frames) > 1:
            self.scrubbed.emit(self._length if place == len(self._frames) else self._frames[place].time)
        self.update()

    # ---- what is dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pins are welcome, and the probe's code from the map."""
        if dragged_pin(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where it would land."""
        self._target = self.axis.time(event.position().x(), beyond=True)
        self.update()
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QEvent) -> None:
        """It went elsewhere."""
        self._target = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """One more key frame, at the time where it was dropped."""
        self._target = None
        slot = dragged_pin(event.mimeData())
        if slot is not None:
            behind = event.position().x() >= self.adding().left()
            self.dropped.emit(slot, -1.0 if behind else self.axis.time(event.position().x(), beyond=True))
            event.acceptProposedAction()
        self.update()

    # ---- the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows scrub, with Ctrl they reorder; Page keys go from key frame to key frame, Delete removes one."""
        key, step = event.key(), {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key == Qt.Key.Key_Space:
            self.played.emit()
        elif len(self._frames) < 2 and key not in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            super().keyPressEvent(event)
        elif step and control and self._chosen is not None:
            other = self._chosen + step
            if 0 <= other < len(self._frames):
                place, self._chosen = self._chosen, other
                self.swapped.emit(place, other)
        elif step:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.scrubbed.emit(min(max((self._playhead or 0.0) + step * far * FRAME, 0.0), self._length))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.scrubbed.emit(0.0 if key == Qt.Key.Key_Home else self._length)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            last = len(self._frames) - 1
            now = -1 if self._chosen is None else self._chosen
            self._choose(min(max(now + (1 if key == Qt.Key.Key_PageDown else -1), 0), last))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._chosen is not None:
            self.removed.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with one key frame."""
        by_mouse = event.reason() is not event.Reason.Keyboard
        place = self._card_at(QPointF(event.pos())) if by_mouse else self._chosen
        if place is None or place >= len(self._frames):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        called, last = self._letters.get(self._frames[place].slot, ""), len(self._frames) - 1
        for name, words, keys, possible, do in (
            ("go", f"Go to {called}", "", True, lambda: self._choose(place)),
            ("earlier", "Earlier", "Ctrl+Left", place > 0, lambda: self.swapped.emit(place, place - 1)),
            ("later", "Later", "Ctrl+Right", place < last, lambda: self.swapped.emit(place, place + 1)),
            ("remove", "Remove from the morph", "Del", True, lambda: self.removed.emit(place)),
        ):  # fmt: skip
            action = QAction(words, menu)
            action.setObjectName(f"key_frame_{name}")
            action.setShortcut(QKeySequence(keys))
            action.setEnabled(possible)
            action.triggered.connect(do)
            menu.addAction(action)
        menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        """What lies under the mouse, in words."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._told(QPointF(event.pos())), self, QRect())
            return True
        return super().event(event)

    def _told(self, place: QPointF) -> str:
        held = self._card_at(place)
        if self.adding().contains(place):
            return "Add the probe's code as a key frame; or drop a pin here"
        if held is not None and held < len(self._frames):
            called = self._letters.get(self._frames[held].slot, "")
            return f"{called} at {self._frames[held].time:.1f} s: drag it to another time, or past another to reorder"
        if held is not None:
            return "Back at the first key frame: drag to change how long that takes"
        return f"{self.axis.time(place.x()):.2f} s: click or drag to go there" if len(self._frames) > 1 else ""

    # ---- being seen

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another number of pictures may fit."""
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All of it; of the film only what is asked for."""
        held, frames, dragged, length = self._held, self._frames, None, self._length
        if self._dragged is not None and held == len(frames):
            length = self._dragged
        elif held is not None and self._dragged is not None:
            moved, held = reordered(frames, held, self._dragged)
            frames, dragged = tuple(moved), (held, self._dragged)
        painter = QPainter(self)
        look = Look(
            self.axis, self.height(), frames, self._letters, self._images, self._film, self._cells, self._around,
            length, self._playhead, self._chosen, dragged, self._target, self.hasFocus(),
        )  # fmt: skip
        paint_timeline(painter, look, self.adding(), event.rect())
        painter.end()

"""Key frames in time as a picture: cards, a film of what lies between them, and the place where the morph is now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.timeline import KeyFrame, reordered
from explorer.widgets.picture import to_image
from explorer.widgets.timeline_marks import CARD, GAP, HEAD, RULER, Axis, Look, paint_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy import uint8
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage, QPaintEvent, QResizeEvent


class TimelineCanvas(QWidget):
    """Shows key frames by `set_*`, which emit nothing; `resized` tells that more or fewer pictures fit the film."""

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
        self._target: float | None = None  # where what is dragged over the bar would land
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

    def card_at(self, place: QPointF) -> int | None:
        """The card under a pixel, the topmost of them."""
        cards = range(len(self._frames) + (self._around and bool(self._frames)))
        return next((each for each in reversed(cards) if self.card(each).contains(place)), None)

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

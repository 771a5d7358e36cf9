"""The key of a layer, a card in the corner of the map: its scale in colours and numbers, and the value at a place."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QToolTip, QVBoxLayout, QWidget

from explorer.colors import theme
from explorer.icons import icon
from explorer.widgets.elided import Elided
from explorer.widgets.layer_picture import layer_color
from explorer.widgets.map_marks import small_font
from explorer.widgets.parts import Quiet

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from models.layer_events import Layer

WIDTH = 232  # px
SHARE = 0.44  # of the map's width, at most
GAP = 8  # px to the edges of the map
BAR, STOPS = 12, 16  # px of height of the scale; colours it is drawn with
POINTER = 5  # px of half the width of the mark on the scale
SOLID = 0.94  # of the card, through which the map shimmers


class Offer(Enum):
    """What the button of the key does."""

    NONE = ""
    STOP = "Stop"
    FINER = "Finer"
    TRAIN = "Train it"


class Scale(QWidget):
    """The colours of a layer from its lowest to its highest number, and a mark at one of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layer_scale")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._layer, self._ends = "", ("", "")
        self._label, self._mark = -1, cast("float | None", None)

    def set_scale(self, layer: str, ends: tuple[str, str], unit: str) -> None:
        """The colours of `layer`, from one of the words in `ends` to the other."""
        self._layer, self._ends = layer, ends
        self.setAccessibleName(f"Scale from {ends[0]} to {ends[1]}: {unit}")
        self.setToolTip(unit)
        self.update()

    def set_mark(self, share: float | None, label: int = -1) -> None:
        """Mark what lies `share` (0 to 1) of the way from low to high; `label` is the class whose colours are shown."""
        if (share, label) != (self._mark, self._label):
            self._mark, self._label = share, label
            self.update()

    def sizeHint(self) -> QSize:
        """The bar, and its ends below it."""
        return QSize(WIDTH, BAR + POINTER + 4 + QFontMetrics(self.font()).height())

    def minimumSizeHint(self) -> QSize:
        """No less, however much is said below."""
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Low at the left, high at the right, the mark above."""
        if not self._layer:
            return
        painter, now = QPainter(self), theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0.5, POINTER + 0.5, self.width() - 1, BAR - 1)
        shades = QLinearGradient(bar.topLeft(), bar.topRight())
        for stop in range(STOPS + 1):
            shades.setColorAt(stop / STOPS, layer_color(self._layer, stop / STOPS, self._label))
        painter.fillRect(bar, now.text)  # what shows through where the scale is transparent
        painter.fillRect(bar, shades)
        painter.setPen(now.line)
        painter.drawRect(bar)
        painter.setPen(now.quiet)
        words, below = self.fontMetrics(), self.height() - self.fontMetrics().descent()
        painter.drawText(0, below, self._ends[0])
        painter.drawText(self.width() - words.horizontalAdvance(self._ends[1]), below, self._ends[1])
        if self._mark is not None:
            tip = QPointF(bar.left() + self._mark * bar.width(), bar.top() + 3)
            painter.setPen(QPen(now.panel, 1))
            painter.setBrush(now.text)
            painter.drawPolygon(
                QPolygonF([tip, tip + QPointF(-POINTER, -POINTER - 3), tip + QPointF(POINTER, -POINTER - 3)])
            )
        painter.end()


class LayerKey(QFrame):
    """Stays in the lower right corner of its parent. `offered` and `closed` tell what a person wants."""

    offered = Signal(Offer)
    closed = Signal()
    recoloured = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("layer_key")
        self.setAccessibleName("Key of the layer")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._layer: Layer | None = None
        self._offer = Offer.NONE
        self._title, self.scale, self._words = Elided(), Scale(self), Quiet()
        bold = self._title.font()
        bold.setBold(True)
        self._title.setFont(bold)
        for part in (self.scale, self._words):
            part.setFont(small_font(part.font()))
        self._words.setObjectName("layer_words")
        self._words.setAccessibleName("Value of the layer")
        self._about = self._small("layer_about", "What this layer shows", "info")
        self._about.clicked.connect(self._explain)
        self._close = self._small("layer_close", "Show no layer", "close")
        self._close.clicked.connect(self.closed)
        self._button = QPushButton()
        self._button.setObjectName("layer_offer")
        self._button.setAccessibleName("What can be done")
        self._button.clicked.connect(lambda: self.offered.emit(self._offer))
        self._lay_out()
        self.hide()

    def _small(self, name: str, words: str, drawing: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setIcon(icon(drawing))
        button.setIconSize(QSize(14, 14))
        button.setAutoRaise(True)
        return button

    def _lay_out(self) -> None:
        head, self._column = QHBoxLayout(), QVBoxLayout(self)
        head.setSpacing(2)
        head.addWidget(self._title, 1)
        head.addWidget(self._about)
        head.addWidget(self._close)
        foot = QHBoxLayout()
        foot.addWidget(self._words, 1)
        foot.addWidget(self._button, 0, Qt.AlignmentFlag.AlignBottom)
        self._column.setContentsMargins(10, 4, 6, 6)
        self._column.setSpacing(2)
        self._column.addLayout(head)
        self._column.addWidget(self.scale)
        self._column.addLayout(foot)

    # ---- what is shown

    def set_layer(self, layer: Layer | None) -> None:
        """Whose key it is; none hides it."""
        self._layer = layer
        self.setVisible(layer is not None)
        if layer is not None:
            self._title.setText(layer.title)
            self._about.setToolTip(_wrapped(layer.about))
            self._about.setAccessibleDescription(layer.about)
            self.place()

    def set_scale(self, name: str, ends: tuple[str, str]) -> None:
        """The colours of the layer `name` with words for their ends; none while these are empty."""
        self.scale.setVisible(bool(ends[0]))
        self.scale.set_scale(name, ends, self._layer.unit if self._layer is not None else "")
        self.place()

    def set_words(self, words: str, offer: Offer = Offer.NONE, more: str = "") -> None:
        """What is said below the scale, and what can be done; `more` tells of that in a few words."""
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self._offer = offer
        self._button.setVisible(offer is not Offer.NONE)
        self._button.setText(offer.value)
        self._button.setToolTip(more)
        self.place()

    def _explain(self) -> None:
        """Also for who has no mouse to hover with."""
        corner = self._about.mapToGlobal(QPoint(0, self._about.height()))
        QToolTip.showText(corner, self._about.toolTip(), self._about)

    # ---- where it lies and how it looks

    def place(self) -> None:
        """Lie in the corner, whatever the sizes are now."""
        if self.isHidden():
            return
        place = cast("QWidget", self.parentWidget()).rect()
        width = min(WIDTH, round(SHARE * place.width()))
        self.resize(width, self._column.heightForWidth(width))
        self.move(place.right() - self.width() - GAP + 1, place.bottom() - self.height() - GAP + 1)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
            self.recoloured.emit()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card on the map."""
        painter, ground = QPainter(self), QColor(theme().panel)
        ground.setAlphaF(SOLID)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().line)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()


def _wrapped(words: str) -> str:
    """As rich text, for Qt breaks the lines of no other tooltip."""
    return f"<p>{words.replace('&', '&amp;').replace('<', '&lt;')}</p>"

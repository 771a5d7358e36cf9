"""Own picture: what a person brings to the model or draws for it, what the model makes of it, and how strange it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.asked import classes_of
from explorer.own import neighbours_of
from explorer.own_actions import OwnActions
from explorer.strokes import usual_radius
from explorer.widgets.canvas import Canvas
from explorer.widgets.canvas_tools import CanvasTools
from explorer.widgets.own_facts import OwnFacts
from explorer.widgets.parts import Choice, action_button, scrolled
from explorer.widgets.picture import CAPTION, Picture
from explorer.widgets.picture_grid import PictureGrid
from models.errors import printable

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from explorer.session import Session

WIDE = 1.5  # times as wide as high: a low panel
NEIGHBOURS_HIGH = 44  # px
EMPTY = (
    "Bring a picture of your own to the model: draw one (Ctrl+D), drop a file on the map, paste one, or take a "
    "held-out one. The code that draws it is found, and from there you can move and morph."
)


class OwnView(QWidget):
    """Reads `own` and `sketch` of the session; its `actions()` belong into the menus."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.neighbour_indices: tuple[int, ...] = ()
        self.setObjectName("own_view")
        self.setAccessibleName("Own picture")
        self.can = OwnActions(session, self)
        self._make_pictures()
        self._make_choices()
        self._lay_out()
        session.own_changed.connect(self._show)
        session.sketch_changed.connect(self._show_sketch)
        session.data_changed.connect(self._show)
        for changed in (session.weights_changed, session.selection_changed, session.picture_changed):
            changed.connect(self.can.show)
        session.run_changed.connect(self._show_run)
        self._show_run()

    def bring(self, path: str) -> None:
        """Seek the picture in a file."""
        self.can.bring(path)

    # ---- parts

    def _make_pictures(self) -> None:
        session = self._session
        self.original, self.found = Picture(caption="your picture"), Picture(caption="in the model")
        for picture, name in ((self.original, "original"), (self.found, "found")):
            picture.setObjectName(f"own_{name}")
            picture.setAccessibleName(picture.caption.capitalize())
            picture.told.connect(session.tell)
        self.canvas, self.tools = Canvas(), CanvasTools()
        self.canvas.setObjectName("own_canvas")
        self.canvas.setAccessibleName("Your drawing")
        self.canvas.painted.connect(session.owns.paint)
        self.canvas.widened.connect(self._take_width)
        self.canvas.turned.connect(self._take_rubbing)
        self.canvas.told.connect(session.tell)
        self.tools.changed.connect(self._take_pen)
        self.facts = OwnFacts(action_button(self.can.take, "own_take"))
        self.facts.enough.connect(session.owns.stop)
        self.nearest = PictureGrid()
        self.nearest.setObjectName("own_neighbours")
        self.nearest.setAccessibleName("Nearest held-out pictures")
        self.nearest.setFixedHeight(NEIGHBOURS_HIGH)
        self.nearest.picked.connect(lambda place: session.select(self.neighbour_indices[place]))
        self.nearest.told.connect(session.tell)

    def _make_choices(self) -> None:
        owns = self._session.owns
        self.label = Choice()
        self.label.setObjectName("own_class")
        self.label.setAccessibleName("Class to seek it as")
        self.label.setToolTip("As which class the model shall draw it")
        self.label.activated.connect(lambda: owns.again(label=self.label.currentData()))
        self.negative = QCheckBox("Negative")
        self.negative.setObjectName("own_negative")
        self.negative.setAccessibleName("Exchange dark and light")
        self.negative.setToolTip("Exchange dark and light, for ink on paper in a model of white on black")
        self.negative.clicked.connect(self._turn_negative)
        self.spoilt = QCheckBox("Spoil it first")
        self.spoilt.setObjectName("own_spoilt")
        self.spoilt.setAccessibleName("Spoil the picture first")
        self.spoilt.clicked.connect(lambda on: owns.again(spoilt=on))

    def _lay_out(self) -> None:
        pictures, choices = QHBoxLayout(), QHBoxLayout()
        for picture in (self.original, self.canvas, self.found):
            pictures.addWidget(picture)
        choices.addWidget(self.label, 1)
        choices.addWidget(self.negative)
        choices.addWidget(self.spoilt)
        shown, facts = QWidget(), QWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, shown)
        self._halves.setContentsMargins(8, 2, 8, 4)
        self._halves.setSpacing(8)
        self._halves.addLayout(pictures, 1)
        column = QVBoxLayout(facts)
        self._halves.addWidget(scrolled(facts, "own_scroll", "About your picture"), 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.facts)
        column.addWidget(self.nearest)
        column.addLayout(choices)
        column.addStretch(0)
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("own_empty")
        self.empty.setContentsMargins(8, 8, 8, 8)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self._head())
        whole.addLayout(self._stack, 1)

    def _head(self) -> QBoxLayout:
        """The buttons: what can be brought, and beside or below it what one draws with."""
        self._heads = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._heads.setContentsMargins(8, 2, 8, 0)
        self._heads.setSpacing(2)
        bring = QHBoxLayout()
        bring.setSpacing(4)
        for action in (self.can.draw, self.can.open, self.can.paste, self.can.held_out):
            bring.addWidget(action_button(action, action.objectName().replace("action_", "own_")))
        bring.addStretch(1)
        self._drawing = QWidget()
        tools = QHBoxLayout(self._drawing)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(4)
        tools.addWidget(self.tools)
        for action in (self.can.centre, self.can.clear, self.can.lay_aside):
            tools.addWidget(action_button(action, action.objectName().replace("action_", "own_")))
        tools.addStretch(1)
        self._heads.addLayout(bring)
        self._heads.addWidget(self._drawing, 1)
        return self._heads

    # ---- the hand of the person

    def _turn_negative(self, on: bool) -> None:
        self.can.negative = on
        self._session.owns.again(negative=on)

    def _take_pen(self) -> None:
        """The pen is as the tools say."""
        self.canvas.set_pen(self.tools.radius, self.tools.rubbing)
        sketch = self._session.state.sketch
        if sketch is not None:
            self.canvas.set_colors(self.tools.ink(sketch.pixels.shape[2]), sketch.ground)

    def _take_width(self, radius: float) -> None:
        self.tools.set_radius(radius)

    def _take_rubbing(self, rubbing: bool) -> None:
        self.tools.set_rubbing(rubbing)
        self._take_pen()

    # ---- hearing

    def _show_run(self) -> None:
        """The classes that a picture can be sought as, a pen for its pictures, and nothing of the run before."""
        run = self._session.state.run
        self.label.clear()
        self.label.addItem("Best class", None)
        names = run.class_names if run is not None and classes_of(run) else ()
        for label, name in enumerate(names):
            self.label.addItem(printable(name), label)
        self.label.setVisible(bool(names))
        if run is not None:
            self.tools.set_channels(run.image_shape[0])
            self.tools.set_radius(usual_radius(*run.image_shape[1:]))
        self._show_sketch()

    def _show_sketch(self) -> None:
        """The drawing in place of the original; a new one brings ink that stands out from its ground."""
        sketch = self._session.state.sketch
        begun = sketch is not None and self.canvas.image is None
        self.canvas.set_drawing(None if sketch is None else sketch.pixels, 0 if sketch is None else sketch.strokes)
        if sketch is not None and begun:
            self.tools.set_color(QColor(*(sketch.ink.tolist() * 3)[:3]))
            self.tools.set_rubbing(False)
            self._take_pen()
        self._show()

    def _show(self) -> None:
        state = self._session.state
        own, found, sketch = state.own, state.own.found, state.sketch
        self.can.show()
        self._stack.setCurrentIndex(0 if own.asked is None and sketch is None else 1)
        self.canvas.setVisible(sketch is not None)
        self._drawing.setVisible(sketch is not None)
        self.original.setVisible(sketch is None)
        self.negative.setVisible(sketch is None)
        if own.asked is not None:
            self.label.setCurrentIndex(max(0, self.label.findData(own.asked.label)))
        run = state.run
        self.facts.show_own(own, () if run is None else run.class_names)
        self.original.set_picture(None if found is None else found.original)
        self.found.set_picture(None if found is None else found.picture)
        spoiling = "" if found is None else found.spoiling
        self.found.set_caption("cleaned" if spoiling else "in the model")
        self.spoilt.setVisible(bool(spoiling))
        self.spoilt.setToolTip(f"Spoil it with {spoiling} first, as in training, and see it cleaned")
        self._show_neighbours()

    def _show_neighbours(self) -> None:
        """The pictures of the points that lie nearest to the code."""
        state = self._session.state
        nearest = neighbours_of(state.own, None if state.embedding is None else state.embedding.codes)
        data = state.data
        known = nearest is not None and data is not None and int(nearest.indices.max()) < len(data.pictures)
        self.nearest.setVisible(known)
        if nearest is None or data is None or not known:
            return
        self.neighbour_indices = tuple(nearest.indices.tolist())
        tips = [
            f"Near your picture on the map: picture {other:,}, at distance {distance:.3g}. Click to select it"
            for other, distance in zip(self.neighbour_indices, nearest.distances.tolist(), strict=True)
        ]
        self.nearest.set_pictures(data.pictures[nearest.indices], tips)

    # ---- sizes

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures stand above the rest, in a low panel beside it, and take no more height than square ones need."""
        super().resizeEvent(event)
        low = event.size().width() > WIDE * event.size().height()
        along, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._halves.setDirection(along if low else down)
        self._heads.setDirection(along if low else down)
        for picture in (self.original, self.canvas, self.found):
            picture.setMaximumHeight(max(64, event.size().width() // (4 if low else 2)) + CAPTION)

    def sizeHint(self) -> QSize:
        """Room for two pictures side by side."""
        return QSize(320, 340)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(200, 120)

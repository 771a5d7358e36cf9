"""The latent map in the window: the points of the session, its probe and pins, the lattice, the legend, a caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer import colors
from explorer.actions import make_action
from explorer.backdrop import Backdrop
from explorer.charts import whereabouts
from explorer.layer_button import LayerButton
from explorer.layer_show import LayerShow
from explorer.map_charts import MapCharts
from explorer.map_coloring import MapColoring
from explorer.map_tools import MapTools
from explorer.map_ways import MapWays
from explorer.map_words import caption, message
from explorer.pins import free_slot
from explorer.widgets.elided import Elided
from explorer.widgets.gathering_map import GatheringMap
from explorer.widgets.map_key import MapKey
from explorer.widgets.map_marks import Marker
from explorer.widgets.parts import action_button
from explorer.widgets.picture import to_image
from explorer.widgets.pin_strip import carry_pin

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from explorer.pins import Pin
    from explorer.session import Session
    from explorer.state import SessionState

REMEMBERED = "map/animated"


class MapView(QWidget):
    """The hero of the window; its actions also stand in the window's menus."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("map_view")
        self.setAccessibleName("Latent map with its classes")
        self._session = session
        self.map, self.key = GatheringMap(self), MapKey(self)
        self._coloring = MapColoring(session, self.map, self.key)
        self.charts = MapCharts(session, self, self.map)
        self.ways = MapWays(session, self.map)
        self._caption = Elided(quiet=True)
        self._caption.setObjectName("map_caption")
        self.fit_action = make_action(self, "fit_the_points", "Fit the points", "F", self.map.fit, "fit")
        self.lattice_action = make_action(
            self, "pictures_behind_the_points", "Pictures behind the points", "G", drawing="lattice"
        )
        self.lattice_action.setCheckable(True)
        self.layers = LayerButton(session, self.lattice_action)
        self.animate_action = make_action(self, "points_glide", "Points glide", "Ctrl+Shift+G", self._toggle_motion)
        self.animate_action.setCheckable(True)
        self.animate_action.setChecked(QSettings().value(REMEMBERED, True, bool) is True)
        self.map.animated = self.animate_action.isChecked()
        self.tools = MapTools(session, self, self.map, self._coloring)
        self._lay_out()
        self._connect()
        self._backdrop, self._layer_show = Backdrop(session, self.map), LayerShow(session, self.map)

    def _lay_out(self) -> None:
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.map, 1)
        across.addWidget(self.key)
        below = QHBoxLayout()
        below.setContentsMargins(8, 2, 8, 2)
        below.setSpacing(4)
        below.addWidget(self._caption, 1)
        below.addWidget(self.charts.bar, 1)
        below.addWidget(self.charts.button)
        for button in self.tools.buttons():
            below.addWidget(button)
        below.addWidget(self.layers)
        for name, action in (("lattice_button", self.lattice_action), ("fit_button", self.fit_action)):
            below.addWidget(action_button(action, name))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(across, 1)
        column.addLayout(below)

    def _connect(self) -> None:
        session, shown = self._session, self.map
        shown.point_picked.connect(session.select)
        shown.place_moved.connect(session.move_to)
        shown.let_go.connect(self.tools.let_go)
        shown.own_picked.connect(session.owns.take)
        shown.carried_out.connect(self._carry)
        hears = {
            self._show_run: (session.run_changed,),
            self._show_data: (session.data_changed,),
            self._show_points: (session.embedding_changed,),
            self._show_probe: (session.code_changed, session.selection_changed),
            self._show_selection: (session.selection_changed, session.neighbours_changed),
            self._show_pins: (session.pins_changed,),
            self._show_own: (session.own_changed,),
            self._show_laying: (session.laying_changed,),
            self._show_message: (session.phase_changed, session.run_changed),
        }
        for show, signals in hears.items():
            for signal in signals:
                signal.connect(show)
        for show in (self._show_run, self._show_data, self._show_points, self._show_selection, self._show_message):
            show()

    @property
    def caption(self) -> str:
        """What stands below the map."""
        return self._caption.text()

    @property
    def _state(self) -> SessionState:
        return self._session.state

    # ---- from the session to the map

    def _show_run(self) -> None:
        """A new run takes the stage: nothing of the one before may glide into it."""
        self.map.set_points(None)

    def _show_data(self) -> None:
        data = self._state.data
        self.map.set_pictures(data.pictures if data is not None else None, self._coloring.name_of)

    def _show_points(self) -> None:
        embedding = self._state.embedding
        self.map.set_points(None if embedding is None else embedding.points)
        self._show_pins()
        self._show_probe()
        self._show_own()
        self._caption.setText(caption(self._state))

    def _show_laying(self) -> None:
        """The progress of a layout takes the place of the caption."""
        self._caption.setVisible(self._state.laying is None)

    def _show_message(self) -> None:
        self.map.set_message("The latent map", message(self._state))

    def _show_probe(self) -> None:
        state = self._state
        place = None if state.code is None else whereabouts(state, state.code)
        self.map.set_probe(None if place is None else Marker(*place, state.selection))

    def _show_selection(self) -> None:
        """The selected point and its neighbours."""
        state = self._state
        shown = state.selection if state.embedding is not None else None
        self.map.set_selection(shown, () if state.neighbours is None else state.neighbours.indices.tolist())

    def _show_pins(self) -> None:
        self.map.set_pins([self._marker(pin) for pin in self._state.pins])

    def _show_own(self) -> None:
        """Where the code that was found for a person's own picture lies."""
        found = self._state.own.found
        place = None if found is None or found.code is None else whereabouts(self._state, found.code)
        self.map.set_own(None if place is None else Marker(*place))

    def _marker(self, pin: Pin | None) -> Marker | None:
        place = None if pin is None else whereabouts(self._state, pin.code)
        return None if pin is None or place is None else Marker(*place, pin.index)

    def _carry(self) -> None:
        """Pin the probe's code and take it along to where it is wanted; nowhere, it is as if it had not been pinned."""
        slot, picture = free_slot(self._state), self._state.picture
        self._session.pin_next()
        if slot is not None and not carry_pin(self, slot, None if picture is None else to_image(picture.pictures[0])):
            self._session.undo()

    # ---- how it moves and is seen

    def _toggle_motion(self) -> None:
        self.map.animated = self.animate_action.isChecked()
        QSettings().setValue(REMEMBERED, self.map.animated)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One ground under map, legend and caption."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colors.theme().map)
        painter.end()

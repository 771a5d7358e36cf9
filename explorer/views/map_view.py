"""The latent map in the window: the points of the session, its probe and pins, the lattice, the legend, a caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QAction, QKeySequence, QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer import colors
from explorer.coloring import by_class, by_factor, shade_color, value_of
from explorer.icons import icon
from explorer.state import Phase, Visibility
from explorer.widgets.elided import Elided
from explorer.widgets.latent_map import LatentMap
from explorer.widgets.later import Later
from explorer.widgets.map_canvas import STRAIGHT
from explorer.widgets.map_key import MapKey
from explorer.widgets.map_marks import Marker, sheet_of
from explorer.widgets.parts import action_button
from models import latent, projection

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from explorer.pins import Pin
    from explorer.session import Session
    from explorer.state import SessionState

ARC = 33  # places at which the way of a morph is known
REST = 150  # ms that the view must rest before the lattice is laid anew
REFRESH = 500  # ms between two lattices while the plane of the map turns
REMEMBERED = "map/animated"


class MapView(QWidget):
    """The hero of the window; its actions also stand in the window's menus."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("map_view")
        self.setAccessibleName("Latent map with its classes")
        self._session = session
        self.map, self.key = LatentMap(self), MapKey(self)
        self.legend = self.key.legend
        self._coloring = by_class(None, ())
        self._seen: dict[int, Visibility] = {}  # how the values of a factor show
        self._caption = Elided(quiet=True)
        self._caption.setObjectName("map_caption")
        self.fit_action = self._action("fit", "Fit the points", "F", self.map.fit)
        self.lattice_action = self._action("lattice", "Pictures behind the points", "G", self._toggle_lattice)
        self.lattice_action.setCheckable(True)
        self.animate_action = self._action("", "Points glide", "Ctrl+Shift+G", self._toggle_motion)
        self.animate_action.setCheckable(True)
        self.animate_action.setChecked(QSettings().value(REMEMBERED, True, bool) is True)
        self.map.animated = self.animate_action.isChecked()
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self._lay_lattice)
        self._refresh = Later(REFRESH, self._lay_lattice, self)
        self._lay_out()
        self._connect()

    def _action(self, drawing: str, text: str, keys: str, do: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setObjectName(f"action_{text.lower().replace(' ', '_')}")
        action.setShortcut(QKeySequence(keys))
        action.setToolTip(f"{text} ({keys})")
        if drawing:
            action.setIcon(icon(drawing))
        action.triggered.connect(lambda: do())
        self.addAction(action)
        return action

    def _lay_out(self) -> None:
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.map, 1)
        across.addWidget(self.key)
        below = QHBoxLayout()
        below.setContentsMargins(8, 2, 8, 2)
        below.setSpacing(4)
        below.addWidget(self._caption, 1)
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
        shown.let_go.connect(lambda: session.select(None))
        shown.view_moved.connect(self._hear_view)
        self.legend.visibility_chosen.connect(self._set_visibility)
        self.legend.isolated.connect(self._isolate)
        self.legend.all_wanted.connect(self._show_all_classes)
        self.key.chosen.connect(self._show_key)
        hears = {
            self._show_run: (session.run_changed,),
            self._show_data: (session.data_changed,),
            self._show_points: (session.embedding_changed,),
            self._show_classes: (session.classes_changed,),
            self._show_probe: (session.code_changed, session.selection_changed),
            self._show_selection: (session.selection_changed, session.neighbours_changed),
            self._show_pins: (session.pins_changed, session.spherical_changed),
            self._show_lattice: (session.lattice_changed,),
            self._show_message: (session.phase_changed, session.run_changed),
            self._lay_lattice: (session.catalog_changed,),  # from now on there is a renderer
        }
        for show, signals in hears.items():
            for signal in signals:
                signal.connect(show)
        for show in (self._show_run, self._show_data, self._show_points, self._show_selection, self._show_lattice):
            show()
        self._show_message()

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
        self.map.set_pictures(data.pictures if data is not None else None, self._name_of)
        self.key.set_factors(data.factors if data is not None and data.values is not None else ())
        self._show_key()

    def _show_key(self) -> None:
        """What colours the points: their classes, or the factor that is chosen."""
        data, run, factor = self._state.data, self._state.run, self.key.factor
        self._coloring = by_class(data, run.class_names if run else ())
        if data is not None and factor is not None:
            self._coloring = by_factor(data, factor)
        self._seen = {}
        self.key.set_coloring(self._coloring)
        self._show_classes()

    def _name_of(self, index: int) -> str:
        run, data = self._state.run, self._state.data
        label = int(data.labels[index]) if data is not None else -1
        if data is not None and self.key.factor is not None:
            return f"{value_of(data, self.key.factor, index)} · #{index:,}"
        named = run is not None and 0 <= label < len(run.class_names)
        return f"{run.class_names[label]} · #{index:,}" if run and named else f"#{index:,}"

    def _show_points(self) -> None:
        embedding = self._state.embedding
        self.map.set_points(None if embedding is None else embedding.points)
        self._show_pins()
        self._show_probe()
        self._show_caption()
        if embedding is None:
            return
        if self.lattice_action.isChecked() and self._state.lattice is None:
            self._lay_lattice()
        if self.lattice_action.isChecked() and embedding.projection.name != "identity":
            self._refresh.ask()

    def _show_classes(self) -> None:
        seen = self._state.classes if self.key.factor is None else self._seen
        self.map.set_classes(self._coloring.labels, seen, shade_color if self._coloring.ramp else colors.class_color)
        self.legend.set_visibility(seen)

    def _show_probe(self) -> None:
        state = self._state
        if state.embedding is None or state.code is None:
            self.map.set_probe(None)
            return
        x, y = projection.project(state.code[None], state.embedding.projection)[0].tolist()
        self.map.set_probe(Marker(x, y, state.selection))

    def _show_selection(self) -> None:
        """The selected point and its neighbours."""
        state = self._state
        shown = state.selection if state.embedding is not None else None
        self.map.set_selection(shown, () if state.neighbours is None else state.neighbours.indices.tolist())

    def _show_pins(self) -> None:
        state, (first, second) = self._state, self._state.pins
        bulge = STRAIGHT
        if state.embedding is not None and state.spherical and first is not None and second is not None:
            where, plane = np.linspace(0, 1, ARC), state.embedding.projection
            arc, line = (way(first.code, second.code, where) for way in (latent.slerp, latent.lerp))
            bulge = projection.project(arc, plane) - projection.project(line, plane)
        self.map.set_pins(self._marker(first), self._marker(second), bulge)

    def _marker(self, pin: Pin | None) -> Marker | None:
        if pin is None or self._state.embedding is None:
            return None
        x, y = projection.project(pin.code[None], self._state.embedding.projection)[0].tolist()
        return Marker(x, y, pin.index)

    # ---- classes

    def _set_visibility(self, label: int, visibility: Visibility) -> None:
        if self.key.factor is None:
            self._session.set_visibility(label, visibility)
            return
        self._seen[label] = visibility
        self._show_classes()

    def _isolate(self, label: int) -> None:
        if self.key.factor is None:
            self._session.isolate(label)
            return
        alone = {other: Visibility.DIMMED for other in self._coloring.counts if other != label}
        self._seen = {} if self._seen == alone else alone
        self._show_classes()

    def _show_all_classes(self) -> None:
        self._seen = {}
        self._show_classes()
        for label in tuple(self._state.classes):
            self._session.set_visibility(label, Visibility.SHOWN)

    # ---- the lattice behind the points

    def _toggle_lattice(self) -> None:
        if self.lattice_action.isChecked():
            self._lay_lattice()
        else:
            self._session.drawings.lift_lattice()

    def _lay_lattice(self) -> None:
        run = self._state.run
        if self.lattice_action.isChecked() and run is not None:
            _, height, width = run.image_shape
            self._session.drawings.lay_lattice(*self.map.lattice_layout(width / height))

    def _show_lattice(self) -> None:
        """New pictures replace the old ones, which stay until then."""
        lattice = self._state.lattice
        if lattice is None:
            self.map.set_lattice(None)
        elif lattice.pictures is not None and len(lattice.pictures) == lattice.columns * lattice.rows:
            self.map.set_lattice(sheet_of(lattice.pictures, lattice.columns, lattice.rows), lattice.bounds)

    def _hear_view(self) -> None:
        if self.lattice_action.isChecked():
            self._rest.start()

    def _toggle_motion(self) -> None:
        self.map.animated = self.animate_action.isChecked()
        QSettings().setValue(REMEMBERED, self.map.animated)

    # ---- words

    def _show_caption(self) -> None:
        embedding = self._state.embedding
        if embedding is None:
            self._caption.setText("")
            return
        count, dimensions = embedding.codes.shape
        made_up = self._state.data is not None and self._state.data.generated
        words = [f"step {embedding.step:,}", f"{count:,} {'generated ' if made_up else ''}pictures"]
        if dimensions > 2:
            shown, name = embedding.projection.explained, embedding.projection.name.upper()
            words.append(f"{name} shows {shown:.0%} of the variance in {dimensions}-D")
            words.append("empty places decode on this plane")
        self._caption.setText(" · ".join(words))

    def _show_message(self) -> None:
        state = self._state
        if state.phase is Phase.OPENING:
            words = "One moment…"
        elif state.phase.busy:
            words = "The first points come as soon as the model has seen its first pictures."
        elif state.run is not None:
            words = "This run holds no map yet. Resume it, or open another run."
        else:
            words = (
                "Every point will be one picture, placed by the model; pictures that look alike to it lie together. "
                "Press Start, or open a run."
            )
        self.map.set_message("The latent map", words)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One ground under map, legend and caption."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colors.theme().map)
        painter.end()

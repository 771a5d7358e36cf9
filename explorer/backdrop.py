"""The decoded pictures behind the points of the map: laid by some layers, anew when the view or the plane has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from explorer.layers import WITH_PICTURES, layer_of
from explorer.widgets.later import Later
from explorer.widgets.map_marks import sheet_of

if TYPE_CHECKING:
    from explorer.session import Session
    from explorer.widgets.latent_map import LatentMap

REST = 150  # ms that the view must rest before the lattice is laid anew
REFRESH = 500  # ms between two lattices while the plane of the map turns


class Backdrop(QObject):
    """Lies behind `shown` while the chosen layer has pictures; it hears of new points after the map does."""

    def __init__(self, session: Session, shown: LatentMap) -> None:
        super().__init__(shown)
        self._session, self._map = session, shown
        self._plane = ""  # the name of the projection by which it was laid
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self._lay)
        self._refresh = Later(REFRESH, self._lay, self)
        session.layer_changed.connect(self._follow_layer)
        shown.view_moved.connect(self._hear_view)
        session.lattice_changed.connect(self._show)
        session.embedding_changed.connect(self._hear_points)
        session.catalog_changed.connect(self._lay)  # from now on there is a renderer
        self._show()

    @property
    def _wanted(self) -> bool:
        return layer_of(self._session.state) in WITH_PICTURES

    def _follow_layer(self) -> None:
        if self._wanted:
            self._lay()
        elif self._session.state.lattice is not None:
            self._session.drawings.lift_lattice()

    def _lay(self) -> None:
        run, embedding = self._session.state.run, self._session.state.embedding
        if self._wanted and run is not None:
            self._plane = "" if embedding is None else embedding.projection.name
            _, height, width = run.image_shape
            self._session.drawings.lay_lattice(*self._map.lattice_layout(width / height))

    def _show(self) -> None:
        """New pictures replace the old ones, which stay until then."""
        lattice = self._session.state.lattice
        if lattice is None:
            self._map.set_lattice(None)
        elif lattice.pictures is not None and len(lattice.pictures) == lattice.columns * lattice.rows:
            self._map.set_lattice(sheet_of(lattice.pictures, lattice.columns, lattice.rows), lattice.bounds)

    def _hear_view(self) -> None:
        if self._wanted:
            self._rest.start()

    def _hear_points(self) -> None:
        state = self._session.state
        if state.embedding is None or not self._wanted:
            return
        if state.lattice is None:
            self._lay()
        if {state.embedding.projection.name, self._plane} != {"identity"}:
            self._refresh.ask()

"""The colours of the map's points and the key beside them, whose legend is a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer import colors
from explorer.coloring import chosen_factor, coloring_of, shade_color, told_factor
from explorer.state import Visibility

if TYPE_CHECKING:
    from explorer.session import Session
    from explorer.widgets.latent_map import LatentMap
    from explorer.widgets.map_key import MapKey


class MapColoring(QObject):
    """Colours the points of `shown` by class, or by the factor that is chosen in `key`."""

    def __init__(self, session: Session, shown: LatentMap, key: MapKey) -> None:
        super().__init__(key)
        self._session, self._map, self._key = session, shown, key
        self._seen: dict[int, Visibility] = {}  # how the values of a factor show
        self.coloring = coloring_of(session.state)
        key.chosen.connect(session.color_by)
        key.legend.visibility_chosen.connect(self._set_visibility)
        key.legend.isolated.connect(self._isolate)
        key.legend.all_wanted.connect(self._show_all)
        session.data_changed.connect(self._show)
        session.factor_changed.connect(self._show)
        session.classes_changed.connect(self._show_visibility)
        self._show()

    @property
    def _factor(self) -> int | None:
        return chosen_factor(self._session.state)

    def name_of(self, index: int) -> str:
        """What is known of point `index`: the class, or the value of the chosen factor."""
        state = self._session.state
        factor = told_factor(state, index)
        if factor:
            return f"{factor} · #{index:,}"
        label = int(state.data.labels[index]) if state.data is not None else -1
        named = state.run is not None and 0 <= label < len(state.run.class_names)
        return f"{state.run.class_names[label]} · #{index:,}" if state.run and named else f"#{index:,}"

    # ---- from the session to the map

    def _show(self) -> None:
        state = self._session.state
        self._seen, self.coloring = {}, coloring_of(state)
        known = state.data is not None and state.data.values is not None
        self._key.set_factors(state.data.factors if state.data is not None and known else (), self._factor)
        self._key.set_coloring(self.coloring)
        self._show_visibility()

    def _show_visibility(self) -> None:
        seen = self._session.state.classes if self._factor is None else self._seen
        self._map.set_classes(self.coloring.labels, seen, shade_color if self.coloring.ramp else colors.class_color)
        self._key.legend.set_visibility(seen)

    # ---- from the legend to what is seen

    def _set_visibility(self, label: int, visibility: Visibility) -> None:
        if self._factor is None:
            self._session.set_visibility(label, visibility)
            return
        self._seen[label] = visibility
        self._show_visibility()

    def _isolate(self, label: int) -> None:
        if self._factor is None:
            self._session.isolate(label)
            return
        alone = {other: Visibility.DIMMED for other in self.coloring.counts if other != label}
        self._seen = {} if self._seen == alone else alone
        self._show_visibility()

    def _show_all(self) -> None:
        self._seen = {}
        self._show_visibility()
        for label in tuple(self._session.state.classes):
            self._session.set_visibility(label, Visibility.SHOWN)

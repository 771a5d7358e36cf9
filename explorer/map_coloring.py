"""The colours of the map's points and the key beside them, whose legend is a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from explorer import colors
from explorer.coloring import GROUPS, by_groups, chosen_factor, coloring_of, shade_color, told_factor
from explorer.groups import How, indices_of
from explorer.state import Visibility

if TYPE_CHECKING:
    from explorer.session import Session
    from explorer.widgets.latent_map import LatentMap
    from explorer.widgets.map_key import MapKey


class MapColoring(QObject):
    """Colours the points of `shown` by class, by group, or by the factor that is chosen in `key`.

    `gathered` tells the points of an entry that a person gathers, and how.
    """

    gathered = Signal(object, How)

    def __init__(self, session: Session, shown: LatentMap, key: MapKey) -> None:
        super().__init__(key)
        self._session, self._map, self._key = session, shown, key
        self._seen: dict[int, Visibility] = {}  # how groups, or the values of a factor, show
        self.coloring = coloring_of(session.state)
        key.chosen.connect(session.color_by)
        key.legend.visibility_chosen.connect(self._set_visibility)
        key.legend.isolated.connect(self._isolate)
        key.legend.gathered.connect(self._gather)
        key.legend.all_wanted.connect(self._show_all)
        session.data_changed.connect(self._show)
        session.factor_changed.connect(self._show)
        session.groups_changed.connect(self._show)
        session.classes_changed.connect(self._show_visibility)
        self._show()

    @property
    def _by_class(self) -> bool:
        """Whether the key is one of classes, whose visibility is part of the session."""
        state = self._session.state
        return chosen_factor(state) is None and not by_groups(state)

    def name_of(self, index: int) -> str:
        """What is known of point `index`: the class, the group, or the value of the chosen factor."""
        state = self._session.state
        factor = told_factor(state, index)
        if factor:
            return f"{factor} · #{index:,}"
        labels, names = self.coloring.labels, self.coloring.names
        label = int(labels[index]) if index < len(labels) else -1
        return f"{names[label]} · #{index:,}" if 0 <= label < len(names) else f"#{index:,}"

    # ---- from the session to the map

    def _show(self) -> None:
        state = self._session.state
        self._seen, self.coloring = {}, coloring_of(state)
        known = state.data is not None and state.data.values is not None
        factors = state.data.factors if state.data is not None and known else ()
        factor = chosen_factor(state)
        chosen = GROUPS if by_groups(state) else "" if factor is None else factors[factor].name
        self._key.set_choices([("group", GROUPS)] * bool(state.groups), factors, chosen)
        self._key.set_coloring(self.coloring)
        self._show_visibility()

    def _show_visibility(self) -> None:
        seen = self._session.state.classes if self._by_class else self._seen
        self._map.set_classes(self.coloring.labels, seen, shade_color if self.coloring.ramp else colors.class_color)
        self._key.legend.set_visibility(seen)

    # ---- from the legend to what is seen

    def _set_visibility(self, label: int, visibility: Visibility) -> None:
        if self._by_class:
            self._session.set_visibility(label, visibility)
            return
        self._seen[label] = visibility
        self._show_visibility()

    def _isolate(self, label: int) -> None:
        if self._by_class:
            self._session.isolate(label)
            return
        alone = {other: Visibility.DIMMED for other in self.coloring.counts if other != label}
        self._seen = {} if self._seen == alone else alone
        self._show_visibility()

    def _gather(self, label: int, how: How) -> None:
        self.gathered.emit(indices_of(np.flatnonzero(self.coloring.labels == label)), how)

    def _show_all(self) -> None:
        self._seen = {}
        self._show_visibility()
        for label in tuple(self._session.state.classes):
            self._session.set_visibility(label, Visibility.SHOWN)

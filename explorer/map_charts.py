"""What the map shows of its projection: the choice below it, the progress of a layout, the turn and depth of space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from explorer.chart_button import ChartButton
from explorer.widgets.laying_bar import LayingBar
from explorer.widgets.map_depth import nearness_of
from explorer.widgets.turn_hand import TurnHand
from models import projection

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from explorer.session import Session
    from explorer.widgets.latent_map import LatentMap

OUTSIDE = 0.002  # share of points that may lie outside the ball that is fitted


class MapCharts(QObject):
    """Hears of new points before the map does, so that these are drawn in depth from the first frame on."""

    def __init__(self, session: Session, view: QWidget, shown: LatentMap) -> None:
        super().__init__(view)
        self._session, self._map = session, shown
        self._reach = 0.0
        self._codes: object = None
        self.button = ChartButton(session, view)
        self.bar = LayingBar(self.button.stop_action, view)
        self.hand = TurnHand(shown)
        self.hand.turned.connect(session.projecting.turn)
        self.hand.taken.connect(lambda: self.button.turn_action.setChecked(False))
        self.button.turn_action.toggled.connect(self.hand.turn_slowly)
        session.embedding_changed.connect(self._show_depth)
        session.laying_changed.connect(self._show_laying)
        self._show_depth()
        self._show_laying()

    def _show_laying(self) -> None:
        self.bar.show_laying(self._session.state.laying)

    def _show_depth(self) -> None:
        """A map in space stays in a ball around its middle, however it is turned."""
        embedding = self._session.state.embedding
        depths = None if embedding is None else projection.depths(embedding.codes, embedding.projection)
        self.hand.set_active(depths is not None)
        if embedding is None or depths is None:
            self._map.points.set_depth(None)
            self._codes = None
            return
        turned = embedding.codes is self._codes
        if not turned:
            away = np.sqrt(np.square(embedding.points).sum(axis=1) + np.square(depths))
            self._codes, self._reach = embedding.codes, float(np.quantile(away, 1 - OUTSIDE))
        self._map.points.set_depth(nearness_of(depths, self._reach), self._reach, turned)

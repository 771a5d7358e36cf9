"""What is marked on a map beside its points: pins, the ways between them, an own picture, and what is pointed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.widgets.map_marks import Marker, Stretch


class MarkedWidget(QWidget):
    """Keeps the marks for who paints them; `set_*` emit nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.own: Marker | None = None
        self._pins: tuple[Marker | None, ...] = (None, None)
        self._ways: tuple[Stretch, ...] = ()
        self._pointed: Marker | None = None

    def set_own(self, own: Marker | None) -> None:
        """Where the code of a person's own picture lies."""
        if own != self.own:
            self.own = own
            self.update()

    def set_pins(self, pins: Sequence[Marker | None]) -> None:
        """Where the pinned codes lie."""
        if tuple(pins) != self._pins:
            self._pins = tuple(pins)
            self.update()

    def set_ways(self, ways: Sequence[Stretch]) -> None:
        """The ways of morphs and the edges of boards."""
        if self._ways or ways:
            self._ways = tuple(ways)
            self.update()

    def set_pointed(self, pointed: Marker | None) -> None:
        """Where the code of a picture lies that is pointed at in another panel."""
        self._pointed = pointed
        self.update()

"""The selected point: its original, what the model makes of it, how far that is off, its code and neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from explorer.coloring import told_factor
from explorer.gestures import NEIGHBOURS
from explorer.widgets.carried import PointHand
from explorer.widgets.code_bars import CodeBars
from explorer.widgets.elided import Elided
from explorer.widgets.picture import CAPTION, Picture
from explorer.widgets.picture_grid import PictureGrid
from explorer.words import number

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QResizeEvent, QShowEvent

    from explorer.session import Session

SPELT_OUT = 6  # numbers of the code written out; a longer code is also drawn as bars
BARS_HIGH = 240  # px from which there is space for bars
THREE_WIDE = 240  # px from which the difference stands beside original and reconstruction
EMPTY = "Click a point on the map to see its picture, what the model makes of it, and its nearest neighbours."


class SelectionView(QWidget):
    """Reads selection, code, picture and embedding of the session; a click on a neighbour selects it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._drawn_for: int | None = None  # the point whose reconstruction is shown
        self._generated = False
        self.neighbour_indices: tuple[int, ...] = ()
        self.setObjectName("selection_view")
        self.setAccessibleName("Selected point")
        self._make_parts()
        self._lay_out()
        session.selection_changed.connect(self._show_all)
        session.data_changed.connect(self._show_data)
        session.factor_changed.connect(self._show_factor)
        session.code_changed.connect(self._show_code)
        session.picture_changed.connect(self._show_reconstruction)
        session.neighbours_changed.connect(self._show_neighbours)
        self._show_all()

    def _make_parts(self) -> None:
        self.original = Picture(caption="original")
        self.reconstruction = Picture(caption="reconstruction")
        self.difference = Picture(caption="difference")
        for picture in (self.original, self.reconstruction, self.difference):
            name = picture.caption
            picture.setObjectName(f"selection_{name}")
            picture.setAccessibleName(name.capitalize())
            picture.told.connect(self._session.tell)
        self.difference.setToolTip("Where and how strongly original and reconstruction differ; black is equal")
        self.what = Elided()
        self.what.setObjectName("selection_what")
        self.factor = Elided()
        self.factor.setObjectName("selection_factor")
        self.error = QLabel()
        self.error.setObjectName("selection_error")
        self.error.setToolTip("Mean squared error of the reconstruction per pixel, with pixels from 0 to 1")
        self.code = Elided(quiet=True)
        self.code.setObjectName("selection_code")
        self.bars = CodeBars()
        self.bars.setObjectName("selection_bars")
        self.bars.setAccessibleName("Code of the selected point")
        self.nearest = PictureGrid()
        self.nearest.setObjectName("selection_neighbours")
        self.nearest.setAccessibleName("Nearest neighbours")
        self.nearest.picked.connect(self._pick_neighbour)
        self.nearest.told.connect(self._session.tell)
        PointHand(self.original, lambda place: self._session.state.selection)
        PointHand(self.nearest, self._neighbour_at)

    def _neighbour_at(self, place: QPoint) -> int | None:
        shown = self.nearest.index_at(place)
        return None if shown is None or shown >= len(self.neighbour_indices) else self.neighbour_indices[shown]

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(8)
        for picture in (self.original, self.reconstruction, self.difference):
            pictures.addWidget(picture)
        facts = QHBoxLayout()
        facts.addWidget(self.what, 1)
        facts.addWidget(self.error)
        heading = Elided("Nearest in code space", quiet=True)
        heading.setObjectName("selection_heading")
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(facts)
        column.addWidget(self.factor)
        column.addLayout(pictures, 3)
        column.addWidget(self.bars)
        column.addWidget(self.code)
        column.addWidget(heading)
        column.addWidget(self.nearest, 2)
        column.addStretch(0)
        self.empty = Picture(EMPTY)
        self.empty.setContentsMargins(8, 8, 8, 8)
        self.empty.setObjectName("selection_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(filled)

    # ---- hearing

    def _show_data(self) -> None:
        """Other pictures, other points: what was drawn is of none of them."""
        self._drawn_for = None
        self._show_all()

    def _show_all(self) -> None:
        state = self._session.state
        index = state.selection
        known = index is not None and state.data is not None
        self._stack.setCurrentIndex(1 if known else 0)
        if index is None or state.data is None or not self.isVisible():
            return
        self._show_origin(state.data.generated)
        self.original.set_picture(state.data.picture(index))
        label = int(state.data.labels[index])
        names = state.run.class_names if state.run is not None else ()
        named = f"{names[label]} · " if 0 <= label < len(names) else ""
        self.what.setText(f"{named}#{index:,}")
        self._show_factor()
        if index != self._drawn_for:
            self._clear_reconstruction()
        self._show_code()
        self._show_reconstruction()
        self._show_neighbours()

    def _show_factor(self) -> None:
        """The value by which the map colours the point; its class stands beside its number already."""
        state = self._session.state
        self.factor.setText("" if state.selection is None else told_factor(state, state.selection))
        self.factor.setVisible(bool(self.factor.text()))

    def _show_origin(self, generated: bool) -> None:
        """A picture that the model made up has no original beside it."""
        self._generated = generated
        self.original.set_caption("generated" if generated else "original")
        self.reconstruction.setVisible(not generated)
        self.difference.setVisible(not generated and self.width() >= THREE_WIDE)
        self.error.setVisible(not generated)

    def _show_code(self) -> None:
        state = self._session.state
        if state.selection is None or state.code is None or not self.isVisible():
            return
        self.bars.setVisible(len(state.code) > SPELT_OUT and self.height() >= BARS_HIGH)
        self.bars.set_code(state.code)
        few = ", ".join(f"{value:.3g}" for value in state.code[:SPELT_OUT].tolist()).replace("-", "\N{MINUS SIGN}")
        rest = ", ..." if len(state.code) > SPELT_OUT else ""
        self.code.setText(f"z = ({few}{rest})")

    def _clear_reconstruction(self) -> None:
        self.reconstruction.set_picture(None)
        self.difference.set_picture(None)
        self.error.setText("")

    def _show_reconstruction(self) -> None:
        """Only the answer for this point's code is its reconstruction; a late one of another point is not."""
        state = self._session.state
        if state.selection is None or state.picture is None or state.data is None or not self.isVisible():
            return
        if state.code is None or not np.array_equal(state.picture.codes[0], state.code):
            return
        original, drawn = state.data.picture(state.selection), state.picture.pictures[0]
        self._drawn_for = state.selection
        if state.data.generated:
            self.original.set_picture(drawn)  # the model as it is now, for the point's own is of its last round
            return
        self.reconstruction.set_picture(drawn)
        if original is not None and original.shape == drawn.shape:
            apart = original.astype(np.int16) - drawn
            self.difference.set_picture(np.abs(apart).astype(np.uint8))
            self.error.setText(f"MSE {number(float(np.square(apart / 255).mean()))}")

    def _show_neighbours(self) -> None:
        found, data = self._session.state.neighbours, self._session.state.data
        if found is None or data is None or not self.isVisible():
            return
        self.neighbour_indices = tuple(found.indices.tolist())
        tips = [
            f"Picture {other:,}, at distance {distance:.3g}: click to select it"
            for other, distance in zip(self.neighbour_indices, found.distances.tolist(), strict=True)
        ]
        known = max(self.neighbour_indices, default=0) < len(data.pictures)
        self.nearest.set_pictures(data.pictures[found.indices] if known else None, tips)

    def _pick_neighbour(self, place: int) -> None:
        self._session.select(self.neighbour_indices[place])

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was passed over while hidden."""
        super().showEvent(event)
        self._show_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is too narrow for three pictures, the difference steps back."""
        super().resizeEvent(event)
        three = event.size().width() >= THREE_WIDE
        self.difference.setVisible(three and not self._generated)
        side = event.size().width() // (3 if three else 2)
        for picture in (self.original, self.reconstruction, self.difference):
            picture.setMaximumHeight(side + CAPTION)
        self._show_code()
        self.nearest.setMaximumHeight(event.size().width() // NEIGHBOURS)

    def sizeHint(self) -> QSize:
        """Room for pictures that can be recognised."""
        return QSize(320, 340)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(200, 200)

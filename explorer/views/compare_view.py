"""Another model's map beside the one on the stage: the same points, colours and selection, and both pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer import colors
from explorer.actions import make_action
from explorer.coloring import coloring_of, shade_color
from explorer.widgets.elided import Elided
from explorer.widgets.latent_map import LatentMap
from explorer.widgets.map_marks import Marker
from explorer.widgets.parts import Choice, action_button
from explorer.widgets.picture import Picture
from models import projection
from models.errors import printable

if TYPE_CHECKING:
    from explorer.session import Session
    from models.comparing_events import Compared

EMPTY = "Choose another run of the same data above, or an earlier step of this one: its map comes here."
APART = "Both maps show pictures of their own, so no point of one belongs to a point of the other."
SIDE = 104  # px of height for the pictures
NOBODY = "Choose a model…"


class CompareView(QWidget):
    """Reads the comparison, the selection and the runs of the session; hidden until a person asks for it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("compare_view")
        self.setAccessibleName("Comparison with another model")
        self.compare_action = make_action(
            self, "compare", "Compare with…", "Ctrl+K", self._toggle, "compare",
            "Lay another model's map beside this one, or that of an earlier step",
        )  # fmt: skip
        self.compare_action.setCheckable(True)
        self._offers: list[tuple[str, int | None]] = []
        self._make_parts()
        self._lay_out()
        self._connect()
        self.hide()

    def _make_parts(self) -> None:
        self.choice = Choice()
        self.choice.setObjectName("compare_choice")
        self.choice.setAccessibleName("Model to compare with")
        self.choice.setToolTip("Runs of the same data, and the steps of this run that were kept")
        self.choice.activated.connect(self._choose)
        self.map = LatentMap(self)
        self.map.setObjectName("compare_map")
        self.map.setAccessibleName("Latent map of the other model")
        self.map.setMinimumSize(80, 80)
        self.map.point_picked.connect(self._pick)
        self.map.place_moved.connect(self._session.comparisons.move_to)
        self.map.let_go.connect(lambda: self._session.select(None))
        self.caption = Elided(quiet=True)
        self.caption.setObjectName("compare_caption")
        self.pictures = [Picture(caption=words) for words in ("picture", "this model", "other model")]
        for picture in self.pictures:
            picture.setObjectName(f"compare_{picture.caption.replace(' ', '_')}")
            picture.setAccessibleName(picture.caption.capitalize())
            picture.told.connect(self._session.tell)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 4, 0)
        head.addWidget(self.choice, 1)
        self.close_button = action_button(self.compare_action, "compare_close")
        head.addWidget(self.close_button)
        self._row = QWidget()
        self._row.setMaximumHeight(SIDE)
        row = QHBoxLayout(self._row)
        row.setContentsMargins(8, 0, 8, 0)
        for picture in self.pictures:
            row.addWidget(picture)
        below = QHBoxLayout()
        below.setContentsMargins(8, 2, 8, 6)
        below.addWidget(self.caption, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.map, 1)
        column.addWidget(self._row)
        column.addLayout(below)

    def _connect(self) -> None:
        session = self._session
        hears = {
            self._show_offers: (session.runs_changed, session.run_changed),
            self._show_comparison: (session.comparison_changed,),
            self._show_colours: (session.data_changed, session.factor_changed, session.classes_changed),
            self._show_selection: (session.selection_changed, session.neighbours_changed),
            self._show_pictures: (session.twin_picture_changed, session.picture_changed, session.selection_changed),
        }
        for show, signals in hears.items():
            for signal in signals:
                signal.connect(show)
            show()

    # ---- what a person does

    def _toggle(self) -> None:
        wanted = self.compare_action.isChecked()
        self.setVisible(wanted)
        if wanted:
            self._session.refresh_runs()
            self._show_offers()
            self.choice.setFocus()
        else:
            self._session.comparisons.end()

    def _choose(self, place: int) -> None:
        if place > 0:
            self._session.comparisons.begin(*self._offers[place - 1])
        else:
            self._session.comparisons.end()

    def _pick(self, index: int) -> None:
        """A point of the other map is a point of this one where both show the same pictures."""
        found = self._found
        if found is not None and found.paired:
            self._session.select(index)
        elif found is not None and found.points is not None:
            self._session.comparisons.move_to(*found.points[index].tolist())

    # ---- hearing

    @property
    def _found(self) -> Compared | None:
        return self._session.state.comparison.found

    def _show_offers(self) -> None:
        """Other runs of the same data, then the steps of this run."""
        state = self._session.state
        self.compare_action.setEnabled(state.run is not None)
        if not self.isVisible() or state.run is None:
            return
        here = Path(state.run.folder)
        data = next((run.data_hash for run in state.runs if Path(run.folder) == here), "")
        others = [run for run in state.runs if Path(run.folder) != here and not run.problem and run.step]
        akin = sorted(others, key=lambda run: run.data_hash != data)  # those of the same data first
        steps = self._session.comparisons.steps()
        self._offers = [(run.folder, None) for run in akin] + [(state.run.folder, step) for step in steps]
        names = [printable(run.title) for run in akin] + [f"This run at step {step:,}" for step in steps]
        self.choice.clear()
        self.choice.addItems([NOBODY, *names])
        asked = (state.comparison.folder, state.comparison.at)
        self.choice.setCurrentIndex(self._offers.index(asked) + 1 if asked in self._offers else 0)

    def _show_comparison(self) -> None:
        comparison, found = self._session.state.comparison, self._found
        self.map.set_points(None if found is None else found.points, fresh=True)
        self.map.set_message("The other map", "Setting both side by side…" if comparison.working else EMPTY)
        if not comparison.folder:
            self.choice.setCurrentIndex(0)
        self.caption.setText(self._told())
        self._show_colours()
        self._show_selection()
        self._show_place()
        self._show_pictures()

    def _told(self) -> str:
        """What was found, in a line."""
        comparison, found = self._session.state.comparison, self._found
        if found is None:
            return f"Seeking neighbours, {comparison.fraction:.0%}" if comparison.working else ""
        if found.problem:
            return found.problem
        head = f"{printable(found.title)}, step {found.at:,}"
        if found.values is None:
            return f"{head} · {APART}" if not found.akin else head
        kept, drift = np.median(found.values, axis=0).tolist()
        return f"{head} · {kept:.0%} of the neighbours kept, drift {drift:.2f} (medians)"

    def _show_colours(self) -> None:
        """The colours of the map on the stage, where the points are the same."""
        found = self._found
        if found is None or found.points is None:
            return
        state = self._session.state
        coloring = coloring_of(state)
        same = found.paired and len(coloring.labels) == len(found.points)
        labels = coloring.labels if same else np.full(len(found.points), -1, np.int64)
        self.map.set_classes(
            labels, state.classes if same else {}, shade_color if coloring.ramp else colors.class_color
        )
        data = state.data
        self.map.set_pictures(data.pictures if same and data is not None and len(data.pictures) else None)

    def _show_selection(self) -> None:
        """The selected point and its neighbours on the stage, where the other model has them."""
        state, found = self._session.state, self._found
        near = () if state.neighbours is None else state.neighbours.indices.tolist()
        paired = found is not None and found.paired
        self.map.set_selection(state.selection if paired else None, near if paired else ())

    def _show_place(self) -> None:
        """The place of the other map at which a person pointed."""
        found, place = self._found, self._session.state.comparison.place
        if found is None or found.projection is None or place is None:
            self.map.set_probe(None)
            return
        x, y = projection.project(place[None], found.projection)[0].tolist()
        self.map.set_probe(Marker(x, y))

    def _show_pictures(self) -> None:
        state = self._session.state
        data, index = state.data, state.selection
        known = None if data is None or index is None or data.generated else data.picture(index)
        own, other = state.picture, state.twin_picture
        drawn = (known, None if own is None else own.pictures[0], None if other is None else other.pictures[0])
        for picture, pixels in zip(self.pictures, drawn, strict=True):
            picture.set_picture(pixels)

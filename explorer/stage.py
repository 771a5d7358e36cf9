"""What is shown now: the state, and one signal for each field of it that changed."""

from __future__ import annotations

import time
from dataclasses import fields

from PySide6.QtCore import QObject, Signal

from explorer.drawings import Drawings
from explorer.history import gone_to, noted
from explorer.state import SessionState, noticed

FIELDS = tuple(field.name for field in fields(SessionState))


class Stage(QObject):
    """Panels read `state` and hear `<field>_changed`, after the pictures that have come out of date are asked for."""

    catalog_changed = Signal()
    phase_changed = Signal()
    run_changed = Signal()
    live_changed = Signal()
    step_changed = Signal()
    total_steps_changed = Signal()
    pace_changed = Signal()
    data_changed = Signal()
    progress_changed = Signal()
    working_changed = Signal()
    curves_changed = Signal()
    home_changed = Signal()
    chart_changed = Signal()
    laying_changed = Signal()
    embedding_changed = Signal()
    samples_changed = Signal()
    reconstructions_changed = Signal()
    plane_changed = Signal()
    weights_changed = Signal()
    figures_changed = Signal()
    judged_changed = Signal()
    judging_changed = Signal()
    illnesses_changed = Signal()
    selection_changed = Signal()
    neighbours_changed = Signal()
    explored_changed = Signal()
    code_changed = Signal()
    place_changed = Signal()
    locked_changed = Signal()
    pins_changed = Signal()
    morph_changed = Signal()
    spherical_changed = Signal()
    timeline_changed = Signal()
    playhead_changed = Signal()
    film_changed = Signal()
    shortest_changed = Signal()
    board_changed = Signal()
    board_pictures_changed = Signal()
    pointed_changed = Signal()
    way_changed = Signal()
    picture_changed = Signal()
    pin_pictures_changed = Signal()
    lattice_changed = Signal()
    layer_changed = Signal()
    survey_changed = Signal()
    drawing_changed = Signal()
    classes_changed = Signal()
    gathered_changed = Signal()
    others_changed = Signal()
    groups_changed = Signal()
    group_picture_changed = Signal()
    bench_changed = Signal()
    bench_pictures_changed = Signal()
    directions_changed = Signal()
    strips_changed = Signal()
    traversal_changed = Signal()
    walked_changed = Signal()
    seen_changed = Signal()
    factor_changed = Signal()
    own_changed = Signal()
    sketch_changed = Signal()
    asking_changed = Signal()
    written_changed = Signal()
    copying_changed = Signal()
    look_changed = Signal()
    label_changed = Signal()
    knobs_changed = Signal()
    turned_changed = Signal()
    sheet_changed = Signal()
    class_row_changed = Signal()
    mixture_changed = Signal()
    mixed_changed = Signal()
    watching_changed = Signal()
    steps_changed = Signal()
    runs_changed = Signal()
    comparison_changed = Signal()
    twin_picture_changed = Signal()
    history_changed = Signal()
    sought_changed = Signal()
    recalled_changed = Signal()
    scripted_changed = Signal()
    notice_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = SessionState()
        self.drawings = Drawings(lambda: self.state, self._apply, self.do)

    def _apply(self, state: SessionState) -> None:
        """Make `state` the present one and tell who is concerned."""
        before, self.state = self.state, state
        changed = [name for name in FIELDS if getattr(before, name) is not getattr(state, name)]
        self.drawings.follow(changed)
        for name in changed:
            getattr(self, f"{name}_changed").emit()

    def do(self, words: str, state: SessionState) -> None:
        """Make `state` the present one as a gesture of a person, which can be undone under these words."""
        self._apply(noted(words, self.state, state, time.monotonic()))

    def go_to_deed(self, done: int) -> None:
        """Undo, or do again, as many gestures as it takes until the first `done` of them hold."""
        self._apply(gone_to(self.state, done))

    def undo(self) -> None:
        """Take the last gesture back."""
        self.go_to_deed(self.state.history.done - 1)

    def redo(self) -> None:
        """Do again what was undone last."""
        self.go_to_deed(self.state.history.done + 1)

    def tell(self, message: str, level: str = "info", details: str = "", lane: str = "") -> None:
        """Show a line to the person; `lane` names the work it is about."""
        self._apply(noticed(self.state, message, level, details, lane))

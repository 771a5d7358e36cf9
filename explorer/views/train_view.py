"""Train: choose a model, data and how long, start it, and see how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from explorer.actions import make_action
from explorer.choices import Choices
from explorer.icons import icon
from explorer.job_form import JobForm
from explorer.state import Phase
from explorer.widgets.flash import Flash
from explorer.widgets.later import Later
from explorer.widgets.pace_bar import PaceBar
from explorer.widgets.parts import ActionButton, Quiet, action_button
from explorer.widgets.progress import ProgressPanel
from models.errors import UserError

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QShowEvent

    from explorer.session import Session
    from explorer.state import SessionState

REMEMBERED = "train/choices"
READABLE = 250  # ms that figures stay, so that one can read them


class TrainView(QWidget):
    """The form, the buttons and the progress; its actions also stand in the window's menus and toolbar."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._form: JobForm | None = None
        self._pending: tuple[str, str] | None = None
        self._given = False  # whether data were chosen from elsewhere and not yet pointed out
        self._point_out_later = Later(0, self._point_out, self)  # when the form has its new rows
        self.start_action = make_action(self, "start", "Start", "Ctrl+Return", self._start, "start")
        self.pause_action = make_action(self, "pause", "Pause", "Ctrl+P", self._pause, "pause")
        self.step_action = make_action(
            self,
            "step",
            "One step",
            "Ctrl+Shift+P",
            session.step_once,
            "step",
            "Make one step and halt",
        )
        self.stop_action = make_action(
            self, "stop", "Stop", "Ctrl+.", session.stop, "stop", "End the training; it is kept"
        )
        self.resume_action = make_action(self, "resume", "Resume this run", "Ctrl+Shift+Return", self._resume, "start")
        self._lay_out()
        self._progress_later = Later(READABLE, self._show_progress, self)
        for signal in (session.progress_changed, session.working_changed, session.step_changed):
            signal.connect(self._progress_later.ask)
        for signal in (session.phase_changed, session.run_changed, session.runs_changed):
            signal.connect(self._show_phase)
        session.catalog_changed.connect(self._show_catalog)
        session.look_changed.connect(self._show_labelled)
        session.pace_changed.connect(self._show_pace)
        self._pace.chosen.connect(session.set_pace)
        self._show_catalog()

    def choose(self, dataset: str = "", folder: str = "") -> None:
        """Select a data set, and the folder it reads from, and point it out; kept until there is a catalogue."""
        if self._form is None:
            self._pending = (dataset, folder)
        else:
            self._form.choose(dataset, folder)
            self._given = True
            self._point_out_later.ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Point out what was chosen from elsewhere while nobody looked here."""
        super().showEvent(event)
        if self._given:
            self._point_out_later.ask()

    def _point_out(self) -> None:
        """Bring the data set into sight, framed for a moment."""
        if self._form is None or not self._given or not self.isVisible():
            return
        self._given = False
        area = self._form.data_area()
        self._scroll.ensureVisible(0, area.bottom(), 0, 0)
        self._scroll.ensureVisible(0, area.top(), 0, 0)
        self._flash.around(area)

    # ---- what the person does

    def _start(self) -> None:
        if self._form is None:
            return
        try:
            job = self._form.job()
        except UserError as error:
            self._session.tell(str(error), "error", lane="train")
            return
        self._session.train(job)

    def _pause(self) -> None:
        if self._session.state.phase is Phase.PAUSED:
            self._session.go_on()
        else:
            self._session.pause()

    def _resume(self) -> None:
        if self._session.state.run is not None:
            self._session.resume_run(self._session.state.run.folder)

    def _changed(self) -> None:
        if self._form is not None:
            QSettings().setValue(REMEMBERED, self._form.choices().model_dump_json())
        self._tell_data()
        self._show_phase()

    def _tell_data(self) -> None:
        """Which data are chosen, as soon as they can be used."""
        if self._form is not None and not self._form.problems():
            self._session.looks.choose(self._form.job())

    # ---- what the session says

    def _show_catalog(self) -> None:
        catalog = self._session.state.catalog
        if catalog is not None:
            self._form = JobForm(catalog, _remembered())
            self._form.setContentsMargins(12, 12, 12, 12)
            self._form.changed.connect(self._changed)
            self._scroll.setWidget(self._form)
            self._flash = Flash(self._form)
            if self._pending is not None:
                pending, self._pending = self._pending, None
                self.choose(*pending)
            self._tell_data()
            self._show_labelled()
        self._show_phase()

    def _show_labelled(self) -> None:
        """What a look at the chosen data found out about labels."""
        seen = self._session.state.look.current
        known = None if seen is None or seen.portrait is None else seen.portrait.classes
        if self._form is not None:
            self._form.set_labelled(None if known is None else any(each.label >= 0 for each in known))
            self._show_phase()

    def _show_phase(self) -> None:
        state = self._session.state
        why = self._why_not(state)
        self.start_action.setEnabled(not why)
        self.start_action.setToolTip(why or _hint("Train this", self.start_action))
        self._why.setText(why if self._form is not None and not state.phase.busy else "")
        self._why.setVisible(bool(self._why.text()))
        paused = state.phase is Phase.PAUSED
        self.pause_action.setText("Go on" if paused else "Pause")
        self.pause_action.setIcon(icon("start" if paused else "pause"))
        self.pause_action.setEnabled(state.phase in (Phase.TRAINING, Phase.PAUSED))
        self.step_action.setEnabled(self.pause_action.isEnabled())
        self.pause_action.setToolTip(
            _hint("Go on with the training" if paused else "Halt the training", self.pause_action)
        )
        opening = state.phase is Phase.OPENING and state.catalog is not None
        self.stop_action.setEnabled(opening or self.pause_action.isEnabled())
        self.resume_action.setEnabled(unfinished(state))
        self._resume_button.setVisible(self.resume_action.isEnabled())
        self._show_progress()

    def _why_not(self, state: SessionState) -> str:
        """Why a training cannot start now; empty when it can."""
        if self._form is None:
            return "Getting ready…"
        if state.phase.busy:
            return "A training is running. Stop it first; it is kept."
        if state.phase is Phase.OPENING:
            return "A run is being opened."
        problems = [each for each in (*self._form.problems(), self._form.label_problem()) if each]
        first, *others = problems or [""]
        return first if not others else f"{first} And {len(others)} more."

    def _show_pace(self) -> None:
        self._pace.set_pace(self._session.state.pace)

    def _show_progress(self) -> None:
        self._progress.show_state(self._session.state)

    # ---- how it is laid out

    def _lay_out(self) -> None:
        self._scroll = QScrollArea()
        self._scroll.setObjectName("train_scroll")
        self._scroll.setAccessibleName("Settings of the training")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        waiting = Quiet("Getting ready…")
        waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._scroll.setWidget(waiting)
        self._why, self._progress = Quiet(error=True), ProgressPanel()
        self._why.setObjectName("why_not")
        self._resume_button, self._pace = ActionButton(self.resume_action), PaceBar()
        buttons = QGridLayout()
        buttons.setContentsMargins(12, 8, 12, 12)
        buttons.setSpacing(8)
        buttons.addWidget(self._why, 0, 0, 1, 3)
        buttons.addWidget(self._progress, 1, 0, 1, 3)
        buttons.addLayout(self._pacing(), 2, 0, 1, 3)
        buttons.addWidget(ActionButton(self.start_action, accent=True), 3, 0)
        buttons.addWidget(ActionButton(self.pause_action), 3, 1)
        buttons.addWidget(ActionButton(self.stop_action), 3, 2)
        buttons.addWidget(self._resume_button, 4, 0, 1, 3)
        buttons.setColumnStretch(0, 2)
        buttons.setColumnStretch(1, 1)
        buttons.setColumnStretch(2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._scroll, 1)
        column.addLayout(buttons)

    def _pacing(self) -> QHBoxLayout:
        """How fast the training goes, and one step of it."""
        across = QHBoxLayout()
        across.setSpacing(4)
        across.addWidget(self._pace, 1)
        across.addWidget(action_button(self.step_action, "step_button"))
        return across


def unfinished(state: SessionState) -> bool:
    """Whether the run on the stage rests before its planned end."""
    if state.run is None or state.phase is not Phase.IDLE:
        return False
    for run in state.runs:
        if run.folder == state.run.folder and run.status != "running":
            return run.resumable
    if state.progress is not None:
        return state.progress.fraction < 1
    return state.total_steps is not None and state.step < state.total_steps


def _remembered() -> Choices:
    """What was chosen last time; what cannot be read is forgotten, for it is a convenience only."""
    try:
        return Choices.model_validate_json(str(QSettings().value(REMEMBERED, "{}")))
    except ValidationError:
        return Choices()


def _hint(text: str, action: QAction) -> str:
    return f"{text} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})"

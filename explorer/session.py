"""The session: its lanes, whose events move the stage, and the intents that begin and end work."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer import gestures, works
from explorer.asking import Asks
from explorer.comparing import Comparisons
from explorer.copying import Copies
from explorer.directing import Directing
from explorer.exploring import Exploring
from explorer.generators import bringing
from explorer.judgements import Judgements
from explorer.layers import Layers
from explorer.looks import Looks
from explorer.morph_works import comparing
from explorer.morphing import Morphing
from explorer.neighbours import Neighbours
from explorer.owns import Owns
from explorer.projecting import Projecting
from explorer.reading import LANE, Readings
from explorer.recipes import Recipes
from explorer.reducing import reduce
from explorer.sessions import Sessions
from explorer.state import Phase
from explorer.worker import Worker
from models.events import Event, Rendered
from models.mailbox import Mailbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from explorer.worker import Work
    from models.job import Control, Job
    from models.recipe import Recipe
    from models.render import Renderer

TICK = 33  # ms between two looks into the mailbox


class Session(Exploring):
    """What is shown and done now: panels read `state`, call an intent and hear `<field>_changed`.

    Five lanes work behind it: `train` (training and opening runs), `render` (codes to pictures), `tasks` (catalogue,
    lists, exports), `judge` (how good a run is) and `own` (the codes of a person's own pictures); tools of the desk
    have lanes of their own. Nothing here computes with torch.
    """

    began = Signal(str)  # the lane in which a person's work begins
    export_asked = Signal(str)  # the kind that a panel offers to take away
    comparison_asked = Signal()  # of a morph by several models
    taken_up = Signal(object)  # the recipe whose desk a person opened
    _answered = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mailbox, self._answers = Mailbox(), Mailbox()
        self._train = Worker("train", self._mailbox)
        self._tasks = Worker("tasks", self._mailbox)
        self._judge = Worker("judge", self._mailbox)
        self.looks = Looks(self._tasks, lambda: self.state, self._apply)
        self._own = Worker("own", self._answers, wake=self._answered.emit)  # a stroke waits for no timer
        self.judgements = Judgements(self._judge, lambda: self.state, self._apply, self.began.emit)
        self.owns = Owns(self._own, lambda: self.state, self._apply, self.do)
        self.run_changed.connect(self.owns.stop)
        self.sketch_changed.connect(self.owns.follow_sketch)
        self.asks = Asks(lambda: self.state, self.do, self._random, self.export)
        self.copies = Copies(lambda: self.lane("copies"), lambda: self.state, self._apply)
        self.picture_changed.connect(lambda: self.copies.follow("probe"))
        self.samples_changed.connect(lambda: self.copies.follow("samples"))
        self.pin_pictures_changed.connect(lambda: self.copies.follow("pins"))
        self._render = Worker("render", self._answers, wake=self._answered.emit)
        self._lanes: dict[str, Worker] = {}  # of the desk, each made when it is first asked for
        self.projecting = Projecting(lambda: self.lane("charts"), lambda: self.state, self._apply, self.do)
        self.chart_changed.connect(self.projecting.follow)
        self.pins_changed.connect(self.projecting.follow_pins)
        self.layers = Layers(lambda: self.lane("layers"), lambda: self.state, self._apply, self.do)
        self.directing = Directing(lambda: self.lane("directions"), lambda: self.state, self.do, self._apply)
        self.seen_changed.connect(self.directing.take_in)
        self.readings = Readings(lambda: self.lane(LANE), lambda: self.state, self._apply, self.began.emit)
        self.run_changed.connect(self.readings.stop)
        self.morphing = Morphing(lambda: self.lane("morph"), lambda: self.state, self._apply, self.do, self.drawings)
        for changed in (self.pins_changed, self.timeline_changed, self.weights_changed, self.live_changed):
            changed.connect(self.morphing.shorten)
        self.run_changed.connect(self.morphing.stop)
        self.recipes, self.sessions = Recipes(self, self._apply, self.do), Sessions(self)
        self.comparisons = Comparisons(self.lane, lambda: self.state, self._apply)
        self.run_changed.connect(self.comparisons.stop)
        self.comparison_changed.connect(self.comparisons.follow)
        for changed in (self.selection_changed, self.code_changed, self.label_changed):
            changed.connect(self.comparisons.follow_selection)
        self._control: Control | None = None
        self._drawing: Control | None = None
        self._answered.connect(self._take_answers, Qt.ConnectionType.QueuedConnection)
        self._neighbours = Neighbours(self, lambda: self._apply(gestures.seek_neighbours(self.state)))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take_events)
        self._timer.start(TICK)

    # ---- the cycle: drain, reduce, apply

    def _take_events(self) -> None:
        training, busy = self._train.busy, self._train.busy or self._tasks.busy
        self._apply_all(self._mailbox.drain())
        if not training and self.state.phase is Phase.STOPPING:  # stopped before it began, it has no run to tell of
            self._apply(replace(self.state, phase=Phase.IDLE))
        if not busy and self.state.working is not None:
            self._apply(replace(self.state, working=None))

    def _take_answers(self) -> None:
        """Pictures do not wait for the timer: they are shown as soon as the window is free."""
        self._apply_all(self._answers.drain())

    def _apply_all(self, events: list[Event]) -> None:
        state = self.state
        for event in events:
            late = isinstance(event, Rendered) and self.drawings.is_late(event)
            state = state if late else reduce(state, event)
            if state.notice is not self.state.notice:  # every line is told, however soon the next one follows
                self._apply(state)
                state = self.state  # who heard it may have moved on
        self._apply(state)

    # ---- starting and ending

    def start(self, first_run: Path | None = None) -> None:
        """Warm the engine behind the painted window, list what there is, and open `first_run`."""
        self._train.start(works.warm_up(self._render_with))
        if first_run is not None:
            self.open_run(first_run)
        else:
            self.refresh_runs()

    def _render_with(self, renderer: Renderer) -> None:
        """Take the renderer that the warmed engine brings; called in the thread that warms."""
        self.drawings.renderer = renderer
        self._render.start(renderer.serve)

    def close(self, timeout: float = 10.0) -> bool:
        """Stop all lanes; false if one did not end within `timeout` seconds each."""
        self._timer.stop()
        self._neighbours.stop()
        self.sessions.keep_at_last()
        lanes = (self._train, self._tasks, self._judge, self._own, self._render, *self._lanes.values())
        for lane in lanes:
            lane.stop()
        ended = [lane.close(timeout) for lane in lanes]
        gc.unfreeze()  # what works froze is let go of at the end like everything else
        return all(ended)

    def lane(self, name: str) -> Worker:
        """The lane of work called `name`, made when it is first asked for."""
        return self._lanes.setdefault(name, Worker(name, self._mailbox))

    # ---- training and runs

    def train(self, job: Job) -> None:
        """Train `job`; refused with a line while another training runs."""
        self.sessions.keep()
        self._begin(works.training(job), Phase.TRAINING)

    def resume_run(self, folder: str | Path, **lengths: Any) -> None:
        """Go on with the run in `folder`, to its planned end or to `epochs`, `steps` or `minutes`."""
        self._begin(works.resuming(folder, lengths, self.sessions.of(folder)), Phase.TRAINING)

    def open_run(self, folder: str | Path, step: int | None = None, recipe: Recipe | None = None) -> None:
        """Show the run in `folder` instead of one that is still opening; refused with a line while a training runs.

        It is shown at its newest step as it was left, unless a `step` or a `recipe` says otherwise.
        """
        kept = self.sessions.of(folder)
        self._begin(works.opening(folder, step, recipe or kept, quiet=recipe is None), Phase.OPENING)
        self.refresh_runs()

    def bring(self, asked: Mapping[str, Any]) -> None:
        """Make a run of a person's own generator, as the settings `models.bringing.Bringing` tell, and show it."""
        self.sessions.keep()
        self._begin(bringing(asked), Phase.OPENING)

    def _begin(self, work: Work, phase: Phase) -> None:
        if self.state.phase.busy:
            self.tell("A training is running. Stop it first; it is kept.", "warning")
            return
        self._control = self._train.renew(work, self._control)  # an opening under way makes room
        self._control.slow(self.state.pace)
        self._apply(replace(self.state, phase=phase))
        for lane in ("train", "render"):  # another run takes the stage, whose pictures may well be drawn
            self.began.emit(lane)

    def pause(self) -> None:
        """Halt the training between two steps."""
        if self._control is not None and self.state.phase is Phase.TRAINING:
            self._control.pause()

    def step_once(self) -> None:
        """Make one step of the training and halt it again."""
        if self._control is not None and self.state.phase in (Phase.TRAINING, Phase.PAUSED):
            self._control.step_once()

    def set_pace(self, steps_per_second: float | None) -> None:
        """Let this training, and those to come, make no more than so many steps a second, each to be seen."""
        self._apply(replace(self.state, pace=steps_per_second))
        if self._control is not None:
            self._control.slow(steps_per_second)

    def go_on(self) -> None:
        """Let the paused training continue."""
        if self._control is not None and self.state.phase is Phase.PAUSED:
            self._control.resume()

    def stop(self) -> None:
        """End the training or opening; a training is kept and can be resumed."""
        if self._control is not None and self.state.phase is not Phase.IDLE:
            self._control.stop()
            self._apply(replace(self.state, phase=Phase.STOPPING if self.state.phase.busy else Phase.IDLE))

    def refresh_runs(self) -> None:
        """Read the list of runs anew."""
        self._tasks.start(works.listing)

    def rename_run(self, folder: str, title: str) -> None:
        """Give the run in `folder` another title."""
        self._do(works.renaming(folder, title))

    def delete_run(self, folder: str) -> None:
        """Move the run in `folder` to the bin."""
        self._do(works.deleting(folder))

    def export(self, kind: str, out: str | Path, options: Mapping[str, Any]) -> None:
        """Write what is shown as `kind` ("grid", "samples", "map", "codes" ...) to the file `out`."""
        self._do(works.exporting(kind, self.state, out, options))

    def compare_models(self, folders: Sequence[str], out: str | Path, options: Mapping[str, Any]) -> None:
        """Write a sheet of the morph from the first key frame to the last by the run in each of the folders."""
        self._do(comparing(self.state, folders, out, options))

    def draw(self, kind: str, options: Mapping[str, Any]) -> None:
        """Make the picture that `export` would write: `state.drawing`. A newer call replaces an older one."""
        self.began.emit("tasks")
        self._drawing = self._tasks.renew(works.drawing(kind, self.state, options), self._drawing)

    def _do(self, work: Work) -> None:
        self.began.emit("tasks")
        self._tasks.start(work)

    def cancel_tasks(self) -> None:
        """Stop exports and other work beside training."""
        self._tasks.stop()

"""What the session's lanes do: each work is a generator of events that fetches torch when it begins, not before."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.named import known_of
from explorer.recipe_works import with_session
from models.arithmetic import written
from models.charted import AS_SHOWN, told
from models.data_events import DataShown, Looking
from models.errors import Stopped, UserError
from models.events import Cancelled, Deleted, Listed, Noticed, Progress, Working
from models.judging_events import Judging, JudgingEnded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from explorer.state import SessionState
    from explorer.worker import Work
    from models.copy_questions import Question
    from models.events import Event
    from models.job import Control, Job
    from models.newest import Newest
    from models.recipe import Recipe
    from models.render import Renderer
    from models.subject import Subject
    from models.wishes import Wishes


def warm_up(ready: Callable[[Renderer], None]) -> Work:
    """Fetch torch, hand a renderer to `ready`, and tell what can be trained here."""

    def work(control: Control) -> Iterator[Event]:
        from models.catalog import catalog
        from models.render import Renderer

        ready(Renderer())
        yield catalog()
        gc.freeze()

    return work


def _settling(events: Iterator[Event]) -> Iterator[Event]:
    """The same events; what the first step has imported is taken from the garbage collector's rounds.

    Walking through all of torch's objects holds every thread, the window's too, for a tenth of a second.
    """
    known = len(sys.modules)
    for event in events:
        yield event
        if isinstance(event, Progress) and len(sys.modules) > known:
            gc.freeze()
            known = len(sys.modules)


def training(job: Job) -> Work:
    """Train a new run while a window listens."""

    def work(control: Control) -> Iterator[Event]:
        from models.trainer import train

        yield from with_session(_settling(train(job, control, live=True, command="window")))

    return work


def resuming(folder: str | Path, lengths: Mapping[str, Any], recipe: Recipe | None = None) -> Work:
    """Go on with a run, to its planned end or to one of `lengths` ("epochs", "steps", "minutes")."""

    def work(control: Control) -> Iterator[Event]:
        from models.trainer import resume

        yield from with_session(_settling(resume(Path(folder), control, live=True, **lengths)), recipe)

    return work


def opening(folder: str | Path, step: int | None = None, recipe: Recipe | None = None, quiet: bool = True) -> Work:
    """Replay a run as the events of its training, at `step` or the newest, with what a recipe says of the desk.

    Who is stopped says nothing more: another run takes the stage.
    """

    def work(control: Control) -> Iterator[Event]:
        from models.replay import replay

        for event in with_session(replay(Path(folder), control, step), recipe, quiet=quiet):
            if control.stopping:
                return
            yield event

    return work


def looking(job: Job, fetch: bool) -> Work:
    """Load the data that `job` wants and tell how they look; whatever comes in between, one `DataShown` ends it."""

    def work(control: Control) -> Iterator[Event]:
        from models import device
        from models.portrait import look

        device.take_threads(1)  # a second pool of threads would halve the speed of a training beside it
        try:
            for event in look(job, control, fetch=fetch):
                if isinstance(event, Working):
                    yield Looking("", 0, event.what, event.fraction, event.seconds_left)
                else:
                    yield event
        except Stopped:
            yield DataShown("", 0, job)
        except UserError as error:
            yield DataShown("", 0, job, problem=str(error))

    return work


def judging(folder: str | Path, options: Mapping[str, Any], read: Callable[[], SessionState]) -> Work:
    """Measure how good the run in `folder` is; `read` tells whether a training wants the processor meanwhile."""

    def work(control: Control) -> Iterator[Event]:
        from models.evaluate.scorecard import ScoreParams, score

        params = ScoreParams.read(dict(options), of="Judging")
        yield from _as_judging(score(folder, params, control), str(folder), read)
        yield from _recognised(read(), str(folder))
        yield from listing(control)

    return work


def training_judge(folder: str | Path, read: Callable[[], SessionState]) -> Work:
    """Train the classifier that recognises the classes of a run's data."""

    def work(control: Control) -> Iterator[Event]:
        from models.evaluate.scorecard import train_judge

        yield from _as_judging(train_judge(folder, control), str(folder), read, score=False)
        yield from _recognised(read(), str(folder))

    return work


def _as_judging(
    events: Iterator[Event], folder: str, read: Callable[[], SessionState], *, score: bool = True
) -> Iterator[Event]:
    """The same events; work is told as judging, which goes on beside a training, on one core while there is one."""
    from models import device

    device.lower_priority()
    threads, done = 0, True
    while True:
        wanted = 1 if read().phase.busy else device.cores()
        if wanted != threads:
            device.take_threads(threads := wanted)
        event = next(events, None)
        if event is None:
            break
        if isinstance(event, Working):
            yield Judging("", 0, event.what, event.fraction, event.seconds_left, folder, score)
        elif isinstance(event, Cancelled):
            done = False
        else:
            yield event
    yield JudgingEnded("", 0)
    what = "The run is judged." if score else "The judge is trained."
    yield Noticed("", 0, what, "done") if done else Noticed("", 0, "Judging was stopped.")


def _recognised(state: SessionState, folder: str) -> Iterator[Event]:
    """The pictures that the model on the stage made up, with the classes that its judge sees in them.

    A training tells them by itself.
    """
    data, run = state.data, state.run
    if run is None or str(run.folder) != folder or state.phase.busy:
        return
    if data is not None and data.generated and len(data.pictures):
        from models.evaluate.judge import recognised

        yield recognised(folder, data)


def seeking(wishes: Wishes) -> Work:
    """Seek the codes of a person's own pictures, one wish after the other."""

    def work(control: Control) -> Iterator[Event]:
        from models.seeking import Seeker

        yield from Seeker(wishes).serve(control)

    return work


def seeking_copies(questions: Newest[Question]) -> Work:
    """Compare what the model draws with the pictures it learned from, one question after the other."""

    def work(control: Control) -> Iterator[Event]:
        from models.copy_search import CopySearch

        yield from CopySearch(questions).serve(control)

    return work


def listing(control: Control) -> Iterator[Event]:
    """Read the list of runs."""
    from models.run import list_runs, runs_root

    yield Listed("", 0, tuple(list_runs(runs_root())))


def renaming(folder: str | Path, title: str) -> Work:
    """Give a run another title, and read the list anew."""

    def work(control: Control) -> Iterator[Event]:
        from models.run import rename_run

        rename_run(Path(folder), title)
        yield from listing(control)

    return work


def deleting(folder: str | Path) -> Work:
    """Move a run to the bin, and read the list anew."""

    def work(control: Control) -> Iterator[Event]:
        from models.run import delete_run

        delete_run(Path(folder))
        yield Deleted("", 0, str(folder))
        yield from listing(control)

    return work


def exporting(kind: str, state: SessionState, out: str | Path, options: Mapping[str, Any]) -> Work:
    """Write what `state` shows to a file."""

    def work(control: Control) -> Iterator[Event]:
        from models.export import export

        yield from export(kind, subject_of(state), Path(out), as_shown(state, options), control)

    return work


def drawing(kind: str, state: SessionState, options: Mapping[str, Any]) -> Work:
    """Make the picture that `exporting` would write."""

    def work(control: Control) -> Iterator[Event]:
        from models.preview import drawn

        yield from drawn(kind, subject_of(state), as_shown(state, options), control)

    return work


def as_shown(state: SessionState, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options of an export that say how the map is laid, where it is to be laid as it is shown."""
    if state.chart.kind and state.embedding is not None and options.get("projection") == AS_SHOWN:
        return {**options, **told(state.embedding.projection)}
    return options


def subject_of(state: SessionState) -> Subject:
    """What is on the stage, for exports."""
    from explorer.keeping import desk_of  # which knows the state, whose parts know these works
    from models.export import Subject
    from models.subject import Kept

    shown = Subject.of_events(state.run, state.weights, state.embedding, state.data, state.curves)
    known = known_of(state)
    return replace(
        shown,
        knobs=state.knobs,
        label=state.label,
        code=state.code,
        pins=tuple(None if pin is None else Kept(pin.code, pin.label, pin.index) for pin in state.pins),
        factors=known.factors,
        values=known.values,
        groups=known.groups,
        terms=written(state.bench),
        desk=desk_of(state),
    )

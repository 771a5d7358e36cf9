"""The only training loop: a job becomes events, and a run folder that can be opened and resumed.

Until `Started` errors are raised and no run is left behind; from then on every error is a `Failed` event, and the
run keeps its last good snapshot.
"""

from __future__ import annotations

import math
import time
import traceback
from typing import TYPE_CHECKING

import torch

from models import device as devices
from models.errors import Stopped, UserError
from models.events import Cancelled, Failed, Figures, Finished, Noticed, Paused, Resumed, Started, Working
from models.family import Batch, CanPrepare
from models.feeding import settled
from models.lens import as_float
from models.manifest import libraries
from models.plan import Plan, new_run
from models.run import RunFolder
from models.training import Training
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from models.events import Event
    from models.job import Control, Job

PREPARED = 4096  # training pictures that a family may look at before its first step


def train(job: Job, control: Control, *, live: bool = False, command: str = "") -> Iterator[Event]:
    """Train a new model as `job` says; `live` says that a window listens. Raises UserError until `Started`."""
    if live:
        devices.lower_priority()
    plan = Plan.of(job)
    try:
        data = yield from plan.load(control)
    except Stopped:
        yield Cancelled("", 0)
        return
    for note in data.notes:
        yield Noticed("", 0, note)
    for warning in data.warnings:
        yield Noticed("", 0, warning, "warning")
    devices.take_threads(devices.cores())
    devices.seed(job.seed)
    plan = plan.suited(data)
    family = plan.build(data)
    with new_run(plan, data, family, command) as run:
        training = Training(run, plan, family, settled(data, plan.device), control, live)
        yield from _guarded(training, _prepare, _scarcity(training))


def resume(
    folder: Path | str,
    control: Control,
    *,
    epochs: int | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    live: bool = False,
) -> Iterator[Event]:
    """Go on with a run to its planned end, or to a new one counted from its beginning. Raises UserError."""
    if live:
        devices.lower_priority()
    asked = {"epochs": epochs, "steps": steps, "minutes": minutes}
    with RunFolder.open(folder, writing=True) as run:
        plan = Plan.again(run.manifest, {name: value for name, value in asked.items() if value is not None})
        try:
            data = yield from plan.load(control)
        except Stopped:
            yield Cancelled("", run.manifest.step)
            return
        if data.content_hash() != run.manifest.data.hash:
            what = "The data set has changed since this run began, so the run cannot go on."
            raise UserError(what, mend="Bring the old data back, or train anew on the new.", path=run.path)
        devices.take_threads(devices.cores())
        devices.seed(plan.job.seed)
        plan = plan.suited(data)
        training = Training(run, plan, plan.build(data), settled(data, plan.device), control, live)
        restored = training.go_back_to_snapshot()
        notice = _difference(training)
        run.update(
            status="running", message="", figures={}, spreads={}, judged={}, total_steps=training.length.steps,
            device=plan.device.type,
            device_name=devices.name(plan.device), precision=plan.precision, libraries=libraries(),
            job=plan.job.model_dump(mode="json"),
        )  # fmt: skip
        yield from _guarded(training, None if restored else _prepare, notice)


def _scarcity(t: Training) -> str:
    """That a step sees fewer pictures than it was set to; empty when it does not."""
    wanted, size = t.plan.settings.batch_size, t.batches.size
    what = f"A batch of {wanted} is more than there is: every step sees the same {counted(size, 'picture')}."
    return what if size < wanted else ""


def _difference(t: Training) -> str:
    """Why the rest of a run will not be what it would have been unbroken; empty when it will."""
    before = t.run.manifest
    changed = [
        f"{name} {old} is now {new}"
        for name, old, new in (
            ("device", before.device, t.plan.device.type),
            ("precision", before.precision, t.plan.precision),
            ("torch", before.libraries.get("torch"), libraries()["torch"]),
        )
        if old != new
    ]
    return f"The run goes on, but not bit-exact: {', '.join(changed)}." if changed else ""


def _guarded(t: Training, prepare: Callable[[Training], None] | None, notice: str = "") -> Iterator[Event]:
    """The whole course of a training that has its folder; an error ends it as `Failed` and in the manifest."""
    yield Started(t.id, t.step, t.run.info, t.length.steps)
    if notice:
        yield Noticed(t.id, t.step, notice, "warning")
    try:
        if prepare is not None:
            prepare(t)
        yield from _course(t)
        return
    except UserError as error:
        message, details = str(error), ""
    except Exception as error:
        message, details = _sentence(t, error), traceback.format_exc()
    t.clock.stop()
    try:
        t.run.update(status="failed", step=t.step, seconds=t.clock.seconds, message=message)
    except UserError as error:  # the disk that made it fail may not take this either
        details = f"{details}\nThe run's status could not be written: {error}"
    yield Failed(t.id, t.step, message, details)


def _sentence(t: Training, error: Exception) -> str:
    """What an unexpected error means for a person."""
    kept = f" The snapshot of step {t.run.steps()[-1]} is kept." if t.run.steps() else ""
    full = isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
    if full:
        return (
            f"The memory of {devices.name(t.plan.device)} is full at step {t.step:,}, with "
            f"{counted(t.batches.size, 'picture')} a step.{kept} Train with a smaller batch size, or close other "
            "programs that use this memory."
        )
    return f"Something unexpected ended the training at step {t.step:,}: {type(error).__name__}: {error}.{kept}"


def _course(t: Training) -> Iterator[Event]:
    """Train, save, evaluate."""
    if t.observer.map is not None:
        yield t.observer.map.held_out(t.step)
    if t.live:
        yield from t.run.metrics()  # of a run that goes on: its curves so far
        yield from t.look()
    yield from _steps(t)
    yield from t.last_word()
    yield from t.save()
    figures = yield from _evaluate(t)
    if t.control.stopping:
        t.run.update(status="stopped")
        yield Cancelled(t.id, t.step)
        return
    t.run.update(status="finished", figures=figures)
    yield Figures(t.id, t.step, figures)
    yield Finished(t.id, t.step, t.clock.seconds)


def _steps(t: Training) -> Iterator[Event]:
    """Step by step to the end, or to a stop."""
    t.clock.start()
    halted = False
    for batch in _batches(t):
        began = time.perf_counter()
        with devices.autocast(t.plan.device, t.plan.precision):
            t.losses.append(t.family.training_step(batch))
        t.step += 1
        if time.perf_counter() >= t.due:
            yield from t.perform_duties()
        pace = t.control.pace
        if pace is not None and not t.control.paused:
            yield from _show_slowly(t, began, pace)
        if t.control.paused:
            halted = yield from _pause(t)
        elif halted:
            halted = False
            yield Resumed(t.id, t.step)
    t.clock.stop()


def _batches(t: Training) -> Iterator[Batch]:
    """Batches from the present step on; the order depends on seed and epoch only, so that a run can go on anywhere."""
    size, per_epoch = t.batches.size, t.batches.per_epoch
    while True:
        epoch, done = divmod(t.step, per_epoch)
        for start in range(done * size, per_epoch * size, size):
            seconds = t.clock.seconds
            if t.control.stopping or t.length.reached(t.step, seconds):
                return
            images, labels = t.feed.batch(epoch, start, size)
            yield Batch(as_float(images, t.layout), labels, t.step, t.length.fraction(t.step, seconds))


def _pause(t: Training) -> Generator[Event, None, bool]:
    """Wait between two steps until asked to go on or to stop; whether it goes on for one step only.

    This time does not count.
    """
    t.clock.stop()
    yield from t.tell()
    yield Paused(t.id, t.step)
    if t.live:
        yield from t.look()  # else a person would explore a map that is some steps older than the model
    t.control.wait()
    once = t.control.take_step()
    if not once:
        yield Resumed(t.id, t.step)
    t.clock.start()
    return once


def _show_slowly(t: Training, began: float, pace: float) -> Iterator[Event]:
    """Let the step that `began` then be seen, until the next one is due; this time does not count."""
    t.clock.stop()
    if t.live:
        yield from t.glance(1 / pace)
    t.control.linger(began + 1 / pace - time.perf_counter(), pace)
    t.clock.start()


def _evaluate(t: Training) -> Generator[Event, None, dict[str, float]]:
    """Figures on the whole test set; incomplete ones are dropped when asked to stop."""
    figures = t.observer.figures()
    while not t.control.stopping:
        try:
            yield Working(t.id, t.step, "Measuring on the test set", next(figures))
        except StopIteration as end:
            return {name: value for name, value in end.value.items() if math.isfinite(value)}
    return {}


def _prepare(t: Training) -> None:
    """Let the family look at the pictures of its first steps."""
    if isinstance(t.family, CanPrepare):
        pictures, _ = t.feed.batch(0, 0, PREPARED)
        t.family.prepare(as_float(pictures, t.layout))

"""A run folder as the events that its training sent, so that an opened run and a live one are the same to a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.checkpoint import restored
from models.datasets.subset import load_part
from models.errors import Stopped, UserError
from models.events import (
    Cancelled,
    Embedded,
    Figures,
    HeldOut,
    Noticed,
    Reconstructed,
    Sampled,
    Started,
    Weights,
)
from models.grids import to_uint8
from models.job import PART, Job
from models.observer import held_out_event
from models.registry import source
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from models.events import Event
    from models.job import Control
    from models.snapshot import Snapshot


def replay(folder: Path | str, control: Control) -> Iterator[Event]:
    """Everything a run's folder knows, at its newest snapshot; the held-out pictures come last. Raises UserError."""
    run = RunFolder.open(folder)
    told, steps = run.manifest, run.steps()
    step = steps[-1] if steps else told.step
    snapshot = run.load(step) if steps else None
    family = restored(told, snapshot, run.path / "snapshots" / str(step) / "model.safetensors") if snapshot else None
    yield Started(told.id, step, run.info, told.total_steps, live=False)
    if run.notice:
        yield Noticed(told.id, step, run.notice, "warning")
    yield from run.metrics()
    if run.bad_lines:
        yield Noticed(told.id, step, f"{run.bad_lines} damaged lines of the metrics were skipped.", "warning")
    yield Figures(told.id, step, told.figures)
    if snapshot is None or family is None:
        yield Noticed(told.id, step, "This run has no snapshot yet, so there is no model to show.", "warning")
        return
    state = {name: tensor.detach() for name, tensor in family.state_dict().items()}
    yield from _shown(run, step, snapshot)
    yield Weights(told.id, step, run.info, state)
    try:
        yield from _pictures(run, step, snapshot, control)
    except Stopped:
        yield Cancelled("", step)


def _shown(run: RunFolder, step: int, snapshot: Snapshot) -> Iterator[Event]:
    """What lies in the snapshot: the map with its labels, samples and reconstructions."""
    told = run.manifest
    yield _without_pictures(run, step, snapshot)
    if snapshot.codes is not None and snapshot.points is not None and snapshot.projection is not None:
        yield Embedded(told.id, step, snapshot.codes, snapshot.points, snapshot.projection)
    if snapshot.samples is not None:
        yield Sampled(told.id, step, snapshot.samples)
    if snapshot.originals is not None and snapshot.reconstructions is not None:
        yield Reconstructed(told.id, step, snapshot.originals, snapshot.reconstructions)


def _without_pictures(run: RunFolder, step: int, snapshot: Snapshot) -> HeldOut:
    """The labels of the map alone, for colours before the data is there."""
    labels = snapshot.labels if snapshot.labels is not None else np.zeros(0, np.int64)
    return HeldOut(run.manifest.id, step, to_uint8(np.zeros((0, *run.manifest.data.shape), np.uint8)), labels)


def _pictures(run: RunFolder, step: int, snapshot: Snapshot, control: Control) -> Generator[Event, None, None]:
    """The held-out pictures, from the data set as the manifest tells it; a warning when it is gone or has changed."""
    told = run.manifest
    try:
        asked = {name: told.job[name] for name in PART if name in told.job}
        part = Job.read(asked, of="The run's job")
        data = yield from load_part(source(told.data.name, told.data.settings), part, control)
        if data.content_hash() != told.data.hash:
            raise UserError(f"The data set {told.data.name} has changed since this run was made.")
    except UserError as error:
        yield Noticed(told.id, step, f"The run is shown without its pictures. {error}", "warning")
        return
    yield held_out_event(told.id, step, data, told.seed)

"""A run folder as the events that its training sent, so that an opened run and a live one are the same to a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from models.checkpoint import restored
from models.datasets.subset import load_part
from models.errors import Stopped, UserError
from models.evaluate.judge import Judge
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
from models.family import HasPrior, TakesLabels
from models.grids import to_uint8
from models.job import PART, Job
from models.judging_events import Diagnosed
from models.maps import held_out_event, made_up_event
from models.observer import SAMPLES
from models.painter import drawn
from models.plane import seen_plane
from models.registry import source
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from models.datasets import Dataset
    from models.events import Codes, Event, Labels
    from models.family import Family
    from models.job import Control
    from models.manifest import Manifest
    from models.snapshot import Snapshot


def replay(folder: Path | str, control: Control, at: int | None = None) -> Iterator[Event]:
    """Everything a run's folder knows, at its newest snapshot or that of step `at`; the held-out pictures come last.

    Raises UserError.
    """
    run = RunFolder.open(folder)
    told, steps = run.manifest, run.steps()
    step = at if at in steps else steps[-1] if steps else told.step
    snapshot = run.load(step) if steps else None
    family = restored(told, snapshot, run.path / "snapshots" / str(step) / "model.safetensors") if snapshot else None
    yield Started(told.id, step, run.info, told.total_steps, live=False)
    if run.notice:
        yield Noticed(told.id, step, run.notice, "warning")
    yield from run.metrics()
    if run.bad_lines:
        yield Noticed(told.id, step, f"{run.bad_lines} damaged lines of the metrics were skipped.", "warning")
    yield Figures(told.id, step, told.figures, told.spreads, told.judged)
    yield from _seen(told, step)
    if snapshot is None or family is None:
        yield Noticed(told.id, step, "This run has no snapshot yet, so there is no model to show.", "warning")
        return
    state = {name: tensor.detach() for name, tensor in family.state_dict().items()}
    yield from _shown(run, step, snapshot, family)
    weights = Weights(told.id, step, run.info, state)
    yield weights
    try:
        if _made_up(run):
            yield from _drawn(run, step, snapshot, weights, control)
        if not _made_up(run) or family.data.kind == "points":
            yield from _beside_data(run, step, snapshot, family, control)
    except Stopped:
        yield Cancelled("", step)


def _seen(told: Manifest, step: int) -> Iterator[Event]:
    """What went wrong in training: every mark, and the words of the newest."""
    for each in told.seen:
        yield Diagnosed(told.id, each.step, each.illness, each.message)
    if told.seen:
        newest = told.seen[-1]
        before = len(told.seen) - 1
        more = f" ({before} more before that: see the curves.)" if before else ""
        yield Noticed(told.id, step, f"Seen at step {newest.step:,}: {newest.message}{more}", "warning")


def _asked_of(family: Family, seed: int, count: int) -> tuple[Codes | None, Labels | None]:
    """The codes and classes of which the training drew its samples; None where they are not the prior's."""
    if not isinstance(family, HasPrior):
        return None, None
    with torch.no_grad():
        codes: Codes = family.prior(SAMPLES, torch.Generator().manual_seed(seed))[:count].float().numpy()
    classes = family.data.classes if isinstance(family, TakesLabels) else 0
    return codes, np.arange(count) % classes if classes else None


def _shown(run: RunFolder, step: int, snapshot: Snapshot, family: Family) -> Iterator[Event]:
    """What lies in the snapshot: the map with its labels, samples and reconstructions."""
    told = run.manifest
    yield _without_pictures(run, step, snapshot)
    if snapshot.codes is not None and snapshot.points is not None and snapshot.projection is not None:
        yield Embedded(told.id, step, snapshot.codes, snapshot.points, snapshot.projection)
    if snapshot.samples is not None:
        sampled = Sampled(told.id, step, snapshot.samples, *_asked_of(family, told.seed, len(snapshot.samples)))
        yield sampled
        judged = Judge(told.data, torch.device("cpu")).look(sampled)
        if judged is not None:
            yield judged
    if snapshot.originals is not None and snapshot.reconstructions is not None:
        yield Reconstructed(told.id, step, snapshot.originals, snapshot.reconstructions)


def _without_pictures(run: RunFolder, step: int, snapshot: Snapshot) -> HeldOut:
    """The labels of the map alone, for colours before the data is there."""
    labels = snapshot.labels if snapshot.labels is not None else np.zeros(0, np.int64)
    none = to_uint8(np.zeros((0, *run.manifest.data.shape), np.uint8))
    return HeldOut(run.manifest.id, step, none, labels, generated=_made_up(run))


def _made_up(run: RunFolder) -> bool:
    """Whether the map shows pictures of the model's own, for it cannot encode others, or there are none."""
    told = run.manifest
    return "prior" in told.capabilities and ("encode" not in told.capabilities or not told.data.test_count)


def _drawn(run: RunFolder, step: int, snapshot: Snapshot, weights: Weights, control: Control) -> Iterator[Event]:
    """The pictures of the map's codes, drawn again by the model. Raises Stopped."""
    if snapshot.codes is None or snapshot.labels is None:
        return
    known = snapshot.labels if (snapshot.labels >= 0).all() else None
    pictures = yield from drawn(weights, snapshot.codes, control, known)
    data = run.manifest.data
    seen = Judge(data, torch.device("cpu")).recognise(pictures)
    yield made_up_event(run.manifest.id, step, pictures, snapshot.labels, seen, data.class_names)


def _beside_data(
    run: RunFolder, step: int, snapshot: Snapshot, family: Family, control: Control
) -> Generator[Event, None, None]:
    """What is shown beside the data: held-out pictures of the map, points of the plane. Raises Stopped."""
    data = yield from _data(run, step, control)
    if data is None:
        return
    told = run.manifest
    if not _made_up(run):
        most = None if snapshot.codes is None else len(snapshot.codes)  # a slow model's map has fewer
        yield held_out_event(told.id, step, data, told.seed, most)
    if family.data.kind == "points" and isinstance(family, HasPrior):
        family.eval()
        with torch.no_grad():
            yield seen_plane(told.id, step, family, family, data.test_images, told.seed)


def _data(run: RunFolder, step: int, control: Control) -> Generator[Event, None, Dataset | None]:
    """The data set as the manifest tells it; a warning, and None, when it is gone or has changed. Raises Stopped."""
    told = run.manifest
    try:
        asked = {name: told.job[name] for name in PART if name in told.job}
        part = Job.read(asked, of="The run's job")
        chosen = source(told.data.name, told.data.settings)
        if not chosen.at_hand():  # who opens a run has not asked for a download
            raise UserError(f"{chosen.title} is not on this machine.", mend="Look at it in the data panel to fetch it.")
        data = yield from load_part(chosen, part, control)
        if data.content_hash() != told.data.hash:
            raise UserError(f"The data set {told.data.name} has changed since this run was made.")
    except UserError as error:
        yield Noticed(told.id, step, f"The run is shown without its pictures. {error}", "warning")
        return None
    return data

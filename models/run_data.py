"""The data that a run was trained on, read from this machine again; nothing is ever downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UserError
from models.plan import Plan
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.datasets import Dataset
    from models.events import Event, RunInfo
    from models.job import Control


def data_of(info: RunInfo, control: Control, *, same: bool = False) -> Generator[Event, None, Dataset]:
    """The data of the run, telling how far; with `same` only if not a pixel of them has changed.

    Raises UserError where they are not on this machine or are others now, and Stopped.
    """
    told = RunFolder.open(info.folder).manifest
    plan = Plan.again(told, {})
    if not plan.source.at_hand():
        mend = "Choose them in Train and load them in the panel Data first."
        raise UserError("The data of this run are not on this machine.", mend=mend)
    data = yield from plan.load(control)
    changed = data.spec.shape != info.image_shape or not len(data.test_images)
    if changed or (same and data.content_hash() != told.data.hash):
        raise UserError(f"The data set {plan.source.name} has changed since this run was made.", path=info.folder)
    return data

"""A copy of a run that is small enough to share: what one needs to look at it, and nothing of anybody's data."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models.registry import datasets, families
from models.run import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

POINTS = 1000  # of each curve, about


def pack(run: RunFolder, out: Path) -> RunFolder:
    """A run folder `out` with the newest snapshot of `run`, to be looked at.

    Weights are in half precision, those that only training needs are left out, and so are optimisers, held-out
    pictures and the names of folders on this machine; so it cannot be resumed. Raises UserError.
    """
    told, snapshot = run.manifest, run.load()
    step = run.steps()[-1]
    idle = families.get(told.family).practice
    weights = {name: _halved(array) for name, array in snapshot.weights.items() if not name.startswith(idle)}
    state = {name: snapshot.state[name] for name in ("step", "seconds") if name in snapshot.state}
    small = replace(snapshot, weights=weights, training={}, state=state, originals=None, reconstructions=None)
    declared = datasets.get(told.data.name).params_type.declared() if told.data.name in datasets else ()
    places = {setting.name for setting in declared if setting.kind == "path"}
    manifest = told.model_copy(
        update={
            "job": {**told.job, "run": None, "dataset_settings": _without(told.job["dataset_settings"], places)},
            "data": told.data.model_copy(update={"settings": _without(told.data.settings, places)}),
            "command": _without_flags(told.command, places | {"run"}),
        }
    )
    with RunFolder.create(out, manifest) as copy:
        for losses in run.metrics():
            every = -(-len(losses.steps) // POINTS)
            values = {name: values[::every] for name, values in losses.values.items()}
            copy.log(losses.split, losses.steps[::every].tolist(), values)
        copy.save(step, small)
    return copy


def _halved(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers in half the bytes, where none of them is too large for that."""
    if array.dtype != np.float32 or np.abs(array).max(initial=0) > np.finfo(np.float16).max:
        return array
    return array.astype(np.float16)


def _without(settings: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in names}


def _without_flags(command: str, names: set[str]) -> str:
    """The command less the flags of these settings, each with its value."""
    flags = {f"--{name.replace('_', '-')}" for name in names}
    kept, words = [], iter(shlex.split(command))
    for word in words:
        if word in flags:
            next(words, None)
        elif word.partition("=")[0] not in flags:
            kept.append(word)
    return shlex.join(kept)

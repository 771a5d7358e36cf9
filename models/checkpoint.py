"""A family in training as plain arrays, and back: weights, optimisers and random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from models import device as devices
from models.errors import UserError
from models.family import DataSpec
from models.registry import build
from models.snapshot import require_finite

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from models.family import Family
    from models.manifest import Manifest
    from models.snapshot import Snapshot

    Arrays = dict[str, NDArray[Any]]

RNG = "rng/"
TENSOR = "$tensor"  # stands in JSON for a tensor that lies beside it


def spec_of(manifest: Manifest) -> DataSpec:
    """What the family of a run was told of its data."""
    return DataSpec(*manifest.data.shape, len(manifest.data.class_names))


def restored(manifest: Manifest, snapshot: Snapshot, path: Path) -> Family:
    """The family of a run with the weights of a snapshot, to be looked at, on the CPU. Raises UserError, naming `path`.

    The weights that only training needs may be missing.
    """
    with devices.PrivateRandomness():
        family = build(manifest.family, manifest.settings, spec_of(manifest))
    load_weights(family, snapshot.weights, path, spared=type(family).practice)
    return family


def load_weights(family: Family, weights: Mapping[str, NDArray[Any]], path: Path, spared: tuple[str, ...] = ()) -> None:
    """Put weights into a family in place; those whose names begin as one of `spared` may be missing.

    Raises UserError that names the first one that does not fit.
    """
    own = family.state_dict()
    for name, tensor in own.items():
        if name not in weights:
            if name.startswith(spared):
                continue
            raise _unfit(path, f"{name} is missing")
        if tuple(weights[name].shape) != tuple(tensor.shape):
            raise _unfit(path, f"{name} has shape {list(weights[name].shape)}, not {list(tensor.shape)}")
    require_finite(weights, path)
    for name in weights:
        if name not in own:
            raise _unfit(path, f"{name} is not part of this model")
    family.load_state_dict({**own, **{name: torch.from_numpy(np.array(array)) for name, array in weights.items()}})


def weights_of(family: Family) -> Arrays:
    """The family's state dict as arrays of its own memory."""
    return {name: _array(tensor) for name, tensor in family.state_dict().items()}


def training_of(family: Family, device: torch.device) -> tuple[Arrays, dict[str, Any]]:
    """All that training needs beside the weights: arrays by name, and JSON that says where each belongs."""
    arrays: Arrays = {RNG + name: _array(state) for name, state in devices.rng_state(device).items()}
    states = {name: optimizer.state_dict() for name, optimizer in family.optimizers().items()}
    return arrays, {"optimizers": _without_tensors(states, "optimizers", arrays)}


def load_training(
    family: Family, device: torch.device, arrays: Mapping[str, NDArray[Any]], told: Mapping[str, Any], path: Path
) -> None:
    """Put optimisers and torch's global generators where `training_of` found them. UserError when they do not fit."""
    try:
        states = _with_tensors(told["optimizers"], arrays)
        for name, optimizer in family.optimizers().items():
            state = states[name]
            state["state"] = {int(index): value for index, value in state["state"].items()}
            optimizer.load_state_dict(state)
            for weight, values in optimizer.state.items():
                # The same memory layout as the weight's: speed, and the same rounding as if never saved.
                for key, value in values.items():
                    if isinstance(value, Tensor) and value.shape == weight.shape:
                        values[key] = torch.empty_like(weight, dtype=value.dtype).copy_(value)
        random = {name: torch.from_numpy(np.array(state)) for name, state in arrays.items() if name.startswith(RNG)}
        devices.restore_rng({name.removeprefix(RNG): state for name, state in random.items()}, device)
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        what = f"The optimiser's state does not fit this model: {type(error).__name__}: {error}."
        raise UserError(what, mend="Move this snapshot away to go on from an earlier one.", path=path) from None


def _array(tensor: Tensor) -> NDArray[Any]:
    return np.array(tensor.detach().cpu().contiguous().numpy())


def _without_tensors(tree: Any, name: str, arrays: Arrays) -> Any:
    """The tree as JSON, its tensors moved to `arrays` under the path by which they are reached."""
    if isinstance(tree, Tensor):
        arrays[name] = _array(tree)
        return {TENSOR: name}
    if isinstance(tree, dict):
        return {str(key): _without_tensors(value, f"{name}/{key}", arrays) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_without_tensors(value, f"{name}/{place}", arrays) for place, value in enumerate(tree)]
    return tree


def _with_tensors(tree: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """The tree with its tensors in place again."""
    if isinstance(tree, dict):
        if TENSOR in tree:
            return torch.from_numpy(np.array(arrays[tree[TENSOR]]))
        return {key: _with_tensors(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_tensors(value, arrays) for value in tree]
    return tree


def _unfit(path: Path, why: str) -> UserError:
    return UserError(
        f"These weights are not of the model that the run describes: {why}.",
        mend="Bring back the run's own weights, or open an earlier snapshot.",
        path=path,
    )

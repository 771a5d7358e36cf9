"""Whether each layer of a model with styles keeps to its own: how far factors move when other layers are restyled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from models.errors import Stopped
from models.evaluate.factors import read, trust
from models.family import HasPrior, HasStyles

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from torch import Tensor

    from models.datasets import Factor
    from models.evaluate.factors import FactorReader
    from models.job import Control
    from models.lens import Lens

CHUNK = 100  # pictures drawn in one go
GROUPS = ("coarse", "middle", "fine")
READABLE = 0.6  # how well a factor of the real test pictures must be read to count

Moves = dict[str, dict[str, float]]  # by factor, then by group of layers


def moves(lens: Lens, reader: FactorReader, count: int, seed: int, control: Control) -> Generator[float, None, Moves]:
    """How far each factor moves when one group of layers gets the styles of another random code.

    A third of the layers each, from the coarsest on: the mean change of a continuous factor, or the share of changed
    values of a discrete one, over that when all layers are restyled. Of `count` pictures, and of the factors that are
    read well in real ones. Yields the share that is done. Raises Stopped.
    """
    family, data = lens.family, lens.data
    assert data.test_factors is not None
    assert isinstance(family, HasStyles)
    assert isinstance(family, HasPrior)
    generator = torch.Generator(lens.device).manual_seed(seed)
    codes, others = family.prior(2 * count, generator).to(lens.device).chunk(2)
    layers = len(family.layers)
    groups = [np.empty(0, np.int64), *np.array_split(np.arange(layers), len(GROUPS)), np.arange(layers)]
    seen = yield from read(reader, data.test_images, control)
    known = trust(reader.factors, seen, data.test_factors.cpu())
    told = []
    for number, group in enumerate(groups):
        drawn = []
        for start in range(0, count, CHUNK):
            if control.stopping:
                raise Stopped
            part = slice(start, start + CHUNK)
            with lens.looking():
                styles = family.styles(codes[part]).clone()
                styles[:, group] = family.styles(others[part])[:, group]
                drawn.append(family.synthesize(styles).float().cpu().mul(255).round().to(torch.uint8))
            yield (number + min(1.0, (start + CHUNK) / count)) / len(groups)
        told.append((yield from read(reader, torch.cat(drawn), control)))
    own, *single, whole = told
    shifts = {name: _shifts(reader.factors, own, part) for name, part in zip(GROUPS, single, strict=True)}
    most = _shifts(reader.factors, own, whole)
    return {
        factor.name: {name: float(shifts[name][place] / most[place].clamp_min(1e-9)) for name in GROUPS}
        for place, factor in enumerate(reader.factors)
        if known[factor.name] >= READABLE
    }


def leakage(moved: Mapping[str, Mapping[str, float]]) -> float:
    """The share of a factor's moves that come from other layers than those which move it most, averaged over factors.

    0 if every factor belongs to one group of layers alone, two thirds if it makes no difference which are restyled.
    """
    leaks = [1 - max(by.values()) / sum(by.values()) for by in moved.values() if sum(by.values()) > 0]
    return sum(leaks) / len(leaks) if leaks else 0.0


def belonging(moved: Mapping[str, Mapping[str, float]]) -> dict[str, list[str]]:
    """The factors that each group of layers moves most, by group."""
    found: dict[str, list[str]] = {name: [] for name in GROUPS}
    for factor, by in moved.items():
        found[max(by, key=lambda name: by[name])].append(factor)
    return found


def told_moves(moved: Mapping[str, Mapping[str, float]]) -> str:
    """Which factors belong to which layers, as a sentence."""
    owned = {group: ", ".join(names) or "nothing" for group, names in belonging(moved).items()}
    told = "; ".join(f"{group} layers move {names}" for group, names in owned.items())
    return f"Of the factors that can be read, {told}."


def _shifts(factors: tuple[Factor, ...], own: Tensor, other: Tensor) -> Tensor:
    """How far each factor is apart in two readings [n, factors]: a mean [factors]."""
    apart = (own - other).abs()
    discrete = torch.tensor([bool(factor.values) for factor in factors])
    return torch.where(discrete, (apart > 0).float(), apart).mean(0)

"""A reader of the known factors of a data set: how much of each is in a picture, learned once and kept.

The body is that of the data set's classifier, with one output for each continuous factor and one for each value of a
discrete one, trained for as long on pictures that are not moved, for a factor may be a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import device as devices
from models.datasets.cache import digest_of
from models.errors import Stopped
from models.evaluate.classifier import CHUNK, FEATURES, body_of, find_weights, fitted, keep_weights
from models.lens import as_float

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.datasets import Dataset, Factor
    from models.family import DataSpec
    from models.job import Control

VERSION = 1  # of the network and its training: another number makes everybody train anew


class FactorReader(nn.Module):
    """The classifier's body, and a head for each factor."""

    def __init__(self, spec: DataSpec, factors: tuple[Factor, ...]) -> None:
        super().__init__()
        self.factors = factors
        self.body = body_of(spec)
        self.heads = nn.ModuleList(nn.Linear(FEATURES, len(factor.values) or 1) for factor in factors)

    def forward(self, images: Tensor) -> list[Tensor]:
        """What speaks for each value [b, values], or the place from 0 to 1 between both bounds [b, 1], by factor."""
        features = self.body(images)
        return [head(features).float() for head in self.heads]


def reader_of(data: Dataset, device: torch.device, control: Control) -> Generator[float, None, FactorReader]:
    """The reader of data whose factors are known, on `device`: the one kept on disk, or a new one.

    Yields the share that is done. Raises Stopped.
    """
    assert data.train_factors is not None
    reader = _fresh(data, device)
    if not find_weights(_key(data), reader):
        places = _places(data.factors, data.train_factors)

        def cost(seen: Tensor, chosen: Tensor) -> Tensor:
            wanted = places.index_select(0, chosen).to(device)
            costs = [_cost(*each) for each in zip(data.factors, reader(seen), wanted.T, strict=True)]
            return torch.stack(costs).mean()

        yield from fitted(reader, data.train_images, cost, np.random.default_rng(0), device, control)
        keep_weights(_key(data), reader)
    return reader.eval()


def kept_reader(data: Dataset, device: torch.device) -> FactorReader | None:
    """The reader of these data, on `device`, if one was trained and kept; quick."""
    reader = _fresh(data, device)
    return reader.eval() if find_weights(_key(data), reader) else None


def _fresh(data: Dataset, device: torch.device) -> FactorReader:
    with devices.PrivateRandomness():
        return FactorReader(data.spec, data.factors).to(device)


def _key(data: Dataset) -> str:
    assert data.train_factors is not None
    known = data.train_factors.cpu().numpy()
    return digest_of("factors", VERSION, data.content_hash(), data.factors, digest_of(known.tobytes()))


def read(reader: FactorReader, images: Tensor, control: Control) -> Generator[float, None, Tensor]:
    """The factors float32 [n, factors] of pictures uint8 [n, c, h, w], in their own numbers, on the CPU.

    Yields the share that is done. Raises Stopped.
    """
    device, parts = next(reader.parameters()).device, []
    for start in range(0, len(images), CHUNK):
        if control.stopping:
            raise Stopped
        with torch.no_grad():
            seen = reader(as_float(images[start : start + CHUNK].to(device), devices.layout(device)))
        parts.append(torch.stack([_number(*each) for each in zip(reader.factors, seen, strict=True)], 1).cpu())
        yield min(1.0, (start + CHUNK) / len(images))
    return torch.cat(parts)


def trust(factors: tuple[Factor, ...], told: Tensor, known: Tensor) -> dict[str, float]:
    """How well each factor is read, `told` against `known`, both [n, factors].

    R² of a continuous factor, the share of right answers of a discrete one.
    """
    found = {}
    for factor, own, true in zip(factors, told.double().T, known.double().T, strict=True):
        wrong = (own - true).square().sum() / (true - true.mean()).square().sum().clamp_min(1e-12)
        found[factor.name] = float((own == true).double().mean() if factor.values else 1 - wrong)
    return found


def _places(factors: tuple[Factor, ...], numbers: Tensor) -> Tensor:
    """Numbers [n, factors] with the continuous ones from 0 to 1 between their bounds."""
    columns = zip(factors, numbers.float().cpu().T, strict=True)
    return torch.stack([own if of.values else (own - of.low) / (of.high - of.low) for of, own in columns], 1)


def _cost(factor: Factor, told: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy, or the squared error beside the variance of even numbers from 0 to 1."""
    if factor.values:
        return F.cross_entropy(told, wanted.long())
    return 12 * F.mse_loss(told.squeeze(1), wanted)


def _number(factor: Factor, told: Tensor) -> Tensor:
    """What is told of one factor as its own number [b]."""
    if factor.values:
        return told.argmax(1).float()
    return factor.low + (factor.high - factor.low) * told.squeeze(1)

"""How likely held-out pictures are to a model: by importance weighting, exactly, or by a bound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from models.errors import Stopped
from models.family import Batch, HasLikelihood

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import Tensor

    from models.job import Control
    from models.lens import Lens

CHUNK = 100  # pictures weighed in one go
CODES = 20  # of each of them, so that a stop is heard soon
BOUND = "neg_elbo"  # the bound among the held-out figures of a family


def neg_log_likelihood(
    lens: Lens, chosen: Tensor, count: int, seed: int, control: Control, *, binarise: bool = False
) -> Generator[float, None, float]:
    """Mean of -log p in nats of the test pictures `chosen` int64 [n], given their class where the family takes labels.

    An upper bound that sinks to the truth as `count`, the k codes weighed for every picture, grows (Burda et al. 2016,
    eq. 8); families that know p give it exactly. In float32. `binarise` first tosses each pixel to black or white by
    its grey (Salakhutdinov & Murray 2008). Yields the share that is done. Raises Stopped.
    """
    assert isinstance(lens.family, HasLikelihood)
    generator = torch.Generator(lens.device).manual_seed(seed)
    total = 0.0
    for start in range(0, len(chosen), CHUNK):
        part = chosen[start : start + CHUNK]
        images = lens.originals(part)
        if binarise:
            images = torch.bernoulli(images, generator=generator)
        batch = Batch(images, lens.labels(part))
        weighed, sums = 0, torch.full((len(part),), -math.inf, dtype=torch.float64, device=lens.device)
        while weighed < count:
            if control.stopping:
                raise Stopped
            asked = min(CODES, count - weighed)
            with lens.looking("fp32"):
                weights = lens.family.log_weights(batch, asked, generator).double()  # [asked, b]
            sums = torch.logaddexp(sums, weights.logsumexp(0))
            weighed += len(weights)
            if len(weights) < asked:  # known exactly
                break
            yield min(1.0, (start + len(part) * weighed / count) / len(chosen))
        total -= float((sums - math.log(weighed)).sum())
        yield min(1.0, (start + CHUNK) / len(chosen))
    return total / len(chosen)


def has_bound(lens: Lens) -> bool:
    """Whether the family, without weighing pictures itself, tells a bound of their likelihood."""
    if isinstance(lens.family, HasLikelihood):
        return False
    with lens.looking("fp32"):
        return BOUND in lens.family.evaluate(_batch(lens, torch.arange(2, device=lens.device)), lens.generator())


def bound(lens: Lens, chosen: Tensor, seed: int, control: Control) -> Generator[float, None, float]:
    """Mean of the variational bound of -log p in nats of the test pictures `chosen` int64 [n].

    What chance there is in it (codes, moments of noise) is drawn anew for every `seed`. In float32. Yields the share
    that is done. Raises Stopped.
    """
    generator = torch.Generator(lens.device).manual_seed(seed)
    total = 0.0
    for start in range(0, len(chosen), CHUNK):
        if control.stopping:
            raise Stopped
        with lens.looking("fp32"):
            nats = lens.family.evaluate(_batch(lens, chosen[start : start + CHUNK]), generator)[BOUND]
        total += float(nats.double().sum())
        yield min(1.0, (start + CHUNK) / len(chosen))
    return total / len(chosen)


def _batch(lens: Lens, chosen: Tensor) -> Batch:
    return Batch(lens.originals(chosen), lens.labels(chosen))

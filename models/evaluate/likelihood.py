"""How likely held-out pictures are to a model, by importance weighting."""

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
        if control.stopping:
            raise Stopped
        part = chosen[start : start + CHUNK]
        images = lens.originals(part)
        if binarise:
            images = torch.bernoulli(images, generator=generator)
        with lens.looking("fp32"):
            weights = lens.family.log_weights(Batch(images, lens.labels(part)), count, generator).double()
        total -= float((weights.logsumexp(0) - math.log(len(weights))).sum())
        yield min(1.0, (start + CHUNK) / len(chosen))
    return total / len(chosen)

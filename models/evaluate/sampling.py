"""Pictures of a trained model to be judged: from its prior, and of the classes asked for where it takes labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from models.errors import Stopped, UserError
from models.family import CanEncode, HasPrior
from models.lens import as_float

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import Tensor

    from models.job import Control
    from models.lens import Lens

CHUNK = 100  # pictures drawn in one go
FITTED = 2000  # training pictures whose codes stand for a prior that the family does not have


@dataclass(frozen=True)
class Drawn:
    """Pictures uint8 [n, c, h, w] (float32 points) on the CPU, and the classes asked for, int64 [n], if any were."""

    pictures: Tensor
    asked: Tensor | None


def drawn(lens: Lens, count: int, seed: int, control: Control) -> Generator[float, None, Drawn]:
    """So many pictures of the model, which hang on `seed`; yields the share that is done. Raises Stopped.

    A family that takes labels is asked for classes in the shares that the training pictures have. One without a prior
    draws from a normal distribution fitted to the codes of training pictures. Raises UserError where neither can be.
    """
    generator = torch.Generator(lens.device).manual_seed(seed)
    codes, asked = _codes(lens, count, generator), _asked(lens, count, generator)
    parts = []
    for start in range(0, count, CHUNK):
        if control.stopping:
            raise Stopped
        part = slice(start, start + CHUNK)
        with lens.looking():
            made = lens.family.decode(codes[part], None if asked is None else asked[part]).float().cpu()
        # Rounded to grey levels, as the real ones are: nothing may tell them apart by that.
        parts.append(made if lens.data.spec.kind == "points" else made.mul(255).round().to(torch.uint8))
        yield min(1.0, (start + CHUNK) / count)
    return Drawn(torch.cat(parts), None if asked is None else asked.cpu())


def _codes(lens: Lens, count: int, generator: torch.Generator) -> Tensor:
    family = lens.family
    with lens.looking():
        if isinstance(family, HasPrior):
            return family.prior(count, generator).to(lens.device)
        if not isinstance(family, CanEncode):
            raise UserError(f"{family.title} can draw nothing of its own, so there is nothing to judge.")
        some = as_float(lens.data.train_images[:FITTED].to(lens.device), torch.contiguous_format)
        known = torch.cat([family.encode(part) for part in torch.split(some, CHUNK)]).float()
    noise = torch.randn(count, len(known), generator=generator, device=lens.device)
    fitted: Tensor = known.mean(0) + noise @ (known - known.mean(0)) / len(known) ** 0.5
    return fitted


def _asked(lens: Lens, count: int, generator: torch.Generator) -> Tensor | None:
    labels = lens.data.train_labels
    if not lens.classes or labels is None:
        return None
    shares = torch.bincount(labels.cpu(), minlength=lens.classes).float().to(lens.device)
    return torch.multinomial(shares, count, replacement=True, generator=generator)

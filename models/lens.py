"""A model in training as one looks at it: in evaluation mode, without gradients, and left as it was."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from models import device as devices
from models.family import CanEncode, SamplesInSteps, TakesLabels
from models.grids import to_uint8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from models.datasets import Dataset
    from models.events import Pictures
    from models.family import Family
    from models.plan import Plan


def as_float(images: Tensor, layout: torch.memory_format) -> Tensor:
    """Pictures uint8 [b, c, h, w] as float32 in [0, 1]; points are that already."""
    if images.is_floating_point():
        return images
    return images.to(torch.float32, memory_format=layout).div_(255)


class Lens:
    """Looks at `family` and at the test pictures of `data`, on the device and in the precision of `plan`.

    Nothing here draws from torch's global generator.
    """

    def __init__(self, family: Family, data: Dataset, plan: Plan) -> None:
        self.family, self.data = family, data
        self.device = plan.device
        self._layout = plan.layout(family)
        self._precision = plan.precision
        self._seed = plan.job.seed
        self.classes = data.spec.classes if isinstance(family, TakesLabels) else 0  # that the family can be asked for

    @contextmanager
    def looking(self, precision: str = "") -> Iterator[None]:
        """The model as it is for looking at: evaluation mode, no gradients; back to training afterwards."""
        self.family.eval()
        try:
            with torch.no_grad(), devices.autocast(self.device, precision or self._precision):
                yield
        finally:
            self.family.train()

    def generator(self) -> torch.Generator:
        """The same random numbers at every call."""
        return torch.Generator(self.device).manual_seed(self._seed)

    def in_turn(self, count: int) -> Tensor | None:
        """One class after the other, int64 [count]; None for a family that cannot be asked for a class."""
        return torch.arange(count, device=self.device) % self.classes if self.classes else None

    def originals(self, chosen: Tensor) -> Tensor:
        """Test pictures [b, c, h, w] in [0, 1], on the device wherever they lie."""
        images = self.data.test_images
        return as_float(images.index_select(0, chosen.to(images.device)).to(self.device), self._layout)

    def labels(self, chosen: Tensor) -> Tensor | None:
        """The classes int64 [b] of test pictures, for a family that can be asked for them; None if some have none."""
        known = self.data.test_labels
        if known is None or not self.classes:
            return None
        labels = known.index_select(0, chosen.to(known.device)).to(self.device)
        return None if (labels < 0).any() else labels

    def encode(self, chosen: Tensor) -> Tensor:
        """The codes [b, latent_dim] of test pictures."""
        assert isinstance(self.family, CanEncode)
        return self.family.encode(self.originals(chosen), self.labels(chosen))

    def draw(self, codes: Tensor, labels: Tensor | None) -> Pictures:
        """Pictures uint8 [b, h, w, c] of codes [b, latent_dim]."""
        return _seen(self.family.decode(codes, labels))

    def coming(self, codes: Tensor, labels: Tensor | None) -> Iterator[Pictures]:
        """What `draw` gives, last; before it all that a family which draws in steps shows on the way."""
        if isinstance(self.family, SamplesInSteps):
            yield from map(_seen, self.family.sample_steps(codes, labels))
        else:
            yield self.draw(codes, labels)


def _seen(made: Tensor) -> Pictures:
    pictures = to_uint8(made.float().cpu().numpy())
    pictures.setflags(write=False)
    return pictures

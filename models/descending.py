"""Codes that descend by Adam, each for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

FADE = 0.9, 0.99  # memory of Adam for the direction and for its size (Kingma & Ba 2015)


class Descending:
    """Rows of codes that descend by Adam, each for itself; of which the worst can be let go."""

    def __init__(self, codes: Tensor) -> None:
        self.rows = codes.detach().clone()  # [n, d]
        self._direction, self._size = torch.zeros_like(codes), torch.zeros_like(codes)
        self._steps = 0

    def descend(self, gradient: Tensor, rate: float) -> None:
        """One step against `gradient` [n, d]."""
        self._steps += 1
        short, long = FADE
        self._direction.lerp_(gradient, 1 - short)
        self._size.lerp_(gradient.square(), 1 - long)
        size = (self._size / (1 - long**self._steps)).sqrt_().add_(1e-12)
        self.rows -= rate / (1 - short**self._steps) * self._direction / size

    def keep(self, chosen: Tensor) -> None:
        """Go on with these rows, int64 [m]."""
        self.rows, self._direction, self._size = (part[chosen] for part in (self.rows, self._direction, self._size))

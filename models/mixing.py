"""Pictures that have the coarse layers of one code and the fine layers of another (Karras et al. 2019, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from models.events import Codes
    from models.family import HasStyles


@dataclass(frozen=True)
class Fine:
    """The other side of some codes: whose fine layers each of them takes, from the layer `crossing` on."""

    codes: Codes
    crossing: int

    def __getitem__(self, part: slice) -> Fine:
        return Fine(self.codes[part], self.crossing)


def mix(coarse: Tensor, fine: Tensor, crossing: int) -> Tensor:
    """The styles [b, layers, w] of `coarse` up to the layer `crossing`, from which on they are those of `fine`.

    At 0 all are of `fine`, at the number of layers all of `coarse`.
    """
    return torch.cat([coarse[:, :crossing], fine[:, crossing:]], 1)


def mixed_pictures(family: HasStyles, coarse: Tensor, fine: Tensor, crossing: int) -> Tensor:
    """Pictures [b, c, h, w] in [0, 1] of pairs of codes, each [b, latent_dim], that change over at `crossing`."""
    return family.synthesize(mix(family.styles(coarse), family.styles(fine), crossing))

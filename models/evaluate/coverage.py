"""Which classes a model draws when nobody asks for one, and how far their shares are from the data's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

LEAST = 0.1  # of its share in the data, for a class to count as covered


def class_shares(labels: Tensor, classes: int) -> Tensor:
    """The histogram of labels int64 [n]: shares float64 [classes] that sum to one."""
    counts = torch.bincount(labels, minlength=classes).double()
    return counts / counts.sum().clamp_min(1)


def covered_classes(generated: Tensor, real: Tensor) -> float:
    """How many classes are drawn: those with at least a tenth of the share they have in the data, both [classes]."""
    return float(((generated >= LEAST * real) & (real > 0)).sum())


def class_kl(generated: Tensor, real: Tensor) -> float:
    """KL(generated || data) of the shares [classes] in nats: 0 for equal ones, log(classes) for a single mode.

    A class that the data do not have counts as having half of the smallest share that they know.
    """
    drawn = generated > 0
    known = torch.where(drawn & (real == 0), real[real > 0].min() / 2, real)
    known = known / known.sum()
    return float((generated[drawn] * torch.log(generated[drawn] / known[drawn])).sum())

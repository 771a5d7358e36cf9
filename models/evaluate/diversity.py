"""How much the pictures of one class differ from each other, beside how much the real ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

MOST = 500  # pictures of a class that are compared


def diversity_within_class(features: Tensor, classes: Tensor, real_features: Tensor, real_classes: Tensor) -> float:
    """Mean pairwise feature distance of generated pictures of a class over that of real ones, averaged over classes.

    Features [n, d] of the classifier, compared by Euclidean distance; generated pictures count for the class that is
    recognised in them, real ones for their label. At most 500 a class, the first ones. A class that was drawn less
    than twice counts 0; 1 is as varied as the data, above it more so than they are.
    """
    ratios = []
    for label in torch.unique(real_classes):
        real = _mean_distance(real_features[real_classes == label][:MOST])
        if real > 0:
            ratios.append(_mean_distance(features[classes == label][:MOST]) / real)
    return sum(ratios) / len(ratios) if ratios else 0.0


def _mean_distance(features: Tensor) -> float:
    """The mean distance of two different rows of [n, d]; 0 for less than two."""
    return float(torch.pdist(features.double()).mean()) if len(features) > 1 else 0.0

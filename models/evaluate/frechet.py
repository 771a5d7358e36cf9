"""The Frechet distance of generated and real pictures in the features of the data set's own classifier.

It is no FID: that one is measured in the features of an Inception network trained on ImageNet (Heusel et al. 2017),
and the two cannot be compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def frechet_distance(generated: Tensor, real: Tensor) -> float:
    """|m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½) of the means and covariances of features [n, d] and [m, d].

    In float64. The trace of the root is the sum of the roots of the eigenvalues of C1^½ C2 C1^½, which is symmetric.
    Few pictures make it larger than it is: compare figures of equal counts only. Raises ValueError for less than two.
    """
    if min(len(generated), len(real)) < 2:
        raise ValueError("a covariance needs two pictures")
    one, two = generated.double(), real.double()
    first, second = one.T.cov(), two.T.cov()
    root = _root(first)
    crossed = torch.linalg.eigvalsh(root @ second @ root).clamp_min(0).sqrt().sum()
    apart = (one.mean(0) - two.mean(0)).square().sum()
    return float((apart + first.trace() + second.trace() - 2 * crossed).clamp_min(0))


def _root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a covariance [d, d]."""
    values, vectors = torch.linalg.eigh(covariance)
    root: Tensor = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    return root

"""Whether generated pictures look like real ones, and whether all real ones could have been generated.

After Kynkaanniemi et al. 2019, "Improved precision and recall metric for assessing generative models".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

NEIGHBOUR = 3  # the k of the paper
MOST = 5000  # pictures of either kind: distances of all pairs must fit into memory


def precision_recall(generated: Tensor, real: Tensor) -> tuple[float, float]:
    """Precision and recall of generated features [n, d] against real ones [m, d].

    Each set is taken to fill the balls around its points that reach to their third neighbour of the same set.
    Precision is the share of generated points within the real set, recall that of real points within the generated
    one. Both sets are cut to the same size, at most 5,000, from their beginning. Both 0 for less than four points.
    """
    count = min(len(generated), len(real), MOST)
    if count <= NEIGHBOUR:
        return 0.0, 0.0
    generated, real = generated[:count].double(), real[:count].double()
    across = _distances(generated, real)
    precise = (across <= _reach(real)).any(1)
    recalled = (across <= _reach(generated).unsqueeze(1)).any(0)
    return float(precise.double().mean()), float(recalled.double().mean())


def _reach(points: Tensor) -> Tensor:
    """The distance [n] of each point to its third neighbour; itself is the nearest and does not count."""
    return _distances(points, points).kthvalue(NEIGHBOUR + 1, dim=1).values


def _distances(rows: Tensor, columns: Tensor) -> Tensor:
    return torch.cdist(rows, columns, compute_mode="donot_use_mm_for_euclid_dist")

"""UMAP (McInnes, Healy, Melville 2018) by umap-learn, in rounds between which it can be watched and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import Stopped
from models.neighbourhood import Neighbourhood
from models.tsne_layout import begun

if TYPE_CHECKING:
    from models.charts import Laying, UmapParams
    from models.events import Codes, Points
    from models.job import Control

START = 3.0  # the spread from which it begins, as umap-learn's own starts have it
PUSHES = 5  # points that one is pushed from each time it is pulled
TOLD = 5  # rounds between two looks at where the points are


def lay(codes: Codes, start: Points, params: UmapParams, control: Control) -> Laying:
    """Points [n, 2] of codes [n, d], beginning at `start` [n, 2]. Raises Stopped."""
    yield "Fetching UMAP, which takes long the first time", None, None
    from umap.layouts import optimize_layout_euclidean
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set

    wanted = min(params.neighbours, len(codes))  # itself among them
    near = yield from Neighbourhood(codes).graph(wanted - 1, control)
    own = np.arange(len(codes))[:, None]
    indices = np.hstack([own, near.indices]).astype(np.int32)
    distances = np.hstack([np.zeros(own.shape, np.float32), near.distances])
    yield "Preparing UMAP", None, None
    known = {"knn_indices": indices, "knn_dists": distances}
    graph = fuzzy_simplicial_set(codes, wanted, None, "euclidean", **known)[0].tocoo()
    often = graph.data / graph.data.max()  # the share of rounds in which an edge pulls
    kept = often * params.rounds >= 1
    heads, tails, often = graph.row[kept], graph.col[kept], often[kept]
    state = np.random.default_rng(params.seed).integers(-(2**31) + 1, 2**31 - 1, 3)
    a, b = find_ab_params(1.0, params.least_distance)
    points = begun(start, START, params.seed).astype(np.float32)
    for done in range(params.rounds):
        if control.stopping:
            raise Stopped
        due = np.floor((done + 1) * often) > np.floor(done * often)
        optimize_layout_euclidean(
            points, points, heads[due], tails[due],
            n_epochs=2,  # nothing is due in the first of them, and everything in the second
            n_vertices=len(points),
            epochs_per_sample=np.ones(int(due.sum())),
            a=a, b=b, rng_state=state + done,
            initial_alpha=1 - done / params.rounds,
            negative_sample_rate=PUSHES + 1.01,  # counted from the end of the first share of the round
            move_other=True,
        )  # fmt: skip
        if done % TOLD == 0:
            yield "UMAP", (done + 1) / params.rounds, points.copy()
    return points

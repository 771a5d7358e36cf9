"""t-SNE (van der Maaten, Hinton 2008) by openTSNE, in rounds between which it can be watched and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import Stopped
from models.neighbourhood import Neighbourhood

if TYPE_CHECKING:
    from models.charts import Laying, TsneParams
    from models.events import Codes, Points
    from models.job import Control

GATHERING = 250  # rounds in which neighbours pull harder than they will, so that clusters find together
PULL = 12.0  # how many times harder
AT_ONCE = 10  # rounds between two looks at whether to stop
START = 1e-4  # the spread from which it grows, as openTSNE's own starts have it
FEW = 3_000  # points up to which a tree of them is quicker than a grid


def lay(codes: Codes, start: Points, params: TsneParams, control: Control) -> Laying:
    """Points [n, 2] of codes [n, d], beginning at `start` [n, 2]. Raises Stopped."""
    yield "Preparing t-SNE", None, None
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PrecomputedAffinities, joint_probabilities_nn

    perplexity = min(params.perplexity, (len(codes) - 1) / 3)
    found = yield from Neighbourhood(codes).graph(min(len(codes) - 1, max(1, int(3 * perplexity))), control)
    pulls = joint_probabilities_nn(found.indices, found.distances.astype(np.float64), [perplexity], n_jobs=1)
    points = TSNEEmbedding(
        begun(start, START, params.seed),
        PrecomputedAffinities(pulls, normalize=False),
        negative_gradient_method="fft" if len(codes) > FEW else "bh",
        learning_rate="auto",
        random_state=params.seed,
        n_jobs=1,  # sums of several threads come in another order each time
    )
    rounds = GATHERING + params.rounds
    for done in range(0, rounds, AT_ONCE):
        if control.stopping:
            raise Stopped
        early = done < GATHERING
        points.optimize(
            n_iter=AT_ONCE, inplace=True, exaggeration=PULL if early else 1.0, momentum=0.5 if early else 0.8
        )
        yield "t-SNE", min(1.0, (done + AT_ONCE) / rounds), np.array(points, np.float32)
    return np.array(points, np.float32)


def begun(start: Points, spread: float, seed: int) -> Points:
    """Points [n, 2] laid as `start`, so far spread, with a breath of noise between those that lie on each other."""
    noise = np.random.default_rng(seed).standard_normal(start.shape)
    middle = start - start.mean(axis=0)
    return np.asarray(spread * (middle / max(float(middle.std()), 1e-30) + 1e-2 * noise))

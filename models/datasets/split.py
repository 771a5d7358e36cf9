"""The seeded, stratified split into training and test pictures, and the two settings that steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.params import Params, param

if TYPE_CHECKING:
    from numpy.typing import NDArray


class SplitParams(Params):
    """The settings of a source whose data come without a split of their own."""

    test_share: float = param(
        0.2, "The share of the pictures kept from training, to test on.", low=0.01, high=0.9, advanced=True
    )
    split_seed: int = param(0, "Which pictures are kept: same seed, same split.", low=0, high=2**31 - 1, advanced=True)


def stratified_split(
    labels: NDArray[np.int64], test_share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the training and of the test pictures, both shuffled, for labels [n].

    Every class gives the same share to the test, rounded, but keeps at least one picture on either side; a class
    of a single picture is trained on. The result hangs on the labels, the share and the seed alone.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    for_test = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        wanted = round(test_share * len(members))
        for_test[members[: min(max(wanted, 1), len(members) - 1)]] = True
    return order[~for_test[order]], order[for_test[order]]

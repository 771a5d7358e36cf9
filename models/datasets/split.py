"""The seeded, stratified split into training and test pictures, and the two settings that steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError
from models.params import Params, param

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

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


def too_few(labels: Collection[object], path: Path | str) -> UserError:
    """Why whole pictures of these classes leave the training or the test part empty, and what helps."""
    count = len(labels)
    if count < 2:
        what = f"{'One' if count else 'No'} whole picture is too few to train and to test on."
        mend = "Bring at least two."
    elif len(set(labels)) == count:
        what = f"Each of the {count:,} pictures has a class of its own, so that none can be kept to test on."
        mend = "Bring at least two pictures of some class, or pictures without classes."
    else:
        what = f"The {count:,} whole pictures are all of one part, so that there are none to train or none to test on."
        mend = "Bring whole pictures for both."
    return UserError(what, path=path, mend=mend)

"""Numbers of pictures as people write them: `3,17,40-60`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]  # rising, each once

RANGE = re.compile(r"#?(\d{1,12})(?:\s*-\s*#?(\d{1,12}))?")


def indices_of(words: str, count: int) -> Indices:
    """The indices that `3,17,40-60` means, rising. Raises UserError for other words and for numbers from `count` on."""
    found = []
    for part in filter(None, (part.strip() for part in words.split(","))):
        told = RANGE.fullmatch(part)
        if told is None:
            raise UserError(f"{part!r} is no index of a picture.", mend="Write indices as 3,17,40-60.")
        first, last = int(told[1]), int(told[2] or told[1])
        if max(first, last) >= count:
            mend = f"They go from 0 to {count - 1:,}."
            raise UserError(f"There is no picture {max(first, last):,} on this map.", mend=mend)
        found.append(np.arange(min(first, last), max(first, last) + 1))
    return np.unique(np.concatenate(found)).astype(np.int64) if found else np.empty(0, np.int64)


def told_indices(indices: Indices) -> str:
    """Rising indices in the words that `indices_of` reads: `3,17,40-60`."""
    if not len(indices):
        return ""
    stretches = np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1)
    return ",".join(f"{each[0]}-{each[-1]}" if len(each) > 1 else str(each[0]) for each in stretches)

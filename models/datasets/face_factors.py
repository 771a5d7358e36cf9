"""What a cartoon face is made of: its known factors, how they are drawn by lot, and how each becomes a class label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.datasets import Factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

WOMAN, MAN = 0, 1
ROUND, SUN = 1, 3
STUBBLE, MOUSTACHE, FULL = 1, 2, 3

FACTORS = (
    Factor("character", ("woman", "man")),
    Factor("smile", low=-1.0, high=1.0),
    Factor("glasses", ("none", "round", "square", "sun")),
    Factor("hair-colour", ("black", "brown", "ginger", "blond", "grey", "pink")),
    Factor("hair-length"),
    Factor("skin-tone"),
    Factor("head-turn", low=-35.0, high=35.0, unit="°"),
    Factor("head-tilt", low=-14.0, high=14.0, unit="°"),
    Factor("eye-openness"),
    Factor("brow", low=-1.0, high=1.0),
    Factor("face-width"),
    Factor("background", ("sky", "mint", "lemon", "peach", "rose", "lilac")),
    Factor("beard", ("none", "stubble", "moustache", "full")),
)
NAMES = tuple(factor.name for factor in FACTORS)

# What the low, middle and high third of a continuous factor are called; left and right are the viewer's.
THIRDS = {
    "smile": ("frown", "neutral", "smile"),
    "hair-length": ("short", "medium", "long"),
    "skin-tone": ("light", "medium", "dark"),
    "head-turn": ("left", "ahead", "right"),
    "head-tilt": ("left", "upright", "right"),
    "eye-openness": ("closed", "half open", "open"),
    "brow": ("angry", "calm", "raised"),
    "face-width": ("narrow", "medium", "wide"),
}
# How often a man wears no beard, stubble, a moustache, a full beard.
BEARDS = (0.4, 0.2, 0.15, 0.25)
HAIR = {WOMAN: (0.3, 1.0), MAN: (0.0, 0.7)}  # lengths that each wears
GLASSES = (0.52, 0.16, 0.16, 0.16)


def sample_factors(count: int, seed: int) -> NDArray[np.float32]:
    """Factors [count, factors] of as many faces, drawn by lot; more faces of one seed begin with the fewer ones.

    Factors are independent of each other, and even between their ends or values, but for these: about half of the
    faces wear no glasses, only men wear beards, women's hair is longer than men's on average, with much in common,
    and there are more smiles than frowns and more open eyes than closed ones.
    """
    lots = np.random.default_rng(seed).random((count, len(FACTORS)))
    drawn: NDArray[np.floating] = np.empty((count, len(FACTORS)))
    for index, factor in enumerate(FACTORS):
        even = lots[:, index]
        if factor.values:
            drawn[:, index] = np.floor(even * len(factor.values))
        else:
            drawn[:, index] = _between(even, factor.low, factor.high)
    for name in ("smile", "eye-openness"):
        factor, few = FACTORS[NAMES.index(name)], column(lots, name) ** 2
        drawn[:, NAMES.index(name)] = _between(few, factor.high, factor.low)
    man = column(drawn, "character") == MAN
    drawn[:, NAMES.index("glasses")] = _by_shares(column(lots, "glasses"), GLASSES)
    drawn[:, NAMES.index("beard")] = np.where(man, _by_shares(column(lots, "beard"), BEARDS), 0)
    lengths = column(lots, "hair-length")
    drawn[:, NAMES.index("hair-length")] = np.where(man, _between(lengths, *HAIR[MAN]), _between(lengths, *HAIR[WOMAN]))
    return drawn.astype(np.float32)


def column(factors: NDArray[np.floating], name: str) -> NDArray[np.floating]:
    """The numbers [n] of one factor."""
    return factors[:, NAMES.index(name)]


def class_names(name: str) -> tuple[str, ...]:
    """What the classes are called when this factor is the label."""
    return FACTORS[NAMES.index(name)].values or THIRDS[name]


def classes(factors: NDArray[np.float32], name: str) -> NDArray[np.int64]:
    """The class [n] of each face when this factor is the label: its value, or the third that its number lies in."""
    factor, numbers = FACTORS[NAMES.index(name)], column(factors, name)
    if factor.values:
        return numbers.astype(np.int64)
    thirds = (numbers.astype(np.float64) - factor.low) / (factor.high - factor.low) * 3
    return np.clip(thirds.astype(np.int64), 0, 2)


def _between(lot: NDArray[np.floating], low: float, high: float) -> NDArray[np.floating]:
    return low + (high - low) * lot


def _by_shares(lot: NDArray[np.floating], shares: tuple[float, ...]) -> NDArray[np.int64]:
    """Values by lot, each as often as its share says."""
    return np.minimum(np.searchsorted(np.cumsum(shares), lot, side="right"), len(shares) - 1)

"""What is seen in pictures: known factors, or the class; how far they move, and whether a sum gave what it asked; pure.

The class counts as one discrete factor. All movement is told in one unit: a share of a factor's whole range, or of the
certainty with which a value is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.datasets import Factor
    from models.naming import Members

APART = 0.5  # certainty by which terms must differ in a discrete factor for the sum to ask for a value
FAR = 0.25  # of the range of a continuous one
NEAR = 0.2  # of the range: so close counts as what was asked
STILL = 0.01  # moves smaller than this are noise
READABLE = 0.6  # how well a factor of the real test pictures must be read to count


@dataclass(frozen=True)
class Traits:
    """For each factor what is seen in n pictures: the share of each value [n, values], or the number itself [n, 1]."""

    factors: tuple[Factor, ...]
    parts: tuple[NDArray[np.float32], ...]

    def of(self, rows: slice) -> Traits:
        """Of some of the pictures."""
        return Traits(self.factors, tuple(part[rows] for part in self.parts))

    def mean(self) -> Traits:
        """On average over the pictures: one row."""
        return Traits(self.factors, tuple(part.mean(axis=0, keepdims=True) for part in self.parts))

    def table(self) -> NDArray[np.float32]:
        """The most likely values, or the numbers, as known factors are written: [n, factors]."""
        columns = [
            part.argmax(1) if of.values else part[:, 0] for of, part in zip(self.factors, self.parts, strict=True)
        ]
        return np.stack(columns, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Move:
    """How far a factor, or one value of a discrete one, moved: a signed share; `wanted` if it was meant to."""

    name: str
    amount: float
    wanted: bool = False


@dataclass(frozen=True)
class Moves:
    """What a direction moves, the wanted first, then the others by how far; `pictures` were looked at."""

    moves: tuple[Move, ...]
    pictures: int = 0

    @property
    def leakage(self) -> float:
        """The share of all movement that nobody wanted: 0 if nothing else moves, near 1 if mostly others do."""
        wanted = sum(abs(move.amount) for move in self.moves if move.wanted)
        others = sum(abs(move.amount) for move in self.moves if not move.wanted and abs(move.amount) >= STILL)
        return others / (wanted + others) if wanted + others else 0.0


def moved(before: Traits, after: Traits, wanted: str = "", values: Sequence[str] = ()) -> Moves:
    """How far the factors move on average from `before` to `after`, both [n, ...].

    With one factor alone, as the class, its values move each by itself, and the `values` named are the wanted ones.
    Else the factor `wanted` is; without such the one that moves most.
    """
    if len(before.factors) == 1 and before.factors[0].values:
        steps = (after.parts[0] - before.parts[0]).mean(axis=0).tolist()
        names = before.factors[0].values
        meant = {*values} & {*names} or {max(zip(steps, names, strict=True))[1]}
        found = [Move(name, step, name in meant) for name, step in zip(names, steps, strict=True)]
    else:
        steps = [_step(*each) for each in zip(before.factors, before.parts, after.parts, strict=True)]
        names = tuple(factor.name for factor in before.factors)
        meant = {wanted} & {*names} or {max(zip(map(abs, steps), names, strict=True))[1]}
        found = [Move(name, step, name in meant) for name, step in zip(names, steps, strict=True)]
    found.sort(key=lambda move: (not move.wanted, -abs(move.amount)))
    return Moves(tuple(found), len(before.parts[0]))


def _step(factor: Factor, before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """The mean step of one factor: signed for a number; for values how much certainty changes sides."""
    step = (after - before).mean(axis=0)
    if factor.values:
        return float(np.abs(step).sum() / 2)
    return float(step[0] / (factor.high - factor.low or 1.0))


def known_traits(factors: tuple[Factor, ...], values: NDArray[np.float32], members: Members) -> Traits:
    """What is known of some points as one row: shares of values, and mean numbers; of `values` [n, factors]."""
    parts = []
    for place, factor in enumerate(factors):
        own = values[members, place]
        own = own[np.isfinite(own)]
        if factor.values:
            counts = np.bincount(own.astype(np.int64), minlength=len(factor.values)).astype(np.float32)
            parts.append(np.asarray(counts / max(1, len(own)), np.float32)[None])
        else:
            parts.append(np.array([[own.mean() if len(own) else np.nan]], np.float32))
    return Traits(factors, tuple(parts))


# ---- whether a sum gave what it asked


@dataclass(frozen=True)
class Verdict:
    """One factor of a sum's result: what the first term showed, what the sum asks for if it does, and what came.

    `fits` is None where nothing was asked; `amount` tells how far the factor moved from the first term.
    """

    name: str
    before: str
    asked: str
    got: str
    amount: float
    fits: bool | None = None


def verdicts(
    asked: Sequence[Traits], weights: Sequence[float], first: Traits, result: Traits, trust: Mapping[str, float]
) -> tuple[Verdict, ...]:
    """What became of each factor that can be trusted: those asked for first, then others by how far they moved.

    `asked` tells of each term one row of what it stands for, `first` and `result` of what their pictures show. Only
    terms whose weights add up to one, as A - B + C, ask for anything.
    """
    whole = abs(sum(weights) - 1) < 1e-3
    found = []
    for place, factor in enumerate(first.factors):
        if trust.get(factor.name, 1.0) < READABLE:
            continue
        rows = np.stack([each.parts[place][0] for each in asked]).astype(np.float64)  # [terms, values or 1]
        before, after = first.parts[place], result.parts[place]
        wish, fits = (
            _wish(factor, np.asarray(weights) @ rows, after[0]) if whole and _differs(factor, rows) else ("", None)
        )
        told = [_told(factor, each[0]) for each in (before, after)]
        found.append(Verdict(factor.name, told[0], wish, told[1], _step(factor, before, after), fits))
    found.sort(key=lambda each: (each.fits is None, -abs(each.amount)))
    return tuple(found)


def _differs(factor: Factor, rows: NDArray[np.float64]) -> bool:
    """Whether the terms [terms, values or 1] are of different minds about a factor."""
    if not np.isfinite(rows).all():
        return False
    if factor.values:
        return bool((np.abs(rows[:, None] - rows[None]).sum(axis=-1) / 2).max() > APART)
    return bool(np.ptp(rows) > FAR * (factor.high - factor.low))


def _wish(factor: Factor, total: NDArray[np.float64], got: NDArray[np.float32]) -> tuple[str, bool]:
    """What the terms add up to, in words, and whether that is what is seen."""
    if factor.values:
        allowed = np.flatnonzero(total >= 0.5 * total.max())
        names = [printable(factor.values[value]) for value in allowed]
        return " or ".join(names), int(got.argmax()) in allowed
    number = float(np.clip(total[0], factor.low, factor.high))
    return _told(factor, total.clip(factor.low, factor.high)), bool(
        abs(number - got[0]) <= NEAR * (factor.high - factor.low)
    )


def _told(factor: Factor, seen: NDArray[np.floating]) -> str:
    """What one picture shows of a factor: a value, or a number with two figures after the point."""
    if factor.values:
        return printable(factor.values[int(seen.argmax())])
    unit = f" {factor.unit}" if factor.unit else ""
    return f"{seen[0]:.2f}{unit}".replace("-", "\N{MINUS SIGN}")

"""Pure maths of curves: smoothing, thinning to the width of a plot, and the range worth looking at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

CURVE_LIMIT = 20_000  # points kept of one curve; beyond it neighbours are averaged in pairs
HEADROOM = 200.0  # a block of the running mean spans at most a factor of e^200, well inside float64
SETTLED = 0.98  # the share of a curve that fits the plot: its first, high steps may leave it


@dataclass(frozen=True)
class Curve:
    """One loss over the steps, never longer than `CURVE_LIMIT`."""

    steps: NDArray[np.int64]
    values: NDArray[np.float32]

    def extended(self, steps: NDArray[np.int64], values: NDArray[np.float32]) -> Curve:
        """This curve and what came after it."""
        steps, values = np.concatenate([self.steps, steps]), np.concatenate([self.values, values])
        while len(steps) > CURVE_LIMIT:
            even = len(steps) // 2 * 2
            steps = steps[1:even:2]
            values = values[:even].reshape(-1, 2).mean(axis=1, dtype=np.float32)
        return Curve(steps, values)


def smoothed(values: NDArray[np.floating], weight: float) -> Numbers:
    """The exponential moving mean of `values` [n], free of the bias of its start (Kingma & Ba 2014, section 3).

    `weight` (0 to below 1) is what each mean keeps of the one before. Values that are not finite count for nothing.
    """
    finite = np.isfinite(values)
    if weight <= 0 or not len(values):
        return np.asarray(values, np.float64)
    sums = _decayed_sums(np.where(finite, values, 0.0).astype(np.float64), weight)
    if finite.all():
        means: Numbers = sums * ((1 - weight) / (1 - weight ** np.arange(1, len(values) + 1)))
        return means
    counts = _decayed_sums(finite.astype(np.float64), weight)
    return np.where(counts > 0, sums / np.where(counts > 0, counts, 1.0), np.nan)


def _decayed_sums(values: Numbers, weight: float) -> Numbers:
    """s[t] = weight * s[t - 1] + values[t], in blocks short enough that weight ** -length stays a number."""
    length = max(1, min(len(values), int(HEADROOM / -np.log(weight))))
    blocks = -(-len(values) // length)
    padded = np.zeros(blocks * length)
    padded[: len(values)] = values
    decay = weight ** np.arange(1, length + 1)
    inside = np.cumsum(padded.reshape(blocks, length) / decay, axis=1) * decay  # [blocks, length]
    carried = np.zeros(blocks)
    for block in range(1, blocks):
        carried[block] = inside[block - 1, -1] + carried[block - 1] * decay[-1]
    sums: Numbers = (inside + carried[:, None] * decay).reshape(-1)[: len(values)]
    return sums


def thinned(
    steps: NDArray[np.integer], values: Numbers, left: float, right: float, columns: int
) -> tuple[Numbers, Numbers]:
    """What a plot of `columns` pixels over [left, right] can show of a curve: the lowest and highest value a pixel.

    `steps` rise. One point beyond each edge is kept, so that lines leave the plot.
    """
    first = max(0, int(np.searchsorted(steps, left)) - 1)
    last = min(len(steps), int(np.searchsorted(steps, right, side="right")) + 1)
    x, y = steps[first:last].astype(np.float64), values[first:last]
    if len(x) <= 2 * columns:
        return x, y
    starts = np.unique(np.searchsorted(x, np.linspace(x[0], x[-1], columns, endpoint=False)))
    pairs = np.stack([np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)], axis=1)
    return np.repeat(x[starts], 2), pairs.reshape(-1)


def range_of(curves: Sequence[Numbers]) -> tuple[float, float] | None:
    """The lowest and highest value worth showing; None without any value.

    Of each curve the highest two in a hundred may stick out: the first steps would flatten all that follows.
    """
    finite = [curve[np.isfinite(curve)] for curve in curves]
    finite = [curve for curve in finite if len(curve)]
    if not finite:
        return None
    low = min(float(curve.min()) for curve in finite)
    high = max(float(np.quantile(curve, SETTLED, method="higher")) for curve in finite)
    return (low, high) if high > low else (low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0))


def rounded_out(low: float, high: float) -> tuple[float, float]:
    """The range from `low` to `high` widened to round numbers, so that a growing curve moves it only now and then."""
    step = 10.0 ** math.floor(math.log10(high - low)) / 5
    return math.floor(low / step) * step, math.ceil(high / step) * step


def value_at(steps: NDArray[np.integer], values: Numbers, step: float) -> float:
    """The value recorded nearest to `step`, or NaN outside the curve's reach."""
    if not len(steps) or not steps[0] <= round(step) <= steps[-1]:
        return float("nan")
    after = min(int(np.searchsorted(steps, step)), len(steps) - 1)
    before = max(0, after - 1)
    nearest = before if step - steps[before] <= steps[after] - step else after
    return float(values[nearest])

"""Walks along single dimensions of a code: where they go, in which order they are shown, which are dead; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from models import latent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Codes
    from models.latent import Code

    Ranges = NDArray[np.float32]  # [d, 2], from where to where each dimension is walked

Order = Literal["number", "effect", "kl"]
ORDERS = get_args(Order)
PRIOR_SPREAD = 1.0  # of one dimension of codes with a standard normal prior
FAR = 3.0  # spreads of the prior on each side
DEAD_EFFECT = 0.5 / 255  # of white: half a grey level, which nobody sees
DEAD_KL = 0.01  # nats, as Burda et al. 2016 tell active from inactive units
NUMBERS = 60_000  # of all codes, as many are looked at for the ranges


def spreads_of(codes: Codes, prior: bool) -> NDArray[np.float32]:
    """How wide codes [n, d] lie in each dimension: [d]; as wide as the prior at least, where they have one."""
    own = codes.std(axis=0, dtype=np.float64)
    return np.asarray(np.maximum(own, PRIOR_SPREAD) if prior else own, np.float32)


def ranges_of(codes: Codes, prior: bool) -> Ranges:
    """Where the data's codes [n, d] live, and three spreads of the prior to each side where they have one: [d, 2]."""
    own = latent.quantile_ranges(codes[:: max(1, codes.size // NUMBERS)])
    if not prior:
        return own
    far = FAR * PRIOR_SPREAD
    return np.stack([np.minimum(own[:, 0], -far), np.maximum(own[:, 1], far)], axis=1)


def places(ranges: Ranges, dimension: int, columns: int) -> NDArray[np.float32]:
    """The numbers [columns] at which a dimension is shown; one column shows its middle."""
    low, high = ranges[dimension]
    return (
        np.linspace(low, high, columns, dtype=np.float32) if columns > 1 else np.array([(low + high) / 2], np.float32)
    )


def walks(code: Code, dimensions: NDArray[np.int64], ranges: Ranges, columns: int) -> Codes:
    """Codes [rows * columns, d], a row for each of `dimensions` [rows]: `code` with this one number walking."""
    codes = np.repeat(code[None], len(dimensions) * columns, axis=0)
    for row, dimension in enumerate(dimensions.tolist()):
        codes[row * columns : (row + 1) * columns, dimension] = places(ranges, dimension, columns)
    return codes


def ordered(
    count: int, order: str, effect: NDArray[np.float32] | None, kl: NDArray[np.float32] | None
) -> NDArray[np.int64]:
    """The dimensions [count] in this order, the strongest first; by number where its figures are not known."""
    figures = {"effect": effect, "kl": kl}.get(order)
    if figures is None or len(figures) != count:
        return np.arange(count)
    return np.argsort(-figures, kind="stable").astype(np.int64)


def dead(effect: NDArray[np.float32] | None, kl: NDArray[np.float32] | None, count: int) -> NDArray[np.bool_]:
    """Which dimensions [count] do nothing that could be seen, or hold nothing of the data; none while none is known."""
    asleep = np.zeros(count, bool)
    if effect is not None and len(effect) == count:
        asleep |= effect < DEAD_EFFECT
    if kl is not None and len(kl) == count:
        asleep |= kl < DEAD_KL
    return asleep

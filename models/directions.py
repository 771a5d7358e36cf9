"""Ways through the codes that mean something: from one group to another, and where the codes spread most; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from models.events import Codes
    from models.latent import Code

METHODS = ("difference", "logistic", "pca")
MOST = 2000  # codes of each group that the logistic regression looks at
ALIKE = 1e-6  # of the data's spread: groups whose means are no further apart lie in one place
STRENGTH = 1.0  # of the regression's pull towards small weights, on codes of unit spread


@dataclass(frozen=True, eq=False)
class Direction:
    """A way through the codes under a name that a person gave it; `method` is one of `METHODS`.

    A place on the way is counted in spreads of the data's codes along it, from their middle: 0 is the middle, 1 a
    standard deviation further. `ends` are the places of the two groups it leads between, and `names` what these are
    called, from the low end to the high one. `wanted` names the factor that it is to move, if that is known.
    """

    name: str
    axis: Code  # [latent_dim], of unit length
    middle: float
    spread: float
    method: str
    ends: tuple[float, float] | None = None
    names: tuple[str, str] = ("", "")
    wanted: str = ""
    share: float | None = None  # of the codes' variance, along a principal direction

    def places(self, codes: Codes) -> NDArray[np.float64]:
        """Where codes [..., latent_dim] lie on the way: [...]."""
        along = codes.astype(np.float64) @ self.axis
        return np.asarray((along - self.middle) / self.spread)

    def at(self, code: Code, places: ArrayLike) -> Codes:
        """The code [latent_dim] brought to each of `places` [n] of the way, else left as it is: [n, latent_dim]."""
        return self.shifted(code[None], np.asarray(places, np.float64) - self.places(code))

    def shifted(self, codes: Codes, by: ArrayLike) -> Codes:
        """Codes [n, latent_dim] carried `by` so many spreads along the way, one number for all or [n]."""
        far = np.asarray(by, np.float64)[..., None] * self.spread
        return np.asarray(codes + far * self.axis, np.float32)


def between(low: Codes, high: Codes, codes: Codes, method: str = "difference") -> Direction:
    """The nameless direction from the group `low` [m, d] to `high` [n, d] among all `codes` [k, d].

    "difference" joins their means, as the arithmetic of Radford et al. 2016; "logistic" is the normal of the plane
    that parts them best, as of Shen et al. 2020. Raises UserError where there is no such way.
    """
    for group in (low, high):
        if not len(group):
            raise UserError("A direction needs two groups, and one of these is empty.", mend="Choose another group.")
        _require_finite(group)
    apart = high.mean(axis=0, dtype=np.float64) - low.mean(axis=0, dtype=np.float64)
    widest = float(codes.std(axis=0, dtype=np.float64).max(initial=0.0))
    if float(np.linalg.norm(apart)) <= ALIKE * max(widest, 1e-12):
        what = "Both groups have their middle in the same place, so no direction leads from one to the other."
        raise UserError(what, mend="Choose two groups that lie apart.")
    way = _parting(low, high) if method == "logistic" else apart
    return along(way, codes, method, low, high)


def along(way: NDArray[np.float64], codes: Codes, method: str, *groups: Codes) -> Direction:
    """The direction that `way` [d] points in, measured among `codes` [k, d]; its ends are the means of two groups."""
    axis = np.asarray(way / np.linalg.norm(way), np.float32)
    axis.setflags(write=False)
    lies = codes.astype(np.float64) @ axis
    spread = float(lies.std())
    if not np.isfinite(spread) or spread <= 0:
        raise UserError("All codes lie in one place, so there is no direction.", mend="Let the model train for longer.")
    found = Direction("", axis, float(lies.mean()), spread, method)
    if not groups:
        return found
    low, high = (float(found.places(group).mean()) for group in groups)
    return Direction("", axis, found.middle, spread, method, (low, high))


def principal(codes: Codes, count: int) -> list[Direction]:
    """The `count` directions in which codes [n, d] spread most, the widest first (Harkonen et al. 2020).

    Each points to where its largest number is positive, so that the same codes give the same signs.
    """
    _require_finite(codes)
    if len(codes) < 2:
        raise UserError("One code alone has no spread.", mend="Let the model train up to its first map.")
    centred = codes - codes.mean(axis=0, dtype=np.float64)
    variances, ways = np.linalg.eigh(centred.T @ centred / len(codes))
    whole = float(variances.clip(0).sum())
    found = []
    for place in range(1, min(count, len(variances)) + 1):
        variance, way = float(variances[-place]), ways[:, -place]
        if variance <= ALIKE * whole:
            break
        way = way * np.sign(way[np.abs(way).argmax()])
        plain = along(way, codes, "pca")
        found.append(Direction("", plain.axis, plain.middle, plain.spread, "pca", share=variance / whole))
    if not found:
        raise UserError("All codes lie in one place, so there is no direction.", mend="Let the model train for longer.")
    return found


def _parting(low: Codes, high: Codes) -> NDArray[np.float64]:
    """The normal [d] of the plane that parts two groups best, pointing to `high`."""
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    some = [group if len(group) <= MOST else random.permutation(group)[:MOST] for group in (low, high)]
    both = np.concatenate(some).astype(np.float64)
    width = np.maximum(both.std(axis=0), 1e-9)
    sides = np.repeat([0, 1], [len(group) for group in some])
    fitted = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=300)
    fitted.fit((both - both.mean(axis=0)) / width, sides)
    normal: NDArray[np.float64] = fitted.coef_[0] / width
    return normal


def _require_finite(codes: Codes) -> None:
    if not np.isfinite(codes).all():
        what = "Some of these codes are not numbers any more: the training has failed."
        raise UserError(what, mend="Open an earlier run, or train anew with a smaller learning rate.")

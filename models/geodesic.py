"""The shortest way between two codes as the pictures see it, not the codes: a geodesic of the decoder.

A chain of codes is pulled tight by minimising the energy of its consecutive pictures (Shao, Kumar & Fletcher 2018; Chen
et al. 2018), all of them decoded at once, by L-BFGS (Liu & Nocedal 1989).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from models.errors import Stopped, UserError
from models.family import HasPrior, SamplesInSteps, TakesLabels
from models.inversion import listening
from models.path_events import Shortened
from models.paths import between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from models.events import Codes
    from models.family import Family
    from models.job import Control
    from models.painter import Painter
    from models.path_events import Ends
    from models.paths import Mode

NODES = 17  # codes of a chain, its ends counted
FINER = 4  # times as finely as the chain is pulled its length is measured, so that no gap between codes hides a leap
ROUNDS = 24  # after each of which the length is told
STEPS = 5  # of L-BFGS in a round
ENOUGH = 1e-3  # part of the length by which a round must shorten the chain to be worth another
PATIENCE = 3  # rounds in a row that were not


def shortest(painter: Painter, ends: Ends, run: str, step: int, control: Control) -> Iterator[Shortened]:
    """Pull the straight way between `ends` tight; the last answer is `done`. The same each time.

    Deterministic. Raises UserError for a model that draws in steps, through which no gradient comes, and for codes
    that are no numbers; Stopped when `control` says so.
    """
    family = painter.family
    if isinstance(family, SamplesInSteps):
        what = "This model draws in many steps, so the shortest way between its pictures cannot be sought."
        raise UserError(what, mend="Choose the linear or the spherical way.")
    if not (np.isfinite(ends.start).all() and np.isfinite(ends.end).all()):
        raise UserError("A key frame has a code that is no number, so there is no way to it.")
    chain = _Chain(painter, ends)
    with listening(family, control):
        straight = chain.length(chain.straight)
        if not math.isfinite(straight):
            what = "The model answers with values that are not numbers, so its weights are spoilt."
            raise UserError(what, mend="Open an earlier snapshot of it, or train it anew at a lower learning rate.")
        best, length = chain.straight, straight
        tight = chain.start()
        optimizer = torch.optim.LBFGS([tight], max_iter=STEPS, history_size=20, line_search_fn="strong_wolfe")
        idle = 0
        for number in range(1, ROUNDS + 1):
            if control.stopping:
                raise Stopped
            chain.pull(optimizer, tight)
            now = chain.whole(tight.detach())
            found = chain.length(now)  # no number where a step went too far, which then counts as idle
            idle = 0 if found < length * (1 - ENOUGH) else idle + 1
            if found < length:
                best, length = now, found
            if idle == PATIENCE:
                break
            yield Shortened(run, step, ends, _codes(best), length, straight, number / ROUNDS)
    yield Shortened(run, step, ends, _codes(best), length, straight, 1.0, done=True)


class _Chain:
    """Codes from one end to the other, and what the model draws of them."""

    def __init__(self, painter: Painter, ends: Ends) -> None:
        self._family: Family = painter.family
        self._prior = isinstance(self._family, HasPrior)
        self._start_code, self._end_code = ends.start, ends.end
        self._device = painter.device
        self._labels = self._blended(ends)
        self.straight = self._laid("linear")

    def _blended(self, ends: Ends) -> Tensor | None:
        """The shares [2, classes] at both ends, for a model that heeds them."""
        if ends.start_shares is None or ends.end_shares is None or not isinstance(self._family, TakesLabels):
            return None
        return torch.tensor(np.stack([ends.start_shares, ends.end_shares]), device=self._device)

    def _laid(self, mode: Mode) -> Tensor:
        shares = np.linspace(0, 1, NODES).tolist()
        codes = [between(self._start_code, self._end_code, share, mode) for share in shares]
        return torch.tensor(np.stack(codes), device=self._device)

    def start(self) -> Tensor:
        """The inner codes [n - 2, d] to begin at: of the straight way, or of the arc where that is shorter."""
        ways = [self.straight, *([self._laid("spherical")] if self._prior else [])]
        return min(ways, key=self.length)[1:-1].clone().requires_grad_()

    def whole(self, inner: Tensor) -> Tensor:
        """Inner codes [n - 2, d] with both ends, [n, d]."""
        return torch.cat([self.straight[:1], inner, self.straight[-1:]])

    def _drawn(self, codes: Tensor) -> Tensor:
        """Values [n, c * h * w] of the pictures of codes at equal steps of the way."""
        labels = None
        if self._labels is not None:
            shares = torch.linspace(0, 1, len(codes), device=self._device)[:, None]
            labels = (1 - shares) * self._labels[:1] + shares * self._labels[1:]
        return self._family.decode(codes, labels).float().flatten(1)

    def length(self, codes: Tensor) -> float:
        """The way of the pictures of codes [n, d] and of places between them."""
        shares = torch.arange(FINER, device=self._device)[:, None] / FINER  # [FINER, 1]
        steps = (codes[1:] - codes[:-1])[:, None]  # [n - 1, 1, d]
        finer = torch.cat([(codes[:-1, None] + shares * steps).flatten(0, 1), codes[-1:]])
        with torch.no_grad():
            return float(self._drawn(finer).diff(dim=0).norm(dim=1).double().sum())

    def pull(self, optimizer: torch.optim.LBFGS, inner: Tensor) -> None:
        """One round towards the least energy."""

        def energy() -> Tensor:
            optimizer.zero_grad()
            found = (NODES - 1) * self._drawn(self.whole(inner)).diff(dim=0).square().sum()
            found.backward()  # type: ignore[no-untyped-call]
            return found

        optimizer.step(energy)  # type: ignore[no-untyped-call]


def _codes(codes: Tensor) -> Codes:
    found: Codes = codes.detach().cpu().numpy().copy()
    return found

"""The mathematics of diffusion: how noise is added by a schedule, and taken away again (Ho et al. 2020).

Pictures x_0 are scaled to [-1, 1]. At moment t from 1 to 1,000 one sees x_t = signal(t) x_0 + noise(t) eps.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    See = Callable[[Tensor, int], Tensor]  # x_t and t to the picture x_0 that is seen in it, all [b, c, h, w]

Target = Literal["noise", "velocity"]
MOMENTS = 1000
OFFSET = 0.008  # keeps the first moments from having hardly any noise
MOST = 0.999  # of the signal's variance that one moment may take away
FIRST, LAST = 5, 990  # moments at which a picture is finished and begun: beyond them is only signal or only noise


def cosine_schedule() -> Tensor:
    """The share of signal in the variance ("alpha bar") at the moments 0 to 1,000, float64 [1001]; falls from 1.

    Nichol & Dhariwal 2021, eq. 17, with each beta cut at 0.999.
    """
    moments = torch.arange(MOMENTS + 1, dtype=torch.float64) / MOMENTS
    ideal = torch.cos((moments + OFFSET) / (1 + OFFSET) * math.pi / 2).square()
    kept = (ideal[1:] / ideal[:-1]).clamp_min(1 - MOST)
    return torch.cat([torch.ones(1, dtype=torch.float64), kept.cumprod(0)])


SHARES = cosine_schedule()
SIGNAL: list[float] = SHARES.sqrt().tolist()
NOISE: list[float] = (1 - SHARES).sqrt().tolist()


def parts(moments: Tensor) -> tuple[Tensor, Tensor]:
    """Signal and noise at the moments int64 [b]: two times float32 [b, 1, 1, 1]."""
    share = SHARES.float().to(moments.device)[moments].view(-1, 1, 1, 1)
    rest = (1 - SHARES).float().to(moments.device)[moments].view(-1, 1, 1, 1)
    return share.sqrt(), rest.sqrt()


def aim(target: Target, clean: Tensor, eps: Tensor, moments: Tensor) -> Tensor:
    """What the network should say, shape kept: the noise, or the velocity (Salimans & Ho 2022)."""
    if target == "noise":
        return eps
    signal, noise = parts(moments)
    return signal * eps - noise * clean


def cleaned(target: Target, said: Tensor, noisy: Tensor, moments: Tensor) -> Tensor:
    """The picture x_0 that follows from what the network said of x_t, shape kept."""
    signal, noise = parts(moments)
    return (noisy - noise * said) / signal if target == "noise" else signal * noisy - noise * said


def timetable(steps: int) -> list[int]:
    """So many moments from `FIRST` to `LAST`, rising and evenly spaced."""
    return [round(FIRST + (LAST - FIRST) * step / (steps - 1)) for step in range(steps)]


def ddim(see: See, noisy: Tensor, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Pairs of x_t and the picture seen in it, from pure noise to the finished picture (DDIM, Song et al. 2021)."""
    for now, then in pairwise([*reversed(timetable(steps)), 0]):
        clean = see(noisy, now)
        yield noisy, clean
        # The same noise, in its new proportion: x_then = signal(then) x_0 + noise(then) (x_now - signal x_0) / noise.
        ratio = NOISE[then] / NOISE[now]
        noisy = ratio * noisy + (SIGNAL[then] - ratio * SIGNAL[now]) * clean


def ddim_back(see: See, clean: Tensor, eps: Tensor, steps: int, rounds: int) -> Tensor:
    """The pure noise from which `ddim` draws the picture `clean`, shape kept: every step solved for where it began.

    `eps` is the noise of the first moment, of which a finished picture tells nothing. As x_now stands on both sides
    of its equation, it is found in so many `rounds`, starting with the noise of the step before (Song et al. 2021,
    section 4.3, made exact by fixed-point iteration as in Pan et al. 2023); each round comes nearer.
    """
    noisy = SIGNAL[FIRST] * clean + NOISE[FIRST] * eps
    for then, now in pairwise(timetable(steps)):
        ratio = SIGNAL[now] / SIGNAL[then]
        known, weight = ratio * noisy, NOISE[now] - ratio * NOISE[then]
        for _ in range(rounds):
            noisy = known + weight * eps
            eps = (noisy - SIGNAL[now] * see(noisy, now)) / NOISE[now]
        noisy = known + weight * eps
    return noisy


def bound(clean: Tensor, seen: Tensor, moments: Tensor) -> Tensor:
    """The variational bound on -log p of 8-bit pictures in nats, [b]: unbiased over uniform moments [b].

    1,000 times the term of one moment (Ho et al. 2020, eq. 5, with the posterior's own variance), where that of the
    first is a discretised normal over grey levels, plus the divergence of the last moment from the prior. `seen` is
    the network's x_0.
    """
    before, now = (SHARES.to(clean.device)[moments - earlier] for earlier in (1, 0))
    clearer = before / (1 - before).clamp_min(1e-12) - now / (1 - now)  # of signal to noise, per moment
    squares = (clean - seen).double().square().flatten(1).sum(1)
    terms = torch.where(moments > 1, clearer * squares / 2, grey_nats(clean, seen))
    last = SHARES[MOMENTS]
    prior = (last * clean.double().square() - last - torch.log1p(-last)).flatten(1).sum(1) / 2
    nats: Tensor = MOMENTS * terms + prior
    return nats.float()


def grey_nats(clean: Tensor, mean: Tensor) -> Tensor:
    """-log of the mass of each picture's grey levels under normals as wide as the first moment's noise, float64 [b]."""
    upper = (clean.double() - mean + 1 / 255) / NOISE[1]
    lower = (clean.double() - mean - 1 / 255) / NOISE[1]
    reach = torch.full_like(upper, math.inf)
    upper = torch.where(clean > 0.999, reach, upper)  # the outermost levels reach to infinity
    lower = torch.where(clean < -0.999, -reach, lower)
    # By symmetry both edges are moved into the lower half, where small masses do not cancel.
    flipped = lower + upper > 0
    upper, lower = torch.where(flipped, -lower, upper), torch.where(flipped, -upper, lower)
    mass = torch.special.ndtr(upper) - torch.special.ndtr(lower)
    nats: Tensor = -mass.clamp_min(1e-12).log().flatten(1).sum(1)
    return nats

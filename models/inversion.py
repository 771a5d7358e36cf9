"""From pictures to codes in any model: encoded where there is a way back, else sought by descending the error.

The descent moves codes, not weights, until the generator draws the picture (Zhu et al. 2016; Creswell & Bharath 2018).
"""

from __future__ import annotations

import math
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from models.descending import Descending
from models.errors import Stopped, UserError
from models.family import CanEncode, HasPrior, SamplesInSteps, TakesLabels
from models.lens import as_float

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.family import Family
    from models.job import Control

DRAWN = 1000  # codes of the prior among which the first places to begin at are sought
CHUNK = 100  # of which so many are drawn in one go
Rounds = tuple[tuple[int, int], ...]
ROUNDS: Rounds = ((20, 60), (5, 100), (2, 200))  # descents and their steps; only the best go on to the next round
RATE = 0.08  # how far a step moves a number of the code at first, when one is as wide as the prior
PULL = 2e-3  # what a code costs that is as far from the prior's middle as is usual, in squared error of a pixel


@dataclass(frozen=True)
class Inverting:
    """How far it is: the best codes [b, latent_dim] by now, what they draw [b, c, h, w], and as which class [b].

    `errors` [b] are the mean squared errors of a pixel's values in [0, 1]; `share` of the work is done.
    """

    share: float
    errors: Tensor
    codes: Tensor
    pictures: Tensor
    labels: Tensor | None


@dataclass(frozen=True)
class Known:
    """Codes [n, latent_dim] whose pictures, uint8 [n, c, h, w], are known, and as which class [n] they were drawn."""

    codes: Tensor
    pictures: Tensor
    labels: Tensor | None


def invert(
    family: Family,
    images: Tensor,
    labels: Tensor | None,
    control: Control,
    generator: torch.Generator,
    known: Known | None = None,
    rounds: Rounds | None = None,
) -> Iterator[Inverting]:
    """Find the codes of pictures [b, c, h, w] in [0, 1], drawn as the classes `labels` [b] or as the best of all.

    A family that can encode answers at once. For others the search begins at the codes whose pictures lie nearest:
    of those `known`, else of codes drawn from the prior with `generator`; it goes on for `rounds`, as `ROUNDS`. The
    same for the same generator. The family must be in evaluation mode and nobody else's. Raises UserError, and Stopped
    when `control` says so.
    """
    _check(family, images)
    labels = labels if isinstance(family, TakesLabels) and family.data.classes else None
    with listening(family, control):
        if isinstance(family, CanEncode):
            yield from _encoded(family, family, images, labels)
        else:
            yield from _sought(family, images, labels, generator, known, ROUNDS if rounds is None else rounds)


@contextmanager
def listening(family: Family, control: Control) -> Iterator[None]:
    """Within, a stop is heard between any two layers of the family, however long it draws: Stopped is raised."""

    def listen(*_: object) -> None:
        if control.stopping:
            raise Stopped

    hooks = [part.register_forward_pre_hook(listen) for part in family.modules()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _check(family: Family, images: Tensor) -> None:
    channels, height, width = family.data.shape
    if tuple(images.shape[1:]) != family.data.shape:
        found = "x".join(map(str, images.shape[1:]))
        raise UserError(f"The pictures are {found} and the model draws {channels}x{height}x{width}.")
    if not torch.isfinite(images).all():
        raise UserError("The picture holds values that are not numbers.", mend="Bring a whole one.")
    if not isinstance(family, CanEncode | HasPrior):
        raise UserError(f"{family.title} has neither a way from pictures to codes nor a prior to seek them in.")


def _better(one: Inverting | None, other: Inverting) -> Inverting:
    """Of each picture the one that is nearer, or as near by a likelier code."""
    if one is None:
        return other
    wins = _costs(other.errors, other.codes) < _costs(one.errors, one.codes)  # [b]
    rows = wins[:, None]
    labels = other.labels if one.labels is None or other.labels is None else torch.where(wins, other.labels, one.labels)
    return Inverting(
        other.share,
        torch.where(wins, other.errors, one.errors),
        torch.where(rows, other.codes, one.codes),
        torch.where(rows[:, :, None, None], other.pictures, one.pictures),
        labels,
    )


def _costs(errors: Tensor, codes: Tensor) -> Tensor:
    """What is descended: the error [...], and a little for a code [..., d] that is unlikely under N(0, I)."""
    return errors + PULL * codes.square().mean(-1)


def _errors(pictures: Tensor, images: Tensor) -> Tensor:
    """Mean squared differences [b]. Raises UserError when the model draws what are no numbers."""
    found = (pictures - images).square().flatten(1).mean(1)
    if not torch.isfinite(found).all():
        what = "The model answers with values that are not numbers, so its weights are spoilt."
        raise UserError(what, mend="Open an earlier snapshot of it, or train it anew at a lower learning rate.")
    return found


# ---- a way back


def _encoded(family: Family, encoder: CanEncode, images: Tensor, labels: Tensor | None) -> Iterator[Inverting]:
    """The codes that the family says itself, and its pictures of them, as they come where they come in steps."""
    best: Inverting | None = None
    tried: list[Tensor | None] = [labels]
    if labels is None and isinstance(family, TakesLabels) and family.data.classes:
        if not isinstance(family, SamplesInSteps):
            yield _encoded_as_any(family, encoder, images)
            return
        tried = [torch.full((len(images),), each, device=images.device) for each in range(family.data.classes)]
    for number, asked in enumerate(tried, start=1):
        with torch.no_grad():
            codes = encoder.encode(images, asked).float()
        coming = family.sample_steps(codes, asked) if isinstance(family, SamplesInSteps) else None
        pictures = _next(family, coming, codes, asked)
        while pictures is not None:
            now = Inverting(number / len(tried), _errors(pictures, images), codes, pictures, asked)
            pictures = None if coming is None else _next(family, coming, codes, asked)
            if pictures is not None:
                yield _better(best, now)
        best = _better(best, now)
        yield best


def _encoded_as_any(family: Family, encoder: CanEncode, images: Tensor) -> Inverting:
    """The best of all classes for each picture, in one go."""
    classes = family.data.classes
    several = images.repeat_interleave(classes, 0)
    asked = torch.arange(classes, device=images.device).repeat(len(images))
    with torch.no_grad():
        codes = encoder.encode(several, asked).float()
        pictures = family.decode(codes, asked).float()
    return _best_of(Inverting(1.0, _errors(pictures, several), codes, pictures, asked), len(images))


def _next(family: Family, coming: Iterator[Tensor] | None, codes: Tensor, labels: Tensor | None) -> Tensor | None:
    """The next picture on the way, or the only one; never across a yield, which would carry the mode along."""
    with torch.no_grad():
        made = family.decode(codes, labels) if coming is None else next(coming, None)
        return None if made is None else made.float()


# ---- the descent


def _sought(
    family: Family,
    images: Tensor,
    labels: Tensor | None,
    generator: torch.Generator,
    known: Known | None,
    rounds: Rounds,
) -> Iterator[Inverting]:
    """Descend from several places at once, in rounds; the best that was ever seen is told at every step."""
    count, steps = len(images), sum(steps for _, steps in rounds)
    known = drawn_from_prior(family, labels, generator) if known is None else known
    starts, asked = _starts(images, labels, known, rounds[0][0])  # [b, s, d] and [b, s]
    codes, told = Descending(starts.flatten(0, 1)), None if asked is None else asked.flatten()
    best: Inverting | None = None
    errors = images.new_zeros(0)
    step, several = 0, starts.shape[1]
    for most, length in rounds:
        if several > most:
            costs = _costs(errors, codes.rows).view(count, several)  # as of the last step
            places = costs.topk(most, largest=False).indices
            chosen = (places + several * torch.arange(count, device=places.device)[:, None]).flatten()
            codes.keep(chosen)
            told, several = None if told is None else told[chosen], most
        wanted = images.repeat_interleave(several, 0)
        for _ in range(length):
            pictures, errors, gradient = _slope(family, codes.rows, told, wanted)
            step += 1
            best = _better(best, _best_of(Inverting(step / steps, errors, codes.rows, pictures, told), count))
            yield best
            codes.descend(gradient, RATE * 0.5 * (1 + math.cos(math.pi * (step - 1) / steps)))


def _slope(family: Family, codes: Tensor, labels: Tensor | None, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What codes [n, d] draw, how far each picture is off [n], and where its cost rises [n, d]. Raises UserError."""
    with torch.enable_grad():
        moved = codes.detach().requires_grad_()
        pictures = family.decode(moved, labels).float()
        if not pictures.requires_grad:
            raise UserError(f"{family.title} draws in a way that no error can be followed back through.")
        errors = _errors(pictures, images)
        (gradient,) = torch.autograd.grad(_costs(errors, moved).sum(), moved)
    return pictures.detach(), errors.detach(), gradient


def _best_of(rows: Inverting, count: int) -> Inverting:
    """The best of the rows of each of `count` pictures."""
    costs = _costs(rows.errors, rows.codes).view(count, -1)
    chosen = costs.argmin(1) + costs.shape[1] * torch.arange(count, device=costs.device)
    labels = None if rows.labels is None else rows.labels[chosen]
    return Inverting(rows.share, rows.errors[chosen], rows.codes[chosen], rows.pictures[chosen], labels)


# ---- where to begin


def _starts(images: Tensor, labels: Tensor | None, known: Known, several: int) -> tuple[Tensor, Tensor | None]:
    """Where to begin for each picture: codes [b, s, d], and the classes [b, s] that they are drawn as."""
    parts = [as_float(part, torch.contiguous_format) for part in torch.split(known.pictures.flatten(1), CHUNK)]
    apart = torch.cat([torch.cdist(images.flatten(1), part) for part in parts], 1)  # [b, n]
    classes = None if known.labels is None else known.labels.cpu().numpy()
    if labels is not None and known.labels is not None:  # other classes only where there is none of the one asked for
        apart = apart + 1e6 * (known.labels[None] != labels[:, None])
        classes = None
    chosen = np.stack([nearest(row, classes, several) for row in apart.cpu().numpy()])
    places = torch.from_numpy(chosen).to(known.codes.device)
    asked = None if known.labels is None else known.labels[places]
    return known.codes[places].float(), asked if labels is None else labels[:, None].expand(places.shape)


def nearest(distances: NDArray[np.float32], classes: NDArray[np.int64] | None, count: int) -> NDArray[np.int64]:
    """Which `count` of n are nearest; where classes [n] are told first the nearest of each, then the second of each."""
    order = np.argsort(distances, kind="stable")
    if classes is None:
        return order[:count]
    seen: Counter[int] = Counter()
    turns = []
    for label in classes[order].tolist():
        turns.append(seen[label])
        seen[label] += 1
    return order[np.argsort(turns, kind="stable")[:count]]


def drawn_from_prior(family: Family, labels: Tensor | None, generator: torch.Generator) -> Known:
    """Codes of the prior and what they draw, of all classes in turn or of those asked for."""
    assert isinstance(family, HasPrior)
    with torch.no_grad():
        codes = family.prior(DRAWN, generator).float()
        asked = None
        if isinstance(family, TakesLabels) and family.data.classes:
            of = torch.arange(family.data.classes, device=codes.device) if labels is None else labels
            asked = of[torch.arange(DRAWN, device=codes.device) % len(of)]
        parts = [
            family.decode(codes[start : start + CHUNK], None if asked is None else asked[start : start + CHUNK])
            for start in range(0, DRAWN, CHUNK)
        ]
    pictures = torch.cat(parts).float()
    if family.data.kind == "pictures":
        pictures = pictures.mul(255).round().to(torch.uint8)
    return Known(codes, pictures, asked)

"""Draws pictures to measure by: what a direction moves, how much each dimension does, what became of a sum."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import torch

from models.errors import Stopped
from models.family import TakesLabels
from models.lens import as_float
from models.likelihoods import gaussian_kl
from models.reading_events import Reading
from models.traits import Moves, Verdict, moved, verdicts
from models.traversals import spreads_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from numpy.typing import NDArray

    from models.basis import Basis
    from models.directions import Direction
    from models.events import Asked, Codes, Event, Pictures
    from models.job import Control
    from models.painter import Painter
    from models.reading import Eye
    from models.traits import Traits

BASES = 64  # codes that a direction is tried on
LEAST, BUDGET = 8, 6.0  # at least so many of them, and no more than fit into so many seconds
NUMBERS = 1024  # codes drawn for the effects of all dimensions, more or less
FEWEST, MOST = 2, 16  # codes that each dimension is tried on


@runtime_checkable
class HasPosterior(Protocol):
    """A family whose codes are clouds, as in a VAE."""

    def posterior(self, images: torch.Tensor, labels: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log-variance of the code of each picture: two times [b, latent_dim]."""
        ...


def drawn(painter: Painter, codes: Codes, labels: Asked | None, control: Control) -> Iterator[Pictures]:
    """Pictures of codes [n, d], a few at a time. Raises Stopped."""
    done = 0
    while done < len(codes):
        if control.stopping:
            raise Stopped
        part = slice(done, done + painter.chunk)
        pictures = painter.draw(codes[part], None if labels is None else labels[part])
        done += len(pictures)
        yield pictures


def leaked(direction: Direction, basis: Basis, eye: Eye, control: Control) -> Generator[Event, None, Moves]:
    """What moves on average when codes go from one spread left of where they are to one right. Raises Stopped."""
    some, start = basis.some(BASES), time.perf_counter()
    painter = basis.painter()
    pairs = np.stack([direction.shifted(some.codes, by) for by in (-1.0, 1.0)], axis=1).reshape(-1, some.codes.shape[1])
    labels = None if some.labels is None else some.labels.repeat(2, axis=0)
    found: list[Pictures] = []
    done = 0
    for pictures in drawn(painter, pairs, labels, control):
        found.append(pictures)
        done += len(pictures)
        yield _told(basis, f"Measuring {direction.name}", done / len(pairs))
        if done >= 2 * LEAST and time.perf_counter() - start > BUDGET:
            break
    whole = np.concatenate(found)[: done // 2 * 2]
    seen = eye.read(whole, control)
    return moved(seen.of(slice(0, None, 2)), seen.of(slice(1, None, 2)), direction.wanted, direction.names)


def effects(basis: Basis, control: Control) -> Generator[Event, None, NDArray[np.float32]]:
    """How far a pixel changes, root mean square and as a share of white, while each dimension goes over two spreads.

    Of codes with a prior, dimension by dimension, one spread is that of the prior, else of the data: [latent_dim].
    Raises Stopped.
    """
    width = basis.codes.shape[1]
    some = basis.some(int(np.clip(NUMBERS // (2 * width), FEWEST, MOST)))
    spreads = spreads_of(basis.codes, "prior" in basis.weights.info.capabilities)
    painter, count = basis.painter(), len(some.codes)
    effect = np.zeros(width, np.float32)
    for dimension in range(width):
        codes = np.repeat(some.codes, 2, axis=0)
        codes[0::2, dimension] -= spreads[dimension]
        codes[1::2, dimension] += spreads[dimension]
        labels = None if some.labels is None else some.labels.repeat(2, axis=0)
        pictures = np.concatenate([*drawn(painter, codes, labels, control)]).astype(np.float32)
        apart = (pictures[1::2] - pictures[0::2]).reshape(count, -1) / 255
        effect[dimension] = np.sqrt(np.square(apart).mean())
        yield _told(basis, "Trying every dimension", (dimension + 1) / width)
    return effect


def divergences(basis: Basis, pictures: Pictures) -> NDArray[np.float32] | None:
    """The KL divergence in nats of each dimension [d] on average over `pictures` [n, h, w, c] of the basis' codes.

    None of a family whose codes are no clouds.
    """
    painter = basis.painter()
    family = painter.family
    if not isinstance(family, HasPosterior) or family.data.kind == "points" or not len(pictures):
        return None
    images = torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).to(painter.device)
    heeded = basis.labels if isinstance(family, TakesLabels) else None
    labels = None if heeded is None else torch.tensor(heeded[: len(images)], device=painter.device)
    with torch.inference_mode():
        clouds = family.posterior(as_float(images, torch.contiguous_format), labels)
        nats: NDArray[np.float32] = gaussian_kl(*clouds).mean(0).float().cpu().numpy()
    return nats


def checked(
    basis: Basis, weights: Sequence[float], asked: Sequence[Traits | None], eye: Eye, control: Control
) -> tuple[Verdict, ...]:
    """What became of each factor in a sum: the basis' codes are those of the terms, and last that of the result.

    `asked` tells what a term stands for where that is known; else its picture says it. Raises Stopped.
    """
    pictures = np.concatenate([*drawn(basis.painter(), basis.codes, basis.labels, control)])
    seen = eye.read(pictures, control)
    rows = [seen.of(slice(place, place + 1)) for place in range(len(pictures))]
    meant = [row if known is None else known for known, row in zip(asked, rows, strict=False)]
    return verdicts(meant, weights, rows[0], rows[-1], eye.trust)


def _told(basis: Basis, what: str, share: float) -> Reading:
    return Reading(basis.weights.run, basis.weights.step, what, share)

"""What is known of the picture that a person brought to the model on the stage, or draws for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models import latent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Codes, RunInfo
    from models.own_events import Found, OwnPicture

NEIGHBOURS = 6


@dataclass(frozen=True)
class Own:
    """The picture whose code is sought, the newest answer about it, and whether the search goes on."""

    asked: OwnPicture | None = None
    found: Found | None = None
    working: bool = False

    def after(self, event: Found) -> Own:
        """What is known after `event`; an answer about an earlier picture comes too late, but drawings flow."""
        if event.own is self.asked:
            return replace(self, found=event, working=not event.done)
        flows = self.asked is not None and self.asked.drawn and event.own.drawn
        return replace(self, found=event) if flows else self


@dataclass(frozen=True)
class Sketch:
    """What a person draws: pixels uint8 [h, w, c] of the model's size on the colour `ground` [c], in some strokes."""

    pixels: NDArray[np.uint8]
    ground: NDArray[np.uint8]
    strokes: int = 0

    @property
    def blank(self) -> bool:
        """Whether there is nothing on it that a model could find: one colour all over."""
        return bool((self.pixels == self.pixels[0, 0]).all())

    @property
    def ink(self) -> NDArray[np.uint8]:
        """The colour [c] that stands out most from the ground: white or black."""
        return np.full_like(self.ground, 255 if self.ground.mean() < 128 else 0)


def drawable(run: RunInfo | None) -> bool:
    """Whether a person can draw what the model of `run` draws: grey or coloured pictures, no points."""
    return run is not None and run.image_shape[0] in (1, 3) and min(run.image_shape[1:]) > 1


def ground_of(run: RunInfo, pictures: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """The colour [c] behind what pictures [n, h, w, c] show: the commonest along their edges; black without any."""
    channels = run.image_shape[0]
    if pictures is None or not len(pictures) or pictures.shape[3] != channels:
        return np.zeros(channels, np.uint8)
    some = pictures[:200]
    edges = np.concatenate([some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]], axis=1).reshape(-1, channels)
    return np.asarray(np.median(edges, axis=0), np.uint8)


def neighbours_of(own: Own, codes: Codes | None) -> latent.Nearest | None:
    """The points whose codes [n, latent_dim] lie nearest to the one that was found."""
    code = None if own.found is None else own.found.code
    if code is None or codes is None or not len(codes) or codes.shape[1] != len(code):
        return None
    return latent.nearest(codes, code, NEIGHBOURS)

"""Noise for the denoising autoencoder: pictures in, spoilt pictures of the same shape out.

Every corruption takes pictures [b, c, h, w] in [0, 1], a level from 0 (untouched) to 1 and a generator on the
pictures' device (None for torch's global one), and returns new pictures in [0, 1] of the same type.
Learning to undo them is the denoising autoencoder of Vincent et al. 2008, "Extracting and composing robust
features with denoising autoencoders".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor


def corrupt(images: Tensor, kind: str, level: float, generator: torch.Generator | None = None) -> Tensor:
    """The pictures [b, c, h, w] spoilt by the corruption called `kind`. Raises UserError for an unknown name."""
    if kind not in CORRUPTIONS:
        raise UserError(f"There is no corruption called {kind!r}.", mend=f"There are: {', '.join(CORRUPTIONS)}.")
    return CORRUPTIONS[kind](images, level, generator)


def gaussian(images: Tensor, level: float, generator: torch.Generator | None = None) -> Tensor:
    """Add normal noise of standard deviation `level` to every number, and cut what leaves [0, 1]."""
    noise = torch.randn(images.shape, generator=generator, device=images.device, dtype=images.dtype)
    return (images + level * noise).clamp(0.0, 1.0)


def salt_and_pepper(images: Tensor, level: float, generator: torch.Generator | None = None) -> Tensor:
    """Turn a share `level` of the pixels black or white, each with even odds, in all channels at once."""
    batch, _, height, width = images.shape
    draw = torch.rand((batch, 1, height, width), generator=generator, device=images.device)
    # One draw decides both: below level / 2 pepper, from there to level salt, above it nothing.
    salted = torch.where(draw < level, torch.ones_like(images), images)
    return torch.where(draw < level / 2, torch.zeros_like(images), salted)


def block(images: Tensor, level: float, generator: torch.Generator | None = None) -> Tensor:
    """Blacken one block of each picture, in its proportions and of a share `level` of its area, anywhere inside it."""
    batch, _, height, width = images.shape
    draw = torch.rand((batch, 2, 1), generator=generator, device=images.device)
    rows = _stretch(height, level, draw[:, 0])  # [b, h]
    columns = _stretch(width, level, draw[:, 1])  # [b, w]
    hidden = rows[:, None, :, None] & columns[:, None, None, :]  # [b, 1, h, w]
    return images.masked_fill(hidden, 0.0)


def _stretch(length: int, level: float, draw: Tensor) -> Tensor:
    """Which of `length` places lie in the block [b, length]; its start is spread evenly by `draw` [b, 1]."""
    extent = round(length * level**0.5)
    start = (draw * (length - extent + 1)).floor()
    place = torch.arange(length, device=draw.device)
    inside: Tensor = (place >= start) & (place < start + extent)
    return inside


CORRUPTIONS: Mapping[str, Callable[[Tensor, float, torch.Generator | None], Tensor]] = {
    "gaussian": gaussian,
    "salt-and-pepper": salt_and_pepper,
    "block": block,
}

"""Pictures as a sequence: quantised values in raster order, the channels of a pixel one after the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from models.family import DataSpec

LONGEST = 32  # pictures are shrunk until no side is longer than this
ROWS_ABOVE, BESIDE, BEFORE = 3, 5, 8  # how far a token sees directly: rows up, pixels past both its ends, pixels back


class Raster(nn.Module):
    """How pictures become tokens of a few neighbouring pixels each, and back.

    A picture with a side above 32 is shrunk: every square of `factor` x `factor` pixels becomes its mean, and is
    drawn as one square again. Values are written -1 (black) to 1 (white), so that 0 stands for "not there yet".
    """

    windows: Tensor
    places: Tensor

    def __init__(self, data: DataSpec, levels: int, pixels: int) -> None:
        super().__init__()
        self.data = data
        self.levels = levels
        self.factor = math.ceil(max(data.height, data.width) / LONGEST)
        self.rows, self.columns = math.ceil(data.height / self.factor), math.ceil(data.width / self.factor)
        self.size = data.channels * self.rows * self.columns  # values in one picture
        self.per_token = data.channels * pixels
        self.tokens = math.ceil(self.size / self.per_token)
        starts = torch.arange(self.tokens) * pixels  # the first pixel of each token
        self.register_buffer("places", torch.stack([starts // self.columns, starts % self.columns]), persistent=False)
        self.register_buffer("windows", self._windows(starts, pixels), persistent=False)

    def _windows(self, starts: Tensor, pixels: int) -> Tensor:
        """The places of the values that each token sees directly, int64 [tokens, seen]; the last place is always 0."""
        above = [
            side - row * self.columns for row in range(ROWS_ABOVE, 0, -1) for side in range(-BESIDE, pixels + BESIDE)
        ]
        offsets = torch.tensor(sorted({step for step in [*above, *range(-BEFORE, 0)] if step < 0}))
        seen = starts[:, None] + offsets  # [tokens, pixels seen]
        values = seen[..., None] * self.data.channels + torch.arange(self.data.channels)
        return torch.where(seen[..., None] < 0, self.tokens * self.per_token, values).flatten(1)

    def quantise(self, images: Tensor, grain: Tensor | None = None) -> Tensor:
        """Levels int64 [b, size] of pictures [b, c, h, w] in [0, 1].

        Rounds to the nearest level, or with `grain`, uniform in [0, 1) [b, size], up or down by chance in proportion:
        with two levels that is dynamic binarisation (Salakhutdinov & Murray 2008).
        """
        small = images.float()
        if self.factor > 1:
            small = F.avg_pool2d(small, self.factor, ceil_mode=True, count_include_pad=False)
        exact = self.flat(small).clamp(0, 1) * (self.levels - 1)
        return (exact + (0.5 if grain is None else grain)).long().clamp(max=self.levels - 1)

    def flat(self, small: Tensor) -> Tensor:
        """[b, c, rows, columns] in raster order [b, size]."""
        return small.permute(0, 2, 3, 1).flatten(1)

    def values(self, levels: Tensor) -> Tensor:
        """Levels [b, size] from -1 to 1, shape kept."""
        return levels.float() * (2 / (self.levels - 1)) - 1

    def canvas(self, values: Tensor) -> Tensor:
        """Values [b, size] with zeros behind them, for the rest of the last token and for what lies outside."""
        return F.pad(values, (0, self.tokens * self.per_token + 1 - self.size))

    def tokenised(self, canvas: Tensor) -> Tensor:
        """The values of each token [b, tokens, per_token] of a canvas."""
        return canvas[:, :-1].view(-1, self.tokens, self.per_token)

    def spread(self, flat: Tensor) -> Tensor:
        """Numbers [b, size] as pictures [b, c, h, w] of the data's own size."""
        small = flat.view(-1, self.rows, self.columns, self.data.channels).permute(0, 3, 1, 2)
        large = small.repeat_interleave(self.factor, 2).repeat_interleave(self.factor, 3)
        return large[:, :, : self.data.height, : self.data.width].contiguous()

    def shared(self, flat: Tensor) -> Tensor:
        """Amounts [b, size] shared evenly by the pixels that each value is drawn as, [b, c, h, w]."""
        pixels = torch.ones(1, *self.data.shape, device=flat.device)
        if self.factor > 1:
            pixels = F.avg_pool2d(pixels, self.factor, ceil_mode=True, divisor_override=1)
        return self.spread(flat / self.flat(pixels))

    def pictures(self, canvas: Tensor) -> Tensor:
        """What a canvas shows, [b, c, h, w] in [0, 1]; middle grey where nothing is written yet."""
        return self.spread((canvas[:, : self.size] + 1) / 2)

    def hidden(self, mask: Tensor) -> Tensor:
        """Which values [b, size] are to be drawn: those with any pixel under `mask` [b, c, h, w], true where hidden."""
        covered = mask.float()
        if self.factor > 1:
            covered = F.max_pool2d(covered, self.factor, ceil_mode=True)
        return self.flat(covered) > 0

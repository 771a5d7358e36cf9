"""Networks that see a noisy picture, how noisy it is, and perhaps its class: a U-Net, and a dense one for points."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.blocks import COARSEST, Exact

if TYPE_CHECKING:
    from models.family import DataSpec

GROUP = 16  # channels that share a mean and a scale: as many as fill a vector register of bf16, for speed
WIDEST = 4  # times as many channels as at the finest level, at most
SLOWEST = 1e-4  # angular frequency of the slowest wave of a moment's features; the fastest has 1


def zeroed(layer: nn.Conv2d) -> nn.Conv2d:
    """The same layer, silent at the start, so that what it is added to passes unharmed."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def waves(moments: Tensor, count: int) -> Tensor:
    """Sines and cosines [b, count] of the moments [b] at geometric frequencies (Vaswani et al. 2017)."""
    powers = torch.arange(count // 2, device=moments.device) / max(1, count // 2 - 1)
    angles = moments.float()[:, None] * torch.exp(math.log(SLOWEST) * powers)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Told(nn.Module):
    """What a network is told beside the picture: its moment [b] and its condition [b, n], as features [b, n]."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.rise, self.mix = nn.Linear(count, count), nn.Linear(count, count)

    def forward(self, moments: Tensor, condition: Tensor) -> Tensor:
        """Features [b, count], ready to be scaled and added."""
        features: Tensor = self.mix(F.silu(self.rise(waves(moments, self.count)))) + condition
        return F.silu(features)


class Residual(nn.Module):
    """Two convolutions beside a shortcut; what is told scales and shifts between them (Dhariwal & Nichol 2021)."""

    def __init__(self, inputs: int, outputs: int, told: int) -> None:
        super().__init__()
        self.norm_in = nn.GroupNorm(inputs // GROUP, inputs)
        self.conv_in = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.told = nn.Linear(told, 2 * outputs)
        self.norm_out = nn.GroupNorm(outputs // GROUP, outputs)
        self.conv_out = zeroed(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        """[b, inputs, h, w] to [b, outputs, h, w]."""
        inner = self.conv_in(F.silu(self.norm_in(x)))
        scale, shift = self.told(features)[:, :, None, None].chunk(2, dim=1)
        inner = self.norm_out(inner) * (1 + scale) + shift
        mixed: Tensor = self.shortcut(x) + self.conv_out(F.silu(inner))
        return mixed


class Attention(nn.Module):
    """Every place looks at every other one, beside a shortcut (Vaswani et al. 2017)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = max(1, channels // 64)
        self.norm = nn.GroupNorm(channels // GROUP, channels)
        self.asked = nn.Conv2d(channels, 3 * channels, 1)
        self.answer = zeroed(nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """[b, channels, h, w], shape kept."""
        b, channels, height, width = x.shape
        places = height * width  # so few that plain products are faster than the fused operator, twice over on a CPU
        asked = self.asked(self.norm(x)).view(b, 3, self.heads, channels // self.heads, places)
        query, key, value = asked.unbind(1)  # [b, heads, channels / heads, places] each
        weights = torch.softmax((query * query.shape[2] ** -0.5).transpose(-1, -2) @ key, dim=-1)
        seen = (value @ weights.transpose(-1, -2)).reshape(x.shape)
        mixed: Tensor = x + self.answer(seen)
        return mixed


class UNet(nn.Module):
    """Down to a coarse picture and up again, with shortcuts between equal sizes (Ronneberger et al. 2015).

    The finest level, whose pictures are the costliest, has one convolution each way and is told at its end only; every
    other level has a residual block each way, and the coarsest one two with attention in between, where places are few
    and far-sighted.
    """

    def __init__(self, data: DataSpec, channels: int) -> None:
        super().__init__()
        longest = max(data.height, data.width)
        halvings = max(1, math.ceil(math.log2(longest / COARSEST)))
        self.fit = (-data.width % 2**halvings, -data.height % 2**halvings)  # columns and rows added, to halve evenly
        finest = math.ceil(channels / GROUP) * GROUP
        widths = [finest * min(2**level, WIDEST) for level in range(halvings + 1)]
        count = 4 * finest
        self.told = Told(count)
        self.first = nn.Conv2d(data.channels, widths[0], 3, padding=1)
        pairs = list(pairwise(widths))
        self.downs = nn.ModuleList(nn.Conv2d(fine, coarse, 4, stride=2, padding=1) for fine, coarse in pairs)
        self.down_blocks = nn.ModuleList(Residual(coarse, coarse, count) for _, coarse in pairs)
        self.attention = Attention(widths[-1])
        self.middle = Residual(widths[-1], widths[-1], count)
        self.up_blocks = nn.ModuleList(Residual(2 * coarse, coarse, count) for _, coarse in reversed(pairs))
        self.ups = nn.ModuleList(nn.ConvTranspose2d(coarse, fine, 4, 2, 1) for fine, coarse in reversed(pairs))
        self.norm = nn.GroupNorm(2 * finest // GROUP, 2 * finest)
        self.mixed = nn.Linear(count, 4 * finest)
        self.last = zeroed(nn.Conv2d(2 * finest, data.channels, 3, padding=1))

    @property
    def conditions(self) -> int:
        """Numbers in a condition."""
        return self.told.count

    def forward(self, x: Tensor, moments: Tensor, condition: Tensor) -> Tensor:
        """Pictures [b, c, h, w], moments [b] and conditions [b, conditions] to float32 [b, c, h, w]."""
        features = self.told(moments, condition)
        height, width = x.shape[-2:]
        x = self.first(F.pad(x, (0, self.fit[0], 0, self.fit[1])))
        seen = [x]
        for down, block in zip(self.downs, self.down_blocks, strict=True):
            x = block(down(x), features)
            seen.append(x)
        x = self.middle(self.attention(x), features)
        for block, up in zip(self.up_blocks, self.ups, strict=True):
            x = up(block(torch.cat([x, seen.pop()], dim=1), features))
        scale, shift = self.mixed(features)[:, :, None, None].chunk(2, dim=1)  # how much noise to let through
        x = F.silu(self.norm(torch.cat([x, seen.pop()], dim=1)) * (1 + scale) + shift)
        drawn: Tensor = self.last(x)[:, :, :height, :width].float()
        return drawn


class DenseNet(nn.Module):
    """Residual dense layers over all the numbers of a picture: for points of the plane."""

    def __init__(self, data: DataSpec, width: int, depth: int) -> None:
        super().__init__()
        self.told = Told(width)
        self.first = Exact(data.size, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.last = Exact(width, data.size)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    @property
    def conditions(self) -> int:
        """Numbers in a condition."""
        return self.told.count

    def forward(self, x: Tensor, moments: Tensor, condition: Tensor) -> Tensor:
        """Pictures [b, c, h, w], moments [b] and conditions [b, conditions] to float32 [b, c, h, w]."""
        hidden = self.first(x.flatten(1)) + self.told(moments, condition)
        for layer in self.layers:
            hidden = hidden + F.silu(layer(hidden))
        drawn: Tensor = self.last(F.silu(hidden)).view(x.shape)
        return drawn

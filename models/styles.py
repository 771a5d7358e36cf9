"""The parts of a style-based game (Karras et al. 2019, 2020): its settings, growth, and layers shaped by styles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.blocks import full_precision
from models.game import GameParams
from models.params import param
from models.players import LEAK

if TYPE_CHECKING:
    from models.family import DataSpec

COARSEST = 4  # pixels: no side of the first layer is longer
CALM = 0.02  # how fast the noise learns its strength beside all else, so that it does not draw what styles should
GROWN = 0.6  # share of the training after which a growing game has its full size


class StyleParams(GameParams):
    """The settings of a style-based game."""

    batch_size: int = param(32, "Pictures seen in one step.", low=2, high=8192, unit="pictures")
    width: int = param(128, "Numbers in a style, and units of the layers that make it of a code.", low=8, high=4096)
    depth: int = param(4, "Layers that make a style of a code.", low=2, high=8)
    channels: int = param(
        32, "Filters next to the picture; they double at each halving, up to four times as many.", low=4, high=256
    )
    styling: Literal["modulated", "adaptive"] = param(
        "modulated",
        "How a style shapes a layer. modulated: it scales what the filters see (Karras et al. 2020); adaptive: it sets "
        "mean and spread of what they draw (Karras et al. 2019).",
    )
    mixing: float = param(
        0.9, "Share of the pictures in training whose coarse and fine layers have different styles.", low=0.0, high=1.0
    )
    grain: bool = param(
        True, "Noise of its own in every pixel, for what no style should have to say: freckles, curls, the grain of a "
        "photograph. Pictures drawn with clean lines do without."
    )  # fmt: skip
    progressive: bool = param(
        False, "Begin with the coarsest layer, and let one finer layer after the other fade in (Karras et al. 2018)."
    )


# ---- sizes


def sides_of(data: DataSpec) -> list[tuple[int, int]]:
    """Height and width of every layer, from the coarsest to the picture's own."""
    sides = [(data.height, data.width)]
    while max(sides[0]) > COARSEST:
        height, width = sides[0]
        sides.insert(0, (math.ceil(height / 2), math.ceil(width / 2)))
    return sides


def widths_of(params: StyleParams, levels: int) -> list[int]:
    """Filters of every layer, from the coarsest to the finest."""
    return [params.channels * min(2**finer, 4) for finer in reversed(range(levels))]


def halved(pictures: Tensor) -> Tensor:
    """Means of four pixels each: [b, c, h, w] to half the sides, rounded up."""
    return F.avg_pool2d(pictures, 2, ceil_mode=True)


def enlarged(pictures: Tensor, side: tuple[int, int]) -> Tensor:
    """The pictures [b, c, h, w] in another size, their pixels blending into each other."""
    return F.interpolate(pictures, size=side, mode="bilinear")


class Growth(nn.Module):
    """How far a player has grown, kept with its weights, so that one that is opened again draws as it did."""

    reached: Tensor

    def __init__(self, levels: int, progressive: bool) -> None:
        super().__init__()
        self.last, self.progressive = levels - 1, progressive
        self.register_buffer("reached", torch.tensor(0.0 if progressive else float(self.last)))

    def follow(self, progress: float) -> None:
        """Grow to where one belongs after the share `progress` of the training."""
        if self.progressive:
            self.reached.fill_(min(1.0, progress / GROWN) * self.last)

    def stage(self) -> tuple[int, float]:
        """The finest layer that is heeded, and its share; each fades in after a while in which none does."""
        if not self.progressive:
            return self.last, 1.0
        whole, rest = divmod(float(self.reached), 1)
        return (int(whole), 1.0) if rest <= 0.5 else (int(whole) + 1, 2 * rest - 1)


# ---- layers whose weights all begin with the same size, so that all learn equally fast (Karras et al. 2018)


class EqualLinear(nn.Module):
    """A linear layer in float32; its bias begins at `start`, and it learns at `pace` times the speed of others."""

    def __init__(self, inputs: int, outputs: int, start: float = 0.0, pace: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / pace)
        self.bias = nn.Parameter(torch.full((outputs,), start / pace))
        self.scale, self.pace = pace / math.sqrt(inputs), pace

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs] to [b, outputs]."""
        with full_precision(x):
            return F.linear(x.float(), self.weight * self.scale, self.bias * self.pace)


class EqualConv(nn.Module):
    """A convolution that keeps the size of the picture."""

    def __init__(self, inputs: int, outputs: int, side: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, side, side))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale, self.padding = 1 / math.sqrt(inputs * side**2), side // 2

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs, h, w] to [b, outputs, h, w]."""
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=self.padding)

    def shaped(self, x: Tensor, style: Tensor) -> Tensor:
        """As `forward`, for a style [b, style] that has no say here."""
        return self.forward(x)


class Modulated(EqualConv):
    """A convolution of which a style [b, style] says how much of each input it sees (Karras et al. 2020, section 2.2).

    The inputs are scaled instead of the weights, which comes to the same and lets all pictures share one convolution.
    """

    def __init__(self, style: int, inputs: int, outputs: int, side: int, levelled: bool = True) -> None:
        super().__init__(inputs, outputs, side, bias=False)
        self.told = EqualLinear(style, inputs, start=1.0)
        self.levelled = levelled  # whether the outputs are scaled back to the size they are expected to have

    def shaped(self, x: Tensor, style: Tensor) -> Tensor:
        """[b, inputs, h, w] and [b, style] to [b, outputs, h, w]."""
        scales: Tensor = self.told(style)
        drawn = self.forward(x * scales[:, :, None, None].to(x.dtype))
        if not self.levelled:
            return drawn
        with full_precision(x):
            squares = (self.weight * self.scale).square().sum((2, 3))  # [outputs, inputs]
            level = torch.rsqrt(F.linear(scales.square(), squares) + 1e-8)  # [b, outputs]
        return drawn * level[:, :, None, None].to(drawn.dtype)


def conv_of(params: StyleParams, inputs: int, outputs: int, side: int, levelled: bool = True) -> EqualConv:
    """The convolution that `params` ask for; only a modulated one is `levelled` or not."""
    if params.styling == "modulated":
        return Modulated(params.width, inputs, outputs, side, levelled)
    return EqualConv(inputs, outputs, side, bias=False)


class Adaptive(nn.Module):
    """Sets mean and spread of every map as a style says (Huang & Belongie 2017)."""

    def __init__(self, style: int, outputs: int) -> None:
        super().__init__()
        self.scale, self.shift = EqualLinear(style, outputs, start=1.0), EqualLinear(style, outputs)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """[b, outputs, h, w] and [b, style] to [b, outputs, h, w]."""
        with full_precision(x):
            scale, shift = self.scale(style)[:, :, None, None], self.shift(style)[:, :, None, None]
            spread, mean = torch.var_mean(x.float(), (2, 3), correction=0, keepdim=True)
            told: Tensor = (x.float() - mean) * (scale * torch.rsqrt(spread + 1e-5)) + shift
        return told.to(x.dtype)


class Layer(nn.Module):
    """A convolution shaped by a style; the noise in its pixels, if any, is fresh in training and fixed in drawing."""

    noise: Tensor

    def __init__(self, params: StyleParams, inputs: int, outputs: int, side: tuple[int, int], seed: int) -> None:
        super().__init__()
        self.conv = conv_of(params, inputs, outputs, 3)
        self.adaptive = Adaptive(params.width, outputs) if params.styling == "adaptive" else None
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))
        self.strength = nn.Parameter(torch.zeros(())) if params.grain else None
        noise = torch.randn(1, 1, *side, generator=torch.Generator().manual_seed(seed))
        self.register_buffer("noise", noise, persistent=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """[b, inputs, h, w] and [b, style] to [b, outputs, h, w]."""
        x = self.conv.shaped(x, style)
        if self.strength is not None:
            noise = torch.randn_like(self.noise.expand(len(x), -1, -1, -1)) if self.training else self.noise
            x = x + (noise * (CALM * self.strength)).to(x.dtype)
        x = bent(x + self.bias.to(x.dtype))
        if self.adaptive is not None:
            x = self.adaptive(x, style)
        return x


def bent(x: Tensor) -> Tensor:
    """A leaky ReLU that keeps the size of what it sees."""
    return F.leaky_relu(x, LEAK) * math.sqrt(2)

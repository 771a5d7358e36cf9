"""The players of a style-based game (Karras et al. 2019, 2020): a generator told by styles, and its discriminator."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.players import spread_of
from models.styles import EqualConv, EqualLinear, Growth, Layer, bent, conv_of, enlarged, halved, sides_of, widths_of

if TYPE_CHECKING:
    from models.family import DataSpec
    from models.styles import StyleParams

SLOWER = 0.01  # how fast the mapping learns, beside all else (Karras et al. 2019, appendix B)
CENTRING = 0.005  # weight of the newest step in the mean style


class Mapping(nn.Module):
    """Codes to styles: each code is brought to length one for each of its numbers, then passes dense layers."""

    def __init__(self, params: StyleParams) -> None:
        super().__init__()
        sizes = [params.latent_dim] + [params.width] * params.depth
        self.layers = nn.ModuleList(EqualLinear(inner, outer, pace=SLOWER) for inner, outer in pairwise(sizes))

    def forward(self, codes: Tensor) -> Tensor:
        """[b, latent_dim] to float32 [b, style]."""
        style = codes.float() * torch.rsqrt(codes.float().square().mean(1, keepdim=True) + 1e-8)
        for layer in self.layers:
            style = bent(layer(style))
        return style


class Level(nn.Module):
    """All layers of one size, and what they paint of the picture."""

    def __init__(
        self, params: StyleParams, colours: int, inputs: int, outputs: int, side: tuple[int, int], seed: int
    ) -> None:
        super().__init__()
        first = [] if seed == 0 else [Layer(params, inputs, outputs, side, seed)]  # the constant is what a first draws
        self.layers = nn.ModuleList([*first, Layer(params, outputs, outputs, side, seed + 1)])
        self.painting = conv_of(params, outputs, colours, 1, levelled=False)
        self.bias = nn.Parameter(torch.zeros(colours, 1, 1))

    def forward(self, x: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Maps [b, inputs, h, w] and styles [b, style] to maps [b, outputs, h, w] and colours, float32 [b, c, h, w]."""
        for layer in self.layers:
            x = layer(x, style)
        return x, self.painting.shaped(x, style).float() + self.bias


class Synthesis(nn.Module):
    """Draws from a learned constant, coarse layers first, each level told by a style of its own."""

    def __init__(self, params: StyleParams, data: DataSpec) -> None:
        super().__init__()
        self.sides = sides_of(data)
        widths = widths_of(params, len(self.sides))
        self.sums = params.styling == "modulated"  # whether a level adds to the picture, or paints it anew
        self.constant = nn.Parameter(torch.randn(1, widths[0], *self.sides[0]))
        steps = zip([widths[0], *widths], widths, self.sides, strict=False)
        self.levels = nn.ModuleList(
            Level(params, data.channels, inner, outer, side, 2 * number)
            for number, (inner, outer, side) in enumerate(steps)
        )
        self.growth = Growth(len(self.sides), params.progressive)

    def forward(self, styles: Tensor) -> Tensor:
        """Styles [b, levels, style] to pictures, float32 [b, c, h, w], which in training may leave [0, 1]."""
        top, share = self.growth.stage()
        x, picture = self.constant.expand(styles.shape[0], -1, -1, -1), styles.new_zeros(())
        for number in range(top + 1):
            x = enlarged(x, self.sides[number]) if number else x
            x, colours = self.levels[number](x, styles[:, number])
            if number:
                before, fading = enlarged(picture, self.sides[number]), share if number == top else 1.0
                colours = before + fading * colours if self.sums else torch.lerp(before, colours, fading)
            picture = colours
        if top < len(self.sides) - 1:
            picture = F.interpolate(picture, size=self.sides[-1])
        scale = math.sqrt(len(self.sides)) if self.sums else 1.0  # as many levels add up
        picture = 0.5 + 0.5 * picture / scale
        return picture if self.training else picture.clamp(0, 1)


class StyleGenerator(nn.Module):
    """Codes to styles, and styles to pictures."""

    center: Tensor

    def __init__(self, params: StyleParams, data: DataSpec) -> None:
        super().__init__()
        self.mixing = params.mixing
        self.mapping, self.synthesis = Mapping(params), Synthesis(params, data)
        self.register_buffer("center", torch.zeros(params.width))  # the mean style

    def forward(self, codes: Tensor, truncation: float = 1.0) -> Tensor:
        """Codes [b, latent_dim] to pictures [b, c, h, w]; in training as they come, with styles mixed."""
        pictures: Tensor = self.synthesis(self._mixed(codes) if self.training else self.styles(codes, truncation))
        return pictures

    def styles(self, codes: Tensor, truncation: float) -> Tensor:
        """The style [b, levels, style] of each code, the same at every level, drawn towards the mean below 1."""
        styles = torch.lerp(self.center, self.mapping(codes), truncation)
        return styles[:, None].expand(-1, len(self.synthesis.sides), -1)

    def _mixed(self, codes: Tensor) -> Tensor:
        """Styles [b, levels, style], of which some change to another code's at a random level."""
        own, other = self.mapping(codes), self.mapping(torch.randn_like(codes))
        with torch.no_grad():
            self.center.lerp_(own.mean(0), CENTRING)
        count, levels, device = len(codes), len(self.synthesis.sides), codes.device
        crossing = torch.randint(1, max(2, levels), (count, 1), device=device)
        crosses = torch.rand(count, 1, device=device) < self.mixing
        foreign = crosses & (torch.arange(levels, device=device) >= crossing)  # [b, levels]
        return torch.where(foreign[:, :, None], other[:, None], own[:, None])


class Narrowing(nn.Module):
    """Two convolutions, of which the second sees half the picture, beside a straight way (Karras et al. 2020).

    Neighbours are averaged to halve it: a convolution that strides hears some pixels more often than others, and the
    generator answers with a chequered pattern (Odena et al. 2016).
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first, self.second = EqualConv(inputs, inputs, 3), EqualConv(inputs, outputs, 3)
        self.straight = EqualConv(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs, h, w] to [b, outputs, h / 2, w / 2], rounded up."""
        bending = bent(self.second(halved(bent(self.first(x)))))
        straight: Tensor = self.straight(halved(x))
        return (bending + straight) / math.sqrt(2)


class StyleDiscriminator(nn.Module):
    """Pictures to one judgement each, by residual levels that halve them; it may see how much a batch differs."""

    def __init__(self, params: StyleParams, data: DataSpec) -> None:
        super().__init__()
        sides = sides_of(data)
        widths = widths_of(params, len(sides))
        self.growth = Growth(len(sides), params.progressive)
        # Who grows has looked at pictures of every size in turn.
        looks = [EqualConv(data.channels, width, 1) for width in widths]
        self.looks = nn.ModuleList(looks if params.progressive else looks[-1:])
        self.narrowings = nn.ModuleList(Narrowing(finer, coarser) for coarser, finer in pairwise(widths))
        self.deviates = params.batch_deviation
        self.last = EqualConv(widths[0] + self.deviates, widths[0], 3)
        self.dense = EqualLinear(widths[0] * math.prod(sides[0]), widths[0])
        self.head = EqualLinear(widths[0], 1)

    def forward(self, pictures: Tensor, condition: Tensor | None = None) -> Tensor:
        """[b, c, h, w] to logits, float32 [b]."""
        top, share = self.growth.stage()
        seen = 2 * pictures - 1
        for _ in range(self.growth.last - top):
            seen = halved(seen)
        x = bent(self.looks[-1 if not self.growth.progressive else top](seen))
        for number in reversed(range(top)):
            x = self.narrowings[number](x)
            if number == top - 1 and share < 1:
                x = torch.lerp(bent(self.looks[number](halved(seen))), x, share)
        if self.deviates:
            spread = spread_of(x.float()).to(x.dtype).expand(len(x), 1, *x.shape[2:])
            x = torch.cat([x, spread], 1)
        features = bent(self.dense(bent(self.last(x)).flatten(1)))
        logits: Tensor = self.head(features).squeeze(1)
        return logits

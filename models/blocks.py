"""What the network families share: their settings, an encoder, a decoder, and one step down the gradient."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.family import FamilyParams
from models.params import param

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from models.family import DataSpec

COARSEST = 8  # pictures are halved until no side is longer than this


class Annealed(FamilyParams):
    """The settings of a family whose learning rate sinks to nothing."""

    anneal: bool = param(True, "Let the learning rate rise shortly, then sink to nothing until the end.", advanced=True)

    def rate(self, progress: float) -> float:
        """The learning rate after the share `progress` of the training."""
        if not self.anneal:
            return self.learning_rate
        rise = min(1.0, (progress + 1e-3) / 0.02)
        fall = 0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))  # half a cosine (Loshchilov & Hutter 2017)
        return self.learning_rate * rise * fall


class NetParams(Annealed):
    """The settings of a family made of one encoder and one decoder."""

    architecture: Literal["dense", "conv"] = param(
        "dense", "dense: every pixel meets every unit; conv: filters slide over the picture first."
    )
    depth: int = param(3, "Hidden dense layers between picture and code, each way; 0 for none.", low=0, high=8)
    width: int = param(
        512, "Units of the dense layer next to the picture; each further one has half.", low=8, high=4096
    )
    channels: int = param(
        32, "Filters of the first convolution; they double at each halving, up to four times as many.", low=4, high=256,
        when=("architecture", ("conv",)),
    )  # fmt: skip

    def widths(self) -> list[int]:
        """Units of the hidden dense layers, from the picture to the code."""
        return [max(8, self.width >> layer) for layer in range(self.depth)]


def full_precision(like: Tensor) -> torch.autocast:
    """A context without autocast on the device of `like`, for sums and codes that bf16 would make coarse."""
    return torch.autocast(like.device.type, enabled=False)


class Exact(nn.Linear):
    """A linear layer in float32 whatever the autocast: codes must not lie on the lattice of bf16 numbers."""

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs] to [b, outputs]."""
        with full_precision(x):
            return super().forward(x.float())


def dense(sizes: list[int]) -> list[nn.Module]:
    """Linear layers from size to size, each followed by its activation."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.SiLU()]
    return layers


def pyramid(data: DataSpec, channels: int) -> tuple[list[int], tuple[int, int]]:
    """Channels at each level from the picture down, and the side lengths of the coarsest level."""
    halvings = max(1, math.ceil(math.log2(max(data.height, data.width) / COARSEST)))
    levels = [data.channels] + [channels * min(2**level, 4) for level in range(halvings)]
    return levels, (math.ceil(data.height / 2**halvings), math.ceil(data.width / 2**halvings))


class Encoder(nn.Module):
    """Pictures [b, c, h, w] to `outputs` float32 numbers [b, outputs]: convolutions if asked for, then dense layers."""

    def __init__(self, data: DataSpec, net: NetParams, outputs: int) -> None:
        super().__init__()
        stem: list[nn.Module] = []
        features = data.size
        if net.architecture == "conv":
            levels, (rows, columns) = pyramid(data, net.channels)
            halvings = len(levels) - 1
            # Pad with black to a side that halves evenly; the decoder crops what it drew there.
            stem.append(nn.ZeroPad2d((0, (columns << halvings) - data.width, 0, (rows << halvings) - data.height)))
            for inner, outer in pairwise(levels):
                stem += [nn.Conv2d(inner, outer, 4, stride=2, padding=1), nn.SiLU()]  # halves height and width
            features = levels[-1] * rows * columns
        sizes = [features, *net.widths()]
        self.layers = nn.Sequential(*stem, nn.Flatten(), *dense(sizes), Exact(sizes[-1], outputs))

    def forward(self, images: Tensor) -> Tensor:
        """[b, c, h, w] to [b, outputs]."""
        numbers: Tensor = self.layers(images)
        return numbers


class Decoder(nn.Module):
    """Codes [b, latent_dim] to logits of pixels, float32 [b, c, h, w]: the encoder's layers in reverse.

    `beside` is how many numbers come behind each code, to tell what should be drawn.
    """

    def __init__(self, data: DataSpec, net: NetParams, beside: int = 0) -> None:
        super().__init__()
        self.data = data
        levels, (rows, columns) = pyramid(data, net.channels)
        conv = net.architecture == "conv"
        sizes = [net.latent_dim + beside, *reversed(net.widths()), levels[-1] * rows * columns if conv else data.size]
        layers: list[nn.Module] = [Exact(sizes[0], sizes[1]), nn.SiLU(), *dense(sizes[1:])]
        if conv:
            layers.append(nn.Unflatten(1, (levels[-1], rows, columns)))
            for outer, inner in zip(levels[:0:-1], levels[-2::-1], strict=True):
                layers += [nn.ConvTranspose2d(outer, inner, 4, stride=2, padding=1), nn.SiLU()]  # doubles both sides
        layers.pop()  # no activation after the last: logits may be negative
        if not conv:
            layers.append(nn.Unflatten(1, data.shape))
        self.layers = nn.Sequential(*layers)
        # What all pictures share is learned once for each pixel; the layers draw what differs from it.
        self.backdrop = nn.Parameter(torch.zeros(data.shape))

    def forward(self, codes: Tensor) -> Tensor:
        """[b, latent_dim + beside] to [b, c, h, w]."""
        logits: Tensor = self.layers(codes)
        return logits[:, :, : self.data.height, : self.data.width].float() + self.backdrop

    @torch.no_grad()
    def start_from(self, mean_logits: Tensor) -> None:
        """Let the backdrop be the mean picture [c, h, w], so that no step is spent on learning it."""
        self.backdrop.copy_(mean_logits)


def descend(optimizer: Optimizer, loss: Tensor, rate: float, longest: float = math.inf) -> None:
    """One step down the gradient of `loss`, cut to the length `longest`, at the learning rate `rate`."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    if longest < math.inf:
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        nn.utils.clip_grad_norm_(weights, longest)
    optimizer.step()
    torch.clear_autocast_cache()  # else a context that spans steps goes on with its bf16 copies of the old weights


def picture_errors(pictures: Tensor, images: Tensor) -> dict[str, Tensor]:
    """Mean squared error and binary cross-entropy (nats) per pixel of each picture: two times [b].

    Both arguments are [b, c, h, w] in [0, 1]. Probabilities keep a millionth away from 0 and 1, so that
    one wrong pixel costs at most 13.8 nats.
    """
    p = pictures.clamp(1e-6, 1 - 1e-6)
    cross_entropy = -(images * p.log() + (1 - images) * (1 - p).log())
    return {
        "recon_mse": F.mse_loss(pictures, images, reduction="none").flatten(1).mean(1),
        "recon_bce": cross_entropy.flatten(1).mean(1),
    }

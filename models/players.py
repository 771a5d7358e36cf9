"""The two players of an adversarial game: their settings, a generator, and a discriminator that may see labels."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization

from models.blocks import Exact, full_precision, pyramid
from models.game import GameParams
from models.params import param

if TYPE_CHECKING:
    from models.family import DataSpec

LEAK = 0.2  # slope of the discriminator's units below zero (Radford et al. 2016)
SPREAD = 0.02  # standard deviation of first weights beside batch normalisation (Radford et al. 2016)


class PlayerParams(GameParams):
    """The settings of two players and of their game."""

    architecture: Literal["dense", "conv"] = param(
        "conv", "dense: every pixel meets every unit; conv: the generator draws coarse first, then fine."
    )
    width: int = param(
        256, "Units of the narrowest hidden layer; the one next to the picture has twice as many.", low=8, high=4096,
        when=("architecture", ("dense",)),
    )  # fmt: skip
    channels: int = param(
        32, "Filters next to the picture; they double at each halving, up to four times as many.", low=4, high=256,
        when=("architecture", ("conv",)),
    )  # fmt: skip
    generator_norm: Literal["batch", "none"] = param("batch", "What the generator's layers are normalised by.")
    discriminator_norm: Literal["none", "batch", "spectral"] = param(
        "none", "batch: as in DCGAN; spectral: no layer of the discriminator may stretch anything (Miyato et al. 2018)."
    )


def is_dense(params: PlayerParams, data: DataSpec) -> bool:
    """Whether the players are made of dense layers only; points of the plane have nothing to slide filters over."""
    return params.architecture == "dense" or data.kind == "points"


class Spectral(nn.Module):
    """Divides a weight by its largest singular value, found by one power iteration a step (Miyato et al. 2018)."""

    u: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.register_buffer("u", F.normalize(torch.randn(len(weight)), dim=0))
        for _ in range(10):  # so that the first steps are bounded too
            self(weight.detach())

    def forward(self, weight: Tensor) -> Tensor:
        """The weight [outputs, ...] scaled to stretch nothing; only training moves the iteration on."""
        with full_precision(weight):
            flat = weight.flatten(1)
            with torch.no_grad():
                v = F.normalize(flat.t() @ self.u, dim=0)
                u = F.normalize(flat @ v, dim=0)
                if self.training:
                    self.u.copy_(u)
            return weight / torch.dot(u, flat @ v)


def spread_of(features: Tensor) -> Tensor:
    """How much the features [b, ...] of the pictures of a batch differ on the whole: a scalar (Karras et al. 2018)."""
    return torch.sqrt(features.var(0, unbiased=False) + 1e-8).mean()


def _guarded(layer: nn.Module, norm: str) -> nn.Module:
    """The layer, spectrally normalised if so asked."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    if norm == "spectral":
        register_parametrization(layer, "weight", Spectral(weight))
    return layer


def _batch_norm(norm: str, features: int, conv: bool) -> list[nn.Module]:
    if norm != "batch":
        return []
    return [nn.BatchNorm2d(features) if conv else nn.BatchNorm1d(features)]


@torch.no_grad()
def _start(player: nn.Module) -> None:
    """DCGAN's first weights, N(0, 0.02), for a player with batch normalisation."""
    if any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in player.modules()):
        for part in player.modules():
            if isinstance(part, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                part.weight.normal_(0.0, SPREAD)
                if part.bias is not None:
                    part.bias.zero_()


class Generator(nn.Module):
    """Codes, with a condition at their end, to pictures: dense layers, or DCGAN's (Radford et al. 2016)."""

    def __init__(self, data: DataSpec, params: PlayerParams, condition: int = 0) -> None:
        super().__init__()
        self.data = data
        norm = params.generator_norm
        inputs = params.latent_dim + condition
        layers: list[nn.Module] = []
        if is_dense(params, data):
            for inner, outer in pairwise([inputs, params.width, 2 * params.width]):
                layers += [nn.Linear(inner, outer), *_batch_norm(norm, outer, conv=False), nn.LeakyReLU(LEAK)]
            layers += [nn.Linear(2 * params.width, data.size), nn.Unflatten(1, data.shape)]
        else:
            levels, (rows, columns) = pyramid(data, params.channels)
            layers += [nn.Linear(inputs, levels[-1] * rows * columns), nn.Unflatten(1, (levels[-1], rows, columns))]
            for inner, outer in pairwise(levels[:0:-1]):
                layers += [*_batch_norm(norm, inner, conv=True), nn.ReLU()]
                layers += [nn.ConvTranspose2d(inner, outer, 4, stride=2, padding=1)]  # doubles both sides
            layers += [*_batch_norm(norm, levels[1], conv=True), nn.ReLU()]
            layers.append(nn.ConvTranspose2d(levels[1], data.channels, 4, stride=2, padding=1))
        self.layers = nn.Sequential(*layers)
        _start(self)

    def forward(self, codes: Tensor) -> Tensor:
        """[b, latent_dim + condition] to float32 [b, c, h, w] in [0, 1]."""
        drawn: Tensor = self.layers(codes)
        return 0.5 + 0.5 * torch.tanh(drawn[:, :, : self.data.height, : self.data.width].float())


class Discriminator(nn.Module):
    """Pictures to one judgement each; a condition is seen as a map beside the picture, or met by projection."""

    def __init__(self, data: DataSpec, params: PlayerParams, condition: int = 0, projection: bool = False) -> None:
        super().__init__()
        norm, side = params.discriminator_norm, data.height * data.width
        self.drawn_as = Exact(condition, math.ceil(condition / side) * side) if condition and not projection else None
        channels = data.channels + (self.drawn_as.out_features // side if self.drawn_as else 0)
        layers: list[nn.Module] = []
        if is_dense(params, data):
            layers.append(nn.Flatten())
            self.outputs = params.width
            for inner, outer in pairwise([channels * side, 2 * params.width, params.width]):
                layers += [_guarded(nn.Linear(inner, outer), norm), nn.LeakyReLU(LEAK)]
                layers[-1:-1] = _batch_norm(norm, outer, conv=False)
        else:
            levels, (rows, columns) = pyramid(data, params.channels)
            halvings = len(levels) - 1
            layers.append(nn.ZeroPad2d((0, (columns << halvings) - data.width, 0, (rows << halvings) - data.height)))
            for inner, outer in pairwise([channels, *levels[1:]]):
                layers += [_guarded(nn.Conv2d(inner, outer, 4, stride=2, padding=1), norm), nn.LeakyReLU(LEAK)]
                if inner != channels:  # DCGAN leaves the layer next to the picture as it is
                    layers[-1:-1] = _batch_norm(norm, outer, conv=True)
            layers.append(nn.Flatten())
            self.outputs = levels[-1] * rows * columns
        self.layers, self.deviates = nn.Sequential(*layers), params.batch_deviation
        self.head = _guarded(Exact(self.outputs + self.deviates, 1), norm)
        self.meeting = _guarded(Exact(condition, self.outputs, bias=False), norm) if condition and projection else None
        _start(self)

    def forward(self, pictures: Tensor, condition: Tensor | None = None) -> Tensor:
        """[b, c, h, w] and [b, n] to logits, float32 [b]."""
        maps = [2 * pictures - 1]
        if self.drawn_as is not None and condition is not None:
            maps.append(self.drawn_as(condition).view(len(pictures), -1, *pictures.shape[2:]))
        seen: Tensor = self.layers(torch.cat(maps, 1)).float()  # [b, outputs]
        told = seen
        if self.deviates:  # one number for the whole batch, joined to every picture's features
            told = torch.cat([seen, spread_of(seen).expand(len(seen), 1)], 1)
        logits: Tensor = self.head(told).squeeze(1)
        if self.meeting is not None and condition is not None:
            with full_precision(seen):  # the projection of Miyato & Koyama 2018, equation 3
                logits = logits + (self.meeting(condition) * seen).sum(1)
        return logits

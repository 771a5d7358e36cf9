"""Denoising diffusion (Ho et al. 2020) with a cosine schedule, guidance without a classifier, and DDIM both ways."""

from __future__ import annotations

import math
from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from models.blocks import NetParams, descend, full_precision
from models.family import Family, Preset, Relief
from models.field_events import Meaning
from models.noising import MOMENTS, Target, aim, bound, cleaned, ddim, ddim_back, parts
from models.params import Params, param
from models.registry import families
from models.unet import DenseNet, UNet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch.optim import Optimizer

    from models.family import Batch, DataSpec
    from models.noising import See

ROUNDS = 2  # in which each step of the inversion is solved
GUIDED = range(400, 825)  # moments at which guidance pulls: earlier and later it costs variety and helps nothing
LEVELS = (0.05, 0.15, 0.3, 0.5, 0.75)  # of noise at which the field of points is shown


class DiffusionParams(NetParams):
    """The settings of diffusion; its code is as wide as the picture, so that width is no setting."""

    latent_dim: int = Field(1, ge=1)  # not declared, so that nobody is asked
    architecture: Literal["dense", "conv"] = param(
        "conv", "conv: a U-Net of filters, with attention at its coarsest; dense: layers over all numbers, for points."
    )
    depth: int = param(4, "Residual layers.", low=1, high=16, when=("architecture", ("dense",)))
    width: int = param(256, "Units of each layer.", low=8, high=4096, when=("architecture", ("dense",)))
    target: Target = param(
        "velocity", "What the network says of a noisy picture: its noise, or the velocity at which it turns to noise."
    )
    averaging: float = param(
        0.995, "How slowly the weights that draw follow those that learn: a running mean, which draws steadier.",
        low=0.0, high=0.9999, advanced=True,
    )  # fmt: skip
    unasked: float = param(
        0.1, "Share of the pictures whose class is kept from the network, so that it can draw without one.",
        low=0.0, high=1.0, advanced=True,
    )  # fmt: skip


class Denoiser(nn.Module):
    """The network with what it knows of every class."""

    def __init__(self, params: DiffusionParams, data: DataSpec) -> None:
        super().__init__()
        conv = params.architecture == "conv" and data.kind == "pictures"  # points leave nothing to slide filters over
        self.net = UNet(data, params.channels) if conv else DenseNet(data, params.width, params.depth)
        drawn = torch.randn(data.classes, self.net.conditions) if data.classes else None
        self.classes = None if drawn is None else nn.Parameter(drawn)

    def condition(self, labels: Tensor | None, count: int) -> Tensor:
        """What the network is told of labels, int64 [b] or shares [b, classes]; zeros [count, n] stand for no class."""
        if labels is None or self.classes is None:
            return torch.zeros(count, self.net.conditions, device=next(self.parameters()).device)
        shares = labels if labels.is_floating_point() else F.one_hot(labels, len(self.classes)).float()
        with full_precision(shares):
            return shares.float() @ self.classes

    def forward(self, noisy: Tensor, moments: Tensor, condition: Tensor) -> Tensor:
        """What is aimed at, float32 [b, c, h, w], of x_t [b, c, h, w] at the moments [b]."""
        said: Tensor = self.net(noisy, moments, condition)
        return said


class DiffusionKnobs(Params):
    """How pictures are drawn from noise."""

    steps: int = param(20, "In how many steps noise becomes a picture: more are finer and slower.", low=5, high=250)
    guidance: float = param(
        1.5,
        "How strongly the class pulls: 0 ignores it, 1 heeds it as learned, more exaggerates it while the picture "
        "takes shape.",
        low=0.0,
        high=8.0,
    )


@families.register("diffusion")
class Diffusion(Family):
    """Learns to take noise away, little by little; the code of a picture is the noise from which it comes."""

    title = "Diffusion"
    summary = "Walks from noise to a picture step by step: sharp and varied, but slow to draw."
    params_type = DiffusionParams
    knobs_type = DiffusionKnobs
    knobs: DiffusionKnobs
    practice = ("learner.",)
    presets: ClassVar[Mapping[str, Preset]] = {
        "small": Preset("A small U-Net that learns in minutes on a processor.", {"batch_size": 64}, steps=4000),
        "noise": Preset(
            "Says the noise itself, as the first of its kind did (Ho et al. 2020): needs more steps of training.",
            {"target": "noise", "batch_size": 64},
            steps=4000,
        ),
        "points": Preset(
            "For points of the plane: dense layers only.",
            {"architecture": "dense", "width": 128, "learning_rate": 2e-3},
            steps=4000,
        ),
    }

    first_noise: Tensor

    def __init__(self, params: DiffusionParams, data: DataSpec) -> None:
        super().__init__(params, data)
        self.params = params
        self.latent_dim = data.size
        self.learner = Denoiser(params, data)
        self.averaged = deepcopy(self.learner).requires_grad_(False)  # what draws
        # A finished picture tells nothing of its last noise; all pictures share this one, so that codes are fixed.
        noise = torch.randn(data.shape, generator=torch.Generator().manual_seed(0))
        self.register_buffer("first_noise", noise, persistent=False)

    @cached_property  # for who trains: the first optimiser of a process loads torch's compiler, which takes a second
    def _optimizer(self) -> Optimizer:
        return torch.optim.Adam(self.learner.parameters(), lr=self.params.learning_rate, fused=True)

    def optimizers(self) -> dict[str, Optimizer]:
        """One optimiser for the network and what it knows of the classes."""
        return {"adam": self._optimizer}

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """One step on the mean squared error of what the network should say, at random moments."""
        clean = batch.images * 2 - 1
        count = len(clean)
        moments = evenly(count, torch.rand((), device=clean.device))
        eps = torch.randn_like(clean)
        told = torch.rand((count, 1), device=clean.device) >= self.params.unasked
        condition = self.learner.condition(batch.labels, count) * told
        signal, noise = parts(moments)
        said = self.learner(signal * clean + noise * eps, moments, condition)
        loss = F.mse_loss(said, aim(self.params.target, clean, eps, moments))
        descend(self._optimizer, loss, self.params.rate(batch.progress))
        self._follow(batch.step)
        return {"loss": loss.detach()}

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        """Move the weights that draw a little towards those that learn; more in the first steps."""
        share = 1 - min(self.params.averaging, (1 + step) / (10 + step))
        drawing: list[Tensor] = list(self.averaged.parameters())
        learning: list[Tensor] = list(self.learner.parameters())
        torch._foreach_lerp_(drawing, learning, share)

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Of each picture: the loss at one random moment; of pictures also the bound `neg_elbo` and bits_per_dim.

        One moment stands for all 1,000 in the bound, which is thus right in the mean over many pictures only.
        """
        clean = batch.images * 2 - 1
        place = torch.rand((), generator=generator, device=generator.device).to(clean.device)
        moments = evenly(len(clean), place)
        eps = torch.randn(clean.shape, generator=generator, device=generator.device).to(clean.device)
        signal, noise = parts(moments)
        noisy = signal * clean + noise * eps
        said = self.averaged(noisy, moments, self.averaged.condition(batch.labels, len(clean)))
        errors = (said - aim(self.params.target, clean, eps, moments)).square().flatten(1).mean(1)
        if self.data.kind == "points":
            return {"loss": errors}
        seen = cleaned(self.params.target, said, noisy, moments).clamp(-1, 1)
        nats = bound(clean, seen, moments)
        return {"loss": errors, "neg_elbo": nats, "bits_per_dim": nats / (self.data.size * math.log(2))}

    def condition(self, labels: Tensor) -> Tensor:
        """What the network is told of labels, int64 [b] or shares [b, classes]: float32 [b, n]."""
        return self.averaged.condition(labels, len(labels))

    def prior(self, count: int, generator: torch.Generator) -> Tensor:
        """Codes [count, latent_dim] from N(0, I)."""
        drawn = torch.randn(count, self.latent_dim, generator=generator, device=generator.device)
        return drawn.to(self.first_noise.device)

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The picture [b, c, h, w] in [0, 1] that comes of each code [b, latent_dim], by `knobs.steps` of DDIM."""
        for picture in self.sample_steps(codes, labels):  # noqa: B007  # the last one counts
            pass
        return picture

    def sample_steps(self, codes: Tensor, labels: Tensor | None = None) -> Iterator[Tensor]:
        """The picture [b, c, h, w] that is seen in the noise at every step."""
        noisy = codes.float().view(-1, *self.data.shape)
        for _, seen in ddim(self._see(labels, len(codes)), noisy, self.knobs.steps):
            yield (seen + 1) / 2

    def encode(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """The noise [b, latent_dim] from which `decode`, with the same knobs and labels, draws each picture."""
        see = self._see(labels, len(images))
        noise = ddim_back(see, images * 2 - 1, self.first_noise, self.knobs.steps, ROUNDS)
        return noise.reshape(-1, self.latent_dim)

    def field_meaning(self) -> Meaning:
        """What the denoiser does with a noisy point, of whatever class."""
        title, height = "Where the denoiser sends a noisy point", "how far it sends the point"
        return Meaning(title, height, "the way to the clean point it sees", low=0.0, level="noise", levels=LEVELS)

    def field(self, points: Tensor, level: float) -> Relief:
        """The clean point seen in each of the points [n, 2, 1, 1], less that point; `level` 1 is nothing but noise."""
        seen = self._see(None, len(points))(points * 2 - 1, max(1, round(level * MOMENTS)))
        arrows = ((seen + 1) / 2 - points).flatten(1)
        return Relief(arrows.norm(dim=1), arrows)

    def _see(self, labels: Tensor | None, count: int) -> See:
        """What is seen in noisy pictures of these labels: the clean ones, guided (Ho & Salimans 2022), in [-1, 1].

        Only the middle moments are guided (Kynkäänniemi et al. 2024); at the others the class counts as learned.
        """
        asked, unasked = self.averaged.condition(labels, count), self.averaged.condition(None, count)
        guidance = self.knobs.guidance if labels is not None and self.averaged.classes is not None else 0.0

        def see(noisy: Tensor, moment: int) -> Tensor:
            pull = guidance if moment in GUIDED else min(guidance, 1.0)
            halves = {0.0: [unasked], 1.0: [asked]}.get(pull, [unasked, asked])
            several = noisy.repeat(len(halves), 1, 1, 1)
            moments = torch.full((len(several),), moment, device=noisy.device)
            said = self.averaged(several, moments, torch.cat(halves))
            seen = cleaned(self.params.target, said, several, moments).chunk(len(halves))
            return torch.lerp(seen[0], seen[-1], pull).clamp(-1, 1)

        return see


def evenly(count: int, place: Tensor) -> Tensor:
    """Moments int64 [count] spread evenly over all, the first at the share `place`: each is uniform when that is.

    So a batch always sees early and late moments, and its loss scatters less (Kingma et al. 2021, appendix I).
    """
    shares = (torch.arange(count, device=place.device) / count + place) % 1
    return (shares * MOMENTS).long().clamp_max(MOMENTS - 1) + 1

"""The autoencoder and its classic variants: deep, convolutional, sparse, denoising, overcomplete, flat."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import torch
import torch.nn.functional as F
from pydantic import model_validator
from torch import Tensor

from models.blocks import Decoder, Encoder, NetParams, descend, picture_errors
from models.corruptions import corrupt
from models.family import Family, Preset
from models.params import param
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch.optim import Optimizer

    from models.family import Batch, DataSpec


class AutoencoderParams(NetParams):
    """The settings of the autoencoder."""

    latent_dim: int = param(32, "Numbers in the code: the width of the bottleneck.", low=1, high=4096)
    loss: Literal["bce", "mse"] = param("bce", "What a wrong pixel costs: binary cross-entropy, or its squared error.")
    code_activation: Literal["auto", "linear", "relu", "sigmoid", "tanh"] = param(
        "auto", "What the code passes through; auto: relu with l1, sigmoid with kl, else nothing.", advanced=True
    )
    sparsity: Literal["none", "l1", "kl"] = param(
        "none", "Keep most of the code quiet: by its mean size (l1), or by how often each unit is on (kl)."
    )
    sparsity_weight: float = param(
        0.3, "Price of an active code beside the pixels' loss.", low=0.0, high=100.0, logarithmic=True,
        when=("sparsity", ("l1", "kl")),
    )  # fmt: skip
    sparsity_target: float = param(
        0.05, "How much of the time each unit should be on.", low=0.001, high=0.5, when=("sparsity", ("kl",))
    )
    noise: Literal["none", "gaussian", "salt-and-pepper", "block"] = param(
        "none", "What is done to the pictures that go in; those that should come out stay clean."
    )
    noise_level: float = param(
        0.5, "How strong that is.", low=0.0, high=1.0, when=("noise", ("gaussian", "salt-and-pepper", "block"))
    )

    @model_validator(mode="after")
    def _kl_counts_shares(self) -> Self:
        if self.sparsity == "kl" and self.activation != "sigmoid":
            raise ValueError("sparsity kl needs a code between 0 and 1: set code_activation to sigmoid or auto.")
        return self

    @property
    def activation(self) -> str:
        """The code's activation, with auto resolved."""
        if self.code_activation == "auto":
            return {"none": "linear", "l1": "relu", "kl": "sigmoid"}[self.sparsity]
        return self.code_activation

    @property
    def goal(self) -> str:
        """The pixels' part of the loss by its name in the plots."""
        return f"{'recon' if self.noise == 'none' else 'denoise'}_{self.loss}"


BOUNDS: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def bernoulli_kl(target: float, activity: Tensor) -> Tensor:
    """KL(B(target) || B(activity)) in nats of each unit, shape kept (Ng 2011, CS294A lecture notes)."""
    activity = activity.clamp(1e-6, 1 - 1e-6)
    off = (1 - target) * torch.log((1 - target) / (1 - activity))
    return target * torch.log(target / activity) + off


@families.register("autoencoder")
class Autoencoder(Family):
    """Squeezes a picture through a code and learns to draw it again."""

    title = "Autoencoder"
    summary = "Learns a short code for every picture; what lies between the codes is left to chance."
    params_type = AutoencoderParams
    presets: ClassVar[Mapping[str, Preset]] = {
        "simple": Preset("One layer each way: 32 numbers a picture.", {"depth": 0, "learning_rate": 3e-3}, steps=6000),
        "deep": Preset("Two hidden layers each way.", {"depth": 2, "learning_rate": 3e-3}, steps=4000),
        "conv": Preset(
            "Convolutions: sharp pictures from 32 numbers.",
            {"architecture": "conv", "depth": 1, "learning_rate": 3e-3},
            steps=2400,
        ),
        "sparse": Preset(
            "128 units of which few are on at a time.",
            {"depth": 0, "latent_dim": 128, "sparsity": "kl", "learning_rate": 4e-3},
            steps=4000,
        ),
        "denoising": Preset(
            "Sees noisy pictures and learns to draw clean ones.",
            {"depth": 1, "noise": "gaussian", "learning_rate": 3e-3},
            steps=4000,
        ),
        "overcomplete": Preset(
            "1,024 numbers, more than a small picture has pixels: it may simply copy.",
            {"depth": 0, "latent_dim": 1024},
            steps=3000,
        ),
        "flat": Preset(
            "Two numbers a picture: a map one can look at.", {"latent_dim": 2, "learning_rate": 3e-3}, steps=4000
        ),
    }

    def __init__(self, params: AutoencoderParams, data: DataSpec) -> None:
        super().__init__(params, data)
        self.params = params
        self.encoder = Encoder(data, params, outputs=params.latent_dim)
        self.decoder = Decoder(data, params)

    @cached_property  # for who trains: the first optimiser of a process loads torch's compiler, which takes a second
    def _optimizer(self) -> Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.params.learning_rate, fused=True)

    def optimizers(self) -> dict[str, Optimizer]:
        """One optimiser for encoder and decoder."""
        return {"adam": self._optimizer}

    def prepare(self, images: Tensor) -> None:
        """Start from the mean picture of `images` [n, c, h, w]."""
        self.decoder.start_from(torch.logit(images.mean(0).clamp(0.01, 0.99)))

    def encode(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """The code [b, latent_dim] of each picture [b, c, h, w]."""
        codes: Tensor = self.encoder(images)
        bound = BOUNDS.get(self.params.activation)
        return codes if bound is None else bound(codes)

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The picture [b, c, h, w] in [0, 1] of each code [b, latent_dim]."""
        return torch.sigmoid(self.decoder(codes))

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """One step towards the clean picture, from a noisy one if so set; the figures are means over the batch."""
        codes = self.encode(self.spoil(batch.images, None))
        cost = self._pixel_cost(self.decoder(codes), batch.images).mean()
        figures = {self.params.goal: cost}
        if self.params.sparsity != "none":
            penalty = self.params.sparsity_weight * self._sparsity(codes)
            figures = {"loss": cost + penalty, **figures, "activity": codes.abs().mean()}
        descend(self._optimizer, next(iter(figures.values())), self.params.rate(batch.progress))
        return {name: figure.detach() for name, figure in figures.items()}

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Errors of pictures drawn from clean ones (recon) and from noisy ones (denoise), activity: every value [b].

        The kl penalty is one of a unit's mean over pictures, so all pictures of a batch share it.
        """
        codes = self.encode(batch.images)
        figures = picture_errors(self.decode(codes), batch.images)
        if self.params.noise != "none":
            drawn = self.decode(self.encode(self.spoil(batch.images, generator)))
            errors = picture_errors(drawn, batch.images)
            figures |= {name.replace("recon", "denoise"): error for name, error in errors.items()}
        if self.params.sparsity != "none":
            penalty = self.params.sparsity_weight * self._sparsity(codes)
            figures |= {"loss": figures[self.params.goal] + penalty, "activity": codes.abs().mean(1)}
        return figures

    @property
    def spoiling(self) -> str:
        """The noise of training and its level, in words."""
        kind = self.params.noise
        return "" if kind == "none" else f"{kind.replace('-', ' ')} noise of {self.params.noise_level:.2g}"

    def spoil(self, images: Tensor, generator: torch.Generator | None) -> Tensor:
        """The pictures [b, c, h, w] as the encoder sees them in training."""
        if self.params.noise == "none":
            return images
        return corrupt(images, self.params.noise, self.params.noise_level, generator)

    def _pixel_cost(self, logits: Tensor, images: Tensor) -> Tensor:
        """The loss of each pixel, shape kept."""
        if self.params.loss == "bce":
            return F.binary_cross_entropy_with_logits(logits, images, reduction="none")
        return (torch.sigmoid(logits) - images).square()

    def _sparsity(self, codes: Tensor) -> Tensor:
        """How far the codes [b, latent_dim] are from quiet: a scalar, the mean over all units."""
        if self.params.sparsity == "l1":
            return codes.abs().mean()
        return bernoulli_kl(self.params.sparsity_target, codes.mean(0)).mean()

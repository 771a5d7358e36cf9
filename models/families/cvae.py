"""The conditional variational autoencoder (Kingma et al. 2014, model M2; Sohn et al. 2015): draws what it is asked for.

Encoder and decoder are told the class, so that the code is left with what the class does not say: slant, width, hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.blocks import Decoder, Encoder, full_precision
from models.families.vae import Vae, VaeParams
from models.family import DataSpec, Preset
from models.params import param
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.family import Batch


class CvaeParams(VaeParams):
    """The settings of the conditional variational autoencoder."""

    class_prior: Literal["shared", "learned"] = param(
        "shared", "Whether the codes of all classes fill one place, or each class learns where and how wide its own is."
    )
    hidden_labels: float = param(
        0.0, "Share of the pictures whose class is kept back in training, so that it can also do without.",
        low=0.0, high=1.0, advanced=True,
    )  # fmt: skip


@families.register("cvae")
class Cvae(Vae):
    """A VAE that is told the class; its codes are counted from the middle of the class's prior, in widths of it.

    So the prior of every class is the standard normal distribution, and one code draws the same hand in all classes.
    """

    title = "Conditional variational autoencoder"
    summary = "Draws the class you ask for; its map holds what the class does not say, such as slant and width."
    params_type = CvaeParams
    needs_labels = True
    presets: ClassVar[Mapping[str, Preset]] = {
        "dense-2d": replace(
            Vae.presets["dense-2d"], summary="A 2-D map of hands, whatever the class; dense layers only.", steps=1500
        ),
        "dense-8": Preset(
            "8 dimensions, dense layers only: varied pictures, nearly all of the class asked for.",
            {"latent_dim": 8, "learning_rate": 2e-3},
            steps=4000,
        ),
        "conv-2d": replace(Vae.presets["conv-2d"], summary="A 2-D map with convolutions."),
        "conv-16": replace(
            Vae.presets["conv-16"], summary="16 dimensions: sharper and more varied pictures of each class.", steps=3000
        ),
        "class-prior": Preset(
            "Each class learns its own place among the codes.",
            {**Vae.presets["conv-16"].values, "class_prior": "learned"},
            steps=3000,
        ),
        "points": Vae.presets["points"],
    }

    def __init__(self, params: CvaeParams, data: DataSpec) -> None:
        super().__init__(params, data)
        self.hidden = params.hidden_labels
        # The class enters the encoder as one more channel, a picture of its own that is learned.
        self.plane = nn.Linear(data.classes, data.height * data.width, bias=False)
        seen = replace(data, channels=data.channels + 1)
        self.encoder = Encoder(seen, params, outputs=2 * params.latent_dim)
        self.decoder = Decoder(data, params, beside=data.classes)
        learned = params.class_prior == "learned"
        self.class_prior = nn.Parameter(torch.zeros(data.classes, 2 * params.latent_dim), requires_grad=learned)

    def condition(self, labels: Tensor) -> Tensor:
        """The share of each class, float32 [b, classes], of labels int64 [b] or shares [b, classes]."""
        if labels.is_floating_point():
            return labels.float()
        return F.one_hot(labels, self.data.classes).float()

    def posterior(self, images: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the code [b, latent_dim] of each picture, counted from its class's prior."""
        told = self._told(labels, images)
        plane = self.plane(told).view(-1, 1, self.data.height, self.data.width)
        mean, log_variance = super().posterior(torch.cat([images, plane.float()], dim=1))
        middle, log_width = self._class_prior(told)
        return (mean - middle) * torch.exp(-log_width), log_variance - 2 * log_width

    def logits(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """As of the VAE, for codes counted from the prior of their class."""
        told = self._told(labels, codes)
        middle, log_width = self._class_prior(told)
        return super().logits(torch.cat([middle + torch.exp(log_width) * codes, told], dim=1))

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """As of the VAE, with the classes of some pictures kept back."""
        told = self._told(batch.labels, batch.images)
        kept_back = torch.rand(len(told), 1, device=told.device) < self.hidden
        return super().training_step(replace(batch, labels=torch.where(kept_back, self._told(None, told), told)))

    def _told(self, labels: Tensor | None, like: Tensor) -> Tensor:
        """The condition of `labels`; all classes in equal shares [b, classes] for each of `like` without labels."""
        if labels is not None:
            return self.condition(labels)
        classes = self.data.classes
        return torch.full((len(like), classes), 1 / classes, device=like.device)

    def _class_prior(self, told: Tensor) -> tuple[Tensor, Tensor]:
        """Middle and logarithm of the width of the prior of each condition: two times [b, latent_dim]."""
        with full_precision(told):
            middle, log_width = (told @ self.class_prior).chunk(2, dim=1)
        return middle, log_width.clamp(-5, 5)

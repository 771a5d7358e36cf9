"""The conditional adversarial network (Mirza & Osindero 2014): both players are told the class."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import torch
import torch.nn.functional as F

from models.adversarial import Adversarial, PlayerKnobs, truncation
from models.family import Preset
from models.params import param
from models.players import PlayerParams
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from models.family import DataSpec


class CganParams(PlayerParams):
    """The settings of the conditional adversarial network."""

    label_enters: Literal["beside", "projection"] = param(
        "beside",
        "How the discriminator meets the class: drawn beside the picture, or by how well the picture's features agree "
        "with it (Miyato & Koyama 2018).",
    )


class CganKnobs(PlayerKnobs):
    """How pictures are drawn from codes: a little safer than they come, so that nearly all are of their class."""

    truncation: float = truncation(0.9)


@families.register("cgan")
class Cgan(Adversarial):
    """The painter is asked for a class, and the critic knows which one was asked for."""

    title = "Conditional adversarial network"
    summary = "Draws what it is asked for: the class is told to both players."
    params_type = CganParams
    knobs_type = CganKnobs
    needs_labels = True
    presets: ClassVar[Mapping[str, Preset]] = {
        "stable": Preset(
            "A flat discriminator that sees whole batches and meets the class in the features: right and varied.",
            {
                "label_enters": "projection", "r1": 1.0, "batch_deviation": True, "learning_rate": 6e-4,
                "average": 0.999, "cooling": 0.5,
            },
            steps=12000,
        ),
        "projection": Preset(
            "The class meets the picture's features, spectral normalisation and hinge loss (Miyato & Koyama 2018).",
            {
                "label_enters": "projection", "loss": "hinge", "discriminator_norm": "spectral", "learning_rate": 5e-4,
                "rate_ratio": 2.0,
            },
            steps=8000,
        ),
        "dcgan": Preset(
            "Convolutions and batch normalisation, the class a map beside the picture.",
            {"discriminator_norm": "batch"},
            steps=8000,
        ),
        "dense": Preset(
            "Dense layers only, as in the first paper (Mirza & Osindero 2014).",
            {"architecture": "dense", "generator_norm": "none", "batch_size": 128},
            steps=10000,
        ),
    }  # fmt: skip

    def __init__(self, params: CganParams, data: DataSpec) -> None:
        super().__init__(params, data, condition=data.classes, projection=params.label_enters == "projection")

    def condition(self, labels: Tensor) -> Tensor:
        """Classes int64 [b], or mixtures of them [b, classes], as float32 [b, classes]: the mixture itself."""
        if labels.is_floating_point():
            return labels.float()
        return F.one_hot(labels, self.data.classes).float()

    def conditioned(self, labels: Tensor | None) -> Tensor | None:
        """The condition [b, classes] of the labels."""
        return None if labels is None else self.condition(labels)

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The picture [b, c, h, w] of each code as the class asked for; without labels, as all in equal parts."""
        if labels is None:
            labels = torch.full((len(codes), self.data.classes), 1 / self.data.classes, device=codes.device)
        return super().decode(codes, labels)

"""Generative adversarial networks, from the first (Goodfellow et al. 2014) to one that rarely fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch

from models.adversarial import PROBABLE, Adversarial, generator_losses
from models.family import Preset, Relief
from models.field_events import Meaning
from models.players import PlayerParams
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

DENSE = {"architecture": "dense", "generator_norm": "none"}


@families.register("gan")
class Gan(Adversarial):
    """A painter who never sees a picture, and a critic who tells real ones from painted ones."""

    title = "Adversarial network"
    summary = "A generator and a discriminator learn against each other; pictures are sharp, the game is delicate."
    params_type = PlayerParams
    presets: ClassVar[Mapping[str, Preset]] = {
        "dcgan": Preset(
            "Convolutions, batch normalisation in both players: the rules that made it work (Radford et al. 2016).",
            {"discriminator_norm": "batch"},
            steps=8000,
        ),
        "plain": Preset(
            "Dense layers only, as in the first paper (Goodfellow et al. 2014).",
            {**DENSE, "batch_size": 128},
            steps=10000,
        ),
        "wasserstein": Preset(
            "A critic that measures a distance, kept honest by a gradient penalty (Gulrajani et al. 2017).",
            {"loss": "wasserstein", "gradient_penalty": 10.0, "discriminator_steps": 3, "momentum": 0.0},
            steps=10000,
        ),
        "hinge": Preset(
            "Only close calls count, and spectral normalisation holds the discriminator back (Miyato et al. 2018).",
            {"loss": "hinge", "discriminator_norm": "spectral", "rate_ratio": 2.0},
            steps=8000,
        ),
        "stable": Preset(
            "A flat discriminator that sees whole batches, learns faster and is shown changed pictures: rarely fails.",
            {"r1": 1.0, "batch_deviation": True, "learning_rate": 6e-4, "rate_ratio": 2.0, "augment": True},
            steps=8000,
        ),
        "points": Preset(
            "For points of the plane: dense layers only, held steady by a price on the discriminator's slope.",
            {**DENSE, "batch_size": 128, "learning_rate": 1e-3, "r1": 0.1},
            steps=4000,
        ),
        "wasserstein-points": Preset(
            "For points of the plane: a critic that measures a distance, with a small penalty as distances are small.",
            {
                **DENSE, "loss": "wasserstein", "gradient_penalty": 0.1, "discriminator_steps": 5,
                "learning_rate": 1e-3,
            },
            steps=5000,
        ),
        "collapse": Preset(
            "Made to fail: a hasty generator outruns its discriminator and ends drawing the same few pictures.",
            {
                **DENSE, "width": 64, "latent_dim": 4, "learning_rate": 1e-3, "rate_ratio": 0.3, "momentum": 0.9,
                "average": 0.0,
            },
            steps=4000,
        ),
    }  # fmt: skip

    def field_meaning(self) -> Meaning:
        """What the discriminator or critic says, and what the generator hears of it."""
        arrows = "where the generator is told to move its points"
        if self.params.loss in PROBABLE:
            return Meaning("What the discriminator believes", "share real", arrows, low=0.0, high=1.0)
        return Meaning("What the critic says", "the higher, the more real", arrows)

    def field(self, points: Tensor, level: float) -> Relief:
        """Judgements of the points [n, 2, 1, 1], and the way down the generator's loss from each."""
        with torch.enable_grad():
            places = points.detach().requires_grad_()
            judged = self.discriminator(places)
            gain = -generator_losses(self.params.loss, judged).sum()
            (uphill,) = torch.autograd.grad(gain, places)
        return Relief(self._opinion(judged), uphill.flatten(1))

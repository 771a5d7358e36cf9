"""The settings of an adversarial game, whoever its players are."""

from __future__ import annotations

from typing import Literal

from models.family import FamilyParams
from models.params import param


class GameParams(FamilyParams):
    """The settings of a game of two players."""

    latent_dim: int = param(64, "Numbers in the code that the generator draws from.", low=1, high=4096)
    batch_size: int = param(64, "Pictures seen in one step.", low=2, high=8192, unit="pictures")
    learning_rate: float = param(2e-4, "How far one step of the generator goes.", low=1e-7, high=1.0, logarithmic=True)
    loss: Literal["non-saturating", "minimax", "hinge", "wasserstein"] = param(
        "non-saturating",
        "What is played for. minimax: the generator wants the discriminator wrong, and hears nothing from one that is "
        "sure; non-saturating: it wants to be taken for real; hinge: only close calls count; wasserstein: the critic "
        "measures how far generated pictures are from real ones.",
    )
    smoothing: float = param(
        0.0, "How far below one the discriminator's target for real pictures lies (Salimans et al. 2016).",
        low=0.0, high=0.5, when=("loss", ("non-saturating", "minimax")),
    )  # fmt: skip
    gradient_penalty: float = param(
        0.0, "Price of a critic whose slope between real and generated pictures is not one (Gulrajani et al. 2017).",
        low=0.0, high=100.0,
    )  # fmt: skip
    r1: float = param(
        0.0, "Price of the discriminator's slope at real pictures (Mescheder et al. 2018).", low=0.0, high=100.0
    )
    batch_deviation: bool = param(
        False, "Let the discriminator see how much the pictures of a batch differ (Karras et al. 2018)."
    )
    augment: bool = param(
        False,
        "Brighten, shift and cut what the discriminator sees, real or not, so that few pictures suffice "
        "(Zhao et al. 2020).",
    )
    cooling: float = param(
        0.0, "Share of the training, its end, in which both learning rates sink to nothing: the game comes to rest.",
        low=0.0, high=1.0, advanced=True,
    )  # fmt: skip
    discriminator_steps: int = param(1, "Steps of the discriminator for each of the generator.", low=1, high=20)
    rate_ratio: float = param(
        1.0, "The discriminator's learning rate as a multiple of the generator's (Heusel et al. 2017).",
        low=0.01, high=100.0, logarithmic=True,
    )  # fmt: skip
    momentum: float = param(0.5, "Share of the last direction that a step keeps: Adam's beta 1.",
        low=0.0, high=0.99, advanced=True)  # fmt: skip
    average: float = param(
        0.995, "The generator that is shown is a moving average with this memory; 0 shows the one that plays.",
        low=0.0, high=0.9999, advanced=True,
    )  # fmt: skip

    def rate(self, progress: float) -> float:
        """The generator's learning rate after the share `progress` of the training."""
        left = (1 - min(progress, 1.0)) / self.cooling if self.cooling > 0 else 1.0
        return self.learning_rate * min(1.0, left)

"""The style-based adversarial network (Karras et al. 2019, 2020): every layer is told what to draw by a style."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
import torch.nn.functional as F

from models.adversarial import Game
from models.family import Preset
from models.params import Params, param
from models.registry import families
from models.style_players import StyleDiscriminator, StyleGenerator
from models.styles import StyleParams, enlarged, halved, sides_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from models.family import Batch, DataSpec

STYLED = {"learning_rate": 2e-3, "momentum": 0.0, "r1": 0.5, "batch_deviation": True, "average": 0.998}
SMALL = {**STYLED, "channels": 16, "width": 64}


class StyleKnobs(Params):
    """How pictures are drawn from codes."""

    truncation: float = param(
        1.0,
        "How far styles may lie from the mean one: below 1 pictures are safer and more alike, at 0 all are the same.",
        low=0.0, high=1.2,
    )  # fmt: skip


@families.register("stylegan")
class StyleGan(Game):
    """Codes become styles, and styles tell every layer what to draw: coarse layers the pose, fine ones the colours."""

    title = "Style-based adversarial network"
    summary = "Draws layer by layer as styles tell it: the coarse layers of one picture go with the fine of another."
    params_type = StyleParams
    knobs_type = StyleKnobs
    params: StyleParams
    knobs: StyleKnobs
    generator: StyleGenerator
    shown: StyleGenerator
    discriminator: StyleDiscriminator
    presets: ClassVar[Mapping[str, Preset]] = {
        "faces": Preset(
            "Modulated convolutions for clean colour pictures of 32 pixels (Karras et al. 2020).",
            {**SMALL, "grain": False},
            10000,
        ),
        "wide": Preset("Twice the filters, and noise in the pixels: for photographs, and slower.", STYLED, 20000),
        "digits": Preset(
            "For handwritten digits and other small grey pictures.",
            {**SMALL, "grain": False, "latent_dim": 32},
            10000,
        ),
        "adain-2018": Preset(
            "Adaptive instance normalisation, grown from 4 pixels to all (Karras et al. 2018, 2019).",
            {**STYLED, "styling": "adaptive", "progressive": True},
            8000,
        ),
    }

    def __init__(self, params: StyleParams, data: DataSpec) -> None:
        super().__init__(params, data, StyleGenerator(params, data), StyleDiscriminator(params, data))

    @property
    def layers(self) -> tuple[str, ...]:
        """Height and width of every layer, coarse to fine."""
        return tuple(f"{height}x{width}" for height, width in sides_of(self.data))

    def styles(self, codes: Tensor) -> Tensor:
        """The styles [b, layers, w] of codes [b, latent_dim], as near to the mean as `knobs.truncation` says."""
        return self.shown.styles(codes, self.knobs.truncation)

    def synthesize(self, styles: Tensor) -> Tensor:
        """The pictures [b, c, h, w] in [0, 1] of styles [b, layers, w]."""
        pictures: Tensor = self.shown.synthesis(styles)
        return pictures

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """As of every game; while it grows, the real pictures are as coarse as the generated ones."""
        for player in (self.generator.synthesis, self.shown.synthesis, self.discriminator):
            player.growth.follow(batch.progress)
        return super().training_step(replace(batch, images=self._coarsened(batch.images)))

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """As of every game, of pictures as coarse as the players have grown."""
        return super().evaluate(replace(batch, images=self._coarsened(batch.images)), generator)

    def _drawn(self, generator: nn.Module, codes: Tensor, condition: Tensor | None) -> Tensor:
        """The pictures [b, c, h, w] of codes [b, latent_dim], truncated unless the generator is in training."""
        pictures: Tensor = generator(codes, self.knobs.truncation)
        return pictures

    def _coarsened(self, images: Tensor) -> Tensor:
        """The pictures [b, c, h, w] without the details of layers that have not yet grown."""
        growth, sides = self.discriminator.growth, sides_of(self.data)
        top, share = growth.stage()
        if top == growth.last and share == 1:
            return images
        for _ in range(growth.last - top):
            images = halved(images)
        if share < 1:
            images = torch.lerp(enlarged(halved(images), sides[top]), images, share)
        return F.interpolate(images, size=sides[-1])

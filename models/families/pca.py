"""Principal component analysis: the linear yardstick, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from models.blocks import full_precision, picture_errors
from models.family import Family, FamilyParams, Preset
from models.params import param
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch.optim import Optimizer

    from models.family import Batch, DataSpec


class PcaParams(FamilyParams):
    """The settings of principal component analysis; nothing is learned by gradient."""

    batch_size: int = param(512, "Pictures taken in at once.", low=1, high=8192, unit="pictures")
    oversampling: int = param(
        64, "Further directions kept while pictures stream by: more come closer to the exact answer.",
        low=0, high=1024, advanced=True,
    )  # fmt: skip


@families.register("pca")
class Pca(Family):
    """The linear map to `latent_dim` numbers that loses least squared error, found in one pass over the data.

    Batches stream through an incremental singular value decomposition (Ross et al. 2008): what was seen so far
    is kept as its mean and its leading directions, scaled by their singular values, and decomposed again
    together with the next batch.
    """

    title = "Principal components"
    summary = "The best linear map: what a network has to beat."
    params_type = PcaParams
    presets: ClassVar[Mapping[str, Preset]] = {
        "plane": Preset("The two directions in which the pictures differ most.", {"latent_dim": 2}, epochs=1),
        "wide": Preset("32 directions: the same code size as the autoencoder's.", {"latent_dim": 32}, epochs=1),
    }

    mean: Tensor
    directions: Tensor
    strengths: Tensor
    seen: Tensor

    def __init__(self, params: PcaParams, data: DataSpec) -> None:
        super().__init__(params, data)
        self.kept = params.latent_dim + params.oversampling
        self.register_buffer("mean", torch.zeros(data.size))
        # Orthonormal rows and their singular values, falling; both are zero where the data had no more directions.
        self.register_buffer("directions", torch.zeros(self.kept, data.size))
        self.register_buffer("strengths", torch.zeros(self.kept))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    def optimizers(self) -> dict[str, Optimizer]:
        """None: the solution is closed."""
        return {}

    @torch.no_grad()
    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """Take one batch into the decomposition; the figures are its reconstruction errors afterwards."""
        # On the processor: squares of singular values ask for doubles, which not every device has.
        rows = batch.images.flatten(1).cpu().double()  # [b, d]
        seen, new = int(self.seen), len(rows)
        batch_mean = rows.mean(0)
        # The old mean was subtracted from the old rows; one more row stands for the shift between both means.
        shift = (self.mean.cpu() - batch_mean) * (seen * new / (seen + new)) ** 0.5
        known = (self.directions * self.strengths[:, None])[self.strengths > 0].cpu().double()  # [up to kept, d]
        strengths, directions = leading_directions(torch.cat([known, rows - batch_mean, shift[None]]), self.kept)
        self.directions.zero_()[: len(directions)].copy_(directions)
        self.strengths.zero_()[: len(strengths)].copy_(strengths)
        self.mean.lerp_(batch_mean.to(self.mean), new / (seen + new))
        self.seen += new
        errors = picture_errors(self.decode(self.encode(batch.images)), batch.images)
        return {name: error.mean() for name, error in errors.items()}

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """`recon_mse` and `recon_bce` of each picture, [b]."""
        return picture_errors(self.decode(self.encode(batch.images)), batch.images)

    def encode(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Coordinates [b, latent_dim] of pictures [b, c, h, w] along the leading directions."""
        with full_precision(images):
            return (images.flatten(1) - self.mean) @ self.directions[: self.latent_dim].T

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures [b, c, h, w], cut to [0, 1], at the coordinates [b, latent_dim]."""
        with full_precision(codes):
            pictures = self.mean + codes.float() @ self.directions[: self.latent_dim]
        return pictures.clamp(0, 1).view(-1, *self.data.shape)

    def prior(self, count: int, generator: torch.Generator) -> Tensor:
        """Codes [count, latent_dim] from the normal distribution with the data's variances (Tipping & Bishop 1999)."""
        variances = self.strengths[: self.latent_dim].square() / (self.seen - 1).clamp_min(1)
        drawn = torch.randn(count, self.latent_dim, generator=generator, device=generator.device)
        return drawn.to(variances.device) * variances.sqrt()


def leading_directions(rows: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest singular values [k] of rows [n, d] and their right singular vectors [k, d], k <= count.

    Found from the smaller of the two Gram matrices, which is far quicker than a full decomposition. Every vector's
    largest entry is positive, so that the same data always gives the same signs.
    """
    wide = rows.shape[0] <= rows.shape[1]
    squares, vectors = torch.linalg.eigh(rows @ rows.T if wide else rows.T @ rows)  # rising
    squares, vectors = squares.flip(0)[:count], vectors.flip(1)[:, :count]
    real = squares > squares[0].clamp_min(1e-30) * 1e-12  # below that is rounding noise
    strengths = squares[real].sqrt()
    found = vectors[:, real].T  # [k, n] or [k, d]
    directions = found @ rows / strengths[:, None] if wide else found
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return strengths, directions * largest.sign()

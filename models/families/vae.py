"""The variational autoencoder (Kingma & Welling 2014) and its beta form (Higgins et al. 2017)."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from models.blocks import Decoder, Encoder, NetParams, descend, picture_errors
from models.family import Family, Preset, Relief, TakesLabels
from models.field_events import Meaning
from models.likelihoods import GREY_STEP, bernoulli, discretised_logistic, gaussian, gaussian_kl, gaussian_log_weights
from models.params import param
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch.optim import Optimizer

    from models.family import Batch, DataSpec

CONTINUOUS = ("gaussian", "discretised-logistic")
IMAGINED = 2000  # codes of the prior whose clouds make up the density of points


class VaeParams(NetParams):
    """The settings of the variational autoencoder."""

    likelihood: Literal["bernoulli", "gaussian", "discretised-logistic"] = param(
        "bernoulli",
        "How a pixel is thought to scatter about the drawn picture: as the share of white of a coin toss, "
        "as a density, or as one of 256 grey levels. Points of the plane always scatter as a density.",
    )
    variance: Literal["learned", "fixed"] = param(
        "learned", "Learn how far pixels scatter (sigma-VAE), or keep it.", when=("likelihood", CONTINUOUS)
    )
    scale: float = param(
        0.1, "How far pixels scatter at the start, where black is 0 and white is 1.", low=0.002, high=1.0,
        logarithmic=True, when=("likelihood", CONTINUOUS),
    )  # fmt: skip
    toss: bool = param(
        False,
        "Toss every pixel to black or white by its grey, anew at each look (dynamic binarisation, Salakhutdinov & "
        "Murray 2008): so likelihoods compare with published ones.",
        when=("likelihood", ("bernoulli",)), advanced=True,
    )  # fmt: skip
    beta: float = param(
        1.0, "Weight of the KL divergence: above 1 codes grow simpler and pictures blurrier.", low=0.0, high=100.0
    )
    warm_up: float = param(
        0.0, "Share of the training over which that weight rises from nothing.", low=0.0, high=1.0, advanced=True
    )
    free_bits: float = param(
        0.0, "Information every dimension of the code carries free of charge, so that none falls asleep.",
        low=0.0, high=20.0, unit="nats", advanced=True,
    )  # fmt: skip


@families.register("vae")
class Vae(Family):
    """Codes are small clouds, and the clouds of all pictures together fill a standard normal distribution."""

    title = "Variational autoencoder"
    summary = "Learns a map without holes: every place of it draws a plausible picture."
    params_type = VaeParams
    presets: ClassVar[Mapping[str, Preset]] = {
        "dense-2d": Preset(
            "A 2-D map in seconds, dense layers only.", {"width": 256, "learning_rate": 4e-3}, steps=1000
        ),
        "conv-2d": Preset(
            "A 2-D map with convolutions: the picture book of the data.",
            {"architecture": "conv", "depth": 2, "learning_rate": 3e-3},
            steps=2000,
        ),
        "conv-16": Preset(
            "16 dimensions: sharper pictures, a map by projection.",
            {"architecture": "conv", "depth": 1, "latent_dim": 16, "learning_rate": 2e-3},
            steps=2000,
        ),
        "beta": Preset(
            "A weight of 4 on the KL divergence: fewer, cleaner directions.",
            {"architecture": "conv", "depth": 1, "latent_dim": 10, "beta": 4.0, "warm_up": 0.2, "learning_rate": 2e-3},
            steps=2000,
        ),
        "likelihood": Preset(
            "40 dimensions and black-or-white pixels: as likely to draw the very pictures as a VAE this small can be.",
            {"architecture": "conv", "depth": 1, "latent_dim": 40, "toss": True, "learning_rate": 2e-3},
            steps=8000,
        ),
        "points": Preset(
            "For points of the plane: they scatter by a normal distribution of learned width.",
            {"width": 128, "likelihood": "gaussian", "scale": 0.02, "learning_rate": 4e-3},
            steps=2000,
        ),
    }  # fmt: skip

    def __init__(self, params: VaeParams, data: DataSpec) -> None:
        super().__init__(params, data)
        if data.kind == "points" and params.likelihood != "gaussian":  # places are neither tosses nor grey levels
            params = params.model_copy(update={"likelihood": "gaussian"})
        self.params = params
        self.encoder = Encoder(data, params, outputs=2 * params.latent_dim)
        self.decoder = Decoder(data, params)
        # One scale for all pixels, learned as in the sigma-VAE (Rybkin et al. 2021).
        learned = params.variance == "learned" and params.likelihood != "bernoulli"
        self.log_scale = nn.Parameter(torch.tensor(math.log(params.scale)), requires_grad=learned)

    @cached_property  # for who trains: the first optimiser of a process loads torch's compiler, which takes a second
    def _optimizer(self) -> Optimizer:
        trained = [weight for weight in self.parameters() if weight.requires_grad]
        return torch.optim.Adam(trained, lr=self.params.learning_rate, fused=True)

    def optimizers(self) -> dict[str, Optimizer]:
        """One optimiser for encoder, decoder and scale."""
        return {"adam": self._optimizer}

    def prepare(self, images: Tensor) -> None:
        """Start from the mean picture of `images` [n, c, h, w]."""
        mean = images.mean(0).clamp(0.01, 0.99)
        self.decoder.start_from(torch.logit(self._unstretched(mean)))

    def posterior(self, images: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the code of each picture [b, c, h, w]: two times [b, latent_dim]."""
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        return mean, log_variance.clamp(-14, 10)  # exp stays finite and clear of zero in float32

    def logits(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """What the decoder says of each pixel [b, c, h, w], before the sigmoid, for codes [b, latent_dim]."""
        drawn: Tensor = self.decoder(codes)
        return drawn

    def encode(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """The posterior mean [b, latent_dim] of each picture [b, c, h, w]."""
        return self.posterior(images, labels)[0]

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean picture [b, c, h, w] in [0, 1] of each code [b, latent_dim]."""
        return self._means(self.logits(codes, labels)).clamp(0, 1)

    def prior(self, count: int, generator: torch.Generator) -> Tensor:
        """Codes [count, latent_dim] from N(0, I)."""
        drawn = torch.randn(count, self.latent_dim, generator=generator, device=generator.device)
        return drawn.to(self.log_scale.device)

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """One step on recon + weight * KL; the figures are means over the batch, in nats."""
        images = torch.bernoulli(batch.images) if self._tosses else batch.images
        mean, log_variance = self.posterior(images, batch.labels)
        # z = mean + deviation * noise: the noise carries the chance, so that gradients reach both (reparametrisation)
        codes = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)  # [b, k]
        recon = self._nats(images, self.logits(codes, batch.labels)).mean()
        per_dimension = gaussian_kl(mean, log_variance).mean(0)  # [k]
        kl = per_dimension.sum()
        charged = per_dimension.clamp_min(self.params.free_bits).sum()  # Kingma et al. 2016, eq. 15
        loss = recon + self._kl_weight(batch.progress) * charged
        descend(self._optimizer, loss, self.params.rate(batch.progress))
        figures = {"loss": loss, "recon": recon, "kl": kl, "neg_elbo": recon + kl}
        return {name: figure.detach() for name, figure in figures.items()}

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Of each picture: recon, kl and neg_elbo in nats with one sample of the code, and bits_per_dim.

        `recon_mse` and `recon_bce` compare the picture with the decoded posterior mean. For the Gaussian likelihood
        neg_elbo is a density's and bits_per_dim counts a grey level's mass as density times width.
        """
        images = batch.images
        if self._tosses:
            images = torch.bernoulli(images.to(generator.device), generator=generator).to(images.device)
        mean, log_variance = self.posterior(images, batch.labels)
        noise = torch.randn(mean.shape, generator=generator, device=generator.device).to(mean.device)
        codes = mean + torch.exp(0.5 * log_variance) * noise
        recon = self._nats(images, self.logits(codes, batch.labels))  # [b]
        per_dimension = gaussian_kl(mean, log_variance)  # [b, k]
        kl = per_dimension.sum(1)
        charged = per_dimension.mean(0).clamp_min(self.params.free_bits).sum() - per_dimension.mean(0).sum()
        level_width = -math.log(GREY_STEP) if self.params.likelihood == "gaussian" else 0.0
        return {
            "loss": recon + self.params.beta * (kl + charged),
            "recon": recon,
            "kl": kl,
            "neg_elbo": recon + kl,
            "bits_per_dim": ((recon + kl) / self.data.size + level_width) / math.log(2),
            **picture_errors(self.decode(mean, batch.labels), images),
        }

    @torch.no_grad()
    def log_weights(self, batch: Batch, count: int, generator: torch.Generator) -> Tensor:
        """The log-weights of codes drawn from the posterior, in nats, [count, b]; as of `HasLikelihood`."""
        mean, log_variance = self.posterior(batch.images, batch.labels)
        weights = []
        for _ in range(count):
            noise = torch.randn(mean.shape, generator=generator, device=generator.device).to(mean.device)
            codes = mean + torch.exp(0.5 * log_variance) * noise
            recon = self._nats(batch.images, self.logits(codes, batch.labels))
            weights.append(gaussian_log_weights(codes, noise, log_variance) - recon)
        return torch.stack(weights)

    @property
    def _tosses(self) -> bool:
        return self.params.toss and self.params.likelihood == "bernoulli"

    def field_meaning(self) -> Meaning:
        """How likely the model holds a point to be."""
        title, height = "Where the model expects points", "density, as a share of its highest"
        return Meaning(title, height, "the way to what it would draw there", low=0.0, high=1.0)

    @torch.no_grad()
    def field(self, points: Tensor, level: float) -> Relief:
        """The density p(point), estimated from codes of the prior, and the mean of what those likely here draw.

        The arrow is the gradient of log p times the variance of the points about what is drawn.
        """
        codes = self.prior(IMAGINED, torch.Generator(points.device).manual_seed(0))
        asked = isinstance(self, TakesLabels)
        labels = torch.arange(IMAGINED, device=codes.device) % self.data.classes if asked else None
        drawn = self._means(self.logits(codes, labels)).flatten(1)  # [k, 2]
        places = points.flatten(1)
        nats = -0.5 * (torch.cdist(places, drawn) / self.log_scale.exp()).square()  # [n, k]
        density = nats.logsumexp(1)
        return Relief((density - density.max()).exp(), nats.softmax(1) @ drawn - places)

    def _kl_weight(self, progress: float) -> float:
        """Beta, or the part of it that the warm-up has reached."""
        warmed = min(1.0, progress / self.params.warm_up) if self.params.warm_up > 0 else 1.0
        return self.params.beta * warmed

    def _nats(self, images: Tensor, logits: Tensor) -> Tensor:
        """-log p(image | code) in nats, summed over pixels: [b, c, h, w] twice to [b]."""
        if self.params.likelihood == "bernoulli":
            return bernoulli(images, logits).flatten(1).sum(1)
        cost = gaussian if self.params.likelihood == "gaussian" else discretised_logistic
        # No sharper than half a grey level: a density could otherwise grow without end on pixels that never change.
        log_scale = self.log_scale.clamp_min(math.log(GREY_STEP / 2))
        return cost(images, self._means(logits), log_scale).flatten(1).sum(1)

    def _means(self, logits: Tensor) -> Tensor:
        """Mean of every pixel; Gaussian and logistic ones reach a tenth beyond black and white, shape kept."""
        share = torch.sigmoid(logits)
        return share if self.params.likelihood == "bernoulli" else share * 1.2 - 0.1

    def _unstretched(self, mean: Tensor) -> Tensor:
        """The sigmoid's value that `_means` turns into `mean`, shape kept."""
        return mean if self.params.likelihood == "bernoulli" else (mean + 0.1) / 1.2

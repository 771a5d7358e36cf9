"""The game of two players (Goodfellow et al. 2014) as families share it: losses, penalties, one step."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.blocks import descend
from models.family import Family
from models.illnesses import Health, certainty, distances
from models.params import Params, param
from models.players import Discriminator, Generator

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from models.family import Batch, DataSpec
    from models.game import GameParams
    from models.players import PlayerParams

LAZY = 4  # R1 is paid at every fourth step, fourfold (Karras et al. 2020, appendix B)
PROBABLE = ("non-saturating", "minimax")  # losses whose discriminator tells a probability


# ---- what they play for, to be made small


def discriminator_losses(kind: str, real: Tensor, fake: Tensor, smoothing: float = 0.0) -> Tensor:
    """What the discriminator or critic pays for each pair of logits, [b] and [b] to [b]."""
    if kind == "wasserstein":  # Arjovsky et al. 2017
        return fake - real
    if kind == "hinge":  # Lim & Ye 2017
        return F.relu(1 - real) + F.relu(1 + fake)
    target = torch.full_like(real, 1 - smoothing)
    return F.binary_cross_entropy_with_logits(real, target, reduction="none") + F.softplus(fake)


def generator_losses(kind: str, fake: Tensor) -> Tensor:
    """What the generator pays for each logit, [b] to [b]."""
    if kind not in PROBABLE:
        return -fake
    return -F.softplus(fake) if kind == "minimax" else F.softplus(-fake)


def steepness(judge: nn.Module, pictures: Tensor, condition: Tensor | None = None) -> Tensor:
    """Squared length [b] of the gradient of each judgement by its picture [b, c, h, w], itself differentiable."""
    pictures = pictures.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(judge(pictures, condition).sum(), pictures, create_graph=True)
    return gradient.float().flatten(1).square().sum(1)


def gradient_penalty(judge: nn.Module, real: Tensor, fake: Tensor, condition: Tensor | None = None) -> Tensor:
    """Mean of (slope - 1)² at random places between real and generated pictures (Gulrajani et al. 2017)."""
    share = torch.rand(len(real), 1, 1, 1, device=real.device)
    slope = torch.sqrt(steepness(judge, torch.lerp(real, fake, share), condition) + 1e-12)
    return (slope - 1).square().mean()


def r1_penalty(judge: nn.Module, real: Tensor, condition: Tensor | None = None) -> Tensor:
    """Half the mean squared slope at real pictures [b, c, h, w] (Mescheder et al. 2018)."""
    return 0.5 * steepness(judge, real, condition).mean()


def gradient_norm(module: nn.Module) -> Tensor:
    """Length of the gradient of all weights of a player, a scalar."""
    return nn.utils.get_total_norm([weight.grad for weight in module.parameters() if weight.grad is not None])


# ---- few pictures: what the discriminator sees, differentiably changed


def augmented(pictures: Tensor) -> Tensor:
    """The pictures [b, c, h, w], each brightened, shifted and cut at random (Zhao et al. 2020)."""
    count, _, height, width = pictures.shape
    device = pictures.device
    y, x = torch.arange(height, device=device).view(1, -1, 1), torch.arange(width, device=device).view(1, 1, -1)
    pictures = pictures + 0.5 * (torch.rand(count, 1, 1, 1, device=device) - 0.5)
    reach_y, reach_x = height // 8, width // 8
    down = y + torch.randint(0, 2 * reach_y + 1, (count, 1, 1), device=device)
    across = x + torch.randint(0, 2 * reach_x + 1, (count, 1, 1), device=device)
    padded = F.pad(pictures, (reach_x, reach_x, reach_y, reach_y)).permute(0, 2, 3, 1)
    shifted = padded[torch.arange(count, device=device).view(-1, 1, 1), down, across].permute(0, 3, 1, 2)
    top = torch.randint(-(height // 4), height - height // 4, (count, 1, 1), device=device)
    left = torch.randint(-(width // 4), width - width // 4, (count, 1, 1), device=device)
    hole = (y >= top) & (y < top + height // 2) & (x >= left) & (x < left + width // 2)  # [b, h, w]
    return shifted * ~hole[:, None]


@torch.no_grad()
def follow(shown: nn.Module, playing: nn.Module, memory: float) -> None:
    """Move weights and statistics of `shown` to memory * shown + (1 - memory) * playing."""
    for own, other in zip(shown.state_dict().values(), playing.state_dict().values(), strict=True):
        own.lerp_(other, 1 - memory) if own.is_floating_point() else own.copy_(other)


class Game(Family):
    """A generator and a discriminator that learn against each other; a subclass may tell both a condition."""

    practice = ("generator.",)  # the one that plays; the one that is shown draws
    told: Tensor

    def __init__(self, params: GameParams, data: DataSpec, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__(params, data)
        self.params = params
        self.generator, self.discriminator = generator, discriminator
        self.shown = copy.deepcopy(self.generator).requires_grad_(False).eval()
        self.health = Health()
        self.register_buffer("told", torch.zeros(2))  # loss and gradient of the generator's last step

    def train(self, mode: bool = True) -> Self:
        """Switch both players; the generator that is shown never trains."""
        super().train(mode)
        self.shown.eval()
        return self

    @cached_property  # for who trains: the first optimiser of a process loads torch's compiler, which takes a second
    def _optimizers(self) -> dict[str, Optimizer]:
        players = {"generator": self.generator, "discriminator": self.discriminator}
        betas = (self.params.momentum, 0.999)
        return {name: torch.optim.Adam(of.parameters(), betas=betas, fused=True) for name, of in players.items()}

    def optimizers(self) -> dict[str, Optimizer]:
        """One optimiser a player."""
        return self._optimizers

    def conditioned(self, labels: Tensor | None) -> Tensor | None:
        """What both players are told of labels, float32 [b, n]; None in a game without a condition."""
        return None

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The picture [b, c, h, w] in [0, 1] of each code [b, latent_dim], drawn by the averaged generator."""
        return self._drawn(self.shown, codes, self.conditioned(labels))

    def prior(self, count: int, generator: torch.Generator) -> Tensor:
        """Codes [count, latent_dim] from N(0, I)."""
        drawn = torch.randn(count, self.latent_dim, generator=generator, device=generator.device)
        return drawn.to(self.told.device)

    def diagnoses(self) -> dict[str, str]:
        """Mode collapse and a vanishing generator gradient, while they last."""
        return self.health.illnesses()

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """One step of the discriminator, and at every `discriminator_steps`-th batch one of the generator.

        d_real and d_fake are mean judgements of real and generated pictures: probabilities, or the critic's own scale
        with hinge and wasserstein. loss_d is without penalties; loss_g and grad_g are those of the generator's last
        step; diversity is the mean distance of two generated pictures over that of two real ones.
        """
        p, real, condition = self.params, batch.images, self.conditioned(batch.labels)
        plays = batch.step % p.discriminator_steps == 0
        with torch.set_grad_enabled(plays):
            codes = torch.randn(len(real), self.latent_dim, device=real.device)
            fake = self._drawn(self.generator, codes, condition)
        seen_real, seen_fake = self._seen(real), self._seen(fake.detach())
        on_real, on_fake = self.discriminator(seen_real, condition), self.discriminator(seen_fake, condition)
        loss = discriminator_losses(p.loss, on_real, on_fake, p.smoothing).mean()
        penalty = self._penalty(seen_real, seen_fake, condition, batch.step)
        descend(self._optimizers["discriminator"], loss + penalty, p.rate(batch.progress) * p.rate_ratio)
        grad_d = gradient_norm(self.discriminator)
        if plays:
            self._play(fake, condition, batch)
        figures = {
            "loss_d": loss.detach(), "loss_g": self.told[0].clone(), "d_real": self._opinion(on_real).mean(),
            "d_fake": self._opinion(on_fake).mean(), "grad_d": grad_d, "grad_g": self.told[1].clone(),
        }  # fmt: skip
        (generated, nearest), (apart, nearest_real) = distances(fake), distances(real)
        figures["diversity"] = generated / apart.clamp_min(1e-6)
        nearest = nearest / nearest_real.clamp_min(1e-6)
        self.health.note(figures["diversity"], nearest, certainty(on_real, on_fake), figures["grad_g"])
        return figures

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Of each picture: d_real, its judgement, and loss_d beside one generated picture. Every value [b]."""
        condition = self.conditioned(batch.labels)
        fake = self._drawn(self.shown, self.prior(len(batch.images), generator), condition)
        on_real, on_fake = self.discriminator(batch.images, condition), self.discriminator(fake, condition)
        loss = discriminator_losses(self.params.loss, on_real, on_fake, self.params.smoothing)
        return {"loss_d": loss, "d_real": self._opinion(on_real)}

    def _play(self, fake: Tensor, condition: Tensor | None, batch: Batch) -> None:
        """The generator's step, on the pictures [b, c, h, w] it has drawn for the discriminator's."""
        self.discriminator.requires_grad_(False)  # its gradients are not wanted here and cost time
        loss = generator_losses(self.params.loss, self.discriminator(self._seen(fake), condition)).mean()
        descend(self._optimizers["generator"], loss, self.params.rate(batch.progress))
        self.discriminator.requires_grad_(True)
        self.told.copy_(torch.stack([loss.detach(), gradient_norm(self.generator)]))
        turn = batch.step // self.params.discriminator_steps
        follow(self.shown, self.generator, min(self.params.average, (1 + turn) / (10 + turn)))  # short memory at first

    def _penalty(self, real: Tensor, fake: Tensor, condition: Tensor | None, step: int) -> Tensor:
        """What the discriminator pays for its slopes, a scalar."""
        cost = real.new_zeros(())
        if self.params.gradient_penalty > 0:
            cost = cost + self.params.gradient_penalty * gradient_penalty(self.discriminator, real, fake, condition)
        if self.params.r1 > 0 and step % LAZY == 0:
            cost = cost + LAZY * self.params.r1 * r1_penalty(self.discriminator, real, condition)
        return cost

    def _drawn(self, generator: nn.Module, codes: Tensor, condition: Tensor | None) -> Tensor:
        """The pictures [b, c, h, w] that `generator` makes of codes [b, latent_dim]."""
        pictures: Tensor = generator(codes if condition is None else torch.cat([codes, condition], 1))
        return pictures

    def _seen(self, pictures: Tensor) -> Tensor:
        """The pictures as the discriminator sees them in training, shape kept."""
        return augmented(pictures) if self.params.augment and self.data.kind == "pictures" else pictures

    def _opinion(self, logits: Tensor) -> Tensor:
        """What the discriminator says of each picture: a probability, or the critic's own scale."""
        return torch.sigmoid(logits.detach()) if self.params.loss in PROBABLE else logits.detach()


def truncation(default: float) -> Any:
    """The knob that draws codes to the middle of the prior."""
    told = "How far codes may lie from the middle of the prior: below 1 pictures are safer and more alike "
    return param(default, f"{told}(Brock et al. 2019).", low=0.0, high=1.2)


class PlayerKnobs(Params):
    """How pictures are drawn from codes."""

    truncation: float = truncation(1.0)


class Adversarial(Game):
    """A game between the players of `models/players.py`; with `projection` the condition meets the features only."""

    knobs_type = PlayerKnobs
    knobs: PlayerKnobs
    params: PlayerParams

    def __init__(self, params: PlayerParams, data: DataSpec, condition: int = 0, projection: bool = False) -> None:
        generator = Generator(data, params, condition)
        super().__init__(params, data, generator, Discriminator(data, params, condition, projection))

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The picture [b, c, h, w] in [0, 1] of each code [b, latent_dim], as near to the middle as the knob says."""
        return super().decode(self.knobs.truncation * codes, labels)

"""How the training of two players goes wrong, told from a few figures that are kept with the model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.blocks import full_precision

SMOOTH = 0.02  # weight of the newest step in the smoothed figures
LEARNING = 1500  # steps that pictures may be alike before they first differ, as all do that an untrained network draws
SETTLING = 200  # steps before a gradient is called faded
ALIKE = (0.5, 0.6)  # share of the real pictures' distances below which a collapse begins, and above which it is over
REPEATED = (0.4, 0.5)  # the same for the distance to the nearest other picture
FADED = (0.02, 0.05)  # the same for the generator's gradient, as a share of its largest
SURE = 0.98  # how often a real picture is judged above a generated one when the discriminator has won


def distances(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Mean distance of two of the pictures [b, c, h, w], and of each to its nearest: two scalars."""
    flat = pictures.detach().float().flatten(1)
    count = len(flat)
    if count < 2:
        return flat.new_zeros(()), flat.new_zeros(())
    with full_precision(flat):
        apart = torch.cdist(flat, flat)  # [b, b]
    own = torch.eye(count, dtype=torch.bool, device=flat.device)
    return apart.masked_fill(own, 0.0).sum() / (count * (count - 1)), apart.masked_fill(own, torch.inf).amin(1).mean()


def certainty(real: Tensor, fake: Tensor) -> Tensor:
    """How often a real picture's judgement [b] lies above a generated one's [b], a scalar; 0.5 is chance."""
    return (real.detach()[:, None] > fake.detach()).float().mean()


class Health(nn.Module):
    """Smoothed figures of a game, and whether it is ill, all in buffers: no step waits for the device."""

    seen: Tensor
    means: Tensor
    peak: Tensor
    ill: Tensor
    lively: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))
        self.register_buffer("means", torch.zeros(4))  # diversity, nearest, certainty, gradient
        self.register_buffer("peak", torch.zeros(()))  # of the smoothed gradient
        self.register_buffer("ill", torch.zeros(2))  # collapsed, vanished
        self.register_buffer("lively", torch.zeros(()))  # whether its pictures ever differed

    @torch.no_grad()
    def note(self, diversity: Tensor, nearest: Tensor, sure: Tensor, gradient: Tensor) -> None:
        """Take in the figures of one step, scalars: two shares of the real pictures' distances, `certainty`, a norm."""
        self.seen += 1
        now = torch.stack([diversity, nearest, sure, gradient]).float()
        self.means.lerp_(now, (1 / self.seen).clamp_min(SMOOTH))
        self.peak.copy_(torch.maximum(self.peak, self.means[3]))
        # Once ill, a game must get clearly better to count as well, so that the alarm does not flicker.
        bounds = torch.tensor([ALIKE, REPEATED, FADED], device=self.seen.device)  # [3, 2]
        collapsed, vanished = self.ill.bool()
        alike = self.means[0] < torch.where(collapsed, bounds[0, 1], bounds[0, 0])
        repeated = self.means[1] < torch.where(collapsed, bounds[1, 1], bounds[1, 0])
        faded = self.means[3] < self.peak * torch.where(vanished, bounds[2, 1], bounds[2, 0])
        self.lively.copy_(self.lively.bool() | ((self.means[0] > ALIKE[1]) & (self.means[1] > REPEATED[1])))
        sunk = (alike | repeated) & (self.lively.bool() | (self.seen > LEARNING))
        self.ill.copy_(torch.stack([sunk, faded & (self.means[2] > SURE) & (self.seen > SETTLING)]))

    def illnesses(self) -> dict[str, str]:
        """What is wrong now by name, each a sentence with what to do."""
        diversity, nearest, _, gradient = self.means.tolist()
        collapsed, vanished = self.ill.tolist()
        found = {}
        if collapsed:
            found["mode collapse"] = (
                f"Mode collapse: two generated pictures differ {diversity:.0%} as much as real ones, the most alike of "
                f"a batch {nearest:.0%}. The generator draws the same few pictures again and again. Let the "
                "discriminator learn faster (rate ratio) and see whole batches (batch deviation), or take the preset "
                "stable."
            )
        if vanished:
            found["vanishing generator gradient"] = (
                "Vanishing generator gradient: the discriminator is never wrong, and the generator's gradient has "
                f"shrunk to {gradient / max(self.peak.item(), 1e-30):.1%} of its largest, so that it learns no more. "
                "Take the non-saturating loss, or hold the discriminator back with r1, smoothing or a smaller rate "
                "ratio."
            )
        return found

"""How pixels scatter about a drawn picture, and codes about their mean: costs in nats, shared by the VAEs."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

GREY_STEP = 1 / 255  # distance of two neighbouring grey levels of 8-bit pictures scaled to [0, 1]


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)) in nats of every dimension, shape kept (Kingma & Welling 2014, appendix B)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def bernoulli(images: Tensor, logits: Tensor) -> Tensor:
    """-log p of each pixel in nats; a grey pixel counts as that share of white tosses."""
    return F.binary_cross_entropy_with_logits(logits, images, reduction="none")


def gaussian(images: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """-log of the density N(mean, scale²) at each pixel, in nats; below zero where the density exceeds one."""
    return 0.5 * ((images - mean) / log_scale.exp()).square() + log_scale + 0.5 * math.log(2 * math.pi)


def discretised_logistic(images: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """-log of the mass of each pixel's grey level under a logistic distribution, in nats.

    The level's mass is sigma(upper) - sigma(lower) at its two edges, the outermost levels reach to infinity
    (Kingma et al. 2016; Salimans et al. 2017). As sigma(u) - sigma(l) = sigma(u) sigma(-l) (1 - e^(l-u)),
    its logarithm is a sum of three terms, none of which cancels.
    """
    narrowness = torch.exp(-log_scale)
    upper = (images - mean + GREY_STEP / 2) * narrowness
    lower = (images - mean - GREY_STEP / 2) * narrowness
    width = torch.log(-torch.expm1(-GREY_STEP * narrowness))
    black, white = images < GREY_STEP / 2, images > 1 - GREY_STEP / 2
    below_upper = torch.where(white, 0.0, F.logsigmoid(upper))
    above_lower = torch.where(black, 0.0, F.logsigmoid(-lower))
    return -(below_upper + above_lower + torch.where(black | white, 0.0, width))


def gaussian_log_weights(codes: Tensor, noise: Tensor, log_variance: Tensor) -> Tensor:
    """The log-density of codes under N(0, I) less that under q, in nats: three times [b, k] to [b].

    Codes are those that q = N(mean, exp(log_variance)) makes of the standard normal `noise`.
    """
    return 0.5 * (noise.square() + log_variance - codes.square()).sum(1)

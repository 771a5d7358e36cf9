"""What autoregressive families share: p(picture) as a product over its values, each given those before it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.blocks import Annealed, descend, full_precision, picture_errors
from models.family import Family
from models.params import Params, param
from models.raster import Raster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch.optim import Optimizer

    from models.family import Batch, DataSpec

LEAST = 2e-5  # no level is less likely: else its interval would be too narrow to be hit by a float32 code
UNLABELLED = 0.1  # share of the training pictures shown without their label, so that the model also draws without


class PixelParams(Annealed):
    """The settings of an autoregressive family; the code has one number for each value of the picture."""

    latent_dim: int = 2  # not a setting here: it follows from the pictures
    batch_size: int = param(64, "Pictures seen in one step.", low=1, high=8192, unit="pictures")
    levels: Literal["2", "4", "8", "16"] = param("2", "Grey levels that a value may take; 2 for black or white.")
    rounding: Literal["dynamic", "nearest"] = param(
        "dynamic",
        "How greys become levels: by chance in proportion, anew at each look (with 2 levels: dynamic binarisation), "
        "or to the nearest.",
    )
    pixels: int = param(
        4, "Neighbouring pixels written at one step of the network, one after the other: fewer are slower.",
        low=1, high=16, unit="pixels", advanced=True,
    )  # fmt: skip
    width: int = param(128, "Numbers that the network carries along, a multiple of 32.", low=32, high=1024)
    depth: int = param(5, "Layers on top of each other.", low=1, high=16)


class PixelKnobs(Params):
    """What can be turned while one looks."""

    temperature: float = param(
        1.0, "Below 1 likely values are drawn still more often, above 1 rarer ones.", low=0.1, high=2.0
    )


class Head(nn.Module):
    """What the network knows, to the levels of a token's values, each of which also heeds those before it.

    One hidden layer a value, its weights masked as in Germain et al. 2015 (MADE).
    """

    before: Tensor

    def __init__(self, width: int, values: int, levels: int, hidden: int = 64) -> None:
        super().__init__()
        self.values = values
        self.read = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, values * hidden))
        self.earlier = nn.Parameter(torch.randn(values, values, hidden) / math.sqrt(values))
        self.write = nn.Parameter(torch.randn(values, hidden, levels) * 0.1 / math.sqrt(hidden))
        self.bias = nn.Parameter(torch.zeros(values, levels))
        self.register_buffer("before", torch.ones(values, values).triu(1)[..., None], persistent=False)

    def forward(self, known: Tensor, values: Tensor) -> Tensor:
        """Logits [b, t, values, levels] from `read` of the network's output and the token's values [b, t, values]."""
        hidden = known.reshape(*values.shape, -1)
        hidden = F.silu(hidden + torch.einsum("btj,jih->btih", values, self.earlier * self.before))
        logits: Tensor = torch.einsum("btih,ihl->btil", hidden, self.write).float() + self.bias
        return logits


def conditional(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Probabilities of the levels, the last axis, of which each keeps a little."""
    levels = logits.shape[-1]
    return torch.softmax(logits.float() / temperature, -1) * (1 - levels * LEAST) + LEAST


def level_at(codes: Tensor, probabilities: Tensor) -> Tensor:
    """The level [...] in whose share [..., levels] of the normal distribution the standard normal code [...] falls."""
    rank: Tensor = torch.special.ndtr(codes)
    return (rank[..., None] >= probabilities.cumsum(-1)[..., :-1]).sum(-1)


def code_of(levels: Tensor, probabilities: Tensor) -> Tensor:
    """The code [...] in the middle of the share [..., levels] that belongs to each level [...]."""
    chosen = levels[..., None]
    share, upper = probabilities.gather(-1, chosen), probabilities.cumsum(-1).gather(-1, chosen)
    middle: Tensor = torch.special.ndtri(upper - share / 2)
    return middle.squeeze(-1)


class Reader(nn.Module, ABC):
    """A causal network over tokens: of what it is given it returns, at every token, what it knows by then."""

    @abstractmethod
    def begin(self, count: int, like: Tensor) -> Any:
        """The empty memory of `count` sequences of numbers like those of `like` [b, width]."""

    @abstractmethod
    def forward(self, tokens: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """[b, t, width] to the same: all tokens with `memory` None, or the next one with the memory of those before."""


class Autoregressive(Family):
    """Writes a picture value by value; a family adds the network that reads what is written, `body`.

    The code is the noise that decides: one standard normal number a value, whose rank picks the level from the
    conditional distribution. A picture's code is the middle of the intervals that lead to it.
    """

    params_type = PixelParams
    knobs_type = PixelKnobs
    knobs: PixelKnobs

    def __init__(self, params: PixelParams, data: DataSpec) -> None:
        super().__init__(params, data)
        self.params = params
        levels = int(params.levels)
        self.raster = Raster(data, levels, params.pixels)
        self.latent_dim = self.raster.size
        self.surroundings = nn.Linear(self.raster.windows.shape[1], params.width)
        self.row_place = nn.Parameter(0.1 * torch.randn(self.raster.rows, params.width))
        self.column_place = nn.Parameter(0.1 * torch.randn(self.raster.columns, params.width))
        self.start = nn.Parameter(0.1 * torch.randn(params.width))
        self.classes = nn.Parameter(0.3 * torch.randn(data.classes, params.width))
        self.body = self.network(params)
        self.head = Head(params.width, self.raster.per_token, levels)

    @abstractmethod
    def network(self, params: PixelParams) -> Reader:
        """The causal network that reads what is written."""

    @cached_property  # for who trains: the first optimiser of a process loads torch's compiler, which takes a second
    def _optimizer(self) -> Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.params.learning_rate, betas=(0.9, 0.98), fused=True)

    def optimizers(self) -> dict[str, Optimizer]:
        """One optimiser for everything."""
        return {"adam": self._optimizer}

    def condition(self, labels: Tensor) -> Tensor:
        """What is added to every token for a class, or for a mixture of classes: [b, width]."""
        with full_precision(self.classes):
            mixture = labels if labels.is_floating_point() else F.one_hot(labels, self.data.classes)
            return mixture.to(self.classes) @ self.classes

    def prior(self, count: int, generator: torch.Generator) -> Tensor:
        """Codes [count, latent_dim] from N(0, I): with them pictures are drawn as likely as the model thinks them."""
        drawn = torch.randn(count, self.latent_dim, generator=generator, device=generator.device)
        return drawn.to(self.start.device)

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """One step on the negative log-likelihood, in nats a picture and bits a value."""
        images = batch.images
        told = self._told(batch.labels, len(images))
        if batch.labels is not None:
            kept = torch.rand(len(images), 1, device=images.device) >= UNLABELLED
            told = torch.where(kept, told, self.start)
        levels = self._levels(images, torch.rand(len(images), self.raster.size, device=images.device))
        nll = -self._log_probabilities(levels, told).sum(1).mean()
        descend(self._optimizer, nll, self.params.rate(batch.progress), longest=1.0)
        return {"nll": nll.detach(), "bits_per_dim": self._bits(nll.detach())}

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Of each picture the exact negative log-likelihood `nll` in nats and `bits_per_dim`, given its label if any.

        It is that of the quantised picture, rounded as set, and of the shrunk one where the picture is shrunk;
        bits are those of one value (a channel of a pixel) of that picture. `recon_mse` and `recon_bce` compare a
        picture with what its code draws, its nearest levels.
        """
        shape = (len(batch.images), self.raster.size)
        grain = torch.rand(shape, generator=generator, device=generator.device).to(batch.images.device)
        told = self._told(batch.labels, len(batch.images))
        nll = -self._log_probabilities(self._levels(batch.images, grain), told).sum(1)
        redrawn = self.raster.pictures(self.raster.values(self.raster.quantise(batch.images)))
        return {"nll": nll, "bits_per_dim": self._bits(nll), **picture_errors(redrawn, batch.images)}

    def log_weights(self, batch: Batch, count: int, generator: torch.Generator) -> Tensor:
        """Log p of each picture in nats, [1, b]: it is exact, so that no codes need be drawn."""
        return -self.evaluate(batch, generator)["nll"][None]

    @torch.no_grad()
    def log_likelihood_map(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Nats log p of each pixel given those before it, [b, c, h, w], all together that of the nearest levels.

        Of a shrunk picture the pixels of one square share the nats of their mean evenly.
        """
        told = self._told(labels, len(images))
        with full_precision(images):
            nats = self._log_probabilities(self.raster.quantise(images), told)
        return self.raster.shared(nats)

    @torch.no_grad()
    def encode(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """The code [b, latent_dim] from which `decode`, told the same, draws the nearest levels of each picture."""
        levels = self.raster.quantise(images)
        with full_precision(images):  # decode must come to the very same intervals, one token at a time
            logits = self._logits(levels, self._told(labels, len(images)))
            return code_of(levels, conditional(logits, self.knobs.temperature))

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The picture [b, c, h, w] that each code [b, latent_dim] writes."""
        *_, last = self.sample_steps(codes, labels)
        return last

    def sample_steps(self, codes: Tensor, labels: Tensor | None = None) -> Iterator[Tensor]:
        """The picture after each row that is written; what is still to come is middle grey."""
        return self._written(self.raster.canvas(torch.zeros_like(codes, dtype=torch.float32)), codes, labels, None)

    def complete(self, images: Tensor, mask: Tensor, codes: Tensor, labels: Tensor | None = None) -> Iterator[Tensor]:
        """Pictures [b, c, h, w] after each row, drawn where `mask` (like the images, or broadcast) is true.

        The others stay as they are in `images`. A drawn value heeds the given ones above and to its left only.
        """
        mask = mask.to(torch.bool).expand_as(images)
        hidden = self.raster.hidden(mask)
        given = self.raster.values(self.raster.quantise(images)).masked_fill(hidden, 0)
        for drawn in self._written(self.raster.canvas(given), codes, labels, hidden):
            yield torch.where(mask, drawn, images)

    def _written(self, canvas: Tensor, codes: Tensor, labels: Tensor | None, hidden: Tensor | None) -> Iterator[Tensor]:
        """Write the hidden values, all if None, on the canvas [b, places], token by token; a picture after each row."""
        raster, told = self.raster, self._told(labels, len(codes))
        row = raster.columns * self.data.channels
        memory = self._begun(told)
        for token in range(raster.tokens):
            memory = self._write(token, canvas, codes, told, hidden, memory)
            done = (token + 1) * raster.per_token
            if done % row < raster.per_token or done >= raster.size:
                yield raster.pictures(canvas)

    @torch.no_grad()
    def _begun(self, told: Tensor) -> Any:
        """The network's memory after the first token, which tells it the class."""
        with full_precision(told):
            return self.body(told[:, None], self.body.begin(len(told), told))[1]

    @torch.no_grad()
    def _write(
        self, token: int, canvas: Tensor, codes: Tensor, told: Tensor, hidden: Tensor | None, memory: Any
    ) -> Any:
        """Write one token's values on the canvas, and return the memory after it."""
        with full_precision(canvas):
            read, memory = self.body(self._tokens(canvas, told, slice(token, token + 1)), memory)
            known = self.head.read(read)
            first = token * self.raster.per_token
            for value in range(min(self.raster.per_token, self.raster.size - first)):
                place = first + value
                logits = self.head(known, canvas[:, None, first : first + self.raster.per_token])[:, 0, value]
                levels = level_at(codes[:, place].float(), conditional(logits, self.knobs.temperature))
                drawn = self.raster.values(levels)
                canvas[:, place] = drawn if hidden is None else torch.where(hidden[:, place], drawn, canvas[:, place])
        return memory

    def _levels(self, images: Tensor, grain: Tensor) -> Tensor:
        """Levels [b, size] rounded as set."""
        return self.raster.quantise(images, grain if self.params.rounding == "dynamic" else None)

    def _told(self, labels: Tensor | None, count: int) -> Tensor:
        """The first token of each of `count` sequences, [b, width]."""
        start = self.start.expand(count, -1)
        return start if labels is None or not self.data.classes else start + self.condition(labels)

    def _tokens(self, canvas: Tensor, told: Tensor, chosen: slice) -> Tensor:
        """What the network is given of the chosen tokens, [b, t, width]: written values around them, place, class."""
        rows, columns = self.raster.places[:, chosen]
        seen = canvas[:, self.raster.windows[chosen]]
        tokens: Tensor = self.surroundings(seen) + self.row_place[rows] + self.column_place[columns] + told[:, None]
        return tokens

    def _logits(self, levels: Tensor, told: Tensor) -> Tensor:
        """Logits [b, size, levels] of every value given those before it, in one pass."""
        canvas = self.raster.canvas(self.raster.values(levels))
        tokens = torch.cat([told[:, None], self._tokens(canvas, told, slice(None))], 1)
        read, _ = self.body(tokens, None)
        logits: Tensor = self.head(self.head.read(read[:, 1:]), self.raster.tokenised(canvas))
        return logits.flatten(1, 2)[:, : self.raster.size]

    def _log_probabilities(self, levels: Tensor, told: Tensor) -> Tensor:
        """Nats log p of each value [b, size]."""
        probabilities: Tensor = conditional(self._logits(levels, told)).gather(-1, levels[..., None])
        return probabilities.squeeze(-1).log()

    def _bits(self, nats: Tensor) -> Tensor:
        """Nats a picture as bits a value."""
        bits: Tensor = nats / (self.raster.size * math.log(2))
        return bits

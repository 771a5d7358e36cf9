"""The contract of a family of generative models, on one page.

A family is one file in `models/families/`: its parameters, its module, its losses, its presets and its
registration. What it can do is read from the optional methods it implements (`models/capabilities.py`), never from
its name. Pictures are float32 [b, channels, height, width] in [0, 1]; codes are float32 [b, latent_dim].

Random numbers: in `training_step` a family draws from torch's global generator, which belongs to the
training thread and is saved with the run; everywhere else it draws from the generator it is handed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from torch import Tensor, nn

from models.grids import kind_of
from models.params import Params, param

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import torch
    from torch.optim import Optimizer

    from models.field_events import Meaning


@dataclass(frozen=True)
class DataSpec:
    """What a family must know of the data before it builds its module; `classes` is 0 without labels."""

    channels: int
    height: int
    width: int
    classes: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        return (self.channels, self.height, self.width)

    @property
    def size(self) -> int:
        """Numbers in one picture."""
        return self.channels * self.height * self.width

    @property
    def kind(self) -> Literal["pictures", "points"]:
        """What the data are; points of the plane come as pictures of two channels, one pixel wide and high."""
        return kind_of(self.shape)


@dataclass(frozen=True)
class Batch:
    """What one step sees; `progress` runs from 0 to 1 over the planned training, for schedules."""

    images: Tensor  # [b, c, h, w] float32 in [0, 1]
    labels: Tensor | None  # [b] int64
    step: int = 0
    progress: float = 0.0


@dataclass(frozen=True)
class Preset:
    """A named set of parameters, with a sensible length of training: `epochs` if given, else `steps`."""

    summary: str
    values: Mapping[str, Any] = field(default_factory=dict)
    steps: int = 4000
    epochs: int | None = None


@dataclass(frozen=True)
class Relief:
    """What a model says of places of the plane: a height [n] of each, and an arrow [n, 2], right and up."""

    height: Tensor
    arrows: Tensor


class FamilyParams(Params):
    """The settings every family has."""

    latent_dim: int = param(2, "Numbers in the code: the width of the bottleneck.", low=1, high=4096)
    batch_size: int = param(128, "Pictures seen in one step.", low=1, high=8192, unit="pictures")
    learning_rate: float = param(1e-3, "How far one step of the optimiser goes.", low=1e-6, high=100, logarithmic=True)


class Family(nn.Module, ABC):
    """A trainable generative model: a torch module that also knows its losses and its optimisers."""

    name: ClassVar[str]  # set by the registry
    title: ClassVar[str]
    summary: ClassVar[str]
    params_type: ClassVar[type[FamilyParams]]
    presets: ClassVar[Mapping[str, Preset]]
    knobs_type: ClassVar[type[Params]] = Params  # settings of the drawing, to be turned while one looks
    needs_labels: ClassVar[bool] = False  # whether it learns from nothing but labelled data
    practice: ClassVar[tuple[str, ...]] = ()  # how the names of weights begin that only training needs

    def __init__(self, params: FamilyParams, data: DataSpec) -> None:
        super().__init__()
        self.data = data
        self.latent_dim = params.latent_dim
        self.knobs = self.knobs_type()  # `decode` heeds them: truncation, guidance scale, temperature ...

    @abstractmethod
    def optimizers(self) -> dict[str, Optimizer]:
        """The optimisers by name; made once, at construction, so that their state can be saved."""

    @abstractmethod
    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """Learn from one batch: losses, backward, optimiser steps; return what to plot, scalars on the device.

        The trainer has switched on training mode and autocast. The first entry is the loss to watch.
        """

    @abstractmethod
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Held-out figures of each picture, every value [b].

        The losses go by the names of `training_step` where they mean the same, so that both share a plot; beside
        them stand the figures for people (`recon_mse`, `recon_bce`, `kl`, `neg_elbo`, `bits_per_dim`).
        """

    @abstractmethod
    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures [b, c, h, w] in [0, 1] of codes [b, latent_dim]; `labels` as of `TakesLabels`, without them None.

        Deterministic: what chance there is lies in the codes.
        """


@runtime_checkable
class CanEncode(Protocol):
    """A family with a way from pictures to codes."""

    def encode(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """The most likely code [b, latent_dim] of each picture [b, c, h, w]; deterministic."""
        ...


@runtime_checkable
class TakesLabels(Protocol):
    """A family that can be asked for a class: `decode` and `encode` heed labels.

    Labels are int64 [b], or a mixture of classes float32 [b, classes] whose rows sum to one.
    """

    def condition(self, labels: Tensor) -> Tensor:
        """What the networks are told of the labels, float32 [b, n]; linear in the mixture."""
        ...


@runtime_checkable
class CanDiagnose(Protocol):
    """A family that knows the ways in which its training goes wrong."""

    def diagnoses(self) -> Mapping[str, str]:
        """What is wrong now, by the name of the illness, each a sentence with what to do; asked once a second."""
        ...


@runtime_checkable
class HasLikelihood(Protocol):
    """A family that can weigh how likely a picture is."""

    def log_weights(self, batch: Batch, count: int, generator: torch.Generator) -> Tensor:
        """The log-weights log p(picture, code) - log q(code | picture) in nats, [count, b], of codes drawn from q.

        The mean of their exponentials estimates p(picture) without bias; with labels it is p(picture | label). A
        family that knows p exactly returns its logarithm, [1, b], whatever the count.
        """
        ...


@runtime_checkable
class HasPrior(Protocol):
    """A family whose codes have a known prior."""

    def prior(self, count: int, generator: torch.Generator) -> Tensor:
        """Codes [count, latent_dim] drawn from the prior."""
        ...


@runtime_checkable
class CanPrepare(Protocol):
    """A family that looks at some training pictures before its first step, to set a bias or a scale."""

    def prepare(self, images: Tensor) -> None:
        """Called once before a fresh training with up to 4,096 training pictures."""
        ...


@runtime_checkable
class SamplesInSteps(Protocol):
    """A family that can show its intermediate pictures (diffusion, autoregressive)."""

    def sample_steps(self, codes: Tensor, labels: Tensor | None = None) -> Iterator[Tensor]:
        """Pictures [b, c, h, w] as they come into being, the finished ones last."""
        ...


@runtime_checkable
class CanComplete(Protocol):
    """A family that can draw the hidden part of a picture (autoregressive)."""

    def complete(self, images: Tensor, mask: Tensor, codes: Tensor, labels: Tensor | None = None) -> Iterator[Tensor]:
        """Pictures [b, c, h, w] as they come into being, drawn where `mask` is true, else as in `images`."""
        ...


@runtime_checkable
class HasLikelihoodMap(Protocol):
    """A family that knows how likely every single pixel is (autoregressive)."""

    def log_likelihood_map(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Nats log p of each pixel given those before it, [b, c, h, w]; their sum is that of the picture."""
        ...


@runtime_checkable
class HasField(Protocol):
    """A family that says something of every place of the plane, where its data are points."""

    def field_meaning(self) -> Meaning:
        """What height and arrows mean, and the levels at which `field` may be asked."""
        ...

    def field(self, points: Tensor, level: float) -> Relief:
        """Height and arrow of each of the points [n, 2, 1, 1] in [0, 1] at one level; nothing is learned."""
        ...


@runtime_checkable
class CanTranslate(Protocol):
    """A family from picture to picture."""

    def translate(self, images: Tensor) -> Tensor:
        """The translation [b, c', h', w'] of each picture."""
        ...


@runtime_checkable
class LearnsToClean(Protocol):
    """A family that may be set to learn from spoilt pictures how to draw the clean ones."""

    @property
    def spoiling(self) -> str:
        """What is done to the pictures that go in while it learns, in words; empty where nothing is."""
        ...

    def spoil(self, images: Tensor, generator: torch.Generator | None) -> Tensor:
        """The pictures [b, c, h, w] as they go in while it learns; without a generator by torch's global one."""
        ...


@runtime_checkable
class HasStyles(Protocol):
    """A family that draws coarse layers first, each told by a style, so that two pictures can share some layers."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers by name, from the coarsest to the finest: 4x4, 8x8 ..."""
        ...

    def styles(self, codes: Tensor) -> Tensor:
        """What each layer is told for each code [b, latent_dim]: [b, layers, w]."""
        ...

    def synthesize(self, styles: Tensor) -> Tensor:
        """The picture [b, c, h, w] in [0, 1] of each row of styles [b, layers, w]; `decode` is that of `styles`."""
        ...


@runtime_checkable
class HoldsFiles(Protocol):
    """A family that somebody brought as ONNX files, which are all its weights."""

    def files(self) -> Mapping[str, bytes]:
        """The generator's file under an empty name, and the encoder's, if there is one, under "-encoder"."""
        ...

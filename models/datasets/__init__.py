"""Data sets in memory, and the contract of their sources: one file a source, found by the registry.

A source's parameters become its form and its flags. Loading is a generator of events, so that a download or
a big folder shows progress and can be cancelled; the generator's return value is the `Dataset`.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from models.errors import Stopped
from models.family import DataSpec

__all__ = ["Dataset", "Factor", "Skipped", "Source", "Stopped"]

if TYPE_CHECKING:
    from collections.abc import Generator

    import torch
    from torch import Tensor

    from models.events import Event
    from models.job import Control
    from models.params import Params


TENSORS = ("train_images", "train_labels", "test_images", "test_labels", "train_factors", "test_factors")


@dataclass(frozen=True)
class Factor:
    """One known cause of how a picture looks: a number, or one of the `values` if these have names.

    `low` and `high` bound a continuous factor, whose numbers are in `unit` if it has one.
    """

    name: str
    values: tuple[str, ...] = ()  # what 0, 1, 2 ... mean; empty for a continuous factor
    low: float = 0.0
    high: float = 1.0
    unit: str = ""


@dataclass(frozen=True)
class Skipped:
    """A file that was left out, and why, in words."""

    path: str
    reason: str


@dataclass(frozen=True)
class Dataset:
    """Pictures as uint8 [n, channels, height, width], labels as int64 [n] or None, in training and test parts.

    Points of the plane come as float32 [n, 2, 1, 1] in [0, 1] instead of pictures.

    Where the causes of the pictures are known, their numbers are float32 [n, factors], in the order of `factors`.
    `warnings` tell what is odd about the data, `notes` how they were read.
    """

    name: str
    train_images: Tensor
    train_labels: Tensor | None
    test_images: Tensor
    test_labels: Tensor | None
    class_names: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    factors: tuple[Factor, ...] = ()
    train_factors: Tensor | None = None
    test_factors: Tensor | None = None
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def spec(self) -> DataSpec:
        """Shape and number of classes, as families want to know them."""
        channels, height, width = self.train_images.shape[1:]
        return DataSpec(channels, height, width, len(self.class_names))

    @property
    def _parts(self) -> dict[str, Any]:
        """All tensors by name."""
        return {name: getattr(self, name) for name in TENSORS}

    def to(self, device: torch.device) -> Dataset:
        """The same data on another device."""
        moved: dict[str, Any] = {name: None if part is None else part.to(device) for name, part in self._parts.items()}
        return replace(self, **moved)

    def content_hash(self) -> str:
        """SHA-256 over shapes, pixels and labels of both parts: the same data, the same hash."""
        digest = hashlib.sha256()
        for part in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            if part is None:
                digest.update(b"none")
                continue
            digest.update(str(tuple(part.shape)).encode())
            digest.update(part.cpu().contiguous().numpy().data.cast("B"))
        return digest.hexdigest()


class Source(ABC):
    """Where a data set comes from: built with its checked parameters, asked once to load."""

    name: ClassVar[str]  # set by the registry
    title: ClassVar[str]
    summary: ClassVar[str]
    params_type: ClassVar[type[Params]]

    def __init__(self, params: Params) -> None:
        self.params = params

    def at_hand(self) -> bool:
        """Whether loading needs nothing from elsewhere; asked in a thread of work, and never slow. Raises UserError."""
        return True

    def known_classes(self) -> tuple[str, ...] | None:
        """What the classes are called, where that is known before anything is loaded; else None."""
        return None

    @abstractmethod
    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Read or fetch the data, telling how far it is; returns it on the CPU. Raises UserError.

        Ends early with `Stopped` when `control.stopping`.
        """

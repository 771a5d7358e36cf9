"""All that work can tell: small frozen values, each of which says how it may be thinned on its way to the window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models.event import Event, Thin
from models.picture_events import Embedded, HeldOut, Projection, Reconstructed, Rendered, Sampled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.listings import DatasetInfo, FamilyInfo, RunSummary

    Pictures = NDArray[np.uint8]  # [n, height, width, channels], channels 1 or 3
    Codes = NDArray[np.float32]  # [n, latent_dim]
    Points = NDArray[np.float32]  # [n, 2]
    Labels = NDArray[np.int64]  # [n]; -1 where a picture has no label
    Shares = NDArray[np.float32]  # [classes], of each class in a mixture
    Asked = NDArray[np.int64] | NDArray[np.float32]  # classes [n], or shares of all classes [n, classes]

__all__ = [
    "Cancelled", "Catalogued", "Deleted", "Embedded", "Event", "Exported", "Failed", "Figures", "Finished", "HeldOut",
    "Listed", "Losses", "Noticed", "Paused", "Progress", "Projection", "Reconstructed", "Rendered", "Resumed",
    "RunInfo", "Sampled", "Saved", "Started", "Thin", "Weights", "Working",
]  # fmt: skip


@dataclass(frozen=True)
class RunInfo:
    """What a run is: everything a panel needs to know before the first picture."""

    id: str
    folder: str
    family: str
    preset: str
    dataset: str
    settings: Mapping[str, Any]
    capabilities: frozenset[str]
    latent_dim: int
    image_shape: tuple[int, int, int]  # channels, height, width
    class_names: tuple[str, ...]
    device: str
    precision: str
    seed: int
    parameter_count: int  # of those that are trained, without running means of them
    title: str = ""  # as it was when the run began or was opened
    layers: tuple[str, ...] = ()  # coarse to fine, of a family that has styles by layer


@dataclass(frozen=True)
class Started(Event):
    """Training begins (or a run was opened); `total_steps` is None when time is the limit."""

    info: RunInfo
    total_steps: int | None
    live: bool = True


@dataclass(frozen=True)
class Working(Event):
    """Work of over a second goes on: what, how far (0 to 1, None if unknown), seconds left if known."""

    thin = Thin.LATEST
    what: str
    fraction: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class Progress(Event):
    """How far training is: share of the planned length, epoch, seconds so far and left (None if unknown), speed."""

    thin = Thin.LATEST
    fraction: float
    epoch: float
    seconds: float
    seconds_left: float | None
    samples_per_second: float


@dataclass(frozen=True)
class Losses(Event):
    """Losses by name over some steps; `split` is "train" or "test"; `step` is the last of `steps`."""

    thin = Thin.MERGE
    split: str
    steps: NDArray[np.int64]  # [k]
    values: Mapping[str, NDArray[np.float32]]  # each [k]

    @property
    def slot(self) -> tuple[object, ...]:
        """Train and test losses stay apart, and so do different sets of names."""
        return (Losses, self.run, self.split, tuple(self.values))

    def merged(self, later: Event) -> Event:
        """Both stretches of the curve, one behind the other."""
        assert isinstance(later, Losses)
        values = {name: np.concatenate([self.values[name], later.values[name]]) for name in self.values}
        return replace(later, steps=np.concatenate([self.steps, later.steps]), values=values)


@dataclass(frozen=True)
class Figures(Event):
    """Final figures by name, empty while unknown; `spreads` tells how far those that hang on chance vary by seed.

    `judged` tells of those that come from judging the run with which samples, seeds and codes.
    """

    values: Mapping[str, float]
    spreads: Mapping[str, float] = field(default_factory=dict)
    judged: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Weights(Event):
    """A detached copy of the model for rendering: opaque to the window, which hands it to the renderer."""

    thin = Thin.LATEST
    info: RunInfo
    state: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Saved(Event):
    """A snapshot is complete and durable on disk."""

    folder: str


@dataclass(frozen=True)
class Paused(Event):
    """Training waits between two steps."""


@dataclass(frozen=True)
class Resumed(Event):
    """Training goes on."""


@dataclass(frozen=True)
class Finished(Event):
    """Work reached its end."""

    seconds: float


@dataclass(frozen=True)
class Cancelled(Event):
    """Work was stopped by request; what it had is kept."""


@dataclass(frozen=True)
class Failed(Event):
    """Work ended by an error: one sentence for people, the traceback for who asks."""

    message: str
    details: str = ""


@dataclass(frozen=True)
class Noticed(Event):
    """Something worth a line but not worth stopping for: `level` is "info", "done" or "warning"."""

    message: str
    level: str = "info"


@dataclass(frozen=True)
class Exported(Event):
    """A file was written."""

    path: str


@dataclass(frozen=True)
class Catalogued(Event):
    """All that can be trained here: families, data sets, devices and precisions by name."""

    families: tuple[FamilyInfo, ...]
    datasets: tuple[DatasetInfo, ...]
    devices: tuple[str, ...]
    device_name: str


@dataclass(frozen=True)
class Listed(Event):
    """The runs found in the runs folder, newest first."""

    runs: tuple[RunSummary, ...]


@dataclass(frozen=True)
class Deleted(Event):
    """The run in `folder` is in the bin."""

    folder: str

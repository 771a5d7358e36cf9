"""What there is to choose from, as plain values for lists, forms and flags: families, data sets, past runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.params import Setting


@dataclass(frozen=True)
class PresetInfo:
    """A preset as the window and `families` list it."""

    name: str
    summary: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class FamilyInfo:
    """A family as the window and `families` list it; `missing` says why it cannot be used, if it cannot."""

    name: str
    title: str
    summary: str
    settings: tuple[Setting, ...] = ()
    presets: tuple[PresetInfo, ...] = ()
    capabilities: frozenset[str] = frozenset()
    missing: str = ""
    knobs: tuple[Setting, ...] = ()  # what can be turned while one looks
    needs_labels: bool = False
    trains: bool = True  # whether it can be chosen for a training


@dataclass(frozen=True)
class DatasetInfo:
    """A data set as the window and `datasets` list it."""

    name: str
    title: str
    summary: str
    settings: tuple[Setting, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class RunSummary:
    """A past run as the list of runs shows it."""

    id: str
    folder: str
    title: str
    family: str
    preset: str
    dataset: str
    status: str
    created: str
    step: int
    seconds: float
    figures: Mapping[str, float]
    thumbnail: str  # path of a PNG, or empty
    size: int  # bytes on disk
    problem: str = ""
    total_steps: int | None = None  # None when time is the limit
    image_shape: tuple[int, int, int] | None = None  # channels, height, width
    data_hash: str = ""
    spreads: Mapping[str, float] = field(default_factory=dict)
    judged: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def resumable(self) -> bool:
        """Whether it rests before its planned end and can go on."""
        return self.status in ("stopped", "failed", "interrupted") and not self.problem

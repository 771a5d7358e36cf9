"""What a data set looks like before anybody trains on it: counts, size, range, factors, and some pictures a class."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.data_events import DataShown
from models.errors import Stopped, printable
from models.events import Working
from models.grids import as_uint8, kind_of, to_uint8
from models.registry import source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.datasets import Dataset, Factor, Skipped
    from models.events import Event, Labels, Pictures
    from models.job import Control, Job

PER_CLASS = 24  # pictures shown of a class at most
ALONE = 96  # of a data set without classes
MOST_CLASSES = 200  # whose pictures are shown
ROOM = 2**25  # bytes that all shown pictures may take
STRETCH = 2**24  # bytes of pixels counted between two looks at the lever


@dataclass(frozen=True)
class ClassCount:
    """How many pictures a class has; `label` is -1 and the name empty for pictures without one."""

    label: int
    name: str
    train: int
    test: int


@dataclass(frozen=True)
class FactorRange:
    """A known factor and what it is in the training pictures; `counts` by value where its values have names.

    Of `unknown` pictures it is no number, and these count for nothing else.
    """

    factor: Factor
    low: float
    high: float
    mean: float
    counts: tuple[int, ...] = ()
    unknown: int = 0

    @property
    def words(self) -> str:
        """A line for people: the values and how often they come, or the range."""
        name = printable(self.factor.name)
        unknown = f", unknown {self.unknown:,}" if self.unknown else ""
        if self.factor.values:
            values = zip(self.factor.values, self.counts, strict=True)
            return f"{name}: {', '.join(f'{printable(value)} {count:,}' for value, count in values)}{unknown}"
        unit = f" {self.factor.unit}" if self.factor.unit else ""
        return f"{name}: {self.low:.3g} to {self.high:.3g}{unit}, mean {self.mean:.3g}{unknown}"


@dataclass(frozen=True)
class Portrait:
    """A data set in figures; `low`, `high` and `mean` are of the training pixels, from 0 to 255."""

    dataset: str
    title: str
    shape: tuple[int, int, int]  # channels, height, width
    train: int
    test: int
    classes: tuple[ClassCount, ...]
    low: int
    high: int
    mean: float
    warnings: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    factors: tuple[FactorRange, ...]
    hash: str = ""
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> str:
        """The pictures in words: `28 x 28 grey`; points are called that."""
        channels, height, width = self.shape
        if kind_of(self.shape) == "points":
            return "points of the plane"
        colours = {1: "grey", 3: "RGB"}.get(channels, f"in {channels} channels")
        return f"{width} x {height} {colours}"

    def told(self) -> dict[str, Any]:
        """All of it as plain values, for JSON."""
        own = ("low", "high", "mean", "counts", "unknown")
        factors = [{**asdict(each.factor), **{name: getattr(each, name) for name in own}} for each in self.factors]
        return {**asdict(self), "factors": factors}


def look(job: Job, control: Control, *, fetch: bool = True, hashed: bool = False) -> Iterator[Event]:
    """Load the data that `job` wants and tell how they look; the content's hash only if asked, for it takes a while.

    Without `fetch` nothing is downloaded: then `DataShown` may say that the data are not here. Raises UserError and
    Stopped.
    """
    from models.datasets.subset import load_part  # torch is fetched when it is wanted

    origin = source(job.dataset, job.dataset_settings)
    if not fetch and not origin.at_hand():
        yield DataShown("", 0, job, absent=True)
        return
    data = yield from load_part(origin, job, control)
    yield Working("", 0, f"Looking at the {data.spec.kind}")
    made = portrait(data, origin.title, control, data.content_hash() if hashed else "")
    yield DataShown("", 0, job, made, *some_of_each(data))


def portrait(data: Dataset, title: str, control: Control, content: str = "") -> Portrait:
    """The figures of a data set in memory or mapped from disk. Raises Stopped."""
    low, high, mean = _range(data.train_images, control)
    channels, height, width = data.train_images.shape[1:]
    return Portrait(
        dataset=data.name,
        title=title,
        shape=(channels, height, width),
        train=len(data.train_images),
        test=len(data.test_images),
        classes=_counts(data),
        low=low,
        high=high,
        mean=mean,
        warnings=data.warnings,
        skipped=data.skipped,
        factors=_factors(data),
        hash=content,
        notes=data.notes,
    )


def some_of_each(data: Dataset, seed: int = 0) -> tuple[Pictures, Labels]:
    """Training pictures uint8 [n, h, w, c], class by class, and their labels [n], -1 where there are none."""
    labels = _labels(data.train_labels, len(data.train_images))
    present = [each.label for each in _counts(data) if each.train][:MOST_CLASSES]
    wanted = PER_CLASS if len(present) > 1 else ALONE
    bytes_each = data.train_images[:1].numel() * max(1, len(present))
    wanted = max(1, min(wanted, ROOM // max(1, bytes_each)))
    rng = np.random.default_rng(seed)
    chosen = [np.sort(rng.permutation(np.flatnonzero(labels == label))[:wanted]) for label in present]
    places = np.concatenate([np.zeros(0, np.int64), *chosen])
    pictures = to_uint8(data.train_images.numpy()[places])  # not by torch, which would take threads
    return pictures, labels[places]


def rows_of(pictures: Pictures, labels: Labels) -> tuple[Pictures, int]:
    """Pictures as rows of equal length, a row or more a class and filled up with white, and how many are in a row."""
    values, counts = np.unique(labels, return_counts=True)
    across = int(counts.max()) if len(values) > 1 else min(len(labels), PER_CLASS // 2)
    rows = []
    for label in [*values[values >= 0], *values[values < 0]]:
        mine = pictures[labels == label]
        blank = np.full((-len(mine) % across, *mine.shape[1:]), 255, np.uint8)
        rows += [mine, blank]
    return np.concatenate(rows), across


def _labels(labels: Tensor | None, count: int) -> Labels:
    return np.full(count, -1, np.int64) if labels is None else labels.numpy()


def _counts(data: Dataset) -> tuple[ClassCount, ...]:
    """All named classes, then the pictures without a label if there are any."""
    size = len(data.class_names) + 1
    train, test = (
        np.bincount(_labels(labels, len(images)) + 1, minlength=size)
        for labels, images in ((data.train_labels, data.train_images), (data.test_labels, data.test_images))
    )
    named = [
        ClassCount(label, printable(name), int(train[label + 1]), int(test[label + 1]))
        for label, name in enumerate(data.class_names)
    ]
    bare = ClassCount(-1, "", int(train[0]), int(test[0]))
    return (*named, bare) if bare.train or bare.test else tuple(named)


def _range(images: Tensor, control: Control) -> tuple[int, int, float]:
    """Smallest, largest and mean value of all pixels."""
    each = max(1, images[:1].numel())
    low, high, total = 255, 0, 0
    stretch = max(1, STRETCH // each)
    for start in range(0, len(images), stretch):
        if control.stopping:
            raise Stopped
        pixels = as_uint8(images[start : start + stretch].numpy())
        low, high = min(low, int(pixels.min())), max(high, int(pixels.max()))
        total += int(pixels.sum(dtype=np.uint64))
    return low, high, total / max(1, each * len(images))


def _factors(data: Dataset) -> tuple[FactorRange, ...]:
    if data.train_factors is None:
        return ()
    columns: NDArray[np.float32] = data.train_factors.numpy().T
    return tuple(_factor(factor, column) for factor, column in zip(data.factors, columns, strict=True))


def _factor(factor: Factor, column: NDArray[np.float32]) -> FactorRange:
    """What is known of one factor; numbers that are none, or beyond the named values, count as unknown."""
    known = column[np.isfinite(column)]
    counts: tuple[int, ...] = ()
    if factor.values:
        known = known[(known >= 0) & (known < len(factor.values))]
        counts = tuple(np.bincount(known.astype(np.int64), minlength=len(factor.values)).tolist())
    unknown = len(column) - len(known)
    if not len(known):
        return FactorRange(factor, factor.low, factor.high, (factor.low + factor.high) / 2, counts, unknown)
    low, high, mean = float(known.min()), float(known.max()), float(known.mean(dtype=np.float64))
    return FactorRange(factor, low, high, mean, counts, unknown)

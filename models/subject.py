"""A run at one step, as exports see it: read from its folder, or put together from what a window shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from models.errors import UserError, printable
from models.events import Weights
from models.run import RunFolder
from models.snapshot import require_finite

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from models.datasets import Factor
    from models.events import Asked, Codes, Embedded, HeldOut, Labels, Pictures, Points, Projection, RunInfo, Shares
    from models.latent import Code
    from models.params import Value

T = TypeVar("T")


class Stretch(Protocol):
    """A curve: values [k] over steps [k]."""

    @property
    def steps(self) -> NDArray[np.int64]: ...  # noqa: D102

    @property
    def values(self) -> NDArray[np.float32]: ...  # noqa: D102


@dataclass(frozen=True)
class Line:
    """A curve read from a run folder."""

    steps: NDArray[np.int64]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Kept:
    """A code [latent_dim] put aside, the class or shares it is drawn as, and the point it was taken from."""

    code: Code
    label: int | Shares | None = None
    index: int | None = None


@dataclass(frozen=True)
class Subject:
    """A run at one step, as much of it as is known; `labels` holds -1 where a picture has none.

    `originals` belong to `reconstructions` where these are known already, else to the first codes. What lies on a
    person's desk, `code` and `pins` above all, is `desk` for who writes recipes.
    """

    info: RunInfo
    step: int
    weights: Weights | None = None
    codes: Codes | None = None
    points: Points | None = None
    projection: Projection | None = None
    labels: Labels | None = None
    factors: tuple[Factor, ...] = ()
    values: NDArray[np.float32] | None = None  # [n, factors], of the points where their causes are known
    originals: Pictures | None = None
    reconstructions: Pictures | None = None
    curves: Mapping[tuple[str, str], Stretch] | None = None
    knobs: Mapping[str, Value] | None = None  # of the drawing, where they are turned
    label: int | Shares | None = None  # the class that is asked for, or shares [classes] of all
    code: Code | None = None  # [latent_dim], of the probe
    pins: tuple[Kept | None, ...] = ()  # by slot: A, B, C ...
    groups: Mapping[str, NDArray[np.int64]] | None = None  # indices of points, by the name they are kept under
    terms: str = ""  # of the sum that is laid out, as of `models/arithmetic.py`
    desk: Mapping[str, Any] | None = None  # what else the window knows of what was done, as plain values

    @property
    def classes(self) -> int:
        """How many classes the model can be asked for; 0 when it cannot be asked."""
        return len(self.info.class_names) if "condition" in self.info.capabilities else 0

    def class_called(self, wanted: str) -> int:
        """The number of a class by its name or number. Raises UserError."""
        names = self.info.class_names
        if not self.classes:
            raise UserError("This model cannot be asked for a class.", mend="Leave the class out.")
        if wanted in names:
            return names.index(wanted)
        if wanted.isdecimal() and int(wanted) < len(names):
            return int(wanted)
        raise UserError(f"There is no class {wanted!r}.", mend=f"There are: {', '.join(map(printable, names))}.")

    def asked(self, count: int) -> Asked | None:
        """The class that is asked for, `count` times; None without one."""
        return None if self.label is None else np.stack([np.asarray(self.label)] * count)

    @classmethod
    def of_run(cls, folder: Path | str, step: int | None = None) -> Subject:
        """A run folder at the snapshot of that step, or the newest. Raises UserError."""
        run = RunFolder.open(folder)
        info, at = run.info, run.steps()[-1] if step is None and run.steps() else step
        seen = run.load(at)
        require_finite(seen.weights, run.path / "snapshots" / str(at) / "model.safetensors")
        return cls(
            info=info,
            step=at or 0,
            weights=Weights(info.id, at or 0, info, seen.weights),
            codes=seen.codes,
            points=seen.points,
            projection=seen.projection,
            labels=seen.labels,
            originals=seen.originals,
            reconstructions=seen.reconstructions,
            curves=_curves(run),
        )

    @classmethod
    def of_events(
        cls,
        info: RunInfo | None,
        weights: Weights | None,
        embedded: Embedded | None,
        held_out: HeldOut | None,
        curves: Mapping[tuple[str, str], Stretch],
    ) -> Subject:
        """What a window shows now. Raises UserError when it shows no run."""
        if info is None:
            raise UserError("There is nothing to export yet.", mend="Train or open a run first.")
        return cls(
            info=info,
            step=weights.step if weights else 0,
            weights=weights,
            codes=embedded.codes if embedded else None,
            points=embedded.points if embedded else None,
            projection=embedded.projection if embedded else None,
            labels=held_out.labels if held_out else None,
            factors=held_out.factors if held_out else (),
            values=held_out.values if held_out else None,
            originals=held_out.pictures if held_out and len(held_out.pictures) else None,
            curves=curves,
        )


def needed(part: T | None, name: str) -> T:
    """A part of a subject that an export cannot do without. Raises UserError when it is missing."""
    if part is None:
        raise UserError(f"This run has no {name} yet.", mend="Let it train up to its first snapshot.")
    return part


def _curves(run: RunFolder) -> dict[tuple[str, str], Line]:
    """Every loss by split and name; what was logged in several stretches is put together."""
    curves: dict[tuple[str, str], Line] = {}
    for part in run.metrics():
        for name, values in part.values.items():
            line = curves.get((part.split, name), Line(part.steps[:0], values[:0]))
            steps, both = np.concatenate([line.steps, part.steps]), np.concatenate([line.values, values])
            order = np.argsort(steps, kind="stable")
            curves[part.split, name] = Line(steps[order], both[order])
    return curves

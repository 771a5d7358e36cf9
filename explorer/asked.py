"""The class that a picture is asked for: one class, a mixture of all, or none; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.events import Asked, RunInfo, Shares

    Label = int | Shares | None


def classes_of(run: RunInfo | None) -> int:
    """How many classes the model of `run` can be asked for; 0 when it cannot be asked."""
    return len(run.class_names) if run is not None and "condition" in run.capabilities else 0


def shares(label: Label, classes: int) -> Shares:
    """The share [classes] of each class; equal ones where none is asked for."""
    if label is None:
        return np.full(classes, 1 / classes, np.float32)
    return np.eye(classes, dtype=np.float32)[label] if isinstance(label, int) else label


def mixed(one: Label, other: Label, share: float, classes: int) -> Label:
    """`share` (0 to 1) of the way from one label to the other."""
    if not classes or share <= 0 or (isinstance(one, int) and one == other):
        return one
    if share >= 1:
        return other
    return (1 - np.float32(share)) * shares(one, classes) + np.float32(share) * shares(other, classes)


def rows(labels: Sequence[Label], classes: int) -> Asked | None:
    """Labels as a model takes them: whole numbers [n] while all are classes, else shares [n, classes]."""
    if not classes or all(label is None for label in labels):
        return None
    if all(isinstance(label, int) for label in labels):
        return np.array(labels, np.int64)
    return np.stack([shares(label, classes) for label in labels])

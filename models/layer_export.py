"""A layer to lie behind the map that is taken away: computed to its end over all of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import Stopped, UserError
from models.events import Working
from models.layer_events import LAYERS, Survey, lacking
from models.subject import needed

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.events import Event, Points
    from models.job import Control
    from models.latent import Bounds
    from models.layer_events import Surveyed
    from models.subject import Subject

RIM = 0.06  # of the extent of the points, beyond them on each side


def laid(subject: Subject, layer: str, cells: int | None, control: Control) -> Generator[Event, None, Surveyed]:
    """The layer over all points of the map, with `cells` a side, else as many as soon come.

    The classifier that class regions need is trained where it is missing. Raises UserError for a layer that the model
    does not have, and Stopped.
    """
    missing = lacking(layer, subject.info)
    if missing:
        raise UserError(missing, mend="Choose another layer.")
    from models.evaluate.scorecard import train_judge
    from models.surveying import Surveyor

    asked = _question(subject, layer, cells)
    surveyor, last = Surveyor(), None
    for last in surveyor.survey(asked, control):
        yield Working(subject.info.id, subject.step, f"Computing the {_called(layer)}", last.share, last.left)
    if last is not None and last.judging is not None:
        yield from train_judge(subject.info.folder, control)
        for last in surveyor.survey(asked, control):
            yield Working(subject.info.id, subject.step, f"Computing the {_called(layer)}", last.share, last.left)
    if last is None or control.stopping or not last.done:
        raise Stopped
    if last.problem or last.values is None:
        raise UserError(last.problem or "There is no classifier of these data.")
    return last


def _called(layer: str) -> str:
    return LAYERS[layer].title.lower()


def _question(subject: Subject, layer: str, cells: int | None) -> Survey:
    points = needed(subject.points, "map")
    return Survey(
        layer,
        _around(points),
        needed(subject.weights, "weights"),
        needed(subject.codes, "codes"),
        points,
        needed(subject.projection, "map"),
        subject.asked(1),
        subject.knobs or {},
        cells,
    )


def _around(points: Points) -> Bounds:
    """Left, bottom, right and top of all points that are numbers, and a rim; the unit square where there are none."""
    own = points[np.isfinite(points).all(axis=1)]
    if not len(own):
        return -1.0, -1.0, 1.0, 1.0
    low, high = own.min(axis=0).astype(float), own.max(axis=0).astype(float)
    rim = RIM * np.maximum(high - low, 1e-3 * max(float(np.abs(own).max()), 1e-3) / RIM)
    (left, bottom), (right, top) = (low - rim).tolist(), (high + rim).tolist()
    return left, bottom, right, top

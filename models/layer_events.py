"""What can lie behind the points of the map: the layers in words, what is asked of one, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.event import Event, Thin
from models.grids import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.events import Asked, Codes, Labels, Points, Projection, RunInfo, Weights
    from models.latent import Bounds
    from models.params import Value

    Cells = NDArray[np.float32]  # [rows, columns], the top row first; NaN where nothing is known

PICTURES, FADED, CLASSES = "pictures", "faded", "classes"


@dataclass(frozen=True)
class Layer:
    """One thing to lay behind the points; `about` explains it to students, `unit` says what its numbers are.

    `ends` are words for its lowest and its highest values, `needs` the capability without which there is no such
    layer, and `without` what a person is told then.
    """

    title: str
    about: str
    unit: str = ""
    ends: tuple[str, str] = ("", "")
    needs: str = ""
    without: str = ""


LAYERS: Mapping[str, Layer] = {
    PICTURES: Layer(
        "Decoded pictures",
        "What the model draws at every place of the map, whether a point lies there or not. Look how one picture turns "
        "into the next.",
    ),
    FADED: Layer(
        "Honest pictures",
        "The decoded pictures, each as faint as it is made up. A decoder draws something at every place, also where no "
        "picture ever was; where what it draws would be encoded somewhere else, it fades (see Honesty).",
        "round trip in spreads of the data",
        ("as drawn", "faded"),
        "encode",
        "This model has no way from pictures to codes, so nothing can go a round trip.",
    ),
    "density": Layer(
        "Density of the data",
        "How closely the points lie at a place, as a share of the densest place. A model has learned from many "
        "pictures where it is dense, and guesses where it is empty.",
        "share of the densest place",
        ("empty", "dense"),
    ),
    "prior": Layer(
        "Density of the prior",
        "How often the model itself takes its codes from a place when it makes pictures up, as a share of the most "
        "usual place. Where the prior is dense and the data are not, random pictures come from nowhere.",
        "share of the most usual place",
        ("rare", "usual"),
        "prior",
        "This model has no prior: it was never told from where codes may be taken.",
    ),
    "honesty": Layer(
        "Honesty",
        "How far off the map lands who decodes a place and encodes the picture again: |E(D(z)) - z|, counted in the "
        "spread of the data's codes. Near 0 the picture belongs to its place; near 1 and above it comes from nowhere, "
        "however crisp it looks.",
        "round trip in spreads of the data",
        ("true", "from nowhere"),
        "encode",
        "This model has no way from pictures to codes, so nothing can go a round trip.",
    ),
    "stretch": Layer(
        "Stretch",
        "How much the picture changes when the code takes a small step: the logarithm of the volume by which the "
        "decoder stretches the map, log sqrt det(J'J) (Arvanitidis et al. 2018). Ridges part regions of pictures that "
        "look alike; one more means 2.7 times the volume.",
        "log volume",
        ("calm", "stretched"),
    ),
    CLASSES: Layer(
        "Class regions",
        "What the classifier of the data recognises in the picture drawn at every place, in the colour of that class; "
        "the paler, the less sure it is. It was trained on the data alone and knows nothing of this model.",
        "share of the votes",
        ("unsure", "sure"),
    ),
}


def lacking(layer: str, run: RunInfo) -> str:
    """Why the model of `run` has no such layer; empty where it has one."""
    if LAYERS[layer].needs and LAYERS[layer].needs not in run.capabilities:
        return LAYERS[layer].without
    if layer == CLASSES and (len(run.class_names) < 2 or kind_of(run.image_shape) == "points"):
        return "These data have no pictures of several classes that could be recognised."
    return ""


@dataclass(frozen=True)
class Survey:
    """What is asked: a layer over `bounds` of the map, of a model and its points, drawn as `labels` and with `knobs`.

    `side` is how many cells are wished along each side; without it as many as soon come.
    """

    layer: str
    bounds: Bounds
    weights: Weights
    codes: Codes
    points: Points
    projection: Projection
    labels: Asked | None = None  # one row, for all places
    knobs: Mapping[str, Value] = field(default_factory=dict)
    side: int | None = None


@dataclass(frozen=True)
class Surveyed(Event):
    """How far the answer to `asked` is: what is known of each cell by now, and the ends of its scale.

    `labels` are the recognised classes of class regions, whose values are the votes for them. Whatever comes in
    between, one event is `done`. It tells a `problem` in words, or the `judging` seconds of training a classifier
    that is missing, or the `finer` seconds of twice as many cells a side, which were too many to be taken unasked.
    """

    thin = Thin.LATEST
    asked: Survey
    values: Cells | None = None
    labels: Labels | None = None  # [rows, columns]
    low: float = 0.0
    high: float = 1.0
    side: int = 0
    share: float = 0.0
    left: float | None = None  # seconds
    seconds: float = 0.0
    done: bool = False
    finer: float | None = None
    judging: float | None = None
    problem: str = ""

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the cell at a place of the map; None outside and while nothing is known."""
        left, bottom, right, top = self.asked.bounds
        if self.values is None or not (left <= x < right and bottom < y <= top):
            return None
        rows, columns = self.values.shape
        down, across = (top - y) / (top - bottom) * rows, (x - left) / (right - left) * columns
        return min(int(down), rows - 1), min(int(across), columns - 1)

    def at(self, x: float, y: float) -> float | None:
        """The value at a place of the map, if it is known."""
        cell = self.cell(x, y)
        if cell is None or self.values is None or not np.isfinite(self.values[cell]):
            return None
        return float(self.values[cell])

    def label_at(self, x: float, y: float) -> int | None:
        """The class that is recognised at a place of the map."""
        cell = self.cell(x, y)
        return None if cell is None or self.labels is None else int(self.labels[cell])

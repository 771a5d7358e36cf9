"""Source `sprites`: every square, ellipse and heart of dSprites, of all sizes, turned and placed in all ways.

The grid of factors is that of Matthey et al. 2017, "dSprites: Disentanglement testing Sprites dataset", made for
the beta-VAE of Higgins et al. 2017. The pictures are drawn here. Unlike theirs, whose first and last rotation are the
same, the 40 rotations are 9 degrees apart all the way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from models.datasets import Dataset, Factor, Source, cache
from models.datasets.drawn import Drawing
from models.datasets.split import SplitParams, stratified_split
from models.datasets.sprite_drawing import POSITIONS, ROTATIONS, SCALES, SHAPES, TOTAL, Sprites, places
from models.errors import UserError
from models.events import Working
from models.params import param
from models.registry import datasets
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.events import Event
    from models.job import Control

DRAWING = 1  # counts up when pictures are drawn another way
CHUNK = 2048  # pictures drawn between two looks at the control
FACTORS = (
    Factor("shape", SHAPES),
    Factor("scale", low=0.5, high=1.0),
    Factor("rotation", low=0.0, high=351.0, unit="°"),
    Factor("x"),
    Factor("y"),
)
NUMBERS = tuple(  # what the places along each factor's side of the grid mean, float32 each
    np.asarray(along, np.float32)
    for along in (range(len(SHAPES)), SCALES, ROTATIONS, *[np.arange(POSITIONS) / (POSITIONS - 1)] * 2)
)
CLASS_NAMES = {
    "shape": SHAPES,
    "scale": tuple(f"{scale:.1f}" for scale in SCALES),
    "rotation": tuple(f"{angle:.0f}°" for angle in ROTATIONS),
    "x": tuple(f"x {place}" for place in range(POSITIONS)),
    "y": tuple(f"y {place}" for place in range(POSITIONS)),
}


class SpritesParams(SplitParams):
    """Which pictures of the grid, how large, and what is their class."""

    size: Literal["32", "64"] = param("32", "Pixels of a picture's side; dSprites has 64.")
    count: int = param(
        50_000, f"How many of the {TOTAL:,} pictures, drawn at random; 0 for all of them.", low=0, high=TOTAL,
        unit="pictures",
    )  # fmt: skip
    label: Literal["shape", "scale", "rotation", "x", "y"] = param(
        "shape", "The factor that is the pictures' class: it colours the map."
    )
    edges: Literal["soft", "hard"] = param("soft", "Grey where a shape ends, or black and white as dSprites.")
    seed: int = param(0, "Which pictures are drawn: same seed, same pictures.", low=0, high=2**31 - 1, advanced=True)


@datasets.register("sprites")
class SpritesSource(Source):
    """A world of five known causes, to see whether a model finds them."""

    title = "Sprites"
    summary = "Squares, ellipses and hearts in every size, turn and place, drawn here: the grid of dSprites, grey."
    params_type = SpritesParams
    params: SpritesParams

    def known_classes(self) -> tuple[str, ...]:
        """The values of the factor that is the class."""
        return CLASS_NAMES[self.params.label]

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Draw the chosen pictures [n, 1, size, size]; many of them onto the disk, from where they are mapped."""
        yield Working("", 0, "Drawing sprites", 0.0)
        parts = self._parts()
        side = int(self.params.size)
        key = cache.digest_of(self.name, DRAWING, self.params.model_dump())
        draw = Sprites(side, self.params.edges == "hard").draw
        images = yield from Drawing("sprites", key, (1, side, side), CHUNK, draw, keep_few=False).of(parts, control)
        column = list(CLASS_NAMES).index(self.params.label)
        where = {name: places(part) for name, part in parts.items()}
        labels = {name: torch.from_numpy(np.ascontiguousarray(place[:, column])) for name, place in where.items()}
        factors = {name: _numbers(place) for name, place in where.items()}
        return Dataset(
            self.name,
            images["train"],
            labels["train"],
            images["test"],
            labels["test"],
            CLASS_NAMES[self.params.label],
            factors=FACTORS,
            train_factors=factors["train"],
            test_factors=factors["test"],
        )

    def _parts(self) -> dict[str, NDArray[np.int64]]:
        """The places in the grid of the pictures to train and to test on. Raises UserError for too few."""
        count = self.params.count or TOTAL
        chosen = np.sort(np.random.default_rng(self.params.seed).permutation(TOTAL)[:count])
        column = list(CLASS_NAMES).index(self.params.label)
        train, test = stratified_split(places(chosen)[:, column], self.params.test_share, self.params.split_seed)
        if not len(train) or not len(test):
            what = f"{counted(count, 'picture')} would be too few for training and test."
            raise UserError(what, mend="Set the count higher, or to 0 for all pictures.")
        return {"train": chosen[train], "test": chosen[test]}


def _numbers(where: NDArray[np.int64]) -> Tensor:
    """Places in the grid [n, 5] as the factors' numbers, float32 [n, 5]."""
    columns = [numbers[place] for numbers, place in zip(NUMBERS, where.T, strict=True)]
    return torch.from_numpy(np.stack(columns, axis=1))

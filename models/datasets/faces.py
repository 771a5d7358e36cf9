"""Source `faces`: cartoon faces drawn here from known factors, the same from the same seed, and kept for the next time.

They stand in for photographs of people where a lecture shows that a code can hold a smile, the pose of a head, or
"man with glasses - man + woman": what is in each picture is known exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from models.datasets import Dataset, Source, cache
from models.datasets.drawn import Drawing
from models.datasets.face_drawing import draw
from models.datasets.face_factors import FACTORS, class_names, classes, sample_factors
from models.datasets.split import SplitParams, stratified_split
from models.events import Working
from models.params import param
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.events import Event
    from models.job import Control

    Pictures = NDArray[np.uint8]

__all__ = ["FACTORS", "Faces", "FacesParams", "draw", "sample_factors"]

DRAWING = 1  # counts up when faces are drawn another way
CHUNK = 2**17  # pixels drawn between two looks at the control, some hundredths of a second
GREY = np.array([299, 587, 114], dtype=np.uint32)  # thousandths of red, green and blue: ITU-R BT.601
Label = Literal[
    "character", "smile", "glasses", "hair-colour", "hair-length", "skin-tone", "head-turn", "head-tilt",
    "eye-openness", "brow", "face-width", "background", "beard",
]  # fmt: skip


class FacesParams(SplitParams):
    """How many faces, how large, and what their class is."""

    size: Literal["32", "64"] = param("32", "Pixels of a picture's side.")
    colour: Literal["rgb", "grey"] = param("rgb", "In colour, or in shades of grey.")
    count: int = param(20_000, "How many faces are drawn.", low=100, high=200_000, unit="pictures")
    label: Label = param(
        "hair-colour",
        "The factor that is the pictures' class: it colours the map. One that is a number becomes three classes, as "
        "frown, neutral and smile; left and right are yours. The default, hair-colour, is seen best on a map.",
    )
    seed: int = param(0, "Which faces are drawn: same seed, same faces.", low=0, high=2**31 - 1, advanced=True)


@datasets.register("faces")
class Faces(Source):
    """People who never lived, of whom everything is known."""

    title = "Faces"
    summary = f"Cartoon faces drawn here, each with {len(FACTORS)} known factors: smile, glasses, hair, pose and more."
    params_type = FacesParams
    params: FacesParams

    def known_classes(self) -> tuple[str, ...]:
        """The values of the factor that is the class, or its thirds."""
        return class_names(self.params.label)

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Draw the faces [n, 3 or 1, size, size], or find them where they were kept.

        Another label leaves the split as it is; neither it nor another share of test pictures needs a new drawing.
        """
        yield Working("", 0, "Drawing faces", 0.0)
        count, share = self.params.count, self.params.test_share
        test, train = stratified_split(np.zeros(count, np.int64), share, self.params.split_seed)[::-1]
        factors = sample_factors(count, self.params.seed)[np.concatenate([test, train])]
        key = cache.digest_of(self.name, DRAWING, self.params.model_dump(exclude={"label", "test_share"}))
        side = int(self.params.size)
        shape = (3 if self.params.colour == "rgb" else 1, side, side)
        drawing = Drawing("faces", key, shape, CHUNK // side**2, self._drawn, keep_few=True)
        images = (yield from drawing.of({"images": factors}, control))["images"]
        labels = torch.from_numpy(classes(factors, self.params.label))
        numbers, cut = torch.from_numpy(factors), len(test)
        return Dataset(
            self.name,
            images[cut:],
            labels[cut:],
            images[:cut],
            labels[:cut],
            class_names(self.params.label),
            factors=FACTORS,
            train_factors=numbers[cut:],
            test_factors=numbers[:cut],
        )

    def _drawn(self, factors: NDArray[np.float32]) -> Pictures:
        """The faces of some rows of factors."""
        pictures = draw(factors, int(self.params.size))
        return pictures if self.params.colour == "rgb" else _grey(pictures)


def _grey(pictures: Pictures) -> Pictures:
    """Colours [n, 3, h, w] as shades of grey [n, 1, h, w], in whole numbers: the same on every machine."""
    shades = np.tensordot(pictures.astype(np.uint32), GREY, axes=(1, 0))
    return ((shades + 500) // 1000).astype(np.uint8)[:, None]

"""The judge of a training: the classifier of its data, looking at the samples that are drawn anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from models.evaluate.classifier import foretold, kept_classifier
from models.evaluate.conditional import conditional_accuracy
from models.evaluate.coverage import class_kl, class_shares, covered_classes
from models.family import DataSpec
from models.judging_events import Judged
from models.lens import as_float
from models.maps import made_up_event
from models.run import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from models.evaluate.classifier import Classifier
    from models.events import HeldOut, Labels, Pictures
    from models.manifest import Data
    from models.picture_events import Sampled

FEWEST = 2  # classes, for telling them apart
ENOUGH = 3  # samples a class, for saying in which shares these are drawn


class Judge:
    """Looks at samples of a run whose manifest tells `data`; silent where these have no classes.

    Until the classifier of the data is trained and kept it says once that it is missing, and looks for it every time.
    """

    def __init__(self, data: Data, device: torch.device) -> None:
        self._data, self._device = data, device
        self._spec = DataSpec(*data.shape, classes=len(data.class_names))
        self._able = self._spec.classes >= FEWEST and self._spec.kind == "pictures" and data.train_count > 0
        self._classifier: Classifier | None = None
        self._said = False

    def look(self, sampled: Sampled) -> Judged | None:
        """What is recognised in these samples; None where there is nothing new to say."""
        recognised = self.recognise(sampled.pictures)
        if recognised is None or self._classifier is None:
            said, self._said = self._said, True
            seconds = foretold(self._spec, self._data.train_count)
            return None if said or not self._able else Judged(sampled.run, sampled.step, seconds=seconds)
        asked = None if sampled.labels is None else torch.from_numpy(sampled.labels.copy())
        shares = self._classifier.shares if asked is None else class_shares(asked, self._spec.classes)
        return Judged(sampled.run, sampled.step, recognised, shares.float().cpu().numpy())

    def recognise(self, pictures: Pictures) -> Labels | None:
        """The class int64 [n] of each picture uint8 [n, h, w, c]; None while there is no classifier of the data."""
        if self._able and self._classifier is None:
            self._classifier = kept_classifier(self._data.hash, self._spec, self._device)
        if self._classifier is None:
            return None
        images = torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).to(self._device)
        with torch.no_grad():
            votes = self._classifier(as_float(images, torch.contiguous_format))[1]
        seen: Labels = votes.argmax(1).cpu().numpy().astype(np.int64)
        return seen


def recognised(folder: Path | str, shown: HeldOut) -> HeldOut:
    """The pictures that the model of a run made up, with the classes that the judge of its data sees in them."""
    told = RunFolder.open(folder).manifest.data
    seen = Judge(told, torch.device("cpu")).recognise(shown.pictures)
    return made_up_event(shown.run, shown.step, shown.pictures, shown.labels, seen, told.class_names)


def cheap_figures(judged: Judged, sampled: Sampled) -> dict[str, float]:
    """The figures of a few samples: how many classes are drawn, how far from their shares, and as asked for.

    None of very few, as slow models show them in training: chance would speak, not the model.
    """
    if judged.recognised is None or judged.expected is None:
        return {}
    if len(judged.recognised) < ENOUGH * len(judged.expected):
        return {}
    recognised, expected = torch.from_numpy(judged.recognised.copy()), torch.from_numpy(judged.expected.copy()).double()
    shares = class_shares(recognised, len(expected))
    figures = {"classes_covered": covered_classes(shares, expected), "class_kl": class_kl(shares, expected)}
    if sampled.labels is None:
        return figures
    asked = torch.from_numpy(sampled.labels.copy())
    return {"conditional_accuracy": conditional_accuracy(recognised, asked), **figures}

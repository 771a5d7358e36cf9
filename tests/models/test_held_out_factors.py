"""The factors of the held-out pictures travel with them, from training and from a run that is opened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from models import maps
from models.datasets import Factor
from models.maps import held_out_event


def test_factors_are_those_of_the_shown_pictures(tiny_dataset, monkeypatch):
    monkeypatch.setattr(maps, "SHOWN", 5)
    numbers = torch.arange(16, dtype=torch.float32).unsqueeze(1)
    data = replace(tiny_dataset, factors=(Factor("number", high=15),), test_factors=numbers)
    shown = held_out_event("run", 3, data, seed=1)
    assert len(shown.pictures) == len(shown.labels) == 5
    for picture, number in zip(shown.pictures, shown.values[:, 0], strict=True):
        assert np.array_equal(picture[..., 0], data.test_images[int(number), 0].numpy())
    assert not shown.values.flags.writeable
    assert shown.factors == data.factors


def test_data_without_factors_have_none(tiny_dataset):
    shown = held_out_event("run", 0, tiny_dataset, seed=0)
    assert (shown.factors, shown.values) == ((), None)

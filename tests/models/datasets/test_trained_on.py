"""Autoencoder and VAE train on everything that people bring or that is drawn here, grey and RGB, up to 128 pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from models.events import Embedded, Finished, HeldOut
from models.job import Control, Job
from models.trainer import train


def own_pictures(folder, side):
    """Eight noisy photographs of two classes."""
    rng = np.random.default_rng(0)
    for number in range(8):
        place = folder / ("cats" if number % 2 else "dogs")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (side, side, 3), np.uint8)).save(place / f"{number}.png")
    return {"data_dir": str(folder), "size": str(side)}


def own_arrays(folder):
    """Twelve grey pictures that are no squares."""
    folder.mkdir()
    path = folder / "own.npz"
    rng = np.random.default_rng(0)
    np.savez(path, images=rng.integers(0, 256, (12, 36, 28), np.uint8), labels=np.arange(12) % 2)
    return {"file": str(path)}


BROUGHT = {
    "faces": lambda folder: ("faces", {"count": 100}),
    "grey-faces": lambda folder: ("faces", {"count": 100, "size": "64", "colour": "grey", "label": "smile"}),
    "sprites": lambda folder: ("sprites", {"count": 200, "size": "64", "label": "scale"}),
    "digits": lambda folder: ("digits", {}),
    "folder-28": lambda folder: ("folder", own_pictures(folder, 28)),
    "folder-128": lambda folder: ("folder", own_pictures(folder, 128)),
    "arrays": lambda folder: ("arrays", own_arrays(folder)),
    "points": lambda folder: ("toy2d", {"count": 200, "shape": "moons"}),
}
PRESETS = {"vae": "conv-2d", "autoencoder": "conv"}


@pytest.mark.parametrize("family", PRESETS)
@pytest.mark.parametrize("brought", BROUGHT)
def test_models_train_on_what_is_brought_and_its_map_can_be_coloured(tmp_path, brought, family):
    name, settings = BROUGHT[brought](tmp_path / "own")
    points = name == "toy2d"
    job = Job(
        family=family, preset={"vae": "points", "autoencoder": "simple"}[family] if points else PRESETS[family],
        dataset=name, dataset_settings=settings, settings={} if points else {"channels": 8}, steps=2,
        run=str(tmp_path / "run"), device="cpu",
    )  # fmt: skip
    events = list(train(job, Control(), live=True))
    assert isinstance(events[-1], Finished)
    shown = next(event for event in events if isinstance(event, HeldOut))
    mapped = [event for event in events if isinstance(event, Embedded)][-1]
    assert len(mapped.points) == len(shown.labels) > 0
    assert np.isfinite(mapped.points).all()
    assert (shown.labels >= 0).all()
    assert bool(shown.factors) == (name in {"faces", "sprites", "toy2d"})
    if shown.factors:
        assert shown.values.shape == (len(shown.labels), len(shown.factors))
        assert np.isfinite(shown.values).all()

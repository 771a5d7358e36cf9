"""Rows of the desk: honesty and stretch behind the map, 64x64 cells of models of MNIST's size, untrained."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

MODELS = (("vae", "dense-2d"), ("vae", "conv-2d"), ("vae", "conv-16"), ("autoencoder", "simple"),
          ("autoencoder", "conv"), ("autoencoder", "flat"), ("cgan", "stable"), ("cgan", "dense"))  # fmt: skip


def honesty(data_dir: str) -> dict[str, Any]:
    """From the question to the coarse layer and to the whole one, for all that encode."""
    return {f"{family} {preset}": surveyed("honesty", family, preset) for family, preset in MODELS if family != "cgan"}


def stretch(data_dir: str) -> dict[str, Any]:
    """The same for every model."""
    return {f"{family} {preset}": surveyed("stretch", family, preset) for family, preset in MODELS}


def surveyed(layer: str, family: str, preset: str) -> dict[str, float]:
    """Seconds to the coarse cells and to all of them, the model being made anew, then again with the same model.

    Beside them the seconds of processor time that both questions took.
    """
    from models import device
    from models.capabilities import capabilities
    from models.catalog import preset_settings, trainable
    from models.events import RunInfo, Weights
    from models.family import DataSpec
    from models.job import Control
    from models.layer_events import Survey
    from models.projection import fit, project
    from models.registry import build
    from models.surveying import FINE, Surveyor

    device.take_threads(device.cores())
    chosen = preset_settings(trainable(family), preset, {})
    model = build(family, chosen.model_dump(), DataSpec(1, 28, 28, 10)).eval()
    names, exact = tuple("0123456789"), device.precision("auto", device.pick("cpu"))
    info = RunInfo("run", "", family, preset, "mnist", chosen.model_dump(), capabilities(type(model)),
                   chosen.latent_dim, (1, 28, 28), names, "cpu", exact, 0, 0)  # fmt: skip
    weights = Weights("run", 0, info, {name: part.clone() for name, part in model.state_dict().items()})
    codes = np.random.default_rng(0).standard_normal((10_000, chosen.latent_dim)).astype(np.float32)
    plane = fit(codes)
    labels = np.array([3]) if "condition" in info.capabilities else None
    surveyor, figures = Surveyor(), dict[str, float]()
    used = time.process_time()
    for round_ in ("first", "again"):
        asked = Survey(layer, (-3.0, -3.0, 3.0, 3.0), weights, codes, project(codes, plane), plane, labels, side=FINE)
        began = time.perf_counter()
        moments = {answer.side: time.perf_counter() - began for answer in surveyor.survey(asked, Control())}
        figures[f"{round_}_coarse_s"] = round(min(moments.values()), 3)
        figures[f"{round_}_s"] = round(moments[FINE], 3)
    return {**figures, "processor_s": round(time.process_time() - used, 3)}

"""Small runs for the tests of the run folder, the trainer and the replay."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from models.events import Projection
from models.job import Control, Job, finished
from models.manifest import Data, Manifest
from models.snapshot import Snapshot

ROOT = Path(__file__).parents[2]
TINY = {"width": 16, "depth": 1, "batch_size": 64}


def manifest(**changes):
    values = {
        "program_version": "1.0", "id": "a-run", "title": "A run", "created": "2026-11-20T20:35:12+00:00",
        "family": "vae", "preset": "dense-2d", "settings": {"latent_dim": 2}, "latent_dim": 2, "parameter_count": 12,
        "data": Data(name="digits", hash="abc", shape=(1, 2, 2), train_count=8, test_count=4), "seed": 0,
        "device": "cpu", "precision": "fp32", "job": {},
    }  # fmt: skip
    return Manifest.model_validate({**values, **changes})


def snapshot(seed=0, size=12):
    rng = np.random.default_rng(seed)
    codes = rng.standard_normal((4, 2), np.float32)
    pictures = rng.integers(0, 255, (20, 2, 2, 1), np.uint8)
    return Snapshot(
        weights={"weight": rng.standard_normal((size, 1), np.float32), "count": np.array(seed, np.int64)},
        training={"rng/cpu": rng.integers(0, 255, 16, np.uint8)},
        state={"seconds": 1.5, "optimizers": {}},
        codes=codes,
        points=codes,
        labels=np.arange(4),
        projection=Projection("identity", np.zeros(2, np.float32), np.eye(2, dtype=np.float32), 1.0),
        samples=pictures,
        originals=pictures,
        reconstructions=pictures,
    )


def job(folder, **changes):
    """A VAE of a few thousand weights on the digits; `settings` come on top of the tiny ones."""
    settings = {**TINY, **changes.pop("settings", {})}
    chosen = {"family": "vae", "preset": "dense-2d", "dataset": "digits", "device": "cpu", "run": str(folder)}
    length = {} if {"epochs", "steps", "minutes"} & set(changes) else {"steps": 6}
    return Job(**{**chosen, **length, **changes}, settings=settings)


def until(work, stop_at, control):
    """All events of `work`; `control` is stopped at the first event for which `stop_at` is true."""
    events = []
    for event in work:
        events.append(event)
        if stop_at(event):
            control.stop()
    return events


def trained(folder, **changes):
    """The events of a whole tiny training."""
    from models.trainer import train

    return list(train(job(folder, **changes), Control()))


def only(kind, events):
    return [event for event in events if isinstance(event, kind)]


def loaded(source):
    """The data of a source."""
    return finished(source.load(Control()))


def same(one, other):
    """Whether two mappings hold the same arrays, bit by bit."""
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@contextmanager
def file_limit(size):
    """No file grows beyond `size` bytes: the system answers as a full disk does, with another number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def child(code, *arguments):
    """A process that runs `code` in the project, with pipes to talk to it."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'models'}"},
    )  # fmt: skip

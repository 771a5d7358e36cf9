"""What every test stands on: no display, one core, a home of its own, and small data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is first imported; tiny models gain nothing from more


@pytest.fixture(scope="session", autouse=True)
def session_home(tmp_path_factory):
    """No run, download or setting of a test ever reaches a person's own folders, not even from a session fixture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LATENT_EXPLORER_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def home(session_home, tmp_path, monkeypatch):
    """The program's home, empty for every test."""
    folder = tmp_path / "latent-explorer-home"
    monkeypatch.setenv("LATENT_EXPLORER_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data beside the checkout."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data are not here: ../shared/data is absent")
    return folder


@pytest.fixture(scope="session")
def tiny_dataset():
    """48 training and 16 test pictures of 28x28 grey in four classes: a bright quarter each, on a little noise."""
    import torch

    from models.datasets import Dataset

    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(64) % 4
    images = torch.randint(0, 60, (64, 1, 28, 28), generator=generator, dtype=torch.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        top, left = 14 * (label // 2), 14 * (label % 2)
        image[0, top : top + 14, left : left + 14] += 180
    return Dataset("tiny", images[:48], labels[:48], images[48:], labels[48:], ("nw", "ne", "sw", "se"))

"""What every test stands on: no display, one core, a home of its own, and small data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

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


@pytest.fixture
def photos(tmp_path):
    """A folder of two classes of ten small pictures each, one of them damaged."""
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        folder = tmp_path / "photos" / name
        folder.mkdir(parents=True)
        for number in range(10):
            Image.fromarray(random.integers(0, 255, (9, 9, 3), np.uint8)).save(folder / f"{number}.png")
    whole = (folder / "3.png").read_bytes()
    (folder / "3.png").write_bytes(whole[: len(whole) // 2])
    return tmp_path / "photos"


@pytest.fixture
def asked_family(monkeypatch):
    """A family called `asked` that draws any class from the prior, has knobs, and cannot encode."""
    from models.registry import families

    families.scan()
    monkeypatch.setattr(families, "_classes", dict(families._classes))
    return families.register("asked")(_asked_family())


def _asked_family():
    import torch
    import torch.nn.functional as F

    from models.family import Family, FamilyParams, Preset
    from models.params import Params, param

    class Knobs(Params):
        light: float = param(1.0, "How bright it draws.", low=0.0, high=1.0)
        levels: int = param(255, "Shades of grey.", low=1, high=255)

    class Asked(Family):
        """Learns the mean picture of each class, and lets the code shade it."""

        title, summary = "Asked", "Draws what it is asked for."
        params_type, knobs_type = FamilyParams, Knobs
        presets = {"tiny": Preset("Small.", {"learning_rate": 0.1}, steps=20)}  # noqa: RUF012

        def __init__(self, params, data):
            super().__init__(params, data)
            self.shade = torch.nn.Linear(params.latent_dim, data.size)
            self.means = torch.nn.Linear(max(1, data.classes), data.size, bias=False)
            self.adam = torch.optim.Adam(self.parameters(), lr=params.learning_rate)

        def optimizers(self):
            return {"adam": self.adam}

        def condition(self, labels):
            return labels if labels.is_floating_point() else F.one_hot(labels, self.data.classes).float()

        def prior(self, count, generator):
            return torch.randn(count, self.latent_dim, generator=generator, device=generator.device)

        def _drawn(self, codes, labels):
            rows, classes = len(codes), max(1, self.data.classes)
            told = torch.full((rows, classes), 1 / classes) if labels is None else self.condition(labels)
            drawn = torch.sigmoid(0.1 * self.shade(codes) + self.means(told.to(codes)))
            return drawn.float().view(-1, *self.data.shape)

        def training_step(self, batch):
            codes = torch.randn(len(batch.images), self.latent_dim)
            loss = F.mse_loss(self._drawn(codes, batch.labels), batch.images)
            self.adam.zero_grad()
            loss.backward()
            self.adam.step()
            return {"loss": loss.detach()}

        def evaluate(self, batch, generator):
            drawn = self._drawn(self.prior(len(batch.images), generator), batch.labels)
            return {"loss": (drawn - batch.images).square().flatten(1).mean(1)}

        def decode(self, codes, labels=None):
            return self._drawn(codes, labels) * self.knobs.light

        def sample_steps(self, codes, labels=None):
            for share in (0.25, 0.5, 1.0):
                yield self.decode(codes, labels) * share

    return Asked

"""Fashion-MNIST in miniature on a server of our own, and short patience."""

from __future__ import annotations

import hashlib

import pytest
import torchvision

from models.datasets import answer, download
from tests.models.datasets.classic_files import PACKED
from tests.models.datasets.serving import serving


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """Short patience: what waits 10 seconds for people waits a third of one here."""
    monkeypatch.setattr(answer, "TIMEOUT", 0.3)
    monkeypatch.setattr(download, "PAUSES", (0.05, 0.1))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    with serving(PACKED) as running:
        yield running


@pytest.fixture
def from_here(monkeypatch):
    """Have torchvision say that Fashion-MNIST is at these addresses."""

    def use(*addresses):
        sums = [(name, hashlib.md5(content).hexdigest()) for name, content in PACKED.items()]
        monkeypatch.setattr(torchvision.datasets.FashionMNIST, "resources", sums)
        monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", list(addresses))

    return use


@pytest.fixture
def kept(home):
    """The files that are there now, by name, without the lock."""

    def look():
        return {
            path.name: path.read_bytes()
            for path in home.rglob("*")
            if path.is_file() and path.name != "owner.lock"
        }  # fmt: skip

    return look

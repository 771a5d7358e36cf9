"""What the tests of training stand on: one core, the priority they began with, and snapshots when they are wanted."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """Sums of a fixed order, so that figures repeat, and a core left to others."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def full_priority(monkeypatch):
    """A live training gives way to the window for good, which here would slow all tests that follow."""
    monkeypatch.setattr("models.device.lower_priority", lambda: None)


@pytest.fixture
def eager_saves(monkeypatch):
    """A snapshot after every step."""
    monkeypatch.setattr("models.training.SAVES", (0.0, 1.0, 0.0))

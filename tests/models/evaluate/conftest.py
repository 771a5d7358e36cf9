"""What the tests of this folder share: running a piece of work to its end."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """A core left to others."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def finished():
    """Runs a generator to its end and gives the value that it returns."""

    def run(work):
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value

    return run

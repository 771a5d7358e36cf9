"""Loading a source to its end."""

from __future__ import annotations

import pytest

from models.job import Control
from models.registry import datasets


@pytest.fixture
def finish():
    """Run a generator of events to its end: what it returns."""

    def run(work):
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value

    return run


@pytest.fixture
def load(finish):
    """Load the source of that name with these settings: its data set."""

    def run(name, **settings):
        source_type = datasets.get(name)
        return finish(source_type(source_type.params_type.read(settings, of=name)).load(Control()))

    return run

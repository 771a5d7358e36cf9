"""Loading a source to its end, and a server that can fail in every way."""

from __future__ import annotations

import pytest

from models.job import Control
from models.registry import datasets


@pytest.fixture
def load():
    """Load the source of that name with these settings: its data set."""

    def run(name, control=None, **settings):
        source_type = datasets.get(name)
        work = source_type(source_type.params_type.read(settings, of=name)).load(control or Control())
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value

    return run

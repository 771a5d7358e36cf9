"""Loading a source to its end."""

from __future__ import annotations

import pytest

from models.job import Control, finished
from models.registry import datasets


@pytest.fixture
def load():
    """Load the source of that name with these settings: its data set."""

    def run(name, **settings):
        source_type = datasets.get(name)
        return finished(source_type(source_type.params_type.read(settings, of=name)).load(Control()))

    return run

"""Numbers with their nouns."""

import pytest

from models.wording import counted


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 epochs"), (1, "1 epoch"), (1.0, "1 epoch"), (1.5, "1.5 epochs"), (2, "2 epochs"), (1234, "1,234 epochs")],
)
def test_one_is_one_and_all_else_are_several(count, words):
    assert counted(count, "epoch") == words

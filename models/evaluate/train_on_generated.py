"""How well one learns the classes from generated pictures alone, seen on real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.evaluate.classifier import looked_at, trained

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.evaluate.sampling import Drawn
    from models.job import Control
    from models.lens import Lens


def train_on_generated(lens: Lens, drawn: Drawn, seed: int, control: Control) -> Generator[float, None, float]:
    """Train on generated, test on real: the share of test pictures that a classifier gets right.

    After Ravuri & Vinyals 2019, "Classification accuracy score". The classifier is that of the data set, but learns
    from the drawn pictures and the classes they were asked to show, 40,000
    looks or more; `seed` decides the order it sees them in. Yields the share that is done. Raises Stopped.
    """
    data = lens.data
    assert drawn.asked is not None
    assert data.test_labels is not None
    learned = yield from trained(data.spec, drawn.pictures, drawn.asked, seed, lens.device, control)
    _, recognised = yield from looked_at(learned, data.test_images, control)
    return float((recognised == data.test_labels.cpu()).double().mean())

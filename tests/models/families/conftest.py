"""Toy pictures and ready-made families for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from models.family import Batch, DataSpec, Family
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Callable


CLASSES = 4  # of the pictures, for families that need classes


def labels_for(family: Family, images: torch.Tensor) -> torch.Tensor | None:
    """Classes of pictures [b, ...] in turn, int64 [b]; None for families that need none."""
    return torch.arange(len(images)) % CLASSES if family.needs_labels else None


@pytest.fixture
def pictures() -> Callable[..., torch.Tensor]:
    """Soft spots at random places: pictures [n, c, h, w] on 256 grey levels, with two factors to be found."""

    def draw(count: int, shape: tuple[int, int, int] = (1, 28, 28), seed: int = 0) -> torch.Tensor:
        channels, height, width = shape
        place = torch.rand((2, count, 1, 1, 1), generator=torch.Generator().manual_seed(seed))
        rows = torch.arange(height).view(-1, 1) / height - place[0]
        columns = torch.arange(width) / width - place[1]
        spot = torch.exp(-30 * (rows**2 + columns**2))  # [n, 1, h, w]
        tint = torch.linspace(1.0, 0.5, channels).view(-1, 1, 1)
        return (spot * tint * 255).round() / 255

    return draw


@pytest.fixture
def make() -> Callable[..., Family]:
    """A family with a preset's settings, some of them replaced, for pictures of some shape."""

    def build(
        family: str, preset: str, shape: tuple[int, int, int] = (1, 28, 28), seed: int = 0, **settings: Any
    ) -> Family:
        torch.manual_seed(seed)
        cls = families.get(family)
        params = cls.params_type.read({**cls.presets[preset].values, **settings}, of=family)
        made = cls(params, DataSpec(*shape, classes=CLASSES if cls.needs_labels else 0)).train()
        if "steps" in cls.knobs_type.model_fields:  # drawn as roughly as can be, for a test has no time to look
            made.knobs = cls.knobs_type.model_validate({"steps": 5})
        return made

    return build


@pytest.fixture
def learn() -> Callable[..., list[dict[str, float]]]:
    """Train for some steps on the same pictures, as the trainer would, and return the figures of each step."""

    def steps(family: Family, images: torch.Tensor, count: int, first: int = 0, of: int = 0) -> list[dict[str, float]]:
        figures = []
        for step in range(first, first + count):
            found = family.training_step(Batch(images, labels_for(family, images), step, step / (of or count)))
            figures.append({name: float(value) for name, value in found.items()})
        return figures

    return steps


@pytest.fixture
def judge() -> Callable[..., dict[str, torch.Tensor]]:
    """Held-out figures of each picture."""

    def figures(family: Family, images: torch.Tensor, seed: int = 0) -> dict[str, torch.Tensor]:
        return family.eval().evaluate(Batch(images, labels_for(family, images)), torch.Generator().manual_seed(seed))

    return figures

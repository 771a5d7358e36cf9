"""A model of points as one looks at it: what it draws beside real points, and its field over the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from models.family import HasField, TakesLabels
from models.field_events import PlaneShown

if TYPE_CHECKING:
    from torch import Tensor

    from models.events import Points
    from models.family import Family, HasPrior

SIDE = 48  # cells of the field along each axis
SHOWN = 1000  # points of each kind


def cells(side: int) -> Tensor:
    """The middles [side * side, 2, 1, 1] of the cells of the unit square, row by row from the bottom."""
    along = (torch.arange(side) + 0.5) / side
    y, x = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([x, y], dim=-1).view(-1, 2, 1, 1)


def seen_plane(run: str, step: int, family: Family, prior: HasPrior, held_out: Tensor, seed: int) -> PlaneShown:
    """What `family` makes of the plane, beside real points [m, 2, 1, 1]; its `prior` is its own.

    The model is in evaluation mode and without gradients. The codes are the same at every call.
    """
    codes = prior.prior(SHOWN, torch.Generator(held_out.device).manual_seed(seed)).to(held_out.device)
    classes = family.data.classes if isinstance(family, TakesLabels) else 0
    asked = torch.arange(len(codes), device=codes.device) % classes if classes else None
    drawn, real = _places(family.decode(codes, asked)), _places(held_out[:SHOWN])
    if not isinstance(family, HasField):
        return PlaneShown(run, step, real, drawn)
    meaning, middles = family.field_meaning(), cells(SIDE).to(held_out.device)
    reliefs = [family.field(middles, level) for level in meaning.levels]
    heights = torch.stack([relief.height.float().view(SIDE, SIDE) for relief in reliefs])
    arrows = torch.stack([relief.arrows.float().view(SIDE, SIDE, 2) for relief in reliefs])
    return PlaneShown(run, step, real, drawn, meaning, heights.cpu().numpy(), arrows.cpu().numpy())


def _places(points: Tensor) -> Points:
    places: Points = points.float().flatten(1).cpu().numpy().copy()
    return places

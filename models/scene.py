"""Pictures of codes side by side: all that an exported sheet is, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from models.grids import SPACING, sheet
from models.subject import needed

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.events import Asked, Codes, Event, Pictures
    from models.grids import Sheet
    from models.job import Control
    from models.recipe import Recipe
    from models.subject import Subject


@dataclass(frozen=True)
class Scene:
    """The picture of each of `codes` [n, d], row by row in so many columns, `scale` times enlarged.

    `labels` are classes [n] or shares [n, classes]. With `fine` [n, d] every picture has the fine layers of another
    code, from the layer `crossing` on. With `corner` the first place of the sheet stays empty.
    """

    codes: Codes
    labels: Asked | None = None
    fine: Codes | None = None
    crossing: int = 0
    columns: int = 1
    spacing: int = SPACING
    scale: int = 1
    corner: bool = False

    def drawn(self, subject: Subject, control: Control) -> Generator[Event, None, Pictures]:
        """The pictures uint8 [n, h, w, c], the same to the bit every time. Raises UserError, and Stopped."""
        from models.mixing import Fine  # torch comes only when it is needed: a window may not have it yet
        from models.painter import drawn

        fine = None if self.fine is None else Fine(self.fine, self.crossing)
        weights = needed(subject.weights, "weights")
        return (yield from drawn(weights, self.codes, control, self.labels, subject.knobs, fine, exact=True))

    def page(self, pictures: Pictures) -> Sheet:
        """The sheet [height, width, c] of these pictures."""
        filled = np.concatenate([np.full_like(pictures[:1], 255), pictures]) if self.corner else pictures
        return sheet(filled, self.columns, self.spacing, self.scale)

    @classmethod
    def of(cls, recipe: Recipe) -> Self | None:
        """The scene that a recipe carries; None without one."""
        told = recipe.drawn
        if told is None:
            return None
        labels = told.labels
        classes = None if labels is None else np.array(labels, np.int64) if isinstance(labels, tuple) else labels.array
        fine = None if told.fine is None else told.fine.array
        layout = told.columns, told.spacing, told.scale, told.corner
        return cls(told.codes.array, classes, fine, told.crossing, *layout)

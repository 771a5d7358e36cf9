"""What is measured on: a model, and codes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.events import Asked, Codes, Weights
    from models.painter import Painter
    from models.params import Value


@dataclass(frozen=True)
class Basis:
    """A model with its knobs, and codes [n, d] as they come in it, drawn as `labels` or as nothing in particular."""

    weights: Weights
    codes: Codes
    labels: Asked | None = None
    knobs: Mapping[str, Value] = field(default_factory=dict)

    def some(self, count: int) -> Basis:
        """As many of the codes, spread over all of them, always the same."""
        chosen = np.linspace(0, len(self.codes) - 1, min(count, len(self.codes))).astype(np.int64)
        labels = None if self.labels is None else self.labels[chosen]
        return Basis(self.weights, self.codes[chosen], labels, self.knobs)

    def painter(self) -> Painter:
        """A painter of its own. Raises UserError."""
        from models.painter import Painter

        painter = Painter.of(self.weights)
        painter.turn(self.knobs)
        return painter

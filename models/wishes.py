"""What a person wishes to have sought in a model: handed from the window to the thread that seeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.newest import Newest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.events import HeldOut, Weights
    from models.own_events import MapPictures, OwnPicture
    from models.params import Value


@dataclass(frozen=True)
class Wish:
    """A picture to be sought in the model with `weights`, its knobs turned.

    The search begins at the pictures `known`, and `held_out` ones say how strange the picture is, where there are such.
    """

    own: OwnPicture
    weights: Weights
    knobs: Mapping[str, Value]
    known: MapPictures | None = None
    held_out: HeldOut | None = None


class Wishes(Newest[Wish]):
    """The newest wish; one that was begun is given up for it, but for drawings that are answered at once anyhow."""

    def __init__(self) -> None:
        super().__init__()
        self.quick = False  # whether the last drawing was answered at once

    def ask(self, wish: Wish) -> None:
        """Wish for this instead of what is sought now."""
        self.put(wish)
        if not (wish.own.drawn and self.quick):
            self.enough()

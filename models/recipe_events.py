"""What is told of recipes: a file that was looked into, a recipe to be taken up on the stage, a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.event import Event

if TYPE_CHECKING:
    from models.recipe import Recipe
    from models.redrawing import Place


@dataclass(frozen=True)
class Sought(Event):
    """What was found for the file at `path`: its recipe and where its model is, or the `problem`; never thinned."""

    path: str
    recipe: Recipe | None = None
    place: Place | None = None
    problem: str = ""


@dataclass(frozen=True)
class Recalled(Event):
    """The run on the stage is ready for what `recipe` says of it, if there is one; `quiet` where nobody asked."""

    recipe: Recipe | None = None
    quiet: bool = True


@dataclass(frozen=True)
class Scripted(Event):
    """A script that makes what was chosen, as text; never thinned."""

    text: str

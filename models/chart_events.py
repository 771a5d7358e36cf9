"""What is told of a map whose points are laid by their neighbours: how far it is, and its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.event import Event, Thin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.events import Projection
    from models.params import Value


@dataclass(frozen=True)
class Laying(Event):
    """A layout in the making: what goes on, its share (None if unknown), the seconds left, and the map by now."""

    thin = Thin.LATEST
    kind: str
    settings: Mapping[str, Value]
    what: str
    share: float | None = None
    seconds_left: float | None = None
    projection: Projection | None = None


@dataclass(frozen=True)
class Laid(Event):
    """The end of it: the map, or without one the `problem`, which is empty where a person stopped it."""

    kind: str
    settings: Mapping[str, Value] = field(default_factory=dict)
    projection: Projection | None = None
    problem: str = ""

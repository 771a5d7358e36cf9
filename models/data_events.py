"""What is told of data that are only looked at, before anybody trains on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.events import Event, Thin, Working

if TYPE_CHECKING:
    from models.events import Labels, Pictures
    from models.job import Job
    from models.portrait import Portrait


@dataclass(frozen=True)
class Looking(Working):
    """How far the loading of data is that are only looked at."""


@dataclass(frozen=True)
class DataShown(Event):
    """How the data that `job` asks for look: figures, and training pictures class by class with their labels.

    Without a `portrait` there is a `problem`, or the data are `absent` and must be downloaded first, or neither:
    then the look was cancelled.
    """

    thin = Thin.LATEST
    job: Job
    portrait: Portrait | None = None
    pictures: Pictures | None = None
    labels: Labels | None = None
    problem: str = ""
    absent: bool = False

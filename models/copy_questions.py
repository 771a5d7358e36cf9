"""What a person asks of the search for copies: handed from the window to the thread that compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.events import Pictures, RunInfo


@dataclass(frozen=True)
class Question:
    """Which training pictures of `run` are nearest to pictures uint8 [q, h, w, c] of a `source`, drawn at `step`."""

    run: RunInfo
    step: int
    source: str
    pictures: Pictures

"""What stands below the map, and on it while it is empty; read from the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.state import Phase
from models.charts import KINDS
from models.grids import kind_of

if TYPE_CHECKING:
    from explorer.state import SessionState
    from models.events import Projection

EMPTY = (
    "Every point will be one picture, placed by the model; pictures that look alike to it lie together. "
    "Press Start, or open a run."
)


def caption(state: SessionState) -> str:
    """When the points were placed, how many they are, and how much of their codes the map shows."""
    embedding = state.embedding
    if embedding is None:
        return ""
    count, dimensions = embedding.codes.shape
    made_up = "generated " if state.data is not None and state.data.generated else ""
    things = kind_of(state.run.image_shape) if state.run is not None else "pictures"
    words = [f"step {embedding.step:,}", f"{count:,} {made_up}{things}"]
    if dimensions > 2 or embedding.projection.layout is not None:
        words += seen_by(embedding.projection, dimensions)
    return " · ".join(words)


def seen_by(projection: Projection, dimensions: int) -> list[str]:
    """What the projection shows of the codes, and what lies in the empty places."""
    kind = KINDS[projection.name]
    if projection.layout is not None:
        laid = f"{kind.short} of step {projection.layout.step:,}: what is near is alike, what is far tells little"
        return [laid, "empty places decode as a mix of the points around them"]
    plane = {
        "pca-3d": "on the plane through the middle that faces you",
        "dimensions": "with all other numbers at their means",
    }
    shown = f"{kind.short} shows {projection.explained:.0%} of the variance in {dimensions}-D"
    return [shown, f"empty places decode {plane.get(projection.name, 'on this plane')}"]


def message(state: SessionState) -> str:
    """What an empty map is for, and how it is filled."""
    if state.phase is Phase.OPENING:
        return "One moment…"
    if state.phase.busy:
        return "The first points come as soon as the model has seen its first pictures."
    if state.run is not None:
        return "This run holds no map yet. Resume it, or open another run."
    return EMPTY

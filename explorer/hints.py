"""What one can do next, in one line, read from the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.state import Phase

if TYPE_CHECKING:
    from explorer.state import SessionState

WELCOME = (
    "A small trained model to look at: click a point or an empty place of the map, or press Start to train your own."
)


def hint(state: SessionState, welcome: bool = False) -> str:
    """The next step for a person; `welcome` is for the first launch, which shows a run that comes with the program."""
    if state.phase is Phase.STOPPING:
        return "The step is finished and the run is saved."
    if state.phase is Phase.PAUSED:
        return "Explore the map as it is now, or go on."
    if state.phase is Phase.TRAINING:
        if state.embedding is None:
            return "The first pictures appear in a moment."
        return "The map moves while the model learns; explore it meanwhile, pause or stop at any time."
    if state.run is None:
        loading = state.phase is Phase.OPENING or state.catalog is None
        return "One moment." if loading else "Press Start to train a model, or open a past run."
    if welcome:
        return WELCOME
    if state.embedding is None:
        return "This run has no snapshot to explore yet; resume it, or open another."
    if not state.explored:
        return "Click a point to see its picture; click or drag over an empty place to draw a new one."
    if None in state.pins[:2]:
        return "Move a slider to change the code, or pin it as A and another as B to morph between them."
    return "Move the morph slider to walk from A to B."


def happening(state: SessionState) -> str:
    """What is going on at this moment; empty when nothing is."""
    if state.working is not None:
        share = "" if state.working.fraction is None else f" {state.working.fraction:.0%}"
        return f"{state.working.what}{share}"
    words = {
        Phase.TRAINING: "Training",
        Phase.PAUSED: "Paused between two steps",
        Phase.STOPPING: "Stopping",
    }
    if state.phase is Phase.OPENING:
        return "Loading PyTorch" if state.catalog is None else "Opening the run"
    return words.get(state.phase, "")

"""What a person did, to be undone and done again: each deed as the fields of the state that it changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.state import SessionState

REMEMBERED = (
    "selection", "neighbours", "explored", "code", "label", "knobs", "locked", "pins", "morph", "spherical",
    "timeline", "playhead", "board",
    "classes", "layer", "gathered", "others", "groups", "factor", "chart",
    "mixture", "bench", "directions", "sketch", "asking",
)  # fmt: skip
MOST = 200  # deeds that are kept
DRAG = 0.5  # seconds between two deeds of the same words that make them one


@dataclass(frozen=True)
class Deed:
    """A gesture under the words that people call it by, with what it changed from and to, at a moment in seconds."""

    words: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    moment: float

    def and_then(self, other: Deed) -> Deed:
        """Both as one: what the first of them found, and what the last of them left."""
        return Deed(self.words, {**other.before, **self.before}, {**self.after, **other.after}, other.moment)


@dataclass(frozen=True)
class History:
    """The deeds in their order, of which the first `done` hold; those after them were undone."""

    deeds: tuple[Deed, ...] = ()
    done: int = 0

    def with_deed(self, deed: Deed) -> History:
        """After one more deed, which takes the place of all that were undone; a drag goes on as the same deed."""
        held = self.deeds[: self.done]
        last = held[-1] if held and self.done == len(self.deeds) else None
        if last is not None and last.words == deed.words and deed.moment - last.moment < DRAG:
            held, deed = held[:-1], last.and_then(deed)
        kept = (*held, deed)[-MOST:]
        return History(kept, len(kept))


def noted(words: str, before: SessionState, after: SessionState, moment: float) -> SessionState:
    """The state `after` with the deed that led to it in its history; one that changed nothing to remember is none."""
    changed = [name for name in REMEMBERED if getattr(before, name) is not getattr(after, name)]
    if not changed:
        return after
    deed = Deed(
        words,
        {name: getattr(before, name) for name in changed},
        {name: getattr(after, name) for name in changed},
        moment,
    )
    return replace(after, history=before.history.with_deed(deed))


def gone_to(state: SessionState, done: int) -> SessionState:
    """The state as it was when the first `done` deeds held: others are undone, or done again, one after the other."""
    history, changes = state.history, dict[str, Any]()
    done = min(max(done, 0), len(history.deeds))
    for deed in reversed(history.deeds[done : history.done]):
        changes |= deed.before
    for deed in history.deeds[history.done : done]:
        changes |= deed.after
    return replace(state, **changes, history=replace(history, done=done))

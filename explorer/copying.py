"""Copies of training pictures among what the model draws: what is asked, what is known, and the intents about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explorer import works
from models.copy_events import Comparing, Copied, CopiesUnknown
from models.copy_questions import Question
from models.newest import Newest

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.state import SessionState
    from explorer.worker import Worker
    from models.events import Pictures, Rendered, Sampled

SOURCES = {"probe": "The probe's picture", "samples": "The samples", "pins": "The pins"}


@dataclass(frozen=True)
class Copying:
    """The source whose pictures are compared, the newest answer, and how far the training pictures are loaded."""

    source: str = "probe"
    answer: Copied | None = None
    comparing: Comparing | None = None
    problem: str = ""

    def after(self, event: Comparing | Copied | CopiesUnknown) -> Copying:
        """What is known after `event`; an answer about another source comes too late."""
        if isinstance(event, Comparing):
            return replace(self, comparing=event, problem="")
        if isinstance(event, CopiesUnknown):
            return replace(self, comparing=None, problem=event.problem or "Loading was ended.")
        return replace(self, answer=event, comparing=None, problem="") if event.source == self.source else self


def pictures_of(state: SessionState, source: str) -> tuple[Pictures, int] | None:
    """The pictures uint8 [q, h, w, c] of a source and the step at which they were drawn, if there are any."""
    drawn: dict[str, Rendered | Sampled | None] = {
        "probe": state.picture,
        "samples": state.samples,
        "pins": state.pin_pictures if any(state.pins) else None,
    }
    found = drawn[source]
    return None if found is None or not len(found.pictures) else (found.pictures, found.step)


class Copies:
    """The intents of a session about copies; `lane` is where training pictures are loaded and compared.

    While somebody looks, newly drawn pictures are compared by themselves.
    """

    def __init__(
        self, lane: Callable[[], Worker], read: Callable[[], SessionState], apply: Callable[[SessionState], None]
    ) -> None:
        self._lane, self._read, self._apply = lane, read, apply
        self._questions: Newest[Question] | None = None  # made with the first one
        self._shown = False

    def choose(self, source: str) -> None:
        """Compare the pictures of this source, one of `SOURCES`."""
        state = self._read()
        self._apply(replace(state, copying=replace(state.copying, source=source, answer=None)))
        self.ask()

    def show(self, shown: bool) -> None:
        """Whether anybody looks, so that comparing is worth it."""
        self._shown = shown
        if shown:
            self.ask()

    def follow(self, source: str) -> None:
        """The pictures of `source` were drawn anew."""
        copying = self._read().copying
        if self._shown and source == copying.source and not copying.problem:
            self.ask()

    def ask(self) -> None:
        """Compare the pictures of the chosen source with the training pictures of the run, which are loaded first."""
        state = self._read()
        found = pictures_of(state, state.copying.source)
        if state.run is None or found is None:
            return
        if self._questions is None or not self._lane().busy:
            self._questions = Newest()
            self._lane().start(works.seeking_copies(self._questions))
        pictures, step = found
        self._questions.put(Question(state.run, step, state.copying.source, pictures))

    def stop(self) -> None:
        """End the loading."""
        if self._questions is not None:
            self._questions.enough()

"""A person's own picture in the model on the stage: what is sought, what was found, and the intents about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer import gestures, works
from explorer.state import noticed

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.state import SessionState
    from explorer.worker import Worker
    from models.job import Control
    from models.own_events import OwnPicture


class Owns:
    """The intents of a session about a picture that a person brings; `lane` is where its code is sought."""

    def __init__(self, lane: Worker, read: Callable[[], SessionState], apply: Callable[[SessionState], None]) -> None:
        self._lane, self._read, self._apply = lane, read, apply
        self._control: Control | None = None

    def begin(self, picture: OwnPicture) -> None:
        """Seek the code of a picture in the model as it is now; a newer search replaces an older one."""
        state = self._read()
        if state.weights is None:
            words = "There is no model to bring a picture to yet. Train one, or open a run."
            self._apply(noticed(state, words, "warning"))
            return
        self._control = self._lane.renew(works.finding(picture, state), self._control)
        self._apply(replace(state, own=replace(state.own, asked=picture, found=None, working=True)))

    def again(self, **changes: Any) -> None:
        """Seek the same picture once more, with these of its settings changed: `label`, `negative`."""
        asked = self._read().own.asked
        if asked is not None:
            self.begin(replace(asked, **changes))

    def stop(self) -> None:
        """Seek no further; the best until now stays."""
        if self._control is None:
            return
        self._control.stop()
        state = self._read()
        if state.own.working:  # a search that waited for its turn will tell no more
            self._apply(replace(state, own=replace(state.own, working=False)))

    def take(self) -> None:
        """Give the code that was found to the probe."""
        self._apply(gestures.take_own(self._read()))

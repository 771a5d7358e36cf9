"""Sessions: what lies on the desk over a run is kept when another takes the stage, and comes back with it."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import recipe_works
from explorer.pins import pins_set
from explorer.widgets.later import Later
from explorer.works import subject_of
from models.errors import UserError
from models.recipe import recipe_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from explorer.session import Session
    from models.recipe import Recipe

PAUSE = 4000  # ms after the last gesture, when it is kept in case the program should end badly
OF_A_START = {"spherical", "selection", "factor", "layer"}  # fields that alone are no session


class Sessions:
    """Keeps the session of the run on the stage; `views` tells how the window looks at it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.views: Callable[[], Mapping[str, Any]] = dict
        self._later = Later(PAUSE, self._keep_meanwhile, session)
        session.history_changed.connect(self._ask)

    def _ask(self) -> None:
        if self._session.state.history.deeds:
            self._later.ask()

    def now(self) -> Recipe | None:
        """The session as it is now; None where there is nothing to keep, or the run has not come to the stage yet."""
        state = self._session.state
        if state.run is None or not self._ready:
            return None
        subject = replace(subject_of(state), weights=None)
        if not state.explored:
            subject = replace(subject, code=None)
        desk = subject.desk or {}
        if not (state.explored or state.knobs or pins_set(state) or {*desk} - OF_A_START):
            return None
        return recipe_of(replace(subject, desk={**desk, "views": dict(self.views())}), "session", {})

    @property
    def _ready(self) -> bool:
        """Whether the run has come to the stage with all that was kept of it; before, that must not be replaced."""
        return self._session.state.recalled is not None

    def keep(self) -> Recipe | None:
        """Have the session written in a lane of its own, or let go of where it is empty; returns it."""
        self._later.stop()
        recipe, run = self.now(), self._session.state.run
        if run is not None and self._ready:
            self._session.lane("sessions").start(recipe_works.keeping(run.id, recipe))
        return recipe

    def _keep_meanwhile(self) -> None:
        self.keep()

    def keep_at_last(self) -> None:
        """Write it now, for the lanes are closed; a disk that does not take it must not keep the window open."""
        self._later.stop()
        run = self._session.state.run
        if run is not None and self._ready:
            try:
                recipe_works.keep(run.id, self.now())
            except UserError:
                logging.getLogger(__name__).exception("The session was not kept")

    def of(self, folder: str | Path) -> Recipe | None:
        """Keep the session, and return it where it belongs to the run in `folder`, which comes to the stage anew."""
        kept, run = self.keep(), self._session.state.run
        return kept if run is not None and Path(run.folder).absolute() == Path(folder).absolute() else None

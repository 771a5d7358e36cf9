"""The works behind recipes: look into a file and find its model, save a session, write a script."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models.atomic import explained, write
from models.errors import UserError
from models.events import Embedded, Exported, Noticed, Weights
from models.recipe_events import Recalled, Scripted, Sought
from models.recipe_files import SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from explorer.state import SessionState
    from explorer.worker import Work
    from models.events import Event
    from models.job import Control
    from models.recipe import Recipe

MOST = 300  # sessions that are kept
NONE = "There is no recipe in this file, so it is not known how it was made."


def seeking(path: Path) -> Work:
    """Read the recipe in a file and look for its model; whatever comes in between, one `Sought` ends it."""

    def work(control: Control) -> Iterator[Event]:
        from models.recipe_files import read_recipe
        from models.redrawing import found

        try:
            recipe = read_recipe(path)
            if recipe is None:
                raise UserError(NONE, path=path)
            place = yield from found(recipe, control)
        except UserError as error:
            yield Sought("", 0, str(path), problem=str(error))
        else:
            yield Sought("", 0, str(path), recipe, place)

    return work


def saving(state: SessionState, views: Mapping[str, Any], path: Path) -> Work:
    """Write the session to a file; a recipe without a picture."""

    def work(control: Control) -> Iterator[Event]:
        from explorer.works import subject_of
        from models.recipe import recipe_of

        subject = subject_of(state)
        recipe = recipe_of(replace(subject, desk={**(subject.desk or {}), "views": dict(views)}), "session", {})
        write(path, recipe.text().encode())
        yield Exported(subject.info.id, subject.step, str(path))

    return work


def scripting(kind: str, state: SessionState, options: Mapping[str, Any]) -> Work:
    """Write the script that exports what is on the stage."""

    def work(control: Control) -> Iterator[Event]:
        from explorer.works import as_shown, subject_of
        from models.export import KINDS
        from models.recipe import recipe_of
        from models.scripting import script

        subject, chosen = subject_of(state), KINDS[kind]
        wanted = chosen.options.read(dict(as_shown(state, options)), of=kind)
        if chosen.bundle is not None:
            raise UserError("Files for other programs come from the program itself: there is no script of them.")
        if chosen.prepare is not None:
            subject = yield from chosen.prepare(subject, wanted, control)
        scene = None if chosen.scene is None else chosen.scene(subject, wanted)
        recipe = recipe_of(subject, kind, wanted.model_dump(), scene)
        name = f"{kind}{chosen.suffixes[0]}"
        yield Scripted(subject.info.id, subject.step, script(recipe, subject.info, name))

    return work


def with_session(events: Iterator[Event], recipe: Recipe | None = None, *, quiet: bool = True) -> Iterator[Event]:
    """The same events; when the model and its map are there, one `Recalled` with what lay on the desk comes between.

    That is `recipe`, else the session in which the run was left.
    """
    awaited: set[type[Event]] = {Weights, Embedded}
    for event in events:
        yield event
        if type(event) in awaited:
            awaited.remove(type(event))
            if not awaited:
                yield from _recalling(event, recipe, quiet)


def _recalling(event: Event, recipe: Recipe | None, quiet: bool) -> Iterator[Event]:
    try:
        recipe = recipe or kept_session(event.run)
    except UserError as error:
        yield Noticed(event.run, event.step, f"The session of this run is not restored. {error}", "warning")
    yield Recalled(event.run, event.step, recipe, quiet)


def kept_session(run: str) -> Recipe | None:
    """The session in which the run of this id was left; None without one. Raises UserError for a damaged one."""
    from models.recipe_files import read_recipe

    path = session_file(run)
    return read_recipe(path) if path.is_file() else None


def session_file(run: str) -> Path:
    """Where the session of the run with this id is kept."""
    from models.runs import runs_root

    plain = re.sub(r"[^A-Za-z0-9._-]", "_", run)[:80]
    told_apart = hashlib.sha256(run.encode("utf-8", "replace")).hexdigest()[:8]
    return runs_root().parent / "sessions" / f"{plain}-{told_apart}{SESSION}"


def keeping(run: str, recipe: Recipe | None) -> Work:
    """Keep a session until its run comes back."""

    def work(control: Control) -> Iterator[Event]:
        keep(run, recipe)
        yield from ()

    return work


def keep(run: str, recipe: Recipe | None) -> None:
    """Write the session of a run where it is sought when that comes back; of very many the oldest go. UserError.

    Without a recipe there is nothing to come back to.
    """
    path = session_file(run)
    with explained(path):
        if recipe is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, recipe.text().encode())
        kept = sorted(path.parent.glob(f"*{SESSION}"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)

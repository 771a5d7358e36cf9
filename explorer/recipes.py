"""Recipes on the stage: a file is looked into, its run opens at its step, and what lay on the desk lies there again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import charts, keeping, recipe_works
from explorer.asked import classes_of
from explorer.keeping import label, plain
from explorer.pins import Pin
from models.errors import printable
from models.recipe import plain as plain_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.session import Session
    from explorer.state import SessionState
    from models.recipe import Placed, Recipe
    from models.recipe_events import Sought

NAMES = {
    "others": "the points beside the gathered ones", "chart": "the projection of the map", "board": "the board",
    "bench": "the sum", "gathered": "the gathered points", "mixture": "the mixed styles", "sketch": "the drawing",
}  # fmt: skip


def recalled(state: SessionState, recipe: Recipe) -> tuple[SessionState, list[str]]:
    """The state with what a recipe says of the desk, and what of it does not fit the model on the stage, in words."""
    if state.run is None or recipe.origin.latent_dim != state.run.latent_dim:
        wide = 0 if state.run is None else state.run.latent_dim
        return state, [f"codes of {recipe.origin.latent_dim} numbers, where those of this model have {wide}"]
    fields, misfits = keeping.read_desk(recipe.desk, state)
    code = recipe.code
    if code is None and recipe.drawn is not None and recipe.drawn.codes.shape[0] == 1:
        code = recipe.drawn.codes
    if code is not None:
        fields |= {"code": code.array.reshape(-1), "explored": True, "neighbours": None}
    fields["knobs"] = {name: plain(value, state) for name, value in recipe.knobs.items()}
    fields["pins"] = _pins(recipe, state)
    if classes_of(state.run):
        try:
            fields["label"] = label(keeping.told(plain_label(recipe.label)), state)
        except keeping.MISFITS:
            misfits.append("label")
    fields.setdefault("selection", None)
    after = replace(state, **fields)
    return (charts.charted(after) if "chart" in fields else after), [NAMES.get(name, f"the {name}") for name in misfits]


def _pins(recipe: Recipe, state: SessionState) -> tuple[Pin | None, ...]:
    """The pins; those of points lie where these are now, if the model has moved on since."""
    pins = tuple(None if pin is None else _pin(pin, recipe.origin.step, state) for pin in recipe.pins)
    return pins + (None,) * (2 - len(pins))


def _pin(pin: Placed, step: int, state: SessionState) -> Pin:
    code, index, home = pin.code.array.reshape(-1), pin.index, state.embedding
    if index is not None and (home is None or index >= len(home.codes)):
        index = None
    if index is not None and home is not None and step != state.step:
        code = home.codes[index]
    try:
        drawn_as = label(keeping.told(plain_label(pin.label)), state)
    except keeping.MISFITS:
        drawn_as = state.label
    return Pin(code, index, drawn_as)


class Recipes:
    """The intents of a session about files with a recipe."""

    def __init__(
        self,
        session: Session,
        apply: Callable[[SessionState], None],
        do: Callable[[str, SessionState], None],
    ) -> None:
        self._session, self._apply, self._do = session, apply, do
        session.sought_changed.connect(self._found)
        session.recalled_changed.connect(self._recall)

    def open(self, path: str | Path) -> None:
        """Show what a file with a recipe was made of: its run at its step, with all that lay on the desk."""
        self._session.began.emit("recipes")
        self._session.lane("recipes").start(recipe_works.seeking(Path(path)))

    def save_session(self, path: str | Path, views: Mapping[str, Any]) -> None:
        """Write what is on the stage to a file of its own, with the `views` of the window."""
        state = self._session.state
        if state.run is None:
            self._session.tell("There is no session to save yet. Train a model or open a run first.", "warning")
            return
        self._session.began.emit("recipes")
        self._session.lane("recipes").start(recipe_works.saving(state, views, Path(path)))

    def script(self, kind: str, options: Mapping[str, Any]) -> None:
        """Write the script that exports what is on the stage as `kind`: it becomes `state.scripted`."""
        if self._session.state.run is None:
            self._session.tell("There is nothing to write a script of yet. Train or open a run first.", "warning")
            return
        self._session.began.emit("recipes")
        self._session.lane("recipes").start(recipe_works.scripting(kind, self._session.state, options))

    def _found(self) -> None:
        """Go where the recipe's model is, unless it is on the stage already."""
        sought, state = self._session.state.sought, self._session.state
        if sought is None:
            return
        if sought.recipe is None or sought.place is None:
            self._session.tell(sought.problem, "warning")
        elif _is_shown(sought, state):
            self._take(sought.recipe)
        else:
            self._session.open_run(sought.place.folder, sought.place.step, sought.recipe)

    def _recall(self) -> None:
        """The run is there."""
        event = self._session.state.recalled
        if event is not None and event.recipe is not None:
            self._take(event.recipe, quiet=event.quiet)

    def _take(self, recipe: Recipe, quiet: bool = False) -> None:
        """Lay all on the desk as it was; one step back undoes it, unless it belongs to the opening of a run."""
        state = self._session.state
        after, misfits = recalled(state, recipe)
        what = "session" if recipe.gesture == "session" else "recipe"
        if quiet:
            self._apply(after)
        else:
            self._do(f"Open a {what}", after)
            self._session.taken_up.emit(recipe)
        if misfits:
            self._session.tell(_misfit(what, misfits), "warning")
        elif not quiet:
            self._session.tell(*_said(recipe, state))


def _is_shown(sought: Sought, state: SessionState) -> bool:
    """Whether the recipe's model is the one on the stage, or that run is just being trained."""
    assert sought.place is not None
    assert sought.recipe is not None
    if state.run is None or state.weights is None:
        return False
    same = Path(state.run.folder).absolute() == Path(sought.place.folder).absolute()
    return same and (state.phase.busy or state.step == sought.place.step)


def _misfit(what: str, misfits: list[str]) -> str:
    return printable(f"Not all of this {what} fits the model. Left out: {', '.join(misfits)}.")


def _said(recipe: Recipe, state: SessionState) -> tuple[str, str]:
    """What to tell of a recipe that was taken up, and its level."""
    step, now = recipe.origin.step, state.step
    if step == now:
        kind = "the session" if recipe.gesture == "session" else f"the {recipe.gesture} of this file"
        return f"Here is all as it was for {kind}, at step {step:,}.", "done"
    return (
        f"The model of step {step:,} was not kept, so the codes are drawn by that of step {now:,}: pictures differ.",
        "warning",
    )

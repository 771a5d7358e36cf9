"""From a recipe back: the run whose model it names, what lay on the desk, and the very file once more."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import Stopped, UserError, printable
from models.events import Exported, Working
from models.export import KINDS, drawn
from models.grids import known_suffix
from models.recipe import model_hash, plain
from models.recipe_files import write_with_recipe
from models.run import RunFolder, runs_root
from models.runs import BUNDLED
from models.scene import Scene
from models.snapshot import load_arrays
from models.subject import Kept, Subject

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from models.events import Event
    from models.job import Control
    from models.recipe import Placed, Recipe


@dataclass(frozen=True)
class Place:
    """Where a recipe's model is: a run folder at a step. Unless `exact`, that model is gone and this its nearest."""

    folder: str
    step: int
    exact: bool = True


def found(recipe: Recipe, control: Control) -> Generator[Event, None, Place]:
    """The run with the recipe's model: in the folder where it was, else among all runs and those that came along.

    Raises UserError that names the model when there is none, and Stopped.
    """
    wanted, kin = recipe.origin, []
    for run in _runs(recipe):
        if control.stopping:
            raise Stopped
        if run.manifest.family != wanted.family or run.manifest.latent_dim != wanted.latent_dim:
            continue
        yield Working("", wanted.step, f"Looking for {named(recipe)}")
        if wanted.step in run.steps() and _hash(run, wanted.step) == wanted.hash:
            return Place(str(run.path), wanted.step)
        if run.manifest.id == wanted.id and run.steps():
            kin.append(run)
    if not kin:
        mend = f"Bring its folder back, as {wanted.folder} or into {runs_root()}, and open this once more."
        raise UserError(f"The model of this recipe is not here: {named(recipe)}.", mend=mend)
    step = min(kin[0].steps(), key=lambda step: abs(step - wanted.step))
    return Place(str(kin[0].path), step, exact=not wanted.hash)


def named(recipe: Recipe) -> str:
    """The model as people know it: `vae dense-2d of digits "Evening" at step 400`."""
    told = recipe.origin
    return printable(f'{told.family} {told.preset} of {told.dataset} "{told.title or told.id}" at step {told.step:,}')


def _runs(recipe: Recipe) -> Iterator[RunFolder]:
    """All runs that can be read: that of the recipe's folder first, then those of its name."""
    folders = [Path(recipe.origin.folder)]
    for root in (runs_root(), BUNDLED):
        inside = sorted(file.parent for file in root.glob("*/run.json"))
        folders += sorted(inside, key=lambda folder: folder.name != recipe.origin.id)
    for folder in dict.fromkeys(folders):
        if os.path.isfile(folder / "run.json"):  # unlike pathlib's, never raises, whatever the name
            try:
                yield RunFolder.open(folder)
            except UserError:  # the list of runs tells of damaged ones
                continue


def _hash(run: RunFolder, step: int) -> str:
    """The hash of a snapshot's weights; none of a damaged one."""
    try:
        weights = load_arrays(run.path / "snapshots" / str(step) / "model.safetensors")
    except UserError:  # who opens that run is told of it
        return "damaged"
    return model_hash(run.manifest.family, weights)


def subject_of(recipe: Recipe, folder: Path | str, step: int | None = None) -> Subject:
    """What the gesture was made of: the run in `folder` at the recipe's step, or another, and what lay on the desk."""
    return replace(
        Subject.of_run(folder, recipe.origin.step if step is None else step),
        knobs=recipe.knobs,
        label=plain(recipe.label),
        code=None if recipe.code is None else recipe.code.array,
        pins=tuple(map(_kept, recipe.pins)),
        desk=recipe.desk,
    )


def _kept(pin: Placed | None) -> Kept | None:
    return None if pin is None else Kept(pin.code.array, plain(pin.label), pin.index)


def again(recipe: Recipe, subject: Subject, out: Path, control: Control) -> Iterator[Event]:
    """Make the file of a recipe once more, the same to the last byte where `out` ends alike; ends with `Exported`.

    Raises UserError for a gesture that is not known here, and Stopped.
    """
    if recipe.gesture not in KINDS:
        what = f"What {recipe.gesture!r} made cannot be made again from its recipe alone."
        raise UserError(what, mend=f"Open it in the window, or one of these: {', '.join(KINDS)}.")
    kind = KINDS[recipe.gesture]
    suffix = known_suffix(out, kind.suffixes)
    scene = Scene.of(recipe)
    if scene is not None:
        file = yield from drawn(scene, subject, suffix, control)
    else:
        options = kind.options.read(dict(recipe.options), of=recipe.gesture)
        file = yield from kind.make(subject, options, suffix, control)
    write_with_recipe(out, file, recipe)
    yield Exported(subject.info.id, subject.step, str(out))

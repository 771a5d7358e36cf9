"""The words of the command line about recipes: what a file says of itself, as a script, and made again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.console import Console
from models.errors import UserError, printable
from models.flags import PROGRAM, Parser
from models.job import Control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.event import Event
    from models.recipe import Recipe
    from models.redrawing import Place


def recipe(words: list[str]) -> int:
    """Tell how an exported file was made, as a script too, or make it again: FILE."""
    parser = Parser(
        prog=f"{PROGRAM} recipe",
        description="Tell how a picture, film or table was made: every exported file carries its recipe.\n"
        f"`{PROGRAM} open FILE` opens the window as it was then.",
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="PNG, SVG, PDF, GIF, WebP, MP4, CSV, NPZ, Parquet, ZIP."
    )
    parser.add_argument("--json", action="store_true", help="Answer with the recipe itself, one line of JSON.")
    parser.add_argument("--python", action="store_true", help="Answer with a script that makes the same file.")
    parser.add_argument("--out", metavar="OUT", type=Path, help="Make it once more, as this file.")
    parsed = parser.parse_args(words)
    told = required(parsed.file)
    if parsed.json:
        sys.stdout.write(f"{told.text()}\n")
        return 0
    if not parsed.python and parsed.out is None:
        sys.stdout.write("".join(f"{line}\n" for line in _page(told)))
        return 0
    places: list[Place] = []
    control = Control()
    code = Console(control).drive(_made(told, parsed.out, places, control))
    if code == 0 and parsed.python:
        from models.run import RunFolder
        from models.scripting import script

        name = parsed.file.name if parsed.out is None else str(parsed.out)
        sys.stdout.write(script(told, RunFolder.open(places[0].folder).info, name))
    elif code == 0:
        sys.stdout.write(f"{parsed.out}\n")
    return code


def required(file: Path) -> Recipe:
    """The recipe in a file. Raises UserError, also when it has none."""
    from models.recipe_files import read_recipe

    if not file.is_file():
        raise UserError("There is no such file.", path=file)
    found = read_recipe(file)
    if found is None:
        mend = f"Files that `{PROGRAM} export` or the window wrote have one, unless another program saved them anew."
        raise UserError("There is no recipe in this file.", mend=mend, path=file)
    return found


def _made(told: Recipe, out: Path | None, places: list[Place], control: Control) -> Iterator[Event]:
    """Find the model, and make the file again where `out` names it. Raises UserError, and Stopped."""
    from models.redrawing import again, found, named, subject_of

    place = yield from found(told, control)
    places.append(place)
    if not place.exact:
        mend = f"Its run is in {place.folder}, whose nearest step is {place.step:,}."
        raise UserError(f"The model of this recipe was not kept: {named(told)}.", mend=mend)
    if out is not None:
        yield from again(told, subject_of(told, place.folder), out.absolute(), control)


def _page(told: Recipe) -> Iterator[str]:
    """What a person wants to know."""
    origin = told.origin
    options = ", ".join(f"{name} {value}" for name, value in told.options.items() if value is not None)
    lines = {
        "gesture": f"{told.gesture}{f': {options}' if options else ''}",
        "run": origin.title or origin.id,
        "model": f"{origin.family} {origin.preset} of {origin.dataset}, step {origin.step:,}, seed {origin.seed}",
        "weights": f"SHA-256 {origin.hash}" if origin.hash else "not needed",
        "knobs": ", ".join(f"{name} {value}" for name, value in told.knobs.items()) or "as they are declared",
        "codes": f"{told.drawn.codes.shape[0]:,} of {origin.latent_dim:,} numbers"
        if told.drawn
        else "from its options",
        "pins": f"{sum(pin is not None for pin in told.pins)}",
        "folder": origin.folder,
        "program": told.program,
    }
    for name, value in lines.items():
        yield printable(f"{name:<10} {value}")

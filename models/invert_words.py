"""The words of the command line that bring pictures to a model."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from models.console import Console
from models.errors import Stopped, UserError, printable
from models.events import Working
from models.flags import PROGRAM, Parser, add_run
from models.job import Control
from models.own_events import Found, OwnPicture
from models.runs import find_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.event import Event
    from models.subject import Subject

SIDE = 112  # pixels that a picture of the sheet has at least


def invert(words: list[str]) -> int:
    """Find the codes that draw your pictures: RUN PICTURE... --out SHEET."""
    parser = Parser(
        prog=f"{PROGRAM} invert",
        description="Find in a run's newest snapshot the code that draws each picture. Pictures are cut to the square "
        "of their middle\nand brought to the model's size. A model that can encode answers at once; in others the code "
        "is sought.",
    )
    add_run(parser)
    parser.add_argument("pictures", metavar="PICTURE", nargs="+", help="PNG, JPEG, BMP, GIF, WEBP or TIFF files.")
    parser.add_argument(
        "--out",
        metavar="SHEET",
        type=Path,
        help="Write your pictures above those of the model: .png, .svg, .pdf.",
    )
    parser.add_argument("--class", dest="label", metavar="NAME", help="Seek them as this class, by name or number.")
    parser.add_argument("--negative", action="store_true", help="Exchange dark and light first, as for ink on paper.")
    parser.add_argument("--json", action="store_true", help="Answer with one line of JSON a picture, with its code.")
    parsed = parser.parse_args(words)
    if parsed.out is not None:
        from models.grids import PICTURE_SUFFIXES, known_suffix

        known_suffix(parsed.out, PICTURE_SUFFIXES)  # before the work, not after
    from models.subject import Subject

    subject, control = Subject.of_run(find_run(parsed.run)), Control()
    label = None if parsed.label is None else subject.class_called(parsed.label)
    owns = [OwnPicture(path=path, label=label, negative=parsed.negative) for path in parsed.pictures]
    found: list[Found] = []
    code = Console(control).drive(_search(subject, owns, control, found))
    for each in found:
        sys.stdout.write(f"{json.dumps(each.told()) if parsed.json else _line(each, subject.info.class_names)}\n")
    if parsed.out is not None and found:
        _draw(found, subject, parsed.out)
    return code


def _search(subject: Subject, owns: Sequence[OwnPicture], control: Control, found: list[Found]) -> Iterator[Event]:
    """Seek one picture after the other, telling how far it is; what was found is noted, also of one that was cut short.

    Raises UserError, and Stopped.
    """
    from models import device
    from models.own_pictures import find

    if subject.weights is None:
        raise UserError("This run has no snapshot yet.", mend="Let it train for a while first.")
    device.take_threads(1)  # few pictures at a time gain little by a second core, and wait long for a busy one
    for number, own in enumerate(owns):
        for now in find(own, subject.weights, control):
            off = "" if now.error is None else f", error {now.error:.4f}"
            yield Working(now.run, now.step, f"Finding {printable(own.path)}{off}", (number + now.share) / len(owns))
            if now.done:
                found.append(now)
    if control.stopping:
        raise Stopped


def _line(found: Found, names: Sequence[str]) -> str:
    """The answer for people."""
    drawn = "" if found.label is None else f", as {printable(names[found.label])}"
    return f"{printable(found.own.path)}: error {found.error:.4g}{drawn}"


def _draw(found: Sequence[Found], subject: Subject, out: Path) -> None:
    """A row of originals above the row of what the model makes of them, whose recipe pins their codes."""
    import numpy as np

    from models import grids
    from models.recipe import PINS, recipe_of
    from models.subject import Kept

    rows = [[each.original for each in found], [each.picture for each in found]]
    pictures = np.stack([picture for row in rows for picture in row if picture is not None])
    scale = max(1, SIDE // max(pictures.shape[1:3]))
    pins = tuple(Kept(each.code, each.label) for each in found if each.code is not None)[:PINS]
    recipe = recipe_of(replace(subject, pins=pins), "invert", {})
    grids.write_picture(grids.sheet(pictures, len(found), scale=scale), out.absolute(), recipe)

"""The words of the command line that set several models side by side."""

from __future__ import annotations

import sys
from pathlib import Path

from models.console import Console
from models.errors import UserError
from models.flags import PROGRAM, Parser, add_flags, given
from models.job import Control
from models.runs import find_run

KIND = "morph-models"


def compare_models(words: list[str]) -> int:
    """Morph the same two held-out pictures by every model, a row for each: RUN... OUT."""
    parser = Parser(
        prog=f"{PROGRAM} export {KIND}",
        usage=f"{PROGRAM} export {KIND} RUN [RUN...] OUT --pictures I,J [settings]",
        description="Morph the same two pictures by every model, as a sheet with a row for each. The pictures are held "
        "out from the data\nof the first run; every model encodes them, or seeks the codes that draw them.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="A run's folder, its name, or the name's beginning.")
    parser.add_argument("out", metavar="OUT", type=Path, help="The sheet to write: .png, .svg, .pdf.")
    parser.add_argument("--pictures", metavar="I,J", default="0,1", help="Their numbers (default: 0,1).")
    from models.morph_models import ComparedOptions, compare, held_out
    from models.subject import Subject

    add_flags(parser, "settings", ComparedOptions.declared(), {}, "export.")
    parsed = parser.parse_args(words)
    numbers = parsed.pictures.split(",")
    if len(numbers) != 2 or not all(number.strip().isdecimal() for number in numbers):
        raise UserError(f"{parsed.pictures!r} are not the numbers of two pictures.", mend="Write them as 3,17.")
    options, control = ComparedOptions.read(given(parsed, ComparedOptions.declared(), "export."), of=KIND), Control()
    subjects = [Subject.of_run(find_run(run)) for run in parsed.runs]
    one, other = (held_out(subjects[0], int(number), control) for number in numbers)
    told = {"pictures": parsed.pictures, "runs": ",".join(subject.info.id for subject in subjects)}
    code = Console(control).drive(compare(subjects, (one, other), parsed.out.absolute(), options, told, control))
    if code == 0:
        sys.stdout.write(f"{parsed.out}\n")
    return code

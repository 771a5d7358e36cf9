"""The words of the command line that look at a data set: in lines, in JSON, or as a sheet of pictures."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from models import atomic
from models.console import Console
from models.data_events import DataShown
from models.errors import UserError, printable
from models.flags import PROGRAM, Parser, add_flags, given
from models.job import PART, Control, Job
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.events import Event
    from models.portrait import Portrait

TOLD = 10  # skipped files that are named; JSON names all

EXAMPLES = f"""examples:
  {PROGRAM} data digits                                  what comes with the program
  {PROGRAM} data folder --data-dir ~/photos --size 64    your own pictures, as a training would see them
  {PROGRAM} data digits --classes 3,7 --limit 200        a part of a data set
  {PROGRAM} data digits --sheet digits.png               a row of pictures for each class, in the order of the list
  {PROGRAM} data folder --data-dir ~/photos --json       for scripts: counts, size, range, hash, every skipped file
"""


def data(words: list[str]) -> int:
    """Tell all about a data set before training on it: NAME [--sheet OUT] and its settings."""
    from models.registry import datasets

    if not words or words[0].startswith("-"):
        _in_general(words, list(datasets))
    source = datasets.get(words[0])
    parser = Parser(
        prog=f"{PROGRAM} data {source.name}",
        description=f"{source.title}. {source.summary}\n\nLoads it as a training would and tells what is in it.",
    )
    _add_answers(parser)
    part = [setting for setting in Job.declared() if setting.name in PART]
    add_flags(parser, "which pictures of it", part, {}, "job.")
    of_data = source.params_type.declared()
    add_flags(parser, f"settings of the data set {source.name}", of_data, {}, "data.")
    parsed = parser.parse_args(words[1:])
    asked = {"dataset": source.name, "dataset_settings": given(parsed, of_data, "data.")}
    job = Job.read({**given(parsed, part, "job."), **asked}, of="data")
    if parsed.sheet is not None:
        _check_place(parsed.sheet)  # before an hour of reading, not after
    return _answer(job, parsed.sheet, parsed.json)


def _check_place(out: Path) -> None:
    """Refuse a sheet that could not be written, by writing a nameless file there. Raises UserError."""
    from models.grids import PICTURE_SUFFIXES, known_suffix

    known_suffix(out, PICTURE_SUFFIXES)
    if out.is_dir():
        raise UserError("This is a folder, so no sheet can be written under its name.", path=out)
    with atomic.explained(out), tempfile.TemporaryFile(dir=out.absolute().parent):
        pass


def _in_general(words: list[str], names: list[str]) -> NoReturn:
    """What can be said before a data set is named."""
    parser = Parser(
        prog=f"{PROGRAM} data",
        usage=f"{PROGRAM} data NAME [--json] [--sheet OUT] [settings]",
        description="Tell what is in a data set: how many pictures of each class, their size and range, what was "
        f"left out\nand why, and the factors that are known. NAME is one of: {', '.join(names)}.\n"
        f"`{PROGRAM} data NAME --help` tells what can be set for it.",
        epilog=EXAMPLES,
    )
    _add_answers(parser)
    parser.parse_known_args(words)  # which ends here if help was asked for
    raise UserError("Name the data set first.", mend=f"There are: {', '.join(names)}.")


def _add_answers(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="Answer with one line of JSON that leaves nothing out.")
    parser.add_argument(
        "--sheet", metavar="OUT", type=Path, help="Write a row of pictures for each class to a .png, .svg or .pdf file."
    )


def _answer(job: Job, sheet: Path | None, as_json: bool) -> int:
    """Load, tell, and draw the sheet."""
    from models.portrait import look

    shown: list[DataShown] = []

    def watched(control: Control) -> Iterator[Event]:
        for event in look(job, control, hashed=True):
            if isinstance(event, DataShown):
                shown.append(event)
            yield event

    control = Control()
    code = Console(control).drive(watched(control))
    for event in shown:
        assert event.portrait is not None
        answer = json.dumps(event.portrait.told()) if as_json else "\n".join(_lines(event.portrait))
        sys.stdout.write(f"{answer}\n")
        if sheet is not None:
            _draw(event, sheet)
    return code


def _draw(shown: DataShown, out: Path) -> None:
    from models import grids
    from models.portrait import rows_of

    assert shown.pictures is not None
    assert shown.labels is not None
    pictures, across = rows_of(shown.pictures, shown.labels)
    height = pictures.shape[1]
    grids.write_picture(grids.sheet(pictures, across, scale=max(1, 56 // height)), out.absolute())


def _lines(told: Portrait) -> Iterator[str]:
    """The portrait for people to read."""
    from models.grids import kind_of

    yield f"{told.title} ({told.dataset})"
    yield f"{kind_of(told.shape):<9} {told.train:,} to train on, {told.test:,} to test on"
    yield f"size      {told.size}"
    yield f"range     {told.low} to {told.high}, mean {told.mean:.1f}"
    yield f"hash      {told.hash}"
    if told.classes:
        yield "classes   training, test"
    wide = max((len(each.name) for each in told.classes), default=0)
    most = max((each.train for each in told.classes), default=0)
    for each in told.classes:
        bar = "#" * round(30 * each.train / max(1, most))
        yield f"  {each.name or '(no class)':<{max(wide, 10)}} {each.train:>9,} {each.test:>8,}  {bar}".rstrip()
    if told.factors:
        yield "factors"
    for factor in told.factors:
        yield f"  {factor.words}"
    for note in told.notes:
        yield f"note      {note}"
    for warning in told.warnings:
        yield f"warning   {warning}"
    if told.skipped:
        yield f"skipped   {counted(len(told.skipped), 'file')}"
    for skipped in told.skipped[:TOLD]:
        yield f"  {printable(skipped.path)}: {skipped.reason}"
    if len(told.skipped) > TOLD:
        yield f"  and {len(told.skipped) - TOLD:,} more; --json names all"

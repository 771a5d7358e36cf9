"""The words of the command line that bring a generator of one's own."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from models.console import Console
from models.flags import PROGRAM, Parser, add_flags, given
from models.job import Control

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.bringing import Bringing
    from models.events import Event


def import_(words: list[str]) -> int:
    """Make a run of a generator of your own: FILE.onnx [--encoder FILE]."""
    from models.bringing import Bringing

    settings = [setting for setting in Bringing.declared() if not setting.name.endswith("file")]
    parser = Parser(
        prog=f"{PROGRAM} import",
        description="Make a run of an ONNX file that turns codes, and perhaps labels, into pictures.\n"
        "It is looked through and tried first, in a process of its own; nothing in it can do more than compute.",
    )
    parser.add_argument("file", metavar="FILE", help="The generator, an ONNX file.")
    told = {setting.name: setting.help for setting in Bringing.declared()}
    where = "The folder of the run; else one in your runs folder."
    parser.add_argument("--encoder", metavar="FILE", default="", help=told["encoder_file"])
    parser.add_argument("--run", metavar="FOLDER", default="", help=where)
    add_flags(parser, "what you may say about it", settings, {}, "bringing.")
    parsed = parser.parse_args(words)
    files = {"file": parsed.file, "encoder_file": parsed.encoder}
    asked = Bringing.read({**given(parsed, settings, "bringing."), **files}, of="import")
    control = Control()
    made: list[Path] = []
    command = shlex.join([PROGRAM, "import", *words])
    code = Console(control).drive(_bringing(asked, parsed.run, command, control, made))
    if code == 0:
        sys.stdout.write(f"{made[0]}\n")
    return code


def _bringing(asked: Bringing, run: str, command: str, control: Control, made: list[Path]) -> Iterator[Event]:
    """The events of the work; the folder is noted in `made`."""
    from models.bringing import bring

    made.append((yield from bring(asked, run, command, control)))

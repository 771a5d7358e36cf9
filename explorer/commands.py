"""The words of the command line that need a window; Qt is loaded when one of them is said, not before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.platform_check import require_libraries, require_window
from models import ground
from models.errors import UserError
from models.flags import PROGRAM, Parser
from models.runs import find_run

if TYPE_CHECKING:
    from models.commandline import Command

SMALLEST, LARGEST = 64, 8192  # pixels of a side


def open_window(words: list[str]) -> int:
    """Open the window, on a run or as a file with a recipe tells: [RUN or FILE]."""
    parser = Parser(prog=f"{PROGRAM} open", description="Open the window, on a run or as a file with a recipe tells.")
    named = "A run's folder, its name, or the name's beginning; or a picture, film, table or session of this program."
    parser.add_argument("run", metavar="RUN", nargs="?", help=named)
    parsed = parser.parse_args(words)
    file = Path(parsed.run).absolute() if parsed.run and os.path.isfile(parsed.run) else None
    if file is not None:
        from models.recipe_words import required

        required(file)  # who opens it from a shell is told there when it has none
    folder = str(find_run(parsed.run)) if parsed.run and file is None else None
    ground.require_libraries()
    require_window()
    from explorer.app import run_window

    return run_window(folder, [PROGRAM], file)


def shot(words: list[str]) -> int:
    """Draw the real window off screen into a PNG: OUT."""
    parser = Parser(prog=f"{PROGRAM} shot", description="Draw the real window off screen into a PNG file.")
    parser.add_argument("out", metavar="OUT", help="The PNG file to write.")
    parser.add_argument("--run", metavar="RUN", help="The run to show; else the one that comes with the program.")
    parser.add_argument("--size", metavar="WxH", default="1440x900", help="Size in pixels (default: 1440x900).")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="default: light")
    parsed = parser.parse_args(words)
    if Path(parsed.out).suffix.lower() != ".png":
        raise UserError("The window is drawn as PNG only.", path=parsed.out, mend="Name a file that ends in .png.")
    width, _, height = parsed.size.partition("x")
    if not all(side.isdecimal() and len(side) < 10 and SMALLEST <= int(side) <= LARGEST for side in (width, height)):
        raise UserError(
            f"The size {parsed.size!r} is not two numbers of pixels from {SMALLEST} to {LARGEST}.",
            mend="Write it as 1440x900.",
        )
    folder = str(find_run(parsed.run)) if parsed.run else None
    ground.require_libraries()
    require_libraries()
    from explorer.app import shoot

    return shoot(parsed.out, folder, (int(width), int(height)), parsed.theme)


COMMANDS: dict[str, Command] = {"open": open_window, "shot": shot}

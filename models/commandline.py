"""The command line: the same engine as behind the window, without Qt; every answer on stdout, progress on stderr."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from models.bringing_words import import_
from models.comparing_words import KIND as MANY
from models.comparing_words import compare_models
from models.console import Console
from models.data_words import data
from models.errors import UserError, printable
from models.evaluate_words import evaluate
from models.flags import PROGRAM, Parser, add_flags, add_run, given
from models.invert_words import invert
from models.job import Control
from models.recipe_words import recipe
from models.runs import find_run, summarise
from models.training_words import resume, told_figures, train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from models.run import RunFolder

    Command = Callable[[list[str]], int]

ABOUT = """Train generative models, walk their latent space, watch pictures appear.

Without any words the window opens. A RUN is the folder of a training, its name as `runs` lists it,
or the beginning of that name, if no other run begins so.

commands:
{commands}

examples:
  {program} train vae                               a 2-D VAE of handwritten digits, in seconds
  {program} train vae --preset conv-16 --data mnist --minutes 3 --seed 1
  {program} train autoencoder --preset denoising --data folder --data-dir ~/photos
  {program} train vae --help                        everything that can be set for a VAE, and its presets
  {program} data folder --data-dir ~/photos         what is in your pictures, before training
  {program} runs                                    what was trained so far
  {program} resume 20261120 --epochs 40             go on with a run, to 40 epochs altogether
  {program} eval 20261120 --samples 5000            how good its pictures are: accuracy, variety, likelihood
  {program} invert 20261120 me.png --out found.png   your own picture as the model draws it
  {program} import generator.onnx                   a generator of your own, explored like every other model
  {program} export grid 20261120 grid.png           the decoded map as a picture
  {program} recipe grid.png                         how that picture was made; `open grid.png` goes back there
  {program} open 20261120                           the window on that run

exit codes: 0 done, 1 failed, 2 wrong usage or input, 130 interrupted (the run is kept: `resume` goes on)
"""


def run(words: list[str], more: Mapping[str, Command] | None = None) -> int:
    """Do what the words say; returns the exit code. People's errors become one sentence on stderr and 2.

    `more` are commands beside those of this file: the ones that open a window, which nothing here knows.
    """
    commands = {**COMMANDS, **(more or {})}
    try:
        if not words or words[0] in ("-h", "--help", "help"):
            print(about(commands))
            return 0
        if words[0] not in commands:
            import difflib

            near = difflib.get_close_matches(words[0], commands, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise UserError(f"There is no command {words[0]!r}.", mend=f"{hint}There are: {', '.join(commands)}.")
        return commands[words[0]](words[1:])
    except UserError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read our answer has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def about(commands: Mapping[str, Command]) -> str:
    """The help that one learns from."""
    lines = [f"  {name:<10} {(command.__doc__ or '').splitlines()[0]}" for name, command in commands.items()]
    return ABOUT.format(commands="\n".join(lines), program=PROGRAM).rstrip()


# ---- looking


def runs(words: list[str]) -> int:
    """List the runs, newest first."""
    from models.run import list_runs, runs_root

    as_json = _only_json("runs", "List the runs in your runs folder, newest first.", words)
    found = list_runs(runs_root())
    if as_json:
        print(json.dumps([asdict(each) for each in found]))
        return 0
    if not found:
        print(f"There are no runs in {runs_root()} yet. Make one: {PROGRAM} train vae")
    for each in found:
        figures = told_figures(dict(list(each.figures.items())[:3]))
        print(f"{each.id:<44} {each.status:<11} {each.step:>8,} steps  {each.problem or figures}")
    return 0


def show(words: list[str]) -> int:
    """Tell all about one run: RUN."""
    parser = Parser(prog=f"{PROGRAM} show", description="Tell all about one run.")
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="Answer with one line of JSON.")
    parsed = parser.parse_args(words)
    from models.run import RunFolder

    folder = RunFolder.open(find_run(parsed.run))
    if parsed.json:
        told = {"run": str(folder.path), **folder.manifest.model_dump(mode="json"), "snapshots": folder.steps()}
        print(json.dumps(told))
        return 0
    for name, value in _page(folder):
        print(printable(f"{name:<10} {value}").rstrip())
    if folder.notice:
        print(folder.notice, file=sys.stderr)
    return 0


def _page(folder: RunFolder) -> Iterator[tuple[str, str]]:
    """What a person wants to know of a run: what, on what data, how far, how good, where, and what next."""
    made, summary = folder.manifest, summarise(folder.path)
    channels, height, width = made.data.shape
    colour, classes = "RGB" if channels == 3 else "grey", len(made.data.class_names)
    yield "run", made.title
    size = f"{made.parameter_count:,} trainable parameters, a code of {made.latent_dim}"
    yield "model", f"{made.family} {made.preset}, {size}"
    asked = made.job.get("settings")
    if isinstance(asked, dict) and asked:
        yield "settings", f"{', '.join(f'{name} {value}' for name, value in asked.items())}, else as the preset"
    named = f", {classes} classes" if classes else ", no classes"
    pictures = f"{made.data.train_count:,} pictures to learn from and {made.data.test_count:,} held out"
    yield "data", f"{made.data.name}: {pictures}, {height}x{width} {colour}{named}"
    of = f" of {made.total_steps:,}" if made.total_steps else ""
    yield "status", f"{summary.status}, {made.step:,}{of} steps in {made.seconds:,.1f} s"
    if made.message:
        yield "", made.message
    yield "test", told_figures(made.figures, made.spreads)
    for each in made.seen:
        yield "seen", f"{each.illness} at step {each.step:,}"
    yield "made", f"{made.created[:16].replace('T', ' ')}, on {made.device} {made.precision}, seed {made.seed}"
    yield "command", made.command or "made in the window"
    yield "snapshots", ", ".join(f"{step:,}" for step in folder.steps()) or "none yet"
    yield "folder", str(folder.path)
    if summary.resumable:
        yield "next", f"{PROGRAM} resume {folder.path.name}"


def families(words: list[str]) -> int:
    """List the families of models and their presets."""
    from models.catalog import catalog

    as_json = _only_json("families", "List the families of models and their presets.", words)
    found = catalog().families
    if as_json:
        print(json.dumps([{**asdict(each), "capabilities": sorted(each.capabilities)} for each in found]))
        return 0
    for each in found:
        print(f"{each.name}: {each.title}. {each.summary}" if not each.missing else f"{each.name}: {each.missing}")
        for preset in each.presets:
            print(f"  {preset.name:<14} {preset.summary}")
    return 0


def datasets(words: list[str]) -> int:
    """List the data sets and what can be set for them."""
    from models.catalog import dataset_infos

    as_json = _only_json("datasets", "List the data sets and what can be set for them.", words)
    found = dataset_infos()
    if as_json:
        print(json.dumps([asdict(each) for each in found]))
        return 0
    for each in found:
        print(f"{each.name}: {each.title}. {each.summary}" if not each.missing else f"{each.name}: {each.missing}")
        for setting in each.settings:
            print(f"  {setting.flag:<14} {setting.help}")
    return 0


def _only_json(name: str, about: str, words: list[str]) -> bool:
    parser = Parser(prog=f"{PROGRAM} {name}", description=about)
    parser.add_argument("--json", action="store_true", help="Answer with one line of JSON.")
    return bool(parser.parse_args(words).json)


# ---- taking away and opening


def export(words: list[str]) -> int:
    """Write a picture or a table of a run: KIND RUN OUT."""
    from models.export import KINDS, Subject
    from models.export import export as exporting

    written = {name: ", ".join(kind.suffixes) or "a folder" for name, kind in KINDS.items()}
    kinds = "\n".join(f"  {name:<16} {kind.summary} ({written[name]})" for name, kind in KINDS.items())
    general = Parser(
        prog=f"{PROGRAM} export",
        usage=f"{PROGRAM} export KIND RUN OUT [settings]",
        description=f"Write a picture or a table of a run's newest snapshot.\n\nkinds:\n{kinds}",
        epilog=f"`{PROGRAM} export KIND --help` tells what can be set. `{PROGRAM} export {MANY} RUN... OUT` sets "
        "several models side by side.",
    )
    if not words or words[0].startswith("-"):
        general.parse_known_args(words)  # which ends here if help was asked for
        raise UserError("Name what to export first.", mend=f"There are: {', '.join(KINDS)}.")
    if words[0] == MANY:
        return compare_models(words[1:])
    if words[0] not in KINDS:
        raise UserError(f"There is no export called {words[0]!r}.", mend=f"There are: {', '.join(KINDS)}.")
    kind = KINDS[words[0]]
    parser = Parser(prog=f"{PROGRAM} export {words[0]}", description=kind.summary)
    add_run(parser)
    parser.add_argument("out", metavar="OUT", type=Path, help=f"What to write: {written[words[0]]}.")
    add_flags(parser, "settings", kind.options.declared(), {}, "export.")
    parsed = parser.parse_args(words[1:])
    options, control = given(parsed, kind.options.declared(), "export."), Control()
    subject = Subject.of_run(find_run(parsed.run))
    code = Console(control).drive(exporting(words[0], subject, parsed.out.absolute(), options, control))
    if code == 0:
        print(parsed.out)
    return code


def pack(words: list[str]) -> int:
    """Copy a run, small enough to share and to be looked at: RUN OUT."""
    from models.packing import pack as packing
    from models.run import RunFolder

    parser = Parser(
        prog=f"{PROGRAM} pack",
        description="Copy a run, small enough to share: with its newest snapshot in half precision, without the "
        "optimisers\nand the data's own pictures. The copy can be opened, drawn from and judged, not resumed.",
    )
    add_run(parser)
    parser.add_argument("out", metavar="OUT", type=Path, help="The folder of the copy, a new one.")
    parsed = parser.parse_args(words)
    copy = packing(RunFolder.open(find_run(parsed.run)), parsed.out)
    print(copy.path)
    return 0


COMMANDS: dict[str, Command] = {
    "train": train,
    "resume": resume,
    "runs": runs,
    "show": show,
    "families": families,
    "datasets": datasets,
    "data": data,
    "eval": evaluate,
    "invert": invert,
    "import": import_,
    "export": export,
    "recipe": recipe,
    "pack": pack,
}

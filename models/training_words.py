"""The words of the command line that train: a new model, or on with a run; one line of JSON for scripts."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from models.console import Console
from models.errors import UserError
from models.flags import PROGRAM, Parser, add_flags, add_run, given
from models.job import Control, Job
from models.runs import find_run
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.events import Event
    from models.params import Setting


def train(words: list[str]) -> int:
    """Train a new model: FAMILY [--preset P] [--data NAME] and the settings of both."""
    if not words or words[0].startswith("-"):
        _train_in_general(words)
    from models.catalog import trainable
    from models.registry import datasets

    family, rest = trainable(words[0]), words[1:]
    lead = Parser(prog=f"{PROGRAM} train {family.name}", add_help=False)
    lead.add_argument("--data", default="digits")
    lead.add_argument("--preset", default="")
    chosen = lead.parse_known_args(rest)[0]
    source = datasets.get(chosen.data)
    presets = "\n".join(f"  {name:<14} {preset.summary}" for name, preset in family.presets.items())
    parser = Parser(
        prog=f"{PROGRAM} train {family.name}",
        description=f"{family.title}. {family.summary}\n\npresets (the first is taken if none is named):\n{presets}",
    )
    _add_job_flags(parser, list(datasets))
    parser.add_argument("--preset", metavar="P", default="", help="A named set of the settings below.")
    preset = family.presets.get(chosen.preset or next(iter(family.presets)))  # an unknown one is told by the trainer
    declared, of_data = family.params_type.declared(), source.params_type.declared()
    add_flags(parser, f"settings of {family.name}", declared, dict(preset.values) if preset else {}, "family.")
    add_flags(parser, f"settings of the data set {source.name}", of_data, {}, "data.")
    parsed = parser.parse_args(rest)
    job = Job.read(
        {
            **given(parsed, Job.declared(), "job."),
            "family": family.name,
            "preset": parsed.preset,
            "settings": given(parsed, declared, "family."),
            "dataset": source.name,
            "dataset_settings": given(parsed, of_data, "data."),
        },
        of="train",
    )
    from models.trainer import train as training

    control = Control()
    command = shlex.join([PROGRAM, "train", *words])
    return _train(training(job, control, command=command), control, parsed.json)


def _train_in_general(words: list[str]) -> NoReturn:
    """What can be said of training before a family is named."""
    parser = Parser(
        prog=f"{PROGRAM} train",
        usage=f"{PROGRAM} train FAMILY [--preset P] [--data NAME] [settings]",
        description=f"Train a new model. `{PROGRAM} families` and `{PROGRAM} datasets` list what there is;\n"
        f"`{PROGRAM} train FAMILY --data NAME --help` tells the settings of both.",
    )
    _add_job_flags(parser, None)
    parser.parse_known_args(words)  # which ends here if help was asked for
    raise UserError("Name the family of models first.", mend=f"For instance: {PROGRAM} train vae --data digits.")


def _add_job_flags(parser: Parser, datasets: list[str] | None) -> None:
    told = f" ({', '.join(datasets)})" if datasets else ""
    parser.add_argument("--data", metavar="NAME", help=f"The data set to train on{told}; digits if none is named.")
    parser.add_argument("--json", action="store_true", help="End with one line of JSON on stdout.")
    add_flags(parser, "length, place and chance", _job_settings(), {}, "job.")
    add_flags(parser, "which pictures of the data set", _job_settings("classes", "limit"), {}, "job.")


def _job_settings(*names: str) -> list[Setting]:
    """What of a job is said by flags of every training; the rest is said by words of its own."""
    wanted = names or ("epochs", "steps", "minutes", "seed", "device", "precision", "run")
    return [setting for setting in Job.declared() if setting.name in wanted]


def resume(words: list[str]) -> int:
    """Go on with a run: RUN [--epochs N | --steps N | --minutes X]."""
    parser = Parser(prog=f"{PROGRAM} resume", description="Go on with a run to its planned end, or to a later one.")
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="End with one line of JSON on stdout.")
    lengths = _job_settings("epochs", "steps", "minutes")
    add_flags(parser, "a new length, counted from the run's beginning", lengths, {}, "job.")
    parsed = parser.parse_args(words)
    longer = given(parsed, lengths, "job.")
    Job.read(longer, of="resume")
    from models.trainer import resume as resuming

    control = Control()
    return _train(resuming(find_run(parsed.run), control, **longer), control, parsed.json)


def _train(events: Iterator[Event], control: Control, as_json: bool) -> int:
    """Run a training on the terminal and say what came out."""
    console = Console(control)
    code = console.drive(events)
    if console.run and code != 1:
        result = _result(Path(console.run))
        sys.stdout.write(f"{json.dumps(result) if as_json else _told(result)}\n")
    return code


def _result(folder: Path) -> dict[str, Any]:
    from models.plan import Plan
    from models.run import RunFolder

    made = RunFolder.open(folder).manifest
    batches = Plan.again(made, {}).batches(made.data.train_count)
    pictures = made.step * batches.size
    return {
        "run": str(folder),
        "family": made.family,
        "preset": made.preset,
        "steps": made.step,
        "epochs": round(made.step / batches.per_epoch, 3),
        "seconds": round(made.seconds, 3),
        "samples_per_second": round(pictures / made.seconds, 1) if made.seconds else 0.0,
        "device": made.device,
        "precision": made.precision,
        "test": made.figures,
    }


def told_figures(figures: Mapping[str, float], spreads: Mapping[str, float] = MappingProxyType({})) -> str:
    """Figures by name on one line, in four digits, with the spreads of those that have one."""
    told = [
        (f"{name} {value:.4g}", f" ± {spreads[name]:.2g}" if name in spreads else "") for name, value in figures.items()
    ]
    return ", ".join(map("".join, told)) or "not measured"


def _told(result: Mapping[str, Any]) -> str:
    return (
        f"{counted(result['steps'], 'step')} ({counted(result['epochs'], 'epoch')}) in {result['seconds']:.1f} s, "
        f"{counted(round(result['samples_per_second']), 'picture')} a second\n"
        f"test: {told_figures(result['test'])}\nrun: {result['run']}"
    )

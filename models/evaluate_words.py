"""The words of the command line that judge a run."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from models.console import Console
from models.evaluate.measures import measure_of
from models.events import Figures
from models.flags import PROGRAM, Parser, add_flags, add_run, given
from models.job import Control
from models.runs import find_run
from models.training_words import told_figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.events import Event


def evaluate(words: list[str]) -> int:
    """Judge a run by what it draws: RUN [--figures A,B] [--samples N] [--seeds S]."""
    from models import device as devices
    from models.evaluate.scorecard import ScoreParams, score

    parser = Parser(
        prog=f"{PROGRAM} eval",
        description="Judge a run's newest snapshot by what it draws: a small classifier of the data, trained once and "
        "kept,\nlooks at drawn pictures and at real ones. The figures are kept with the run.",
    )
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="Answer with one line of JSON.")
    add_flags(parser, "how it is judged", ScoreParams.declared(), {}, "score.")
    parsed = parser.parse_args(words)
    options = ScoreParams.read(given(parsed, ScoreParams.declared(), "score."), of="eval")
    folder, control = find_run(parsed.run), Control()
    devices.take_threads(devices.cores())
    heard: list[Figures] = []
    code = Console(control).drive(_listening(score(folder, options, control), heard))
    for told in heard:
        if parsed.json:
            answer = {"run": str(folder), "step": told.step, **options.model_dump()}
            answer |= {"figures": dict(told.values), "spreads": dict(told.spreads)}
            sys.stdout.write(f"{json.dumps(answer)}\n")
        else:
            sys.stdout.write("".join(f"{_told(name, told)}\n" for name in told.values))
    return code


def _told(name: str, figures: Figures) -> str:
    """One figure on its line, with the way that is better."""
    measure = measure_of(name)
    told = told_figures({name: figures.values[name]}, figures.spreads)
    return f"{told:<48} {measure.direction}" if measure else told


def _listening(events: Iterator[Event], heard: list[Figures]) -> Iterator[Event]:
    """The same events; the figures among them are noted."""
    for event in events:
        if isinstance(event, Figures):
            heard.append(event)
        yield event

"""What every generative system reaches on MNIST or faces in the time its bar allows, by the program's own figures.

python -m benchmarks.systems --data-dir DIR [--only NAME ...] [--keep FOLDER] [--seeds 3]

Each row is `main.py train` and then `main.py eval`, as a person would type them; `--keep` keeps the runs.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.common import child, machine, parser, report

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Row:
    """One training of so many minutes, and what it must reach: at least, or at most, for each figure."""

    family: str
    preset: str
    minutes: float
    least: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    judging: tuple[str, ...] = ()
    data: str = "mnist"


NATS = ("--figures", "nll", "--codes", "100", "--likelihood-pictures", "0", "--binarise")
ROWS = {
    "cvae": Row("cvae", "dense-8", 3, {"conditional_accuracy": 0.95, "diversity_within_class": 0.7}),
    "cgan-5": Row(
        "cgan",
        "stable",
        5,
        {"conditional_accuracy": 0.96, "diversity_within_class": 0.8, "train_on_generated": 0.9},
    ),
    "cgan-20": Row(
        "cgan",
        "stable",
        20,
        {"conditional_accuracy": 0.985, "diversity_within_class": 0.8, "train_on_generated": 0.96},
    ),
    "gan-dcgan": Row("gan", "dcgan", 10, {"classes_covered": 10}, {"class_kl": 0.1}),
    "gan-stable": Row("gan", "stable", 10, {"classes_covered": 10}, {"class_kl": 0.1}),
    "diffusion": Row("diffusion", "small", 10, {"conditional_accuracy": 0.98, "diversity_within_class": 0.9}),
    "pixel-gpt": Row("pixel-gpt", "small", 20, most={"nll_k1": 90}, judging=(*NATS[:3], "1", *NATS[4:])),
    "vae-5": Row("vae", "likelihood", 5, most={"nll_k100": 88}, judging=NATS),
    "vae-15": Row("vae", "likelihood", 15, most={"nll_k100": 85.5}, judging=NATS),
    "gan-collapse": Row("gan", "collapse", 3),
    "stylegan": Row("stylegan", "faces", 20, judging=("--figures", "style_leakage"), data="faces"),
    "vae-60": Row("vae", "likelihood", 60, most={"nll_k100": 83.5}, judging=NATS),
}


def measured(row: Row, data_dir: str, folder: str, seeds: int) -> dict[str, Any]:
    """Train and judge one row; figures with their spreads, and whether each bar is reached."""
    place = ["--data-dir", data_dir] if row.data == "mnist" else []
    run = ["main.py", "train", row.family, "--preset", row.preset, "--data", row.data, *place]
    limit = 60 * row.minutes + 600
    trained = child(*run, "--minutes", str(row.minutes), "--seed", "0", "--run", folder, "--json", timeout=limit)
    judged = child("main.py", "eval", folder, *row.judging, "--seeds", str(seeds), "--json", timeout=3600)
    figures = judged["figures"]
    reached = {name: figures[name] >= bar for name, bar in row.least.items()}
    reached |= {name: figures[name] <= bar for name, bar in row.most.items()}
    wanted = [name for name in figures if name in judged["spreads"] or name in reached]
    return {
        "steps": trained["steps"],
        "seconds": trained["seconds"],
        "figures": {name: [figures[name], judged["spreads"].get(name)] for name in wanted},
        "bars": {**row.least, **row.most},
        "reached": reached,
    }


def main() -> None:
    """Measure the chosen rows one after the other."""
    options = parser(__doc__)
    options.add_argument("--only", nargs="*", choices=list(ROWS))
    options.add_argument("--keep", help="folder for the runs, which are thrown away without it")
    options.add_argument("--seeds", type=int, default=3)
    chosen = options.parse_args()
    result: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.only or ROWS:
            result[name] = measured(ROWS[name], chosen.data_dir, f"{chosen.keep or folder}/{name}", chosen.seeds)
    report(result, chosen.json)


if __name__ == "__main__":
    main()

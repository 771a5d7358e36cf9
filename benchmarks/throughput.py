"""Training speed without a window as a ratio to a bare loop of the same module, optimiser, batch and precision.

    python -m benchmarks.throughput --data-dir DIR [--of vae/conv-2d gan/dcgan ...] [--seconds 20] [--rounds 5]

Both parts run in turn, each in a process of its own, and the ratio is taken pair by pair. Without `--of` the first
preset of every family that learns by steps is measured.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from typing import Any

from benchmarks.common import child, machine, parser, report

WARMING = 20  # steps that are not counted: the first ones pay for what torch looks up once
LONG = 3.0  # seconds after which slow families are warm, too


def bare(family: str, preset: str, data_dir: str, seconds: float) -> dict[str, float]:
    """A loop with nothing around it: shuffled uint8 pictures in memory, one optimiser step after the other."""
    import torch

    from models import device as devices
    from models.catalog import preset_settings
    from models.family import Batch
    from models.job import Control, finished
    from models.registry import build, families, source

    data = finished(source("mnist", {"data_dir": data_dir}).load(Control()))
    torch.set_num_threads(devices.cores())
    torch.manual_seed(0)
    settings = preset_settings(families.get(family), preset, {})
    model = build(family, settings.model_dump(), data.spec).to(memory_format=torch.channels_last)
    precision = devices.precision("auto", torch.device("cpu"))
    model.train()
    size, images = settings.batch_size, data.train_images
    seen, step, start, begun = 0, 0, 0.0, time.perf_counter()
    generator = torch.Generator().manual_seed(0)
    while True:
        for chosen in torch.split(torch.randperm(len(images), generator=generator), size)[:-1]:
            pictures = images[chosen].float().div_(255).contiguous(memory_format=torch.channels_last)
            labels = None if data.train_labels is None else data.train_labels[chosen]
            with devices.autocast(torch.device("cpu"), precision):
                model.training_step(Batch(pictures, labels, step))
            seen, step = seen + size, step + 1
            if start == 0.0 and (step >= WARMING or time.perf_counter() - begun > LONG):
                start, seen = time.perf_counter(), 0
            elif start and time.perf_counter() - start > seconds:
                return {"samples_per_second": seen / (time.perf_counter() - start)}


def headless(family: str, preset: str, data_dir: str, seconds: float) -> dict[str, float]:
    """The program's own training, snapshots and held-out losses included."""
    from models.events import Progress
    from models.job import Control, Job
    from models.trainer import train

    with tempfile.TemporaryDirectory() as folder:
        job = Job(
            family=family,
            preset=preset,
            dataset="mnist",
            dataset_settings={"data_dir": data_dir},
            minutes=(seconds + LONG) / 60,
            run=f"{folder}/run",
        )
        control, first, last = Control(), None, None
        for event in train(job, control):
            if isinstance(event, Progress):
                first = event if first is None and (event.step >= WARMING or event.seconds > LONG) else first
                last = event
        assert first is not None
        assert last is not None
        settings_batch = batch_size(family, preset)
        rate = (last.step - first.step) * settings_batch / (last.seconds - first.seconds)
        return {"samples_per_second": rate}


def batch_size(family: str, preset: str) -> int:
    """Pictures in one step of a preset."""
    from models.catalog import preset_settings
    from models.registry import families

    return preset_settings(families.get(family), preset, {}).batch_size


def main() -> None:
    """Run both parts in turn and report the median of the ratios."""
    options = parser(__doc__)
    options.add_argument("--of", nargs="*", default=[], metavar="FAMILY/PRESET")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--part", choices=["bare", "headless"])
    chosen = options.parse_args()
    if chosen.part:
        family, _, preset = chosen.of[0].partition("/")
        measure = bare if chosen.part == "bare" else headless
        print(json.dumps(measure(family, preset, chosen.data_dir, chosen.seconds)))
        return
    result: dict[str, Any] = {"machine": machine()}
    for kind in chosen.of or every_family():
        result[kind] = compared(kind, chosen.data_dir, chosen.seconds, chosen.rounds)
        print(f"{kind}: {result[kind]['ratios']}", file=sys.stderr)  # so that a long series is not lost
    report(result, chosen.json)


def every_family() -> list[str]:
    """The first preset of each family that learns by steps."""
    from models.registry import families

    return [f"{name}/{next(iter(families.get(name).presets))}" for name in families if name != "pca"]


def compared(kind: str, data_dir: str, seconds: float, rounds: int) -> dict[str, Any]:
    """Pictures a second of both parts, and the median of the ratios of their pairs."""
    words = ("-m", "benchmarks.throughput", "--of", kind, "--data-dir", data_dir, "--seconds", str(seconds), "--part")
    pairs = [[child(*words, part)["samples_per_second"] for part in ("bare", "headless")] for _ in range(rounds)]
    return {
        "bare": statistics.median(pair[0] for pair in pairs),
        "headless": statistics.median(pair[1] for pair in pairs),
        "ratio": statistics.median(pair[1] / pair[0] for pair in pairs),
        "ratios": [round(pair[1] / pair[0], 3) for pair in pairs],
    }


if __name__ == "__main__":
    main()

"""Training speed without a window as a ratio to a bare loop of the same module, optimiser, batch and precision.

    python -m benchmarks.throughput --data-dir DIR [--family vae --preset conv-2d] [--seconds 20] [--rounds 5]

Both parts run in turn, each in a process of its own, and the ratio is taken pair by pair.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time

from benchmarks.common import child, machine, parser, report


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
    seen, start = 0, 0.0
    generator = torch.Generator().manual_seed(0)
    while True:
        for chosen in torch.split(torch.randperm(len(images), generator=generator), size)[:-1]:
            pictures = images[chosen].float().div_(255).contiguous(memory_format=torch.channels_last)
            with devices.autocast(torch.device("cpu"), precision):
                model.training_step(Batch(pictures, None))
            seen += size
            if start == 0.0 and seen >= 50 * size:  # the first steps pay for warming up
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
            minutes=(seconds + 1) / 60,
            run=f"{folder}/run",
        )
        control, first, last = Control(), None, None
        for event in train(job, control):
            if isinstance(event, Progress):
                first = event if first is None and event.step >= 50 else first
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
    options.add_argument("--family", default="vae")
    options.add_argument("--preset", default="conv-2d")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--part", choices=["bare", "headless"])
    chosen = options.parse_args()
    common = (chosen.family, chosen.preset, chosen.data_dir, chosen.seconds)
    if chosen.part:
        print(json.dumps(bare(*common) if chosen.part == "bare" else headless(*common)))
        return
    pairs = []
    for _ in range(chosen.rounds):
        rates = [
            child(
                *("-m", "benchmarks.throughput", "--part", part, "--family", chosen.family),
                *("--preset", chosen.preset, "--data-dir", chosen.data_dir, "--seconds", str(chosen.seconds)),
            )["samples_per_second"]
            for part in ("bare", "headless")
        ]
        pairs.append(rates)
    result = {
        "machine": machine(),
        "family": chosen.family,
        "preset": chosen.preset,
        "bare": statistics.median(pair[0] for pair in pairs),
        "headless": statistics.median(pair[1] for pair in pairs),
        "ratio": statistics.median(pair[1] / pair[0] for pair in pairs),
        "ratios": [round(pair[1] / pair[0], 3) for pair in pairs],
        "bar": 0.95,
    }
    report(result, chosen.json)


if __name__ == "__main__":
    main()

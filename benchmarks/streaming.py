"""Training speed on pictures mapped from disk and streamed in blocks, as a ratio to the same pictures in memory.

    python -m benchmarks.streaming --data-dir DIR [--family vae --preset conv-2d] [--seconds 15] [--rounds 3]

Both parts train MNIST, in turn, each in a process of its own; the mapped file is as warm or cold as the system left it.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from dataclasses import replace

from benchmarks.common import child, machine, parser, report

PARTS = ("memory", "mapped")


def speed(part: str, family: str, preset: str, data_dir: str, seconds: float) -> dict[str, float]:
    """Pictures a second, without the first epoch's tenth."""
    import torch

    from models import device as devices
    from models import feeding
    from models.catalog import preset_settings
    from models.datasets import cache
    from models.family import Batch
    from models.job import Control, finished
    from models.lens import as_float
    from models.registry import build, families, source

    data = finished(source("mnist", {"data_dir": data_dir}).load(Control()))
    if part == "mapped":
        feeding.SHARE = 0.0
        mapped = cache.keep("pictures", {"images": data.train_images.numpy()})["images"]
        data = replace(data, train_images=torch.from_numpy(mapped))
    device = torch.device("cpu")
    torch.set_num_threads(devices.cores())
    torch.manual_seed(0)
    settings = preset_settings(families.get(family), preset, {})
    model = build(family, settings.model_dump(), data.spec).to(memory_format=torch.channels_last).train()
    precision, size = devices.precision("auto", device), settings.batch_size
    pictures = feeding.feed(feeding.settled(data, device), device, 0, size)
    per_epoch = len(data.train_images) // size
    step, seen, start = 0, 0, 0.0
    while True:
        epoch, done = divmod(step, per_epoch)
        images, labels = pictures.batch(epoch, done * size, size)
        with devices.autocast(device, precision):
            model.training_step(Batch(as_float(images, torch.channels_last), labels))
        step += 1
        seen += len(images)
        if start == 0.0 and step >= 50:
            start, seen = time.perf_counter(), 0
        elif start and time.perf_counter() - start > seconds:
            return {"samples_per_second": seen / (time.perf_counter() - start)}


def main() -> None:
    """Run both parts in turn and report the median of the ratios."""
    options = parser(__doc__)
    options.add_argument("--family", default="vae")
    options.add_argument("--preset", default="conv-2d")
    options.add_argument("--seconds", type=float, default=15)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--part", choices=PARTS)
    chosen = options.parse_args()
    if chosen.part:
        with tempfile.TemporaryDirectory() as home:
            os.environ["LATENT_EXPLORER_HOME"] = home
            print(json.dumps(speed(chosen.part, chosen.family, chosen.preset, chosen.data_dir, chosen.seconds)))
        return
    common = ("--family", chosen.family, "--preset", chosen.preset, "--data-dir", chosen.data_dir)
    pairs = []
    for _ in range(chosen.rounds):
        flags = ("-m", "benchmarks.streaming", *common, "--seconds", str(chosen.seconds), "--part")
        pairs.append([child(*flags, part)["samples_per_second"] for part in PARTS])
    ratios = [mapped / memory for memory, mapped in pairs]
    result = {
        "machine": machine(), "family": chosen.family, "preset": chosen.preset,
        "memory": statistics.median(pair[0] for pair in pairs), "mapped": statistics.median(pair[1] for pair in pairs),
        "ratio": statistics.median(ratios), "ratios": [round(ratio, 3) for ratio in ratios], "bar": 0.85,
    }  # fmt: skip
    report(result, chosen.json)


if __name__ == "__main__":
    main()

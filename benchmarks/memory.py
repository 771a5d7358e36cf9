"""Resident memory while MNIST is loaded and `vae conv-2d` trains, above `import torch` alone.

python -m benchmarks.memory --data-dir DIR
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

from benchmarks.common import child, parser, report

PAGE = 4096


def resident() -> float:
    """Resident memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


def bare() -> dict[str, float]:
    """What `import torch` alone takes."""
    import torch

    torch.zeros(1)
    return {"resident_mb": resident()}


def training(data_dir: str) -> dict[str, float]:
    """The highest resident memory of 30 s of training without a window."""
    from models.job import Control, Job
    from models.trainer import train

    job = Job(family="vae", preset="conv-2d", dataset="mnist", dataset_settings={"data_dir": data_dir}, minutes=0.5)
    highest = resident()
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.02):
            highest = max(highest, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in train(job, Control()):
        pass
    done.set()
    watcher.join()
    return {"resident_mb": highest}


def main() -> None:
    """Compare both in child processes."""
    options = parser(__doc__)
    options.add_argument("--part", choices=["bare", "training"])
    chosen = options.parse_args()
    if chosen.part:
        print(json.dumps(bare() if chosen.part == "bare" else training(chosen.data_dir)))
        return
    base = child("-m", "benchmarks.memory", "--part", "bare")["resident_mb"]
    peak = child("-m", "benchmarks.memory", "--part", "training", "--data-dir", chosen.data_dir)["resident_mb"]
    report({"import_torch_mb": base, "training_peak_mb": peak, "above_mb": peak - base, "bar_mb": 500}, chosen.json)


if __name__ == "__main__":
    main()

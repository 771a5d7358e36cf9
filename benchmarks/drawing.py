"""Seconds that slow families take to draw pictures of 28x28: diffusion many at once, the pixel families one.

    python -m benchmarks.drawing [--rounds 5]

The weights are fresh ones: how long a picture takes does not hang on what was learned.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks.common import machine, parser, report

COUNTS = {"diffusion/small": 64, "pixel-gpt/small": 1, "pixel-lstm/plain": 1}


def seconds(family: str, preset: str, count: int, rounds: int) -> list[float]:
    """How long each of some drawings of so many pictures takes, after one that is not counted."""
    import torch

    from models.catalog import preset_settings
    from models.family import DataSpec, HasPrior
    from models.registry import build, families

    settings = preset_settings(families.get(family), preset, {})
    torch.manual_seed(0)
    model = build(family, settings.model_dump(), DataSpec(1, 28, 28, classes=10)).to(memory_format=torch.channels_last)
    assert isinstance(model, HasPrior)
    model.eval()
    taken = []
    for _ in range(rounds + 1):
        codes = model.prior(count, torch.Generator().manual_seed(0))
        begun = time.perf_counter()
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=count > 1):
            model.decode(codes, torch.arange(count) % 10)
        taken.append(time.perf_counter() - begun)
    return taken[1:]


def main() -> None:
    """Measure every family and report the medians."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    import torch

    from models import device as devices

    torch.set_num_threads(devices.cores())
    result: dict[str, Any] = {"machine": machine()}
    for kind, count in COUNTS.items():
        family, _, preset = kind.partition("/")
        taken = seconds(family, preset, count, chosen.rounds)
        result[kind] = {"pictures": count, "seconds": round(statistics.median(taken), 3), "most": round(max(taken), 3)}
    report(result, chosen.json)


if __name__ == "__main__":
    main()

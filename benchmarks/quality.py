"""What the presets reach on MNIST in the time the bars allow, by the very commands a person would type.

python -m benchmarks.quality --data-dir DIR [--only NAME ...]
"""

from __future__ import annotations

import tempfile
from typing import Any

from benchmarks.common import child, machine, parser, report

# name: family, preset, extra flags, figure, bar
BARS: dict[str, tuple[str, str, list[str], str, float]] = {
    "vae-60": ("vae", "conv-2d", ["--minutes", "1"], "neg_elbo", 145.0),
    "vae-180": ("vae", "conv-2d", ["--minutes", "3"], "neg_elbo", 140.5),
    "simple-60": ("autoencoder", "simple", ["--minutes", "1"], "recon_bce", 0.095),
    "conv-180": ("autoencoder", "conv", ["--minutes", "3"], "recon_bce", 0.072),
}


def main() -> None:
    """Train each and compare the figure with its bar; the last row is the whole of `vae dense-2d` on digits."""
    options = parser(__doc__)
    options.add_argument("--only", nargs="*", choices=[*BARS, "digits"])
    chosen = options.parse_args()
    result: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        for name, (family, preset, flags, figure, bar) in BARS.items():
            if chosen.only and name not in chosen.only:
                continue
            run = ["main.py", "train", family, "--preset", preset, "--data", "mnist", "--data-dir", chosen.data_dir]
            answer = child(*run, *flags, "--seed", "0", "--run", f"{folder}/{name}", "--json")
            result[name] = {
                figure: answer["test"][figure],
                "bar": bar,
                "seconds": answer["seconds"],
                "steps": answer["steps"],
                "samples_per_second": answer["samples_per_second"],
            }
        if not chosen.only or "digits" in chosen.only:
            run = ["main.py", "train", "vae", "--preset", "dense-2d", "--data", "digits"]
            answer = child(*run, "--run", f"{folder}/digits", "--json")
            result["digits"] = {"seconds": answer["seconds"], "bar": 20, "test": answer["test"]}
    report(result, chosen.json)


if __name__ == "__main__":
    main()

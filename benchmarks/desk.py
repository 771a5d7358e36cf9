"""What a person feels on the desk: each bar of the exploration desk, measured in a process of its own.

    python -m benchmarks.desk [--only copies classes ...] [--data-dir DIR] [--json]

A row is a function that takes the folder with MNIST's files and returns its figures.
"""

from __future__ import annotations

import json
import os
import tempfile
from importlib import import_module
from typing import Any

from benchmarks.common import child, machine, parser, report

ROWS: dict[str, str] = {
    "honesty": "benchmarks.desk_layers:honesty",
    "stretch": "benchmarks.desk_layers:stretch",
    "copies": "benchmarks.desk_own:copies",
    "classes": "benchmarks.desk_own:classes",
    "strokes": "benchmarks.desk_own:strokes",
    "inversion": "benchmarks.desk_own:inversion",
    "pca": "benchmarks.desk_charts:pca",
    "tsne": "benchmarks.desk_charts:tsne",
    "umap": "benchmarks.desk_charts:umap",
    "lasso": "benchmarks.desk_map:lasso",
    "morph": "benchmarks.desk_morph:playback",
    "shortest": "benchmarks.desk_morph:shortest",
}


def measured(row: str, data_dir: str) -> dict[str, Any]:
    """The figures of one row, in this process."""
    module, _, name = ROWS[row].partition(":")
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_EXPLORER_HOME"] = home
        figures: dict[str, Any] = getattr(import_module(module), name)(data_dir)
    return figures


def main() -> None:
    """Measure the rows in turn, each in a fresh process."""
    options = parser(__doc__)
    options.add_argument("--only", nargs="*", choices=ROWS, default=list(ROWS))
    options.add_argument("--row", choices=ROWS)
    chosen = options.parse_args()
    if chosen.row:
        print(json.dumps(measured(chosen.row, chosen.data_dir)), flush=True)
        return
    rows = {row: child("-m", "benchmarks.desk", "--row", row, "--data-dir", chosen.data_dir) for row in chosen.only}
    report({"machine": machine(), **rows}, chosen.json)


if __name__ == "__main__":
    main()

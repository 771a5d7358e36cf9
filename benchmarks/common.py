"""What the benchmarks share: percentiles, MNIST's place, child processes that answer with one JSON line."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A command line with the one option that most benchmarks need."""
    made = argparse.ArgumentParser(description=doc)
    made.add_argument("--data-dir", default=str(ROOT.parent / "shared" / "data"), help="folder with MNIST's files")
    made.add_argument("--json", action="store_true", help="print one line of JSON instead of a table")
    return made


def percentiles(values: Sequence[float] | np.ndarray[Any, Any]) -> dict[str, float]:
    """Median, p95, p99, p99.9 and the largest of some values."""
    array = np.asarray(values, float)
    points = {"median": 50, "p95": 95, "p99": 99, "p99_9": 99.9, "max": 100}
    return {name: round(float(np.percentile(array, point)), 3) for name, point in points.items()}


def child(*arguments: str, timeout: float = 900) -> dict[str, Any]:
    """Run `python ARGUMENTS` in a process of its own and return the JSON of its last line."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def machine() -> str:
    """The processor and its threads, for the report."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"


def report(result: dict[str, Any], as_json: bool) -> None:
    """Print the result as one JSON line or as an indented table."""
    print(json.dumps(result) if as_json else json.dumps(result, indent=2))

"""Spoilt files, thousands of each kind, through the doors that people's own data and the classic sets come in by.

python -m benchmarks.fuzz_data --count 10000

Each kind runs in a process of its own. A file must end in a data set, among the skipped, or in a UserError: any other
error, a crash, more than five seconds for a handful of files, or more than 512 MB above the start is a fault. The same
seed makes the same files. Memory is measured as Linux tells it.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common import child, report
from benchmarks.spoilt import KINDS, PICTURES, Original, originals, spoilt
from tests.models.datasets.classic_files import SETS, published

if TYPE_CHECKING:
    from models.datasets import Dataset

HANDFUL = 20  # spoilt pictures in one folder
HANG = 5.0  # seconds
RISE = 512  # MB
ROOM = 2 * 2**30  # bytes of addresses that a child may take beyond what it has: a bound, so that nothing else suffers


class Tally:
    """What became of the files of one kind."""

    def __init__(self) -> None:
        self.files = self.good = self.refused = 0
        self.slowest = 0.0
        self.faults: list[str] = []

    def take(self, load: Any, count: int, name: str) -> None:
        """Load `count` files, the last of them called `name`; the process ends with its stack when that hangs."""
        from models.errors import UserError

        faulthandler.dump_traceback_later(HANG, exit=True)
        begun = time.monotonic()
        try:
            good, refused = load()
        except UserError as error:
            good, refused = 0, count
            if "pickle" in str(error) or "\n" in str(error) or not error.what:
                self.faults.append(f"{name}: bad words: {error!r}")
        except Exception as error:
            good, refused = 0, 0
            self.faults.append(f"{name}: {error!r}")
        faulthandler.cancel_dump_traceback_later()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.files += count
        self.good += good
        self.refused += refused
        if good + refused != count and not self.faults:
            self.faults.append(f"{name}: {count - good - refused} files are neither read nor refused")


def opened(source: str, **settings: Any) -> Dataset:
    """A data set through its source, as window and command line load it."""
    from models.job import Control, finished
    from models.registry import source as source_of

    return finished(source_of(source, settings).load(Control()))


def fuzz(kind: str, count: int, seed: int, place: Path) -> dict[str, Any]:
    """Load so many spoilt files of one kind from the folder `place`, and tell what became of them."""
    tally = Tally()
    good = originals(kind)
    rng = np.random.default_rng((seed, KINDS.index(kind)))
    for path in place.iterdir():
        path.unlink()
    many = kind in PICTURES
    for number, content in enumerate(good):
        name = f"good{number}.{kind}"
        (place / name).write_bytes(content.packed())
        if not many:
            tally.take(lambda name=name: _of_file(place / name), 1, name)
    if many:
        tally.take(lambda: _of_folder(place), len(good), "good")
    assert (tally.good, tally.faults) == (len(good), []), (kind, tally.faults)
    tally = Tally()
    start = _forget_highest()
    step = HANDFUL if many else 1
    for first in range(0, count, step):
        names = [f"{number:06}.{kind}" for number in range(first, min(first + step, count))]
        for name in names:
            (place / name).write_bytes(spoilt(good[rng.integers(len(good))], rng))
        if many:
            tally.take(lambda names=names: _of_folder(place, len(good)), len(names), names[-1])
        else:
            tally.take(lambda name=names[0]: _of_file(place / name), 1, names[0])
        for name in names:
            (place / name).unlink()
    return _told(kind, tally, _highest() - start)


def fuzz_set(name: str, count: int, seed: int, place: Path) -> dict[str, Any]:
    """Load a classic set so many times from the folder `place`, each time with one of its files spoilt."""
    rng = np.random.default_rng((seed, SETS.index(name)))
    place = place / name
    place.mkdir()
    files = {file: Original(content) for file, content in published(name).items()}  # type: ignore[no-untyped-call]
    for file, original in files.items():
        (place / file).write_bytes(original.content)
    tally = Tally()
    tally.take(lambda: _of_set(name, place), 1, "good")
    assert (tally.good, tally.faults) == (1, []), (name, tally.faults)
    tally = Tally()
    start = _forget_highest()
    for number in range(count):
        file = list(files)[rng.integers(len(files))]
        (place / file).write_bytes(spoilt(files[file], rng))
        tally.take(lambda: _of_set(name, place), 1, f"{number:06} {file}")
        (place / file).write_bytes(files[file].content)
    return _told(name, tally, _highest() - start)


def _of_set(name: str, place: Path) -> tuple[int, int]:
    """One set read, none refused."""
    return int(len(opened(name, data_dir=str(place)).train_images) > 0), 0


def _told(kind: str, tally: Tally, rise: float) -> dict[str, Any]:
    """What became of the files of one kind, and how many MB they took."""
    told = {"kind": kind, "files": tally.files, "read": tally.good, "refused": tally.refused, "faults": tally.faults}
    return told | {"slowest_s": round(tally.slowest, 2), "rise_mb": round(rise, 1)}


def _of_folder(place: Path, beside: int = 0) -> tuple[int, int]:
    """How many pictures of a folder were read and how many skipped, `beside` good ones not counted."""
    data = opened("folder", data_dir=str(place), damaged_share=1.0)
    return len(data.train_images) + len(data.test_images) - beside, len(data.skipped)


def _of_file(path: Path) -> tuple[int, int]:
    """One file read, none skipped."""
    return int(len(opened("arrays", file=str(path)).train_images) > 0), 0


def _highest() -> float:
    """The most resident memory since `_forget_highest`, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _forget_highest() -> float:
    """Count the most resident memory from now on; it in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _highest()


def run_here(kinds: list[str], count: int, seed: int) -> list[dict[str, Any]]:
    """Fuzz these kinds in this process, which gets a bound on its memory."""
    from models.catalog import catalog

    catalog()  # what every program loads is there before the bound is set and the clock runs
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM,) * 2)
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_EXPLORER_HOME"] = home
        place = Path(home, "files")
        place.mkdir()
        return [(fuzz_set if kind in SETS else fuzz)(kind, count, seed, place) for kind in kinds]


def main() -> None:
    """Every kind in a child of its own; the process fails if any file is a fault."""
    line = argparse.ArgumentParser(description=__doc__)
    line.add_argument("--count", type=int, default=10_000, help="files of each kind")
    line.add_argument("--seed", type=int, default=0)
    line.add_argument("--kinds", default=",".join((*KINDS, *SETS)), help="which kinds, by comma")
    line.add_argument("--json", action="store_true", help="print one line of JSON instead of a table")
    line.add_argument("--here", action="store_true", help="all kinds in this one process")
    asked = line.parse_args()
    kinds = asked.kinds.split(",")
    if asked.here:
        told = run_here(kinds, asked.count, asked.seed)
    else:
        given = ["-m", "benchmarks.fuzz_data", "--here", "--json", f"--count={asked.count}", f"--seed={asked.seed}"]
        told = [child(*given, f"--kinds={kind}", timeout=7200)["kinds"][0] for kind in kinds]
    report({"seed": asked.seed, "kinds": told}, asked.json)
    if any(kind["faults"] or kind["rise_mb"] > RISE for kind in told):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

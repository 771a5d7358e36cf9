"""How long a folder of pictures takes to open: 4,000 JPEGs for the first time, 50,000 pictures again.

python -m benchmarks.opening --data-dir DATA
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from benchmarks.common import child, machine, parser, report

MANY = 50_000


def opened(folder: str) -> dict[str, float]:
    """Seconds of one opening, by the clock and of the processor; runs in a process of its own."""
    import models.catalog  # noqa: F401  # torch is there before the clock starts
    from models.job import Control
    from models.registry import source

    begun, computed = time.perf_counter(), time.process_time()
    for _ in source("folder", {"data_dir": folder}).load(Control()):
        pass
    taken = {"seconds": time.perf_counter() - begun, "processor_seconds": time.process_time() - computed}
    return {name: round(value, 2) for name, value in taken.items()}


def spread(photos: Path, place: Path) -> None:
    """Fill `place` with the photos over and over, in folders of the same classes, until there are `MANY`."""
    for number, photo in enumerate(islice(cycle(sorted(photos.rglob("*.jpg"))), MANY)):
        (place / photo.parent.name).mkdir(exist_ok=True)
        shutil.copyfile(photo, place / photo.parent.name / f"{number}.jpg")


def main() -> None:
    """Open the photos, then many of them twice."""
    line = parser(__doc__)
    line.add_argument("--folder", help="open this one folder here, and say how long it took")
    asked = line.parse_args()
    if asked.folder:
        report(opened(asked.folder), as_json=True)
        return
    photos = Path(asked.data_dir, "photos", "train")
    if not photos.is_dir():
        raise SystemExit(f"there are no photos in {photos}")
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_EXPLORER_HOME"] = home
        many = Path(home, "many")
        many.mkdir()
        spread(photos, many)
        first = child("-m", "benchmarks.opening", "--folder", str(photos))
        child("-m", "benchmarks.opening", "--folder", str(many))
        again = child("-m", "benchmarks.opening", "--folder", str(many))
    report({"machine": machine(), "first_4000": first, "again_50000": again}, asked.json)


if __name__ == "__main__":
    main()

"""How long data take to open: a folder of 4,000 JPEGs, one of 50,000 pictures again, and the sets that are drawn.

python -m benchmarks.opening --data-dir DATA
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from benchmarks.common import child, machine, parser, report

MANY = 50_000


def opened(name: str, settings: dict[str, object]) -> dict[str, float]:
    """Seconds of one opening, by the clock and of the processor; runs in a process of its own."""
    import models.catalog  # noqa: F401  # torch is there before the clock starts
    from models.job import Control
    from models.registry import source

    begun, computed = time.perf_counter(), time.process_time()
    for _ in source(name, settings).load(Control()):
        pass
    taken = {"seconds": time.perf_counter() - begun, "processor_seconds": time.process_time() - computed}
    return {name: round(value, 2) for name, value in taken.items()}


def timed(name: str, **settings: object) -> dict[str, float]:
    """The same in a process of its own."""
    return child("-m", "benchmarks.opening", "--open", name, "--settings", json.dumps(settings))


def spread(photos: Path, place: Path) -> None:
    """Fill `place` with the photos over and over, in folders of the same classes, until there are `MANY`."""
    for number, photo in enumerate(islice(cycle(sorted(photos.rglob("*.jpg"))), MANY)):
        (place / photo.parent.name).mkdir(exist_ok=True)
        shutil.copyfile(photo, place / photo.parent.name / f"{number}.jpg")


def main() -> None:
    """Open the photos, many of them twice, and what is drawn twice."""
    line = parser(__doc__)
    line.add_argument("--open", help="open this one data set here, and say how long it took")
    line.add_argument("--settings", default="{}", help="its settings as JSON")
    asked = line.parse_args()
    if asked.open:
        report(opened(asked.open, json.loads(asked.settings)), as_json=True)
        return
    photos = Path(asked.data_dir, "photos", "train")
    if not photos.is_dir():
        raise SystemExit(f"there are no photos in {photos}")
    result: dict[str, object] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_EXPLORER_HOME"] = home
        many = Path(home, "many")
        many.mkdir()
        spread(photos, many)
        result["first_4000"] = timed("folder", data_dir=str(photos))
        result["first_50000"] = timed("folder", data_dir=str(many))
        result["again_50000"] = timed("folder", data_dir=str(many))
        for what in ("drawn", "again"):
            result[f"faces_20000_{what}"] = timed("faces")
            result[f"sprites_50000_{what}"] = timed("sprites")
    report(result, asked.json)


if __name__ == "__main__":
    main()

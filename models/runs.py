"""All runs of a person: where they are kept, their list, their titles, and the way to the bin."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import send2trash

from models.atomic import explained, read_json, write_json
from models.errors import UserError
from models.listings import RunSummary
from models.lock import Lock, living_owner
from models.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLED = Path(__file__).resolve().parent.parent / "resources" / "runs"  # those that come with the program
WELCOME = BUNDLED / "vae-dense-2d-digits"  # the one that a first launch opens
TRASH = ".trash"
TITLE_LIMIT = 200
HOME = "LATENT_EXPLORER_HOME"  # the variable that names another folder for all the program keeps


def runs_root() -> Path:
    """The folder of all runs: `LATENT_EXPLORER_HOME`, or the user's data folder, and therein "runs"."""
    home = os.environ.get(HOME)
    base = Path(os.path.expanduser(home)) if home else platformdirs.user_data_path("latent-explorer", appauthor=False)
    return base / "runs"


def run_id(family: str, preset: str, dataset: str) -> str:
    """A name that sorts by time and says what it is: 20261120-203512-vae-conv-2d-mnist."""
    return f"{datetime.now():%Y%m%d-%H%M%S}-{family}-{preset}-{dataset}"


def free_folder(root: Path, name: str) -> Path:
    """A new, empty folder in `root` called `name`, or `name-2` and so on when that is taken. Raises UserError."""
    with explained(root):
        root.mkdir(parents=True, exist_ok=True)
        for folder in _numbered(root, name):
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    raise AssertionError("numbers do not end")


def find_run(wanted: str) -> Path:
    """The folder of a run given by its path, its name in the runs folder, or a beginning of it. Raises UserError."""
    root = runs_root()
    for folder in (Path(os.path.expanduser(wanted)), root / wanted, BUNDLED / wanted):
        if os.path.isfile(folder / "run.json"):  # unlike pathlib's, never raises, whatever the name
            return folder.absolute()
    found = sorted(root.glob("*/run.json")) if root.is_dir() else []
    named = [file.parent for file in found if wanted and file.parent.name.startswith(wanted)]
    if len(named) == 1:
        return named[0]
    if named:
        raise UserError(f"{len(named)} runs begin with {wanted!r}: {', '.join(folder.name for folder in named)}.")
    raise UserError(f"There is no run {wanted!r}.", mend=f"`latent-explorer runs` lists those in {root}.")


def examples() -> list[Path]:
    """The folders of the runs that come with the program, the one of a first launch first."""
    folders = sorted(file.parent for file in BUNDLED.glob("*/run.json"))
    return sorted(folders, key=lambda folder: folder != WELCOME)


def list_runs(root: Path) -> list[RunSummary]:
    """All runs in `root`, newest first; one that cannot be read is listed with its problem."""
    if not root.is_dir():
        return []
    with explained(root):
        folders = [entry for entry in root.iterdir() if not entry.name.startswith(".")]
    summaries = [summarise(folder) for folder in folders if (folder / "run.json").exists()]
    return sorted(summaries, key=lambda run: (run.created, run.id), reverse=True)


def summarise(folder: Path) -> RunSummary:
    """One run as the list shows it; a run whose process died while it ran is "interrupted"."""
    size, thumbnail = _size(folder), _thumbnail(folder)
    try:
        values = read_json(folder / "run.json")
        manifest = Manifest.parse(values, folder / "run.json")
    except UserError as error:
        made = datetime.fromtimestamp(folder.stat().st_mtime).astimezone().isoformat(timespec="seconds")
        return RunSummary(
            folder.name, str(folder), folder.name, "", "", "", "damaged", made, 0, 0.0, {}, thumbnail, size, str(error)
        )
    died = manifest.status == "running" and living_owner(folder) is None
    return RunSummary(
        id=manifest.id,
        folder=str(folder),
        title=manifest.title,
        family=manifest.family,
        preset=manifest.preset,
        dataset=manifest.data.name,
        status="interrupted" if died else manifest.status,
        created=manifest.created,
        step=manifest.step,
        seconds=manifest.seconds,
        figures=manifest.figures,
        thumbnail=thumbnail,
        size=size,
        problem=manifest.notice(values),
        total_steps=manifest.total_steps,
        image_shape=manifest.data.shape,
        data_hash=manifest.data.hash,
        spreads=manifest.spreads,
        judged=manifest.judged,
    )


def rename_run(folder: Path, title: str) -> None:
    """Give a run another title; its folder keeps its name. Raises UserError, also while the run trains."""
    title = " ".join(title.split())[:TITLE_LIMIT]
    if not title:
        raise UserError("A run needs a title.", mend="Type at least one letter.", path=folder)
    _must_be_run(folder)
    lock = Lock(folder)
    try:
        values = read_json(folder / "run.json")
        manifest = Manifest.parse(values, folder / "run.json")
        if manifest.newer:
            raise UserError(manifest.notice(values), mend="Update this program to rename it.", path=folder)
        write_json(folder / "run.json", manifest.model_copy(update={"title": title}).model_dump(mode="json"))
    finally:
        lock.release()


def delete_run(folder: Path) -> None:
    """Move a run to the bin, or to `.trash` beside it where the system has none. Raises UserError while it trains."""
    _must_be_run(folder)
    Lock(folder).release()  # refused while somebody else holds it
    try:
        send2trash.send2trash(folder)
    except OSError:  # no bin on this volume, or none at all
        with explained(folder):
            folder.rename(free_folder(folder.parent / TRASH, folder.name) / folder.name)


def _must_be_run(folder: Path) -> None:
    if not (folder / "run.json").exists():
        raise UserError("There is no run here, so nothing was changed.", path=folder)


def _numbered(root: Path, name: str) -> Iterator[Path]:
    yield root / name
    number = 2
    while True:
        yield root / f"{name}-{number}"
        number += 1


def _size(folder: Path) -> int:
    """Bytes in all files of a folder; a file that goes while we count counts nothing."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.lstat().st_size
        except OSError:
            continue
    return total


def _thumbnail(folder: Path) -> str:
    """The newest sample sheet, or empty."""
    sheets = folder.glob("snapshots/[0-9]*/sheet.png")
    newest = max(sheets, key=lambda sheet: int(sheet.parent.name) if sheet.parent.name.isdecimal() else -1, default="")
    return str(newest)

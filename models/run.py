"""The run folder: manifest, metrics and snapshots on disk; atomic, durable, versioned, without pickle."""

from __future__ import annotations

import json
import math
import os
import shutil
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from models.atomic import clean, explained, new_folder, read_json, readable, sync, write, write_json
from models.errors import UserError
from models.events import Losses, RunInfo
from models.lock import NAME as LOCK_NAME
from models.lock import InUse, Lock
from models.manifest import Manifest, Seen
from models.runs import delete_run, list_runs, rename_run, runs_root
from models.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Manifest", "RunFolder", "Snapshot", "delete_run", "list_runs", "rename_run", "runs_root"]

KEPT = 3  # snapshots; older ones go when a newer one is durable
REMEMBERED = 100  # illnesses that were seen
LINE_LIMIT = 2**16  # bytes of one line of metrics; ours have some hundreds


class RunFolder:
    """One run on disk, opened for reading or, alone and under a lock, for writing; `notice` is a line to show."""

    def __init__(self, path: Path, manifest: Manifest, lock: Lock | None = None, notice: str = "") -> None:
        self.path = path
        self.manifest = manifest
        self.notice = notice
        self.bad_lines = 0  # of the metrics, as last read
        self._lock = lock

    @classmethod
    def create(cls, folder: Path | str, manifest: Manifest) -> Self:
        """Make the folder of a new run and hold it. Raises UserError when the place is taken or cannot be written."""
        path = Path(os.path.expanduser(folder)).absolute()
        with explained(path):
            path.mkdir(parents=True, exist_ok=True)
        lock: Lock | None = None
        try:
            lock = Lock(path)
            clean(path)
            if any(entry.name != LOCK_NAME for entry in path.iterdir()):
                mend = "Resume that run, or choose another folder."
                raise UserError("This folder is not empty, so no new run is made in it.", mend=mend, path=path)
            with explained(path):
                (path / "snapshots").mkdir()
            write_json(path / "run.json", manifest.model_dump(mode="json"))
        except UserError as error:
            if lock is not None:
                lock.release()
            if not isinstance(error, InUse):
                _take_back(path)
            raise
        return cls(path, manifest, lock)

    @classmethod
    def open(cls, folder: Path | str, *, writing: bool = False) -> Self:
        """Open a run; for `writing`, hold it and remove what killed writes left. Raises UserError."""
        path = Path(os.path.expanduser(folder)).absolute()
        if not (path / "run.json").exists():
            mend = "Name the folder of a run: `latent-explorer runs` lists them."
            raise UserError("There is no run here.", mend=mend, path=path)
        values = read_json(path / "run.json")
        manifest = Manifest.parse(values, path / "run.json")
        notice = manifest.notice(values)
        if not writing:
            return cls(path, manifest, None, notice)
        if manifest.newer:
            raise UserError(notice, mend="Update this program to go on with it.", path=path)
        lock = Lock(path)
        try:
            clean(path)
            with explained(path):
                (path / "snapshots").mkdir(exist_ok=True)
            clean(path / "snapshots")
        except UserError:
            lock.release()
            raise
        return cls(path, manifest, lock)

    def close(self) -> None:
        """Give the folder back to others."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def info(self) -> RunInfo:
        """The run as panels know it."""
        told = self.manifest
        return RunInfo(
            id=told.id,
            folder=str(self.path),
            family=told.family,
            preset=told.preset,
            dataset=told.data.name,
            settings=told.settings,
            capabilities=frozenset(told.capabilities),
            latent_dim=told.latent_dim,
            image_shape=told.data.shape,
            class_names=told.data.class_names,
            device=told.device,
            precision=told.precision,
            seed=told.seed,
            parameter_count=told.parameter_count,
            title=told.title,
            layers=told.layers,
        )

    def update(self, **changes: Any) -> None:
        """Change fields of the manifest, here and on disk. Raises UserError."""
        self._writable()
        manifest = Manifest.parse({**self.manifest.model_dump(), **changes}, self.path / "run.json")
        write_json(self.path / "run.json", manifest.model_dump(mode="json"))
        self.manifest = manifest

    def note(self, step: int, illness: str, message: str) -> None:
        """Write down that an illness was seen; of very many the newest are kept. Raises UserError."""
        self.update(seen=(*self.manifest.seen, Seen(step=step, illness=illness, message=message))[-REMEMBERED:])

    # ---- metrics

    def log(self, split: str, steps: Sequence[int], values: Mapping[str, NDArray[np.float32]]) -> None:
        """Append one line a step: values by name, each as long as `steps`; not-a-numbers become null."""
        self._writable()
        rows = zip(steps, zip(*values.values(), strict=True), strict=True)
        lines = "".join(_line(split, int(step), dict(zip(values, row, strict=True))) for step, row in rows)
        path = self.path / "metrics.jsonl"
        with explained(path), path.open("a", encoding="utf-8") as file:
            file.write(lines)

    def metrics(self) -> Iterator[Losses]:
        """All losses, in stretches of one split and one set of names; bad lines are skipped and counted."""
        stretches: dict[tuple[str, tuple[str, ...]], tuple[array[int], array[float]]] = {}
        for step, split, values in self._rows():
            steps, numbers = stretches.setdefault((split, tuple(values)), (array("q"), array("d")))
            steps.append(step)
            numbers.extend(values.values())
        for (split, names), (steps, numbers) in stretches.items():
            with np.errstate(over="ignore"):  # a line may say 1e300, which is infinite for us
                table = np.array(numbers, np.float32).reshape(-1, len(names))
            columns = {name: table[:, place].copy() for place, name in enumerate(names)}
            yield Losses(self.manifest.id, steps[-1], split, np.array(steps, np.int64), columns)

    def _rows(self) -> Iterator[tuple[int, str, dict[str, float]]]:
        """Step, split and values of each good line; a last line without its end is still being written."""
        self.bad_lines = 0
        path = self.path / "metrics.jsonl"
        if not path.is_file():
            return
        with readable(path), path.open("rb") as file:
            for line in iter(lambda: file.readline(LINE_LIMIT), b""):
                row = _row(line)
                if row is not None and line.endswith(b"\n"):
                    yield row
                elif line.endswith(b"\n") or len(line) == LINE_LIMIT:
                    self.bad_lines += 1

    # ---- snapshots

    def save(self, step: int, snapshot: Snapshot) -> Path:
        """Write a snapshot, durable when this returns; then let go of the oldest. Raises UserError."""
        self._writable()
        path = self.path / "snapshots" / str(step)
        if not path.exists():  # the same step of the same run is the same snapshot
            metrics = self.path / "metrics.jsonl"
            with explained(metrics):
                if metrics.exists():
                    sync(metrics)  # the curves up to a snapshot last as long as it does
            with new_folder(path) as folder:
                snapshot.write(folder)
        for old in self.steps()[:-KEPT]:
            shutil.rmtree(self.path / "snapshots" / str(old), ignore_errors=True)  # what stays is no harm
        return path

    def steps(self) -> list[int]:
        """The steps of all snapshots, rising."""
        folder = self.path / "snapshots"
        entries = list(folder.iterdir()) if folder.is_dir() else []
        plain = [entry.name for entry in entries if entry.is_dir() and not entry.is_symlink()]
        numbers = [name for name in plain if name.isascii() and name.isdecimal() and len(name) < 19]
        return sorted(int(name) for name in numbers if str(int(name)) == name)

    def load(self, step: int | None = None) -> Snapshot:
        """The snapshot of that step, or the newest. Raises UserError, also when it is damaged."""
        steps = self.steps()
        if not steps or (step is not None and step not in steps):
            what = "This run has no snapshot yet." if not steps else f"This run has no snapshot of step {step}."
            raise UserError(what, mend=f"It has: {', '.join(map(str, steps))}." if steps else "", path=self.path)
        return Snapshot.read(self.path / "snapshots" / str(steps[-1] if step is None else step))

    def rewind(self, step: int) -> None:
        """Forget metrics and illnesses of later steps, which a training that goes on from `step` will make again."""
        self._writable()
        kept = "".join(_line(split, at, values) for at, split, values in self._rows() if at <= step)
        write(self.path / "metrics.jsonl", kept.encode())
        seen = tuple(each for each in self.manifest.seen if each.step <= step)
        if seen != self.manifest.seen:
            self.update(seen=seen)

    def _writable(self) -> None:
        if self._lock is None:
            raise UserError(self.notice or "This run was opened for reading only.", path=self.path)


def _take_back(path: Path) -> None:
    """Remove the folder of a run that could not be made, if nothing of anybody's is in it."""
    if all(file.parent == path and file.name in (LOCK_NAME, "snapshots") for file in path.rglob("*")):
        shutil.rmtree(path, ignore_errors=True)  # what stays is empty and no run


def _line(split: str, step: int, values: Mapping[str, float]) -> str:
    """One line of metrics; nine digits are enough for every float32."""
    plain = {name: float(f"{value:.9g}") if math.isfinite(value) else None for name, value in values.items()}
    return json.dumps({"step": step, "split": split, "values": plain}, ensure_ascii=False) + "\n"


def _row(line: bytes) -> tuple[int, str, dict[str, float]] | None:
    """A line of metrics as step, split and values; None for a bad one."""
    try:
        fields = json.loads(line)
        step, split, values = fields["step"], fields["split"], fields["values"]
        numbers = {str(name): math.nan if value is None else float(value) for name, value in values.items()}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    good = isinstance(split, str) and isinstance(step, int) and 0 <= step < 2**63
    return (step, split, numbers) if good and numbers else None

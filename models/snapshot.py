"""One moment of a training on disk: weights, optimiser, random numbers, map and pictures, without pickle."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors.numpy

from models.atomic import read_json, readable
from models.errors import UserError
from models.events import Projection
from models.grids import sheet, write_picture

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from models.events import Codes, Labels, Pictures, Points

Arrays = dict[str, "NDArray[Any]"]
CODE_CARRYING = (".pt", ".pth", ".ckpt", ".pkl", ".bin")
PICKLED = (b"PK\x03\x04", *(bytes([0x80, protocol]) for protocol in range(6)))
DTYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8",
    "uint8": "U8", "bool": "BOOL",
}  # fmt: skip
COLUMNS = 10


@dataclass(frozen=True)
class Snapshot:
    """All that is known of a run at one step; the map and the pictures may be missing.

    `weights` is the family's state dict, `training` the tensors of optimisers and random generators, `state` what
    of them is not an array, with `seconds` of training so far.
    """

    weights: Mapping[str, NDArray[Any]]
    training: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    codes: Codes | None = None
    points: Points | None = None
    labels: Labels | None = None
    projection: Projection | None = None
    samples: Pictures | None = None
    originals: Pictures | None = None
    reconstructions: Pictures | None = None

    @property
    def seconds(self) -> float:
        """How long training took so far."""
        told = self.state.get("seconds", 0.0)
        return float(told) if isinstance(told, int | float) and 0 <= told < 1e12 else 0.0

    def write(self, folder: Path) -> None:
        """Write everything into an empty folder; the caller makes it durable."""
        _save(folder / "model.safetensors", self.weights)
        _save(folder / "training.safetensors", self.training)
        state = dict(self.state)
        chart = {"codes": self.codes, "points": self.points, "labels": self.labels}
        if self.projection is not None:
            chart |= {"mean": self.projection.mean, "axes": self.projection.axes}
            state["projection"] = {"name": self.projection.name, "explained": self.projection.explained}
        _save(folder / "map.safetensors", chart)
        pictures = {"samples": self.samples, "originals": self.originals, "reconstructions": self.reconstructions}
        _save(folder / "pictures.safetensors", pictures)
        if self.samples is not None and len(self.samples):
            write_picture(sheet(self.samples, COLUMNS), folder / "sheet.png")
        if self.originals is not None and self.reconstructions is not None and len(self.originals):
            write_picture(_pairs(self.originals, self.reconstructions), folder / "reconstructions.png")
        (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Snapshot:
        """A snapshot from its folder. Raises UserError for one that is damaged, incomplete or carries code."""
        state = read_json(folder / "state.json") if (folder / "state.json").exists() else {}
        weights = load_arrays(folder / "model.safetensors")
        if not state:
            raise _damaged(folder / "state.json", "it is missing")
        chart, pictures = load_arrays(folder / "map.safetensors"), load_arrays(folder / "pictures.safetensors")
        _check_chart(folder / "map.safetensors", chart)
        _check_pictures(folder / "pictures.safetensors", pictures)
        for array in (*chart.values(), *pictures.values()):
            array.setflags(write=False)  # they travel in events
        return cls(
            weights,
            load_arrays(folder / "training.safetensors"),
            state,
            codes=chart.get("codes"),
            points=chart.get("points"),
            labels=chart.get("labels"),
            projection=_projection(folder, state, chart),
            samples=pictures.get("samples"),
            originals=pictures.get("originals"),
            reconstructions=pictures.get("reconstructions"),
        )


def require_finite(weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Refuse weights, read from `path`, that hold infinite values or not-a-numbers. Raises UserError."""
    for name, array in weights.items():
        if not np.isfinite(array).all():
            what = f"The weights called {name} hold values that are not finite numbers."
            mend = "Delete the folder of this snapshot; the run then goes on from the one before it, or begins again."
            raise UserError(what, mend=mend, path=path)


def load_arrays(path: Path) -> Arrays:
    """The arrays of a safetensors file. Raises UserError; a file that could carry code is never loaded."""
    if not path.exists():
        for other in (path.with_suffix(suffix) for suffix in CODE_CARRYING):
            if other.exists():
                raise _carries_code(other)
    if not path.is_file():
        raise _damaged(path, "it is missing or not a plain file")
    with readable(path), path.open("rb") as file:
        start = file.read(9)
    if start.startswith(PICKLED) and not start.endswith(b"{"):  # a header may be 640 bytes long, which reads alike
        raise _carries_code(path)
    try:
        arrays: Arrays = safetensors.numpy.load_file(path)
    except Exception as error:  # the library answers damaged files with errors of many types
        raise _damaged(path, str(error).splitlines()[0] if str(error) else type(error).__name__) from None
    return arrays


def _save(path: Path, arrays: Mapping[str, NDArray[Any] | None]) -> None:
    """Write a safetensors file: the header's length, the header, the arrays one behind the other.

    Written by hand because the library's own writer copies all arrays twice while no other thread can run, which
    a person sees as a window that stands still; writing to a file lets the others run.
    """
    whole = {name: np.asarray(array, order="C") for name, array in arrays.items() if array is not None}
    header, end = {}, 0
    for name, array in whole.items():
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": array.shape, "data_offsets": [begin, end]}
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    with path.open("wb") as file:
        file.write(len(told).to_bytes(8, "little") + told)
        for array in whole.values():
            file.write(array.reshape(-1).view(np.uint8).data)


def _pairs(originals: Pictures, reconstructions: Pictures) -> Pictures:
    """Rows of originals, each above the row of its reconstructions; a last row that is not full is left out."""
    width = min(COLUMNS, len(originals))
    rows = [
        side[start : start + width]
        for start in range(0, len(originals) - width + 1, width)
        for side in (originals, reconstructions)
    ]
    return sheet(np.concatenate(rows), width)


def _projection(folder: Path, state: Mapping[str, Any], chart: Arrays) -> Projection | None:
    if "mean" not in chart or "axes" not in chart:
        return None
    try:
        told = state["projection"]
        return Projection(str(told["name"]), chart["mean"], chart["axes"], float(told["explained"]))
    except (KeyError, TypeError, ValueError):
        raise _damaged(folder / "state.json", "the map's projection is not told") from None


def _check_chart(path: Path, chart: Arrays) -> None:
    codes, points, labels = chart.get("codes"), chart.get("points"), chart.get("labels")
    count = 0 if codes is None else len(codes)
    dims = codes.shape[-1] if codes is not None and codes.ndim == 2 else 0
    wanted = {"codes": (count, dims), "points": (count, 2), "labels": (count,), "mean": (dims,), "axes": (2, dims)}
    if labels is not None and codes is None:
        wanted["labels"] = (len(labels),)
    for name, array in chart.items():
        if array.shape != wanted.get(name, array.shape):
            raise _damaged(path, f"{name} has shape {list(array.shape)}, not {list(wanted[name])}")
    if (codes is None) != (points is None) or (codes is None) != ("axes" not in chart):
        raise _damaged(path, "codes, points and projection do not come together")


def _check_pictures(path: Path, pictures: Arrays) -> None:
    for name, array in pictures.items():
        if array.dtype != np.uint8 or array.ndim != 4 or array.shape[-1] not in (1, 3):
            raise _damaged(path, f"{name} are no pictures")
    pair = [pictures[name].shape for name in ("originals", "reconstructions") if name in pictures]
    if len(pair) == 1 or len(set(pair)) > 1:
        raise _damaged(path, "originals and reconstructions are not pairs")


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"This file is damaged or incomplete: {why}.",
        mend=f"Move the folder {path.parent.name} out of snapshots to open an earlier one.",
        path=path,
    )


def _carries_code(path: Path) -> UserError:
    return UserError(
        "This file can carry code that runs when it is loaded, so it is never loaded.",
        mend="Bring the weights as a .safetensors file.",
        path=path,
    )

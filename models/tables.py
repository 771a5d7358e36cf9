"""Codes as tables that other programs read: CSV, NPZ without pickles, Parquet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.events import Codes, Labels, Points


@dataclass(frozen=True)
class Table:
    """Held-out pictures in the map's order: codes [n, d], points [n, 2], labels [n] (-1 for none)."""

    codes: Codes
    points: Points
    labels: Labels
    class_names: tuple[str, ...]

    @property
    def classes(self) -> list[str]:
        """The name of each picture's class, empty where it has none."""
        names = dict(enumerate(self.class_names))
        return [names.get(int(label), str(label) if label >= 0 else "") for label in self.labels]

    @property
    def columns(self) -> dict[str, Any]:
        """index, label, class, x and y on the map, then the code's numbers z0, z1, ..."""
        numbers = {"x": self.points[:, 0], "y": self.points[:, 1]}
        numbers |= {f"z{place}": column for place, column in enumerate(self.codes.T)}
        return {"index": np.arange(len(self.codes)), "label": self.labels, "class": self.classes, **numbers}


def to_csv(table: Table) -> bytes:
    """UTF-8 with a header line; nine digits bring every float32 back to the bit."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    numbers = np.concatenate([table.points, table.codes], axis=1)
    for index, (label, name, row) in enumerate(zip(table.labels, table.classes, numbers, strict=True)):
        writer.writerow([index, label, name, *(f"{number:.9g}" for number in row)])
    return text.getvalue().encode()


def to_npz(table: Table) -> bytes:
    """Arrays index, label, class (text), points [n, 2] and codes [n, d]; opens with `numpy.load` as it is."""
    file = io.BytesIO()
    arrays: dict[str, Any] = {"class": np.array(table.classes, dtype=np.str_), "points": table.points}
    np.savez_compressed(file, index=np.arange(len(table.codes)), label=table.labels, codes=table.codes, **arrays)
    return file.getvalue()


def to_parquet(table: Table) -> bytes:
    """The columns of the CSV file with their types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pa.BufferOutputStream()
    pq.write_table(pa.table({name: pa.array(column) for name, column in table.columns.items()}), file)
    content: bytes = file.getvalue().to_pybytes()
    return content


WRITERS: Mapping[str, Callable[[Table], bytes]] = {".csv": to_csv, ".npz": to_npz, ".parquet": to_parquet}

"""Codes as tables that other programs read: CSV, NPZ without pickles, Parquet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.coloring import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from models.datasets import Factor
    from models.events import Codes, Labels, Points


@dataclass(frozen=True)
class Table:
    """Held-out pictures in the map's order: codes [n, d], points [n, 2], labels [n] (-1 for none).

    `indices` [n] tells which pictures they are, where they are not all.
    """

    codes: Codes
    points: Points
    labels: Labels
    class_names: tuple[str, ...]
    factors: tuple[Factor, ...] = ()
    values: NDArray[np.float32] | None = None  # [n, factors]
    indices: NDArray[np.int64] | None = None

    @property
    def index(self) -> NDArray[np.int64]:
        """The number of each picture."""
        return np.arange(len(self.codes)) if self.indices is None else self.indices

    @property
    def classes(self) -> list[str]:
        """The name of each picture's class, empty where it has none."""
        names = dict(enumerate(self.class_names))
        return [names.get(int(label), str(label) if label >= 0 else "") for label in self.labels]

    @property
    def columns(self) -> dict[str, Any]:
        """index, label, class, the factors, x and y on the map, then the code's numbers z0, z1, ..."""
        numbers = {"x": self.points[:, 0], "y": self.points[:, 1]}
        numbers |= {f"z{place}": column for place, column in enumerate(self.codes.T)}
        named = {"index": self.index, "label": self.labels, "class": self.classes}
        return named | self.causes | numbers

    @property
    def causes(self) -> dict[str, Any]:
        """`factor_<name>` of each known factor: the words for its values, or its numbers."""
        if self.values is None:
            return {}
        columns = zip(self.factors, self.values.T, strict=True)
        return {
            f"factor_{factor.name}": [value_of(factor, float(number)) for number in column] if factor.values else column
            for factor, column in columns
        }


def to_csv(table: Table) -> bytes:
    """UTF-8 with a header line; nine digits bring every float32 back to the bit."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    numbers = np.concatenate([table.points, table.codes], axis=1)
    causes = zip(*table.causes.values(), strict=True) if table.causes else [()] * len(numbers)
    rows = zip(table.index, table.labels, table.classes, causes, numbers, strict=True)
    for index, label, name, cause, row in rows:
        told = (each if isinstance(each, str) else f"{each:.9g}" for each in cause)
        writer.writerow([index, label, name, *told, *(f"{number:.9g}" for number in row)])
    return text.getvalue().encode()


def to_npz(table: Table) -> bytes:
    """Arrays index, label, class (text), factor_<name>, points [n, 2] and codes [n, d]; `numpy.load` opens them."""
    file = io.BytesIO()
    arrays: dict[str, Any] = {"class": np.array(table.classes, dtype=np.str_), "points": table.points}
    arrays |= {name: np.array(column) for name, column in table.causes.items()}
    np.savez_compressed(file, index=table.index, label=table.labels, codes=table.codes, **arrays)
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

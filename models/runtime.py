"""Runs the graphs of ONNX files that were looked through: on one core of the processor, and with nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import UserError, printable
from models.graph import WHOLE, read_graph
from models.ports import encoder_ways, generator_ways, told_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.graph import Graph
    from models.ports import Ways

ROWS = 64  # that go through a graph at a time, where it takes any number


class Network:
    """A graph that takes rows, and for each perhaps a label, and gives a row for each."""

    def __init__(self, data: bytes, ways: Callable[[Graph], Ways], batch: int = 0) -> None:
        """Look through the file and make it ready; `batch` is how many rows it takes, 0 for as many as it says.

        Raises UserError for what must not or cannot be run.
        """
        self.ways = ways(read_graph(data))
        self.batch = batch or self.ways.batch
        self._session = _session(data)

    @classmethod
    def generator(cls, data: bytes, batch: int = 0) -> Network:
        """From codes to pictures."""
        return cls(data, generator_ways, batch)

    @classmethod
    def encoder(cls, data: bytes, batch: int = 0) -> Network:
        """From pictures to codes."""
        return cls(data, encoder_ways, batch)

    def __call__(self, rows: NDArray[Any], labels: NDArray[Any] | None = None, classes: int = 0) -> NDArray[Any]:
        """What the graph makes of rows [n, ...] of classes [n], or shares of them [n, classes]. Raises UserError.

        A graph that wants labels and is told none hears of all classes in equal shares, or of the first.
        """
        label = self.ways.label
        given = rows.reshape(len(rows), *self.ways.given.shape[1:]) if rows.ndim == 2 else rows
        feeds = {self.ways.given.name: np.ascontiguousarray(given, self.ways.given.kind)}
        if label is not None:
            equal = np.full((len(rows), classes), 1 / max(1, classes), np.float32)
            feeds[label.name] = told_to(equal if labels is None else labels, label, classes)
        step = self.batch or ROWS
        parts = [
            self._run({name: _padded(part[first : first + step], self.batch) for name, part in feeds.items()})
            for first in range(0, len(rows), step)
        ]
        return np.concatenate(parts)[: len(rows)]

    def _run(self, feeds: dict[str, NDArray[Any]]) -> NDArray[Any]:
        rows = len(next(iter(feeds.values())))
        try:
            (made,) = self._session.run([self.ways.got.name], feeds)
        except Exception as error:  # the library answers with errors of many types
            raise _failed(error) from None
        if not isinstance(made, np.ndarray) or made.ndim == 0 or len(made) != rows:
            found = list(made.shape) if isinstance(made, np.ndarray) else "no array"
            raise UserError(f"The ONNX file was given {rows} rows and answered with {found}.")
        return made


def _session(data: bytes) -> Any:
    """The graph, ready to be run: standard operators on the processor, silent, in the thread that asks."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")  # never the runtime's own format
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library answers with errors of many types
        raise _failed(error) from None


def _padded(rows: NDArray[Any], batch: int) -> NDArray[Any]:
    """The rows, the last one repeated until there are as many as a graph of a fixed batch wants."""
    missing = batch - len(rows)
    return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing > 0 else rows


def _failed(error: Exception) -> UserError:
    """What the runtime complains of, as a sentence."""
    told = printable(str(error).splitlines()[0] if str(error) else type(error).__name__)
    reason = told.split(" : ")[-1][:200].rstrip(". ")
    return UserError(f"ONNX Runtime cannot run this file: {reason}.", mend=WHOLE)

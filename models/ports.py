"""Which input of a foreign graph is the code, which the label, and which output the picture; and what pictures mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models.errors import UserError, printable
from models.graph import EXPECTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.graph import Graph, Port

Layout = Literal["nchw", "nhwc"]
Values = Literal["unit", "signed", "bytes"]  # from 0 to 1, from -1 to 1, from 0 to 255

REALS = ("float16", "float32", "float64")
WHOLES = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
LABELS = ("label", "class", "cond", "target", "y", "c", "onehot", "one_hot")  # how inputs for labels are called
MOST_WIDE = 4096  # numbers of a code
MOST_CLASSES = 1000
RANGES: dict[str, tuple[float, float]] = {"unit": (0.0, 1.0), "signed": (-1.0, 1.0), "bytes": (0.0, 255.0)}


@dataclass(frozen=True)
class Ways:
    """What goes in and what comes out: `given` is a code or pictures, `label` may be missing, `got` the other."""

    given: Port
    label: Port | None
    got: Port

    @property
    def batch(self) -> int:
        """How many rows go in at a time; 0 for any number."""
        return self.given.shape[0] or 0

    @property
    def shares(self) -> bool:
        """Whether the label is told as shares of all classes [b, classes], not as a number."""
        return self.label is not None and self.label.kind in REALS


def generator_ways(graph: Graph) -> Ways:
    """Codes, and perhaps labels, to pictures. Raises UserError for a graph that does something else."""
    if _draws(graph.inputs) and not any(_is_code(port) for port in graph.inputs):
        what = "This ONNX file goes from pictures to something else, so it is no generator."
        raise UserError(what, mend="An encoder is opened together with its generator (--encoder).")
    given, label = _given(graph, [port for port in graph.inputs if _is_code(port)], "a code [b, d]")
    if width_of(given) > MOST_WIDE:
        what = f"Its code has {width_of(given):,} numbers, and {MOST_WIDE:,} is the most that can be explored."
        raise UserError(what, mend="Bring a generator with a shorter code.")
    got = next((port for port in graph.outputs if len(port.shape) in (0, 4)), None)
    if got is None:
        what = f"This ONNX file gives {_listed(graph.outputs)}, and none of it is pictures [b, c, h, w]."
        raise UserError(what, mend="Reshape its output to pictures with 1 or 3 channels before exporting it.")
    return Ways(given, label, got)


def encoder_ways(graph: Graph) -> Ways:
    """Pictures, and perhaps labels, to codes. Raises UserError for a graph that does something else."""
    given, label = _given(graph, _draws(graph.inputs), "pictures [b, c, h, w]")
    got = next((port for port in graph.outputs if len(port.shape) in (0, 2) and port.kind in REALS), None)
    if got is None:
        what = f"The encoder gives {_listed(graph.outputs)}, and none of it is a code [b, d]."
        raise UserError(what, mend="Export one that gives the code itself, for a VAE its mean.")
    return Ways(given, label, got)


def is_encoder(graph: Graph) -> bool:
    """Whether the graph goes from pictures to codes, by the look of its inputs."""
    return bool(_draws(graph.inputs)) and not any(_is_code(port) for port in graph.inputs)


def width_of(code: Port) -> int:
    """How many numbers a code has."""
    return code.shape[1] or 0


def layout_of(shape: Sequence[int]) -> Layout:
    """How pictures of that shape [b, ...] lie. Raises UserError where neither axis can be the channels."""
    if len(shape) == 4 and shape[1] in (1, 3):
        return "nchw"
    if len(shape) == 4 and shape[3] in (1, 3):
        return "nhwc"
    what = f"Its pictures have the shape {list(shape)}: neither the second nor the last axis is 1 or 3 channels."
    raise UserError(what, mend=EXPECTED)


def seen(raw: NDArray[Any], layout: Layout, values: Values) -> NDArray[np.float32]:
    """What a graph drew, [b, ...] in its own layout and range, as float32 [b, c, h, w] in [0, 1]."""
    pictures = raw.transpose(0, 3, 1, 2) if layout == "nhwc" else raw
    black, white = RANGES[values]
    shares = (np.asarray(pictures, np.float32) - black) / (white - black)
    return np.ascontiguousarray(np.clip(shares, 0, 1), np.float32)


def shown_to(pictures: NDArray[np.float32], port: Port, layout: Layout, values: Values) -> NDArray[Any]:
    """Pictures float32 [b, c, h, w] in [0, 1] as the graph behind `port` wants them."""
    black, white = RANGES[values]
    raw = pictures * (white - black) + black
    whole = np.rint(raw) if port.kind in WHOLES else raw
    return np.ascontiguousarray(whole.transpose(0, 2, 3, 1) if layout == "nhwc" else whole, port.kind)


def told_to(labels: NDArray[Any], port: Port, classes: int) -> NDArray[Any]:
    """Classes int64 [b] or shares of them [b, classes] as the graph behind `port` wants them.

    A graph that takes numbers is told the class of the largest share.
    """
    if port.kind in REALS:
        shares = labels if labels.dtype.kind == "f" else np.eye(classes)[labels]
        return np.ascontiguousarray(shares, port.kind)
    numbers = labels.argmax(1) if labels.dtype.kind == "f" else labels
    return np.ascontiguousarray(numbers.reshape(len(labels), *[1] * (len(port.shape) - 1)), port.kind)


def _given(graph: Graph, wanted: list[Port], what: str) -> tuple[Port, Port | None]:
    """The input that is wanted, and the label beside it."""
    if not wanted:
        told = f"This ONNX file takes {_listed(graph.inputs)}, and none of it is {what} of a known width."
        raise UserError(told, mend=EXPECTED)
    if len(graph.inputs) > 2:
        told = f"This ONNX file takes {_listed(graph.inputs)}: more than {what} and a label."
        raise UserError(told, mend="Fix the others to constants before exporting it.")
    given = min(wanted, key=lambda port: _sounds_like_label(port.name))
    others = [port for port in graph.inputs if port is not given]
    if others and not _is_label(others[0]):
        told = f"Beside {what} this ONNX file takes {_listed(others)}, which is no label: neither [b] nor [b, classes]."
        raise UserError(told, mend=EXPECTED)
    label = others[0] if others else None
    if label is not None and label.kind in REALS and (label.shape[1] or 0) > MOST_CLASSES:
        raise UserError(f"It knows {label.shape[1]:,} classes, and {MOST_CLASSES:,} is the most that can be explored.")
    return given, label


def _is_code(port: Port) -> bool:
    """Whether a port may take codes [b, d], or the same with axes of one behind."""
    axes = port.shape
    return port.kind in REALS and len(axes) in (2, 4) and axes[1] is not None and all(each == 1 for each in axes[2:])


def _is_label(port: Port) -> bool:
    if port.kind in REALS:
        return len(port.shape) == 2 and port.shape[1] is not None
    return port.kind in WHOLES and (len(port.shape) == 1 or (len(port.shape) == 2 and port.shape[1] == 1))


def _draws(ports: Sequence[Port]) -> list[Port]:
    """The ports that may take pictures."""
    return [port for port in ports if len(port.shape) == 4 and port.kind in (*REALS, "uint8") and not _is_code(port)]


def _sounds_like_label(name: str) -> bool:
    return any(word in LABELS for word in name.lower().replace(".", "_").split("_")) or name.lower() in LABELS


def _listed(ports: Sequence[Port]) -> str:
    return ", ".join(f"{printable(port.name)[:40]} {port}" for port in ports[:6]) or "nothing"

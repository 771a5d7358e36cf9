"""Reads an ONNX file that a stranger may have made: what goes in and comes out, once it is sure that it only computes.

Nothing of it is run here. Refused is all that reaches outside the file or beyond plain mathematics: other operators
than ONNX's own, numbers in other files, loops, chance, and more numbers than fit.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.atomic import readable
from models.errors import UserError, printable
from models.snapshot import CODE_CARRYING, PICKLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy as np

MOST = 2**29  # bytes of a file, and of all its numbers together
OLDEST = 7  # version of ONNX's operators that can still be run
PLAIN = ("", "ai.onnx")  # where the operators come from that every runtime knows
ENDLESS = ("Loop", "Scan", "SequenceMap")
CHANCE = (
    "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli",
)  # fmt: skip
WHOLE = "Export it again from the program that made it."
EXPECTED = "Expected is an ONNX file that turns codes [b, d], and perhaps labels, into pictures [b, c, h, w]."


@dataclass(frozen=True)
class Port:
    """One thing that goes into a graph or comes out: its name, NumPy's word for its numbers, and its shape.

    Lengths that the file leaves open are None.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        """The shape as messages tell it: [b, 64]."""
        return f"[{', '.join('b' if length is None else str(length) for length in self.shape)}]"


@dataclass(frozen=True)
class Graph:
    """What an ONNX file says of itself; `parameters` counts the numbers that it was taught."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: int
    told: Mapping[str, str]  # whatever its maker wrote beside it, by name


@contextmanager
def naming(path: Path | str | None) -> Iterator[None]:
    """Let errors about a file that is known by its bytes only say which one it was."""
    try:
        yield
    except UserError as error:
        raise UserError(error.what, mend=error.mend, path=error.path or path) from None


def read_file(path: Path) -> bytes:
    """The bytes of a file that is not too large. Raises UserError."""
    if not path.is_file():
        raise UserError("This file is missing or not a plain file.", path=path, mend=EXPECTED)
    with readable(path), path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        what = f"This file is larger than {MOST // 2**20} MB, which is more than can be explored here."
        raise UserError(what, path=path, mend="Export a smaller generator.")
    return data


def read_graph(data: bytes, path: Path | str | None = None) -> Graph:
    """What the ONNX file `data` says of itself. Raises UserError, which names `path`, if any of it must not be run."""
    with naming(path):
        try:
            return _checked(_parsed(data))
        except (TypeError, UnicodeError):  # names that are no text, which ONNX's own library does not look for
            raise UserError("This ONNX file is damaged: some of its names are no text.", mend=WHOLE) from None


def _parsed(data: bytes) -> Any:
    """The file as ONNX's own structures. Raises UserError for what is none, or was cut."""
    import onnx
    from google.protobuf.message import DecodeError

    if data.startswith(PICKLED):
        endings = ", ".join(CODE_CARRYING)
        what = f"This file ({endings} begin so) can carry code that runs when it is loaded, so it is never loaded."
        raise UserError(what, mend="Export the model as ONNX, with torch.onnx.export for instance.")
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError:
        if data.startswith(b"\x08"):  # every writer begins with the version of the format
            raise UserError("This ONNX file is damaged or was cut short.", mend=WHOLE) from None
        raise UserError("This is no ONNX file.", mend=EXPECTED) from None
    if not model.graph.node or not model.graph.output:
        what = "This ONNX file is empty or was cut short." if model.ir_version else "This is no ONNX file."
        raise UserError(what, mend=EXPECTED)
    return model


def _checked(model: Any) -> Graph:
    """What the model says of itself. Raises UserError if any of it must not be run."""
    import onnx

    if model.functions or model.training_info:
        what = "This ONNX file brings functions or training steps of its own, which are not run here."
        raise UserError(what, mend="Inline them first (onnx.inliner.inline_local_functions), or export it for use.")
    version = _version(model)
    size = 0
    for graph in _graphs(model.graph):
        for node in graph.node:
            _check_node(node, version)
        for tensor in _tensors(graph):
            size += _bytes_of(tensor)
            if size > MOST:
                what = f"This ONNX file claims to hold more than {MOST // 2**20} MB of numbers."
                raise UserError(what, mend="Export a smaller generator.")
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError, RuntimeError) as error:
        raise UserError(f"This ONNX file does not hold together: {_line(error)}.", mend=WHOLE) from None
    taught = {tensor.name for tensor in model.graph.initializer}
    return Graph(
        tuple(_port(each) for each in model.graph.input if each.name not in taught),
        tuple(_port(each) for each in model.graph.output),
        sum(math.prod(tensor.dims) for tensor in model.graph.initializer),
        {each.key: each.value for each in model.metadata_props},
    )


def _version(model: Any) -> int:
    """The version of ONNX's operators that the file asks for. Raises UserError for one that is not known here."""
    import onnx

    foreign = sorted({printable(each.domain)[:40] for each in model.opset_import if each.domain not in PLAIN})
    asked = [each.version for each in model.opset_import if each.domain in PLAIN]
    newest = onnx.defs.onnx_opset_version()
    if not asked:
        more = f" It names only {', '.join(foreign[:3])}." if foreign else ""
        what = f"This ONNX file does not say which version of the operators (opset) it needs.{more}"
        raise UserError(what, mend=WHOLE)
    if not OLDEST <= asked[0] <= newest:
        what = f"This ONNX file needs version {asked[0]} of the operators (opset); known here are {OLDEST} to {newest}."
        raise UserError(what, mend="Export it again with one of these.")
    return int(asked[0])


def _check_node(node: Any, version: int) -> None:
    """Refuse an operator that is not ONNX's own, never ends by itself, or throws dice."""
    import onnx

    name = printable(node.op_type)[:40]
    if node.domain not in PLAIN:
        domain = printable(node.domain)[:40]
        what = f"This ONNX file needs the custom operator {name} of {domain}, which is not run here."
        raise UserError(what, mend="Export it with standard operators only.")
    if not onnx.defs.has(node.op_type, version, ""):
        what = f"This ONNX file needs the operator {name}, which ONNX does not define in version {version}."
        raise UserError(what, mend="Export it with standard operators only.")
    if node.op_type in ENDLESS:
        what = f"This ONNX file repeats itself ({name}), and nothing could stop it."
        raise UserError(what, mend="Export it with its steps unrolled.")
    if node.op_type in CHANCE:
        what = f"This ONNX file draws by chance ({name}), so the same code would never draw the same picture."
        raise UserError(what, mend="Export it with constant noise, or take the chance in as part of the code.")


def _graphs(graph: Any) -> Iterator[Any]:
    """The graph and those inside its operators, however deep; ONNX's reader bounds how deep that is."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
                yield from _graphs(inner)


def _tensors(graph: Any) -> Iterator[Any]:
    """All numbers that stand in a graph itself."""
    yield from graph.initializer
    sparse = list(graph.sparse_initializer)
    for node in graph.node:
        for attribute in node.attribute:
            yield from [attribute.t] if attribute.HasField("t") else []
            yield from attribute.tensors
            sparse += [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
            sparse += attribute.sparse_tensors
    for each in sparse:
        yield from (each.values, each.indices)


def _bytes_of(tensor: Any) -> int:
    """How much room the tensor claims. Raises UserError for one that lies in another file or has no size."""
    if tensor.external_data or tensor.data_location:
        what = "This ONNX file keeps numbers in other files, which are never opened from here."
        raise UserError(what, mend="Save it as one file: onnx.save(model, path, save_as_external_data=False).")
    if any(length < 0 for length in tensor.dims):
        raise UserError("This ONNX file holds numbers of no possible shape.", mend=WHOLE)
    return int(math.prod(tensor.dims)) * _kind(tensor.data_type, tensor.name).itemsize


def _port(value: Any) -> Port:
    """One input or output. Raises UserError for what is no plain array."""
    if value.type.WhichOneof("value") != "tensor_type":
        raise UserError(f"{printable(value.name)[:40]} of this ONNX file is no plain array.", mend=EXPECTED)
    tensor = value.type.tensor_type
    lengths = [axis.dim_value if axis.dim_value > 0 else None for axis in tensor.shape.dim]
    return Port(value.name, _kind(tensor.elem_type, value.name).name, tuple(lengths))


def _kind(number: int, name: str) -> np.dtype[Any]:
    """NumPy's kind of the numbers that ONNX counts as `number`. Raises UserError for one that there is not."""
    import onnx

    try:
        kind: np.dtype[Any] = onnx.helper.tensor_dtype_to_np_dtype(number)
    except KeyError:
        what = f"{printable(name)[:40]} of this ONNX file holds numbers of no known kind."
        raise UserError(what, mend=WHOLE) from None
    return kind


def _line(error: BaseException) -> str:
    """The first line of an error as part of a sentence."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return printable(first)[:160].rstrip(".")

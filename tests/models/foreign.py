"""ONNX files as strangers make them: small generators and encoders, whole and spoilt."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
WIDE, SIDE = 6, 8  # numbers of a code, pixels of a side


def model(nodes, inputs, outputs, taught=(), opsets=((("", OPSET)),), **more):
    """A whole ONNX file as ONNX's own structures."""
    graph = helper.make_graph(list(nodes), "drawing", list(inputs), list(outputs), list(taught))
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    return helper.make_model(graph, opset_imports=imports, ir_version=8, **more)


def port(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, list(shape))


def taught(name, values):
    return numpy_helper.from_array(np.asarray(values), name)


def weights(rows, columns, seed=0):
    return (np.random.default_rng(seed).standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)


def generator(end="Sigmoid", shape=(1, SIDE, SIDE), label="", code=("b", WIDE), batch="b", scale=None, nhwc=False):
    """Codes through one linear layer to pictures; `label` is "number" or "shares" of four classes."""
    size = int(np.prod(shape))
    inputs, given, nodes, parts = [port("z", code)], "z", [], [taught("w", 2 * weights(WIDE, size))]
    if len(code) == 4:
        nodes.append(helper.make_node("Reshape", ["z", "flat"], ["rows"]))
        parts.append(taught("flat", np.array([-1, WIDE])))
        given = "rows"
    nodes.append(helper.make_node("MatMul", [given, "w"], ["drawn"]))
    last = "drawn"
    if label:
        classes = taught("classes", 3 * weights(4, size, 1))
        parts.append(classes)
        if label == "number":
            inputs.append(port("label", (batch,), TensorProto.INT64))
            nodes.append(helper.make_node("Gather", ["classes", "label"], ["told"]))
        else:
            inputs.append(port("label", (batch, 4)))
            nodes.append(helper.make_node("MatMul", ["label", "classes"], ["told"]))
        nodes.append(helper.make_node("Add", ["drawn", "told"], ["both"]))
        last = "both"
    if end:
        nodes.append(helper.make_node(end, [last], ["ended"]))
        last = "ended"
    if scale:
        nodes.append(helper.make_node("Mul", [last, "scale"], ["scaled"]))
        parts.append(taught("scale", np.float32(scale)))
        last = "scaled"
    axes = (*shape[1:], shape[0]) if nhwc else shape
    nodes.append(helper.make_node("Reshape", [last, "shape"], ["image"]))
    parts.append(taught("shape", np.array([-1, *axes])))
    return model(nodes, inputs, [port("image", (batch, *axes))], parts)


def encoder(shape=(1, SIDE, SIDE), wide=WIDE):
    """Pictures through one linear layer to codes."""
    nodes = [
        helper.make_node("Reshape", ["image", "flat"], ["rows"]),
        helper.make_node("MatMul", ["rows", "w"], ["z"]),
    ]
    size = int(np.prod(shape))
    parts = [taught("flat", np.array([-1, size])), taught("w", weights(size, wide))]
    return model(nodes, [port("image", ("b", *shape))], [port("z", ("b", wide))], parts)


def saved(made, path):
    """The file of a model; returns its path."""
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    return path


def one(op, domain="", version=OPSET, **attributes):
    """A generator with one more operator before its end."""
    made = generator(end="")
    reshape = made.graph.node.pop()
    made.graph.node.append(helper.make_node(op, ["drawn"], ["turned"], domain=domain, **attributes))
    made.graph.node.append(helper.make_node("Reshape", ["turned", reshape.input[1]], ["image"]))
    if domain:
        made.opset_import.append(helper.make_opsetid(domain, 1))
    return made

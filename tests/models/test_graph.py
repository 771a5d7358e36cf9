"""What an ONNX file may be: a plain graph of ONNX's own operators that keeps its numbers to itself."""

from __future__ import annotations

import numpy as np
import pytest
from foreign import OPSET, WIDE, encoder, generator, one, port, taught
from onnx import TensorProto, external_data_helper, helper

from models.errors import UserError
from models.graph import MOST, read_file, read_graph
from models.ports import encoder_ways, generator_ways, is_encoder, layout_of, seen, shown_to, told_to, width_of


def refused(made, path="mine.onnx"):
    """The sentence with which a file is refused."""
    with pytest.raises(UserError) as caught:
        generator_ways(read_graph(made if isinstance(made, bytes) else made.SerializeToString(), path))
    assert caught.value.what.endswith(".")
    return str(caught.value)


def test_a_generator_is_read_with_its_ways_and_its_size():
    graph = read_graph(generator(label="shares").SerializeToString())
    ways = generator_ways(graph)
    assert (ways.given.name, ways.label.name, ways.got.name) == ("z", "label", "image")
    assert width_of(ways.given) == WIDE
    assert ways.shares
    assert ways.batch == 0
    assert graph.parameters == WIDE * 64 + 4 * 64 + 4
    assert not is_encoder(graph)


def test_an_encoder_is_told_from_a_generator():
    graph = read_graph(encoder().SerializeToString())
    assert is_encoder(graph)
    assert encoder_ways(graph).given.name == "image"
    assert "no generator" in refused(encoder())


def test_a_code_with_axes_of_one_and_a_fixed_batch_are_known():
    graph = read_graph(generator(code=(3, WIDE, 1, 1), batch=3).SerializeToString())
    ways = generator_ways(graph)
    assert width_of(ways.given) == WIDE
    assert ways.batch == 3


def test_the_label_is_found_by_its_name_when_it_stands_first():
    made = generator(label="shares")
    code = made.graph.input[0]
    made.graph.input.append(code)
    del made.graph.input[0]
    ways = generator_ways(read_graph(made.SerializeToString()))
    assert (ways.given.name, ways.label.name) == ("z", "label")


def test_what_is_no_onnx_file_or_was_cut_is_told_apart():
    whole = generator().SerializeToString()
    assert "no ONNX file" in refused(b"")
    assert "no ONNX file" in refused(b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert "cut short" in refused(whole[: len(whole) // 2])
    assert "mine.onnx" in refused(whole[:100])
    assert "carry code" in refused(b"PK\x03\x04" + bytes(60))


def test_custom_unknown_endless_and_random_operators_are_refused():
    assert "custom operator Evil of com.evil" in refused(one("Evil", "com.evil"))
    assert "custom operator FusedMatMul of com.microsoft" in refused(one("FusedMatMul", "com.microsoft"))
    assert "operator Frobnicate" in refused(one("Frobnicate"))
    assert "by chance (RandomNormalLike)" in refused(one("RandomNormalLike"))
    inner = helper.make_graph([helper.make_node("Evil", [], ["x"], domain="com.evil")], "inner", [], [port("x", (1,))])
    assert "com.evil" in refused(one("If", then_branch=inner, else_branch=inner))
    assert "repeats itself (Loop)" in refused(one("Loop", body=inner))


def test_functions_of_its_own_are_refused():
    made = generator()
    made.functions.append(helper.make_function("mine", "f", ["x"], ["x"], [], [helper.make_opsetid("", OPSET)]))
    assert "functions" in refused(made)


def test_numbers_in_other_files_are_refused_wherever_they_stand(tmp_path):
    made = generator()
    weight = next(each for each in made.graph.initializer if each.name == "w")
    external_data_helper.set_external_data(weight, location="../../secret")
    assert "other files" in refused(made)
    made = generator()
    constant = helper.make_node("Constant", [], ["free"], value=taught("free", np.zeros(3, np.float32)))
    external_data_helper.set_external_data(constant.attribute[0].t, location="secret")
    made.graph.node.append(constant)
    assert "other files" in refused(made)


def test_claims_of_too_many_numbers_are_refused_without_making_room():
    made = generator()
    weight = next(each for each in made.graph.initializer if each.name == "w")
    weight.dims[:] = [2**40, 2**20]
    assert "more than 512 MB of numbers" in refused(made)
    weight.dims[:] = [-1, 6]
    assert "no possible shape" in refused(made)


def test_versions_that_are_not_known_are_refused():
    for version in (3, 999):
        assert f"version {version} of the operators" in refused(model_of(version))
    made = generator()
    del made.opset_import[:]
    assert "does not say which version" in refused(made)


def model_of(version):
    made = generator()
    made.opset_import[0].version = version
    return made


def test_a_graph_that_does_not_hold_together_is_refused():
    made = generator()
    made.graph.node[-1].input[0] = "nowhere"
    assert "does not hold together" in refused(made)


def test_wrong_inputs_and_outputs_are_told_with_their_shapes():
    assert "takes z [6]" in refused(generator(code=(WIDE,)))
    assert "takes z [b, b]" in refused(generator(code=("b", "d")))
    flat = generator()
    flat.graph.output[0].CopyFrom(port("image", ("b", 64)))
    assert "gives image [b, 64]" in refused(flat)
    three = generator(label="shares")
    three.graph.input.append(port("more", ("b", 2)))
    assert "more than a code" in refused(three)
    odd = generator()
    odd.graph.input.append(port("noise", ("b", 4, 8, 8)))
    assert "no label" in refused(odd)
    text = generator()
    text.graph.input.append(port("words", ("b",), TensorProto.STRING))
    assert "no label" in refused(text)


def test_codes_and_labels_of_absurd_widths_are_refused_without_making_room():
    assert "is the most" in refused(generator(code=("b", 2**40)))
    many = generator(label="shares")
    many.graph.input[1].CopyFrom(port("label", ("b", 2**40)))
    assert "classes, and 1,000" in refused(many)


def test_files_that_are_missing_or_too_large_are_not_read(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="missing"):
        read_file(tmp_path / "none.onnx")
    with pytest.raises(UserError, match="missing"):
        read_file(tmp_path)
    (tmp_path / "big.onnx").write_bytes(bytes(101))
    monkeypatch.setattr("models.graph.MOST", 100)
    with pytest.raises(UserError, match="larger than"):
        read_file(tmp_path / "big.onnx")
    assert MOST == 2**29


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("values", ["unit", "signed", "bytes"])
def test_pictures_go_to_a_graph_and_come_back_the_same(layout, values):
    pictures = np.random.default_rng(0).random((2, 3, 4, 5), np.float32)
    given = read_graph(encoder((3, 4, 5)).SerializeToString()).inputs[0]
    raw = shown_to(pictures, given, layout, values)
    assert raw.shape == ((2, 3, 4, 5) if layout == "nchw" else (2, 4, 5, 3))
    assert layout_of(raw.shape) == layout
    np.testing.assert_allclose(seen(raw, layout, values), pictures, atol=1e-6)


def test_pictures_of_other_channels_are_refused():
    with pytest.raises(UserError, match="neither the second nor the last axis"):
        layout_of((1, 7, 8, 8))
    with pytest.raises(UserError, match=r"\[1, 64\]"):
        layout_of((1, 64))


def test_labels_are_told_as_the_graph_wants_them():
    shares = read_graph(generator(label="shares").SerializeToString()).inputs[1]
    number = read_graph(generator(label="number").SerializeToString()).inputs[1]
    mixture = np.array([[0.2, 0.1, 0.6, 0.1]], np.float32)
    assert told_to(np.array([2]), shares, 4).tolist() == [[0, 0, 1, 0]]
    assert told_to(mixture, shares, 4).tolist() == mixture.tolist()
    assert told_to(mixture, number, 4).tolist() == [2]
    assert told_to(np.array([3]), number, 4).dtype == np.int64

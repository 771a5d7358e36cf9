"""The digits are there at once, look like digits, and split fairly."""

from __future__ import annotations

import gzip
import importlib.util
import subprocess
import sys

import pytest
import torch

from models.datasets import digits
from models.errors import UserError

HASH = "2dc4815df72b3488776bc6296503d86bd61f2ca71bba657a5669846ded31dc9a"


def test_shapes_types_and_fair_split(load):
    data = load("digits")
    assert data.train_images.shape == (1438, 1, 28, 28)
    assert data.test_images.shape == (359, 1, 28, 28)
    assert data.train_images.dtype == data.test_images.dtype == torch.uint8
    assert data.train_labels.dtype == torch.int64
    assert data.class_names == tuple("0123456789")
    assert data.spec.shape == (1, 28, 28)
    assert data.spec.classes == 10
    shares = data.test_labels.bincount() / (data.test_labels.bincount() + data.train_labels.bincount())
    assert (shares - 0.2).abs().max() < 0.01


def test_they_are_scikit_learns_digits_in_order_of_the_split(load):
    from sklearn.datasets import load_digits

    data = load("digits", test_share=0.3, split_seed=5)
    truth = load_digits()
    _, test = digits.stratified_split(truth.target, 0.3, 5)
    assert torch.equal(data.test_labels, torch.from_numpy(truth.target[test]))
    small = torch.nn.functional.adaptive_avg_pool2d(data.test_images.float(), 10)[:, 0, 1:-1, 1:-1]
    likeness = torch.cosine_similarity(small.flatten(1), torch.from_numpy(truth.images[test]).flatten(1))
    assert likeness.min() > 0.93


def test_content_is_the_same_everywhere(load):
    assert load("digits").content_hash() == HASH


def test_loading_leaves_the_slow_package_alone():
    code = (
        "import sys; from models.registry import datasets; from models.job import Control\n"
        "cls = datasets.get('digits'); list(cls(cls.params_type()).load(Control()))\n"
        "print([name for name in ('sklearn', 'torchvision', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_missing_package_is_one_sentence(load, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"not installed\. Install scikit-learn again"):
        load("digits")


@pytest.mark.parametrize(
    "content",
    [None, b"", b"no gzip at all", gzip.compress(b"a,b\nc,d"), gzip.compress(b"1,2,3\n4,5"), gzip.compress(b"1,2")[:9]],
)
def test_damaged_file_is_one_sentence(load, monkeypatch, tmp_path, content):
    package = tmp_path / "sklearn"
    folder = package / "datasets" / "data"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "digits.csv.gz").write_bytes(content)
    (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)
    with pytest.raises(UserError, match=r"digits\.csv\.gz: The digits cannot be read: .+ Install scikit-learn again"):
        load("digits")

"""Devices, precision, threads and seeds say what they are and keep what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
import torch

from models import device
from models.device import lower_priority  # as it is, before the tests of training put it out of use
from models.errors import UserError
from models.family import DataSpec
from models.registry import build, families

CPU = torch.device("cpu")
ROOT = Path(__file__).parents[2]


def test_auto_takes_the_last_and_cpu_is_always_there():
    assert device.available()[:2] == ("auto", "cpu")
    assert device.pick("auto").type == device.available()[-1].replace("auto", "cpu")
    assert device.pick("cpu") == CPU


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_missing_gpu_is_one_sentence_with_the_mend():
    with pytest.raises(UserError, match=r"No cuda device was found\. .+ Use --device auto or cpu\.$"):
        device.pick("cuda")


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="there is Metal here")
def test_a_missing_mac_is_one_sentence():
    with pytest.raises(UserError, match=r"No mps device was found\. It needs an Apple computer with Metal\."):
        device.pick("mps")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_is_taken_named_and_seeded():
    gpu = device.pick("auto")
    assert gpu.type == "cuda"
    assert device.name(gpu)
    device.seed(3)
    state = device.rng_state(gpu)
    first = torch.randn(5, device=gpu)
    device.restore_rng(state, gpu)
    assert torch.equal(first, torch.randn(5, device=gpu))


def test_name_tells_the_threads():
    assert device.name(CPU).endswith(f", {device.cores()} threads")
    assert 1 <= device.cores() <= (os.cpu_count() or 1)


def test_precision_is_what_was_asked_for():
    assert device.precision("fp32", CPU) == "fp32"
    assert device.precision("bf16", CPU) == "bf16"
    assert device.precision("auto", CPU) in ("fp32", "bf16")
    assert device.precision("auto", torch.device("mps")) == "fp32"


def test_autocast_computes_in_that_precision():
    layer, numbers = torch.nn.Linear(8, 8), torch.ones(2, 8)
    with device.autocast(CPU, "fp32"):
        assert layer(numbers).dtype == torch.float32
    with device.autocast(CPU, "bf16"):
        assert layer(numbers).dtype == torch.bfloat16


def test_seed_and_state_repeat_the_draws():
    device.seed(5)
    first = torch.rand(4)
    state = device.rng_state(CPU)
    second = torch.rand(4)
    device.restore_rng(state, CPU)
    assert torch.equal(second, torch.rand(4))
    device.seed(5)
    assert torch.equal(first, torch.rand(4))


def test_private_randomness_leaves_the_trainings_alone():
    device.seed(0)
    expected = torch.rand(3)
    device.seed(0)
    with device.PrivateRandomness():
        first = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Conv2d(1, 2, 3), torch.nn.Dropout())
    assert torch.equal(expected, torch.rand(3))
    with device.PrivateRandomness():
        second = torch.nn.Linear(4, 4)
    assert torch.equal(first[0].weight, second.weight)


@pytest.mark.parametrize("family", list(families))
def test_no_family_draws_from_the_trainings_generator_while_it_is_restored(family):
    device.seed(0)
    expected = torch.rand(3)
    device.seed(0)
    with device.PrivateRandomness():
        build(family, {}, DataSpec(1, 28, 28, 10))
    assert torch.equal(expected, torch.rand(3))


def test_restoring_a_model_does_not_wait_for_torchs_compiler():
    code = """
        import sys
        from models import device
        from models.family import DataSpec
        from models.registry import build
        with device.PrivateRandomness():
            build("vae", {}, DataSpec(1, 28, 28, 10))
        print("torch._dynamo" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "False"


def test_threads_are_stated_and_never_none():
    before = torch.get_num_threads()
    device.take_threads(0)
    assert torch.get_num_threads() == 1
    device.take_threads(before)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the priority of one thread")
def test_only_the_calling_thread_gives_way():
    nice = []

    def give_way():
        lower_priority()
        lower_priority()
        nice.append(os.getpriority(os.PRIO_PROCESS, 0))

    before = os.getpriority(os.PRIO_PROCESS, 0)
    thread = threading.Thread(target=give_way)
    thread.start()
    thread.join()
    assert nice == [max(10, before)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_a_hidden_gpu_falls_back_to_the_processor():
    code = "from models import device; print(device.pick('auto'), device.available())"
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "cuda" not in done.stdout

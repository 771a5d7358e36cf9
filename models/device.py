"""Device, precision, threads and seeds: the only file that says cuda, mps or cpu.

Two OpenMP pools halve training on a small machine, so every thread that computes states its share before its
first torch call: the render thread takes one core, the trainer takes all of them and asks last.
"""

from __future__ import annotations

import os
import platform
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.job import Device, Precision


def available() -> tuple[str, ...]:
    """The devices that can be asked for here, "auto" first."""
    found = ["auto", "cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return tuple(found)


def pick(wanted: Device) -> torch.device:
    """The device asked for, or the fastest for "auto". Raises UserError when there is no such device."""
    if wanted == "auto":
        return torch.device(available()[-1])
    if wanted not in available():
        raise UserError(f"No {wanted} device was found. {_why_not(wanted)}", mend="Use --device auto or cpu.")
    return torch.device(wanted)


def _why_not(wanted: str) -> str:
    if wanted != "cuda":
        return "It needs an Apple computer with Metal."
    if torch.version.cuda is None:
        return "The installed PyTorch was built without CUDA."
    return "PyTorch sees no NVIDIA GPU, or its driver is missing or too old."


def name(device: torch.device) -> str:
    """The device as a person calls it: the GPU's name, or the processor's with its threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        processor = models[0] if models else processor
    return f"{processor}, {cores()} threads" if device.type == "cpu" else processor


def precision(wanted: Precision, device: torch.device) -> str:
    """fp32 or bf16: what was asked for, or bf16 where it is native for "auto"."""
    if wanted != "auto":
        return wanted
    return "bf16" if _native_bf16(device) else "fp32"


def _native_bf16(device: torch.device) -> bool:
    native = False
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        native = torch.cpu._is_avx512_bf16_supported()
    return native


def autocast(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """The context in which a forward pass runs in that precision."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def layout(device: torch.device) -> torch.memory_format:
    """How pictures and filters of convolutions should lie in memory on `device`."""
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def cores() -> int:
    """Processor cores this process may use: those it is given, or fewer where OMP_NUM_THREADS says so."""
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wished = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(given, int(wished))) if wished.isdecimal() else given


def memory(device: torch.device) -> int:
    """Bytes that data and models may share: free ones of a GPU, else all that the machine has."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory())
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 8 * 2**30  # Windows does not say it to Python; laptops have at least that much


def take_threads(count: int) -> None:
    """Say how many cores the calling thread computes with; call it before the thread's first torch work.

    A thread's first torch call takes over what any thread asked for last, so that a thread that waits before it
    computes would get the trainer's cores; asking back at once makes the count this thread's own.
    """
    torch.set_num_threads(max(1, count))
    torch.get_num_threads()


def lower_priority() -> None:
    """Let the calling thread yield to the window when both want a core; only Linux can ask that of one thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, max(10, os.getpriority(os.PRIO_PROCESS, 0)))


def seed(value: int) -> None:
    """Start torch's global generators, which belong to the training thread, from `value`."""
    torch.manual_seed(value)


# Every function with which layers draw their first weights, and that takes a generator.
DRAWS = frozenset(
    "uniform_ normal_ trunc_normal_ random_ bernoulli_ exponential_ kaiming_uniform_ kaiming_normal_ xavier_uniform_ "
    "xavier_normal_ orthogonal_ sparse_ rand randn randint randperm normal bernoulli multinomial poisson".split()
)


class PrivateRandomness(TorchFunctionMode):
    """A context in which freshly built layers draw their first weights from a generator of their own.

    A module is built to be filled with a run's weights; drawing those it throws away from torch's global generator,
    perhaps in another thread, would change the training that goes on.
    """

    def __init__(self) -> None:
        super().__init__()
        self._generator = torch.Generator().manual_seed(0)

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run the operation, with the private generator if it draws."""
        kwargs = dict(kwargs or {})
        if getattr(func, "__name__", "") in DRAWS and kwargs.get("generator") is None:
            kwargs["generator"] = self._generator
        return func(*args, **kwargs)


def rng_state(device: torch.device) -> dict[str, torch.Tensor]:
    """The state of the global generators, to be saved with a run."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def restore_rng(state: dict[str, torch.Tensor], device: torch.device) -> None:
    """Set the global generators as `rng_state` found them."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)

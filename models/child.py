"""Work in a process of its own: what a stranger's file may break, or a library cannot stop, is no part of ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.atomic import read_json
from models.errors import Stopped, UserError
from models.events import Working

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from models.events import Event
    from models.job import Control

ROOT = Path(__file__).resolve().parent.parent
ANSWER, WORDS, COMPLAINT = "answer.json", "words.txt", "complaint.txt"
LOOKS = 0.05  # seconds between two looks at the child
GIVES_WAY = 10  # of the priority, to who started it


def in_child(
    module: str, folder: Path, control: Control, limit: float, run: str = "", step: int = 0
) -> Generator[Event, None, dict[str, Any]]:
    """Run `answering` of `module` on what lies in `folder`; its answer, and on the way what it says it does.

    The child is ended when this is stopped or closed, or after `limit` seconds. Raises UserError with the child's own
    sentence, or that it broke; Stopped when `control` says so.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", module, str(folder)]  # -P: no module is ever taken from where one stands
    with (folder / COMPLAINT).open("wb") as complaint:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=complaint, stderr=complaint
        )
    words, waited = "", 0.0
    try:
        while child.poll() is None:
            if control.rest(LOOKS):
                raise Stopped
            waited += LOOKS
            if waited > limit:
                raise UserError(f"It took longer than {limit:.0f} seconds and was ended.")
            heard = _heard(folder)
            if heard and heard != words:
                words = heard
                yield Working(run, step, words)
    finally:
        child.kill()
        child.wait()
    return _answer(folder, child.returncode)


def answering(work: Callable[[Path], dict[str, Any]], memory: int = 0) -> None:
    """The child's whole course: do `work` on the folder it was given, within `memory` bytes if told, and answer."""
    folder = Path(sys.argv[1])
    _be_modest(memory)
    try:
        answer = work(folder)
    except UserError as error:
        answer = {"what": error.what, "mend": error.mend}
    except MemoryError:
        answer = {"what": "It needs more memory than it may have.", "mend": ""}
    except Exception as error:  # whatever it is must reach the one who waits
        traceback.print_exc()
        answer = {"what": f"Something went wrong in the program: {type(error).__name__}: {error}", "mend": ""}
    (folder / ANSWER).write_text(json.dumps(answer), encoding="utf-8")


def say(folder: Path, words: str) -> None:
    """Tell who waits what is done now."""
    (folder / WORDS).write_text(words, encoding="utf-8")


def _be_modest(memory: int) -> None:
    """Give way to the window, and let the system refuse more than `memory` bytes where it can."""
    if hasattr(os, "nice"):
        os.nice(GIVES_WAY)
    if memory and sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = memory if most == resource.RLIM_INFINITY else min(memory, most)
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))


def _heard(folder: Path) -> str:
    words = folder / WORDS
    return words.read_text(encoding="utf-8") if words.exists() else ""


def _answer(folder: Path, code: int) -> dict[str, Any]:
    """What the child found. Raises UserError with its sentence, or that it broke."""
    if code or not (folder / ANSWER).exists():
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise UserError(f"The process that tried it broke ({cause}){_complaint(folder)}.")
    answer = read_json(folder / ANSWER)
    if "what" in answer:
        raise UserError(str(answer["what"]), mend=str(answer.get("mend", "")))
    return answer


def _complaint(folder: Path) -> str:
    """The last thing the child complained of, as part of a sentence."""
    lines = (folder / COMPLAINT).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f": {lines[-1][:200].rstrip('.')}" if lines else ""

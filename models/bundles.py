"""What a person takes away in several files at once: a model as ONNX, the codes for TensorBoard's projector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from models.atomic import explained, write
from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from models.events import Event
    from models.job import Control
    from models.subject import Subject

    Bundle = Callable[[Subject, Any, Control], Generator[Event, None, Mapping[str, bytes]]]


def write_bundle(out: Path, suffixes: tuple[str, ...], files: Mapping[str, bytes]) -> None:
    """Write files that belong together, each whole or not at all, in their order. Raises UserError.

    Where the export has `suffixes`, names go behind that of `out`; else `out` is a folder that holds them.
    """
    if not suffixes:
        with explained(out):
            out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write(out.with_name(f"{out.stem}{name}{out.suffix}") if suffixes else out / name, data)


def not_one_file(subject: Subject, options: Any, suffix: str, control: Control) -> NoReturn:
    """Raises UserError: of several files for other programs none is a picture."""
    raise UserError("This export writes files for other programs, so there is nothing to look at.")

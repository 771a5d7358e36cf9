"""A person's own generator, from an ONNX file: asked for by the menu File, or dropped on the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from explorer.works import listing, opening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from explorer.session import Session
    from explorer.worker import Work
    from models.events import Event
    from models.job import Control


class Generators(QObject):
    """Asks over `window` which generator to open."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window

    def ask(self) -> None:
        """Ask for the file, and for what one may say about it."""
        from explorer.views.generator_dialog import GeneratorDialog

        GeneratorDialog(self._session, self._window).open()

    def open(self, paths: Sequence[Path]) -> None:
        """Open a generator, with its encoder if there are two files."""
        self._session.bring({"file": str(paths[0]), "encoder_file": str(paths[1]) if len(paths) > 1 else ""})


def bringing(asked: Mapping[str, Any]) -> Work:
    """Make a run of a generator, and open it."""

    def work(control: Control) -> Iterator[Event]:
        from models.bringing import Bringing, bring

        folder = yield from bring(Bringing.read(dict(asked), of="Open generator"), "", "window", control)
        yield from opening(folder)(control)
        yield from listing(control)

    return work

"""What morphs and boards ask of the renderer, while somebody looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.timeline import board_of, label_of, path_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.drawings import Drawings
    from explorer.state import SessionState

FILM = {"run", "pins", "timeline", "spherical", "shortest", "knobs"}
BOARD = {"run", "pins", "board", "spherical", "knobs"}


class MorphDrawings:
    """The film between the key frames, and the pictures of the board."""

    def __init__(self, read: Callable[[], SessionState], drawings: Drawings) -> None:
        self._read, self._drawings = read, drawings
        self._film, self._board = 0, False
        drawings.followers.append(self.follow)

    def show_film(self, count: int) -> None:
        """How many pictures of the way are looked at; 0 for none."""
        if count != self._film:
            self._film = count
            self.follow({"timeline"})

    def show_board(self, shown: bool) -> None:
        """Whether anybody looks at the board."""
        self._board = shown
        self.follow({"board"})

    def follow(self, fields: set[str]) -> None:
        """Ask for what the changed fields make out of date."""
        if fields & FILM:
            self._ask_film()
        if fields & BOARD:
            self._ask_board()

    def _ask_film(self) -> None:
        """Pictures of the middles of equal parts of the way."""
        path = path_of(self._read()) if self._film else None
        if path is None:
            self._drawings.ask_for("film", [], [])
            return
        codes, shares = path.sampled((np.arange(self._film) + 0.5) / self._film * path.length)
        labels = [label_of(None if shares is None else shares[place]) for place in range(len(codes))]
        self._drawings.ask_for("film", [*codes], labels)

    def _ask_board(self) -> None:
        board = board_of(self._read()) if self._board else None
        codes, labels = ([], []) if board is None else ([*board[0]], board[1])
        self._drawings.ask_for("board", codes, labels)

"""Which pages of the desk are looked at, and the pictures that are asked for while they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer import bench, directing, traversing

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.asked import Label
    from explorer.drawings import Drawings
    from explorer.state import SessionState
    from models.events import Codes

    Wanted = Callable[[SessionState], tuple[list[Codes], list[Label]]]

PAGES: dict[str, tuple[Wanted, frozenset[str]]] = {  # what each page shows, and of which fields that hangs
    "bench": (bench.asked_of, frozenset({"bench", "pins", "embedding", "data", "groups", "gathered", "seen"})),
    "directions": (directing.strips_of, frozenset({"directions", "code"})),
    "traversal": (traversing.asked_of, frozenset({"traversal", "code", "seen"})),
}
ALWAYS = frozenset({"run", "label", "knobs"})


class ShownPages:
    """Asks for the pictures of every page that is shown, whenever something they hang on has changed."""

    def __init__(self, read: Callable[[], SessionState], drawings: Drawings) -> None:
        self._read, self._drawings = read, drawings
        self._shown: set[str] = set()
        self._asked: dict[str, list[Codes]] = {}
        drawings.followers.append(self.follow)

    def show(self, page: str, shown: bool) -> None:
        """Whether anybody looks at `page`, one of `PAGES`."""
        if shown:
            self._shown.add(page)
            self._ask(page, anew=True)
        else:
            self._shown.discard(page)
            self._drawings.ask_for(page, [], [])

    def follow(self, fields: set[str]) -> None:
        """Ask for what the changed `fields` make out of date."""
        for page in self._shown:
            if (ALWAYS | PAGES[page][1]) & fields:
                self._ask(page, anew=bool(ALWAYS & fields))

    def _ask(self, page: str, anew: bool) -> None:
        """Ask for a page; not again for the same codes, unless they are to be drawn `anew`."""
        codes, labels = PAGES[page][0](self._read())
        before = self._asked.get(page, [])
        same = len(before) == len(codes) and all((a == b).all() for a, b in zip(before, codes, strict=True))
        if anew or not same:
            self._asked[page] = codes
            self._drawings.ask_for(page, codes, labels)

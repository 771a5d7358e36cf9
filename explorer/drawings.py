"""What is asked of the renderer: pictures of the code, of pins and classes, and the intents that ask for more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer import asked, gestures
from explorer.asking import sheet_of, text_of
from models import latent, projection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from explorer.asked import Label
    from explorer.pins import Pin
    from explorer.state import SessionState
    from models.events import Codes, Rendered
    from models.params import Value
    from models.render import Renderer

CLASSES = ("sheet", "classes", "written")
DESK = ("bench", "directions", "traversal", "film", "board")  # pages of the desk
FOLLOWING = ("probe", "mixing", *CLASSES, *DESK)  # show late answers too, so that they move while dragged
OF_A_RUN = ("steps", "samples", "mixing", *CLASSES, *DESK)


class Drawings:
    """The intents of a session about pictures; what a changed state makes out of date is asked for anew."""

    def __init__(
        self,
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
        do: Callable[[str, SessionState], None],
    ) -> None:
        self._read, self._apply, self._do = read, apply, do
        self.renderer: Renderer | None = None  # made behind the first paint
        self._classes_shown = self._mixing_shown = False
        self._looked = (0, False)  # how the sheet of classes was asked for
        self.followers: list[Callable[[set[str]], None]] = []  # ask for more when fields change

    def is_late(self, answer: Rendered) -> bool:
        """A newer request is under way, and who asked does not show older answers all the same."""
        if self.renderer is None or answer.key in FOLLOWING:
            return False
        return answer.generation < self.renderer.newest(answer.key)

    def follow(self, changed: Iterable[str]) -> None:
        """Ask for what the `changed` fields make out of date; ask no more for what is gone."""
        if self.renderer is None:
            return
        state, fields = self._read(), {*changed}
        if "run" in fields:
            for key in OF_A_RUN:
                self.renderer.forget(key)
        if "weights" in fields and state.weights is not None:
            self.renderer.use(state.weights)
        drawing = {"run", "knobs"} & fields
        if drawing or {"code", "label"} & fields:
            self._ask("probe", [] if state.code is None else [state.code], [state.label])
        if drawing or "pins" in fields:
            pins = [pin for pin in state.pins if pin is not None]
            self._ask("pins", [pin.code for pin in pins], [pin.label for pin in pins])
        if {"code", "label", "knobs"} & fields and state.watching:
            self.stop_watching()
        if {"knobs", "samples"} & fields:
            self._ask_samples({"knobs"} <= fields)
        if self._classes_shown and {"run", "code", "label", "knobs", "samples", "asking"} & fields:
            self._ask_classes(fields)
        if {"run", "mixture", "knobs"} & fields:
            self._ask_mixing()
        if {"knobs", "label"} & fields and state.lattice is not None:
            self.lay_lattice(state.lattice.bounds, state.lattice.columns, state.lattice.rows)
        if "lattice" in fields and state.lattice is None:
            self.renderer.forget("lattice")
        for follow in self.followers:
            follow(fields)

    def ask_for(self, key: str, codes: list[Codes], labels: list[Label]) -> None:
        """Ask for pictures of codes, each with its label, for who follows; no more where there are none."""
        if self.renderer is not None:
            self._ask(key, codes, labels)

    def _ask(self, key: str, codes: list[Codes] | Codes, labels: list[Label], *, watched: bool = False) -> int:
        """Ask for pictures of codes, each with its label; ask no more where there are none."""
        assert self.renderer is not None
        state = self._read()
        if not len(codes):
            self.renderer.forget(key)
            return 0
        told = asked.rows(labels, asked.classes_of(state.run))
        return self.renderer.ask(key, np.stack(list(codes)), told, state.knobs, watched=watched, whole=key in FOLLOWING)

    def _ask_samples(self, turned: bool) -> None:
        """The samples as they are with the knobs turned; training shows them as they are without."""
        assert self.renderer is not None
        state = self._read()
        if not state.knobs or state.samples is None or state.samples.codes is None:
            self.renderer.forget("samples")
        elif turned or not self.renderer.newest("samples"):
            self.renderer.ask("samples", state.samples.codes, state.samples.labels, state.knobs)

    # ---- classes

    def show_classes(self, shown: bool) -> None:
        """Whether anybody looks at pictures of all classes, so that they are worth drawing."""
        self._classes_shown = shown
        if self.renderer is not None and shown:
            self._ask_classes({"run"})
        elif self.renderer is not None:
            for key in CLASSES:
                self.renderer.forget(key)

    def _ask_classes(self, fields: set[str]) -> None:
        """The sheet of the chosen class or of all, the probe's code in all of them, and what is written with them."""
        assert self.renderer is not None
        state = self._read()
        classes = asked.classes_of(state.run)
        if not classes:
            return
        if {"run", "code", "knobs"} & fields:
            self._ask("classes", [] if state.code is None else [state.code] * classes, [*range(classes)])
        looked = state.asking.side, state.asking.every
        stale = {"run", "knobs", "code" if state.asking.every else "label"} & fields or looked != self._looked
        if stale or not self.renderer.newest("sheet"):
            self._looked = looked
            self._ask("sheet", *sheet_of(state))
        if {"run", "knobs", "asking", *(("code",) if state.asking.shared else ())} & fields:
            self._ask("written", *text_of(state))

    def set_label(self, label: Label) -> None:
        """Ask for this class, or for a mixture of all by their shares."""
        self._do("Ask for a class", gestures.set_label(self._read(), label))

    # ---- styles

    def show_mixing(self, shown: bool) -> None:
        """Whether anybody looks at mixed styles."""
        self._mixing_shown = shown
        if self.renderer is not None:
            self._ask_mixing()

    def _ask_mixing(self) -> None:
        """The whole sheet; it is asked for no more when nobody looks at it."""
        assert self.renderer is not None
        state = self._read()
        if state.mixture is None or not self._mixing_shown:
            self.renderer.forget("mixing")
            return
        coarse, fine = latent.crossed(state.mixture.rows, state.mixture.columns)
        crossing = state.mixture.crossing
        self.renderer.ask("mixing", coarse, knobs=state.knobs, whole=True, fine=fine, crossing=crossing)

    # ---- knobs, steps, lattice

    def set_knob(self, name: str, value: Value) -> None:
        """Turn one knob of the drawing."""
        state = self._read()
        self._do(f"Turn {name}", replace(state, knobs={**state.knobs, name: value}))

    def reset_knobs(self) -> None:
        """All knobs as they are declared."""
        self._do("Reset knobs", replace(self._read(), knobs={}, turned=None))

    def watch(self) -> None:
        """Show the picture of the probe's code as it comes into being."""
        state = self._read()
        if self.renderer is None or state.code is None or state.weights is None:
            return
        self._apply(replace(state, watching=True, steps=None))
        self._ask("steps", [state.code], [state.label], watched=True)

    def stop_watching(self) -> None:
        """Watch no longer."""
        if self.renderer is not None:
            self.renderer.forget("steps")
        self._apply(replace(self._read(), watching=False, steps=None))

    def lay_lattice(self, bounds: latent.Bounds, columns: int, rows: int) -> None:
        """Lay decoded pictures behind the points of the map, over `bounds` (x0, y0, x1, y1)."""
        state = self._read()
        if self.renderer is None or state.embedding is None:
            return
        codes = projection.unproject(latent.plane_grid(bounds, columns, rows), state.embedding.projection)
        generation = self._ask("lattice", codes, [state.label] * len(codes))
        self._apply(gestures.lay_lattice(state, bounds, columns, rows, generation))

    def draw_group(self, mean: Pin | None) -> None:
        """Ask for the picture of the mean code of a group of points, or for none."""
        if self.renderer is not None:
            self._ask("group", [] if mean is None else [mean.code], [] if mean is None else [mean.label])

    def lift_lattice(self) -> None:
        """Take the decoded pictures away."""
        self._apply(replace(self._read(), lattice=None))

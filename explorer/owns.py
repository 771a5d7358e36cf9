"""A person's own picture in the model on the stage: what is sought, what was found, and the intents about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from explorer import gestures, works
from explorer.own import Own, Sketch, drawable, ground_of
from explorer.state import noticed
from explorer.strokes import centred
from models.own_events import MapPictures, OwnPicture
from models.wishes import Wish, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.state import SessionState
    from explorer.worker import Worker

Beginning = Literal["nothing", "selection", "probe"]
BEGUN = {"nothing": "Begin a drawing", "selection": "Draw on the point", "probe": "Draw on the probe's picture"}


class Owns:
    """The intents of a session about a picture that a person brings; `lane` is where its code is sought.

    `do` makes a state the present one as a gesture under some words.
    """

    def __init__(
        self,
        lane: Worker,
        read: Callable[[], SessionState],
        apply: Callable[[SessionState], None],
        do: Callable[[str, SessionState], None],
    ) -> None:
        self._lane, self._read, self._apply, self._do = lane, read, apply, do
        self._wishes: Wishes | None = None  # made with the first one
        self._known: MapPictures | None = None

    def begin(self, picture: OwnPicture) -> None:
        """Seek the code of a picture in the model as it is now; a newer search replaces an older one."""
        state = self._read()
        if state.weights is None:
            words = "There is no model to bring a picture to yet. Train one, or open a run."
            self._apply(noticed(state, words, "warning"))
            return
        self._seek(picture)
        own = state.own if picture.drawn else Own()  # a drawing keeps what was found until there is something new
        self._apply(replace(state, own=replace(own, asked=picture, working=True)))

    def _seek(self, picture: OwnPicture) -> None:
        state = self._read()
        assert state.weights is not None
        if self._wishes is None or not self._lane.busy:
            self._wishes = Wishes()
            self._lane.start(works.seeking(self._wishes))
        data = state.data if state.data is not None and len(state.data.pictures) and not state.data.generated else None
        self._wishes.ask(Wish(picture, state.weights, state.knobs, self._made_up(state), data))

    def _made_up(self, state: SessionState) -> MapPictures | None:
        """The pictures of the map, where the model drew them itself."""
        data, embedding = state.data, state.embedding
        if data is None or embedding is None or not data.generated or len(data.pictures) != len(embedding.codes):
            return None
        labels = data.labels if (data.labels >= 0).all() else None
        known = self._known
        if known is None or known.codes is not embedding.codes or known.pictures is not data.pictures:
            self._known = MapPictures(embedding.codes, data.pictures, labels)
        return self._known

    def again(self, **changes: Any) -> None:
        """Seek the same picture once more, with these of its settings changed: `label`, `negative`, `spoilt`."""
        asked = self._read().own.asked
        if asked is not None:
            self.begin(replace(asked, **changes))

    def stop(self) -> None:
        """Seek no further; the best until now stays."""
        if self._wishes is None:
            return
        self._wishes.enough()
        state = self._read()
        if state.own.working:  # a search that waited for its turn will tell no more
            self._apply(replace(state, own=replace(state.own, working=False)))

    def take(self) -> None:
        """Give the code that was found to the probe."""
        self._do("Go to your picture", gestures.take_own(self._read()))

    # ---- drawing

    def draw_on(self, beginning: Beginning = "nothing") -> None:
        """Begin a drawing: on the data's own ground, or from the picture of the selected point or of the probe."""
        state = self._read()
        if state.run is None or not drawable(state.run):
            words = "There is no model to draw for yet. Train one, or open a run."
            if state.run is not None:
                words = "This model draws points, not pictures: move the probe over the plane instead."
            self._apply(noticed(state, words, "warning"))
            return
        channels, height, width = state.run.image_shape
        ground = ground_of(state.run, None if state.data is None else state.data.pictures)
        pixels = _beginning(state, beginning)
        if pixels is None or pixels.shape != (height, width, channels):
            pixels = np.broadcast_to(ground, (height, width, channels)).copy()
        self._do(BEGUN[beginning], replace(state, sketch=Sketch(pixels, ground)))

    def paint(self, pixels: NDArray[np.uint8], stroke: int) -> None:
        """The drawing as it is now, uint8 [h, w, c], while a person makes stroke number `stroke`, counted from 1."""
        state = self._read()
        if state.sketch is not None:
            sketch = replace(state.sketch, pixels=pixels, strokes=stroke)
            self._do(f"Draw stroke {stroke}", replace(state, sketch=sketch))

    def clear(self) -> None:
        """Take all strokes away."""
        state = self._read()
        if state.sketch is not None:
            bare = np.broadcast_to(state.sketch.ground, state.sketch.pixels.shape).copy()
            self._do("Clear the drawing", replace(state, sketch=replace(state.sketch, pixels=bare, strokes=0)))

    def centre(self) -> None:
        """Move the drawing to the middle."""
        state = self._read()
        if state.sketch is not None:
            pixels = centred(state.sketch.pixels, state.sketch.ground)
            self._do("Centre the drawing", replace(state, sketch=replace(state.sketch, pixels=pixels)))

    def lay_aside(self) -> None:
        """Draw no more; what was found last stays."""
        self._do("Lay the drawing aside", replace(self._read(), sketch=None))

    def follow_sketch(self) -> None:
        """Seek what is drawn now; of a blank sheet nothing can be found."""
        state = self._read()
        sketch = state.sketch
        if sketch is None or state.weights is None:
            return
        if sketch.blank:
            self.stop()
            self._apply(replace(self._read(), own=Own()))
            return
        asked = state.own.asked
        label, spoilt = (asked.label, asked.spoilt) if asked is not None and asked.drawn else (None, False)
        self.begin(OwnPicture(pixels=sketch.pixels, drawn=True, label=label, spoilt=spoilt))


def _beginning(state: SessionState, beginning: Beginning) -> NDArray[np.uint8] | None:
    """The picture that a drawing begins with, if there is one."""
    if beginning == "selection" and state.selection is not None and state.data is not None:
        return state.data.picture(state.selection)
    if beginning == "probe" and state.picture is not None:
        drawn: NDArray[np.uint8] = state.picture.pictures[0]
        return drawn
    return None

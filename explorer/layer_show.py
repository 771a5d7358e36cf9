"""The chosen layer behind the points: asked for when the view rests, anew while a model learns, and its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from explorer.layer_words import ends, matter, share_of, value_words, waits
from explorer.layers import LIVE_SIDE, fits, layer_of
from explorer.state import Phase
from explorer.widgets.layer_key import LayerKey, Offer
from explorer.widgets.layer_picture import layer_image
from explorer.words import duration
from models.layer_events import LAYERS, PICTURES

if TYPE_CHECKING:
    from explorer.layers import Surveying
    from explorer.session import Session
    from explorer.state import SessionState
    from explorer.widgets.latent_map import LatentMap
    from models.judging_events import Judging
    from models.latent import Bounds

REST = 150  # ms that the view, or what is drawn, must rest before the layer is computed anew
SHARE = 0.1  # of the time, for a layer that follows a training
REFRESH = 500  # ms between two layers that follow a training, at least
BEYOND = 0.1  # of the view that is computed on each side, so that a small pan shows no edge


class LayerShow(QObject):
    """Lays the layer behind the points of `shown`, and its key over them."""

    def __init__(self, session: Session, shown: LatentMap) -> None:
        super().__init__(shown)
        self._session, self._map = session, shown
        self._pointing = False  # whether the mouse is over the map
        self.key = LayerKey(shown)
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self._ask)
        self._refresh = QTimer(self, singleShot=True)
        self._refresh.timeout.connect(self._ask)
        self._connect()
        self._show_layer()

    def _connect(self) -> None:
        session = self._session
        hears = {
            self._show_layer: (session.layer_changed, session.run_changed),
            self._rest.start: (
                session.layer_changed, session.run_changed, session.label_changed, session.knobs_changed,
                session.phase_changed, self._map.view_moved,
            ),
            self._hear_progress: (session.weights_changed, session.embedding_changed),
            self._hear_judge: (session.judging_changed,),
            self._show_answer: (session.survey_changed, self.key.recoloured),
            self.key.place: (self._map.view_moved,),
            self._show_value: (session.code_changed, self._map.view_moved),
        }  # fmt: skip
        for hear, signals in hears.items():
            for signal in signals:
                signal.connect(hear)
        self._map.pointed.connect(self._point)
        self.key.closed.connect(lambda: session.layers.choose(""))
        self.key.offered.connect(self._take)

    # ---- asking

    def _ask(self) -> None:
        state = self._session.state
        if layer_of(state) in ("", PICTURES) and state.survey.asked is None:
            return
        self._rest.stop()
        self._refresh.stop()
        training = state.phase is Phase.TRAINING
        self._session.layers.survey(self._bounds(), LIVE_SIDE if training else None)

    def _bounds(self) -> Bounds:
        """What is in view, and a little beyond it."""
        left, bottom, right, top = self._map.camera.bounds(self._map.extent)
        across, up = BEYOND * (right - left), BEYOND * (top - bottom)
        return left - across, bottom - up, right + across, top + up

    def _hear_progress(self) -> None:
        """Newer weights or other points: soon, or while a training goes on as often as its share of time allows."""
        survey = self._session.state.survey
        if survey.shown is not None and not fits(survey.shown.asked, self._session.state):
            self._show_answer()  # on another plane its cells lie elsewhere
        if self._session.state.phase is not Phase.TRAINING:
            self._rest.start()
        elif survey.shown is None:
            if not (self._rest.isActive() or survey.working):
                self._rest.start()
        elif not survey.working and not self._refresh.isActive():
            self._refresh.start(max(REFRESH, round(1000 * survey.shown.seconds * (1 / SHARE - 1))))

    def _hear_judge(self) -> None:
        """A classifier that was missing may be there."""
        shown = self._session.state.survey.shown
        if shown is None or shown.judging is None:
            return
        if self._session.state.judging is None:
            self._rest.start()
        self._show_value()

    def _take(self, offer: Offer) -> None:
        intents = {
            Offer.STOP: self._session.layers.stop,
            Offer.FINER: self._session.layers.refine,
            Offer.TRAIN: self._session.judgements.train_judge,
        }
        intents[offer]()

    # ---- showing

    def _show_layer(self) -> None:
        layer = layer_of(self._session.state)
        self.key.set_layer(LAYERS[layer] if layer not in ("", PICTURES) else None)
        self._show_answer()

    def _show_answer(self) -> None:
        """The newest answer, whose cells lie where they were asked for."""
        survey = self._session.state.survey
        shown = survey.shown
        if shown is None or not fits(shown.asked, self._session.state):
            self._map.set_field(None)
            self.key.set_scale("", ("", ""))
        else:
            self._map.set_field(layer_image(shown), shown.asked.bounds)
            self.key.set_scale(shown.asked.layer, ends(shown) if shown.values is not None else ("", ""))
        self._show_value()

    def _show_value(self) -> None:
        """The value under the mouse, or else under the probe, and whatever is the matter."""
        state = self._session.state
        if layer_of(state):
            lines = (self._here(state), matter(state.survey, state.judging))
            self.key.set_words("\n".join(filter(None, lines)), *self._offer(state.survey, state.judging))

    def _here(self, state: SessionState) -> str:
        """The value at a place in words, which is marked on the scale."""
        shown, (x, y, where) = state.survey.shown, self._place()
        value = None if shown is None else shown.at(x, y)
        if shown is None or value is None:
            self.key.scale.set_mark(None)
            return ""
        label = shown.label_at(x, y)
        self.key.scale.set_mark(share_of(shown, value), -1 if label is None else label)
        return f"{where}: {value_words(shown, x, y, state.run.class_names if state.run is not None else ())}"

    def _point(self, over: bool) -> None:
        self._pointing = over
        self._show_value()

    def _place(self) -> tuple[float, float, str]:
        """A place of the map whose value is told, and what is there."""
        if self._pointing or self._map.probe is None:
            return *self._map.camera.to_map(self._map.mouse.x(), self._map.mouse.y(), self._map.extent), "Here"
        return self._map.probe.x, self._map.probe.y, "Under the probe"

    def _offer(self, survey: Surveying, judging: Judging | None) -> tuple[Offer, str]:
        """What can be done now, and a few words about it."""
        shown = survey.shown
        if waits(survey):
            return Offer.STOP, "Compute no further; what is there stays"
        if shown is None or survey.working:
            return Offer.NONE, ""
        if shown.judging is not None:
            return (
                (Offer.NONE, "") if judging is not None else (Offer.TRAIN, "Train the classifier once for these data")
            )
        if shown.values is not None and (shown.finer is not None or not shown.done):
            seconds = f", about {duration(shown.finer)}" if shown.finer is not None else ""
            return Offer.FINER, f"Twice as many cells a side{seconds}"
        return Offer.NONE, ""

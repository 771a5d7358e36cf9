"""Morph: pins as key frames in time, played, scrubbed and taken away as a film."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.icons import icon
from explorer.morph_words import EMPTY, cannot, class_names, told_path
from explorer.pins import letter, pins_set
from explorer.playing import Playing
from explorer.timeline import frames_of, path_of
from explorer.widgets.elided import Elided
from explorer.widgets.fittings import button, flat_button
from explorer.widgets.morph_controls import MorphControls
from explorer.widgets.picture import Picture
from explorer.widgets.progress import Bar
from explorer.widgets.timeline_bar import TimelineBar

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from explorer.session import Session

WIDE = 560  # px from which on the picture stands beside the timeline


class MorphView(QWidget):
    """Reads pins, timeline, playhead and film of the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.playing = Playing(session, self)
        self.setObjectName("morph_view")
        self.setAccessibleName("Morph")
        self._make_parts()
        self._lay_out()
        self._connect()
        self._show_run()

    # ---- making

    def _make_parts(self) -> None:
        self.picture = Picture("", parent=self)
        self.picture.setObjectName("morph_picture")
        self.picture.setAccessibleName("Picture of the morph")
        self.picture.told.connect(self._session.tell)
        self.bar = TimelineBar()
        self.bar.setObjectName("morph_timeline")
        self.bar.setAccessibleName("Key frames")
        self.bar.setAccessibleDescription(
            "Arrows go along the morph, Page up and down from key frame to key frame, Control with an arrow reorders, "
            "Delete removes, Space plays."
        )
        self.controls = MorphControls()
        self.told = Elided(quiet=True)
        self.told.setObjectName("morph_told")
        self.search = Bar("morph_search", "Search for the shortest way")
        self.search.setFixedWidth(72)
        self.play = flat_button("morph_play", "start", "Play the morph through its key frames (Space, or Ctrl+M)")
        self.play.setCheckable(True)
        self.play.clicked.connect(self.toggle)
        self.stop = flat_button("morph_stop", "stop", "Seek no further; the shortest way that was found stays")
        self.stop.clicked.connect(lambda: self._session.morphing.stop())
        self.reset = flat_button(
            "morph_reset", "reset", "Make all pins key frames again, in the order of their letters"
        )
        self.reset.clicked.connect(lambda: self._session.morphing.take_all_pins())
        self.export = flat_button("morph_export", "export", "Take the morph away as a film or a strip")
        self.export.clicked.connect(lambda: self._session.export_asked.emit("morph"))
        self.models = flat_button(
            "morph_models", "runs", "Morph from the first key frame to the last in several models"
        )
        self.models.clicked.connect(lambda: self._session.comparison_asked.emit())
        self.classes = flat_button("morph_classes", "classes", "Add the probe's code once more, as another class")
        self.classes.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.classes.setMenu(QMenu(self.classes))
        self.empty = Picture(EMPTY)
        self.empty.setObjectName("morph_empty")
        words = "Draw two codes and pin them, to see a morph at once"
        self.deal = button("morph_deal", "Pin two random codes", "dice", words)
        self.deal.clicked.connect(lambda: self._session.morphing.deal(2))

    def _lay_out(self) -> None:
        hand = QHBoxLayout()
        hand.setSpacing(4)
        for part in (self.play, self.controls, self.classes, self.reset):
            hand.addWidget(part)
        hand.addWidget(self.told, 1)
        for shown in (self.search, self.stop, self.models, self.export):
            hand.addWidget(shown)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(hand)
        column.addWidget(self.bar, 1)
        desk = QWidget()
        across = QHBoxLayout(desk)
        across.setContentsMargins(8, 4, 8, 4)
        across.setSpacing(8)
        across.addWidget(self.picture)
        across.addLayout(column, 1)
        nothing = QWidget()
        alone = QVBoxLayout(nothing)
        alone.setContentsMargins(8, 8, 8, 8)
        alone.addWidget(self.empty, 1)
        alone.addWidget(self.deal, 0, Qt.AlignmentFlag.AlignHCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(nothing)
        self._stack.addWidget(desk)

    def _connect(self) -> None:
        session, morphing, bar = self._session, self._session.morphing, self.bar
        self.playing.changed.connect(self._show_playing)
        bar.scrubbed.connect(self._scrub)
        bar.played.connect(self.toggle)
        bar.arranged.connect(morphing.arrange)
        bar.swapped.connect(morphing.swap)
        bar.removed.connect(morphing.remove)
        bar.dropped.connect(morphing.add)
        bar.appended.connect(lambda: morphing.add_probe())
        bar.closed.connect(lambda seconds: morphing.shape(closing=seconds))
        bar.resized.connect(self._show_film_wanted)
        self.controls.bent.connect(morphing.bend)
        self.controls.eased.connect(lambda easing: morphing.shape(easing=easing))
        self.controls.looped.connect(lambda loop: morphing.shape(loop=loop))
        self.controls.lasted.connect(morphing.last)
        for signal in (session.pins_changed, session.timeline_changed, session.spherical_changed):
            signal.connect(self._show_timeline)
        session.run_changed.connect(self._show_run)
        session.playhead_changed.connect(self._show_playhead)
        session.picture_changed.connect(self._show_picture)
        session.pin_pictures_changed.connect(self._show_pin_pictures)
        session.film_changed.connect(self._show_film)
        session.shortest_changed.connect(self._show_search)

    # ---- playing

    def toggle(self) -> None:
        """Play, or stand still."""
        if self.playing.on:
            self.playing.stop()
        else:
            self.playing.begin(self.screen())

    def _show_playing(self) -> None:
        self.play.setChecked(self.playing.on)
        self.play.setIcon(icon("pause" if self.playing.on else "start"))

    def _scrub(self, at: float) -> None:
        self.playing.stop()
        self._session.morphing.seek(at)

    # ---- hearing

    def _show_run(self) -> None:
        """What the model on the stage can do."""
        state = self._session.state
        prior = state.run is not None and "prior" in state.run.capabilities
        self.controls.set_offered(prior, not cannot(state))
        names = class_names(state)
        self.classes.setVisible(bool(names))
        menu = self.classes.menu()
        menu.clear()
        for label, name in enumerate(names):
            add = menu.addAction(f"Add this code as {name}")
            add.setObjectName(f"morph_class_{label}")
            add.triggered.connect(partial(self._session.morphing.add_class, label))
        if state.run is not None:
            _, height, width = state.run.image_shape
            self.bar.set_aspect(width / height)
        self._show_timeline()
        self._show_picture()
        self._show_search()

    def _show_timeline(self) -> None:
        state, path = self._session.state, path_of(self._session.state)
        frames, pinned = frames_of(state), pins_set(state)
        self._stack.setCurrentIndex(1 if pinned else 0)
        self.deal.setEnabled(state.run is not None and state.embedding is not None)
        around = path is not None and path.loop == "around"
        self.bar.set_frames(
            frames, {slot: letter(slot) for slot, _ in pinned}, state.timeline.closing if around else None
        )
        self.controls.set_path(path)
        for each in (self.play, self.export, self.models):
            each.setEnabled(path is not None)
        self.reset.setVisible(state.timeline.frames is not None)
        if path is None:
            self.playing.stop()
        self._show_playhead()
        self._show_pin_pictures()

    def _show_playhead(self) -> None:
        state, path = self._session.state, path_of(self._session.state)
        time = state.playhead
        self.bar.set_playhead(None if path is None or time is None else path.folded(time))
        self._show_told()

    def _show_told(self) -> None:
        self.told.setText(told_path(self._session.state))

    def _show_picture(self) -> None:
        drawn = self._session.state.picture
        if self.isVisible():
            self.picture.set_picture(None if drawn is None else drawn.pictures[0])

    def _show_pin_pictures(self) -> None:
        """Those of an earlier set of pins are passed over."""
        state = self._session.state
        pinned = [slot for slot, _ in pins_set(state)]
        drawn = () if state.pin_pictures is None else state.pin_pictures.pictures
        if len(drawn) == len(pinned):
            self.bar.set_images(dict(zip(pinned, drawn, strict=True)))

    def _show_film_wanted(self) -> None:
        """As many pictures as fit."""
        if self.isVisible():
            self._session.morphing.drawings.show_film(self.bar.film_count)

    def _show_film(self) -> None:
        film = self._session.state.film
        if self.isVisible():
            self.bar.set_film(None if film is None else film.pictures)

    def _show_search(self) -> None:
        """How far the search for the shortest ways is."""
        shortest = self._session.state.shortest
        self.search.setVisible(shortest.working)
        self.stop.setVisible(shortest.working)
        if shortest.working:
            self.search.show_fraction(shortest.share)
        self._show_told()

    # ---- being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Only who is seen has pictures drawn."""
        super().showEvent(event)
        self._session.morphing.show("morph")
        self._show_film_wanted()
        self._show_picture()
        self._show_film()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody watches: stand still, and let the renderer rest."""
        super().hideEvent(event)
        self.playing.stop()
        self._session.morphing.drawings.show_film(0)
        self._session.morphing.leave("morph")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture is a square beside the timeline, where there is room for it."""
        super().resizeEvent(event)
        self.picture.setVisible(event.size().width() >= WIDE)
        self.picture.setFixedWidth(min(event.size().height() - 8, 240))

    def sizeHint(self) -> QSize:
        """A film that can be seen."""
        return QSize(640, 180)

    def minimumSizeHint(self) -> QSize:
        """As small as a small screen makes it."""
        return QSize(240, 96)

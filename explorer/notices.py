"""Quiet toasts at the foot of the map: what happened in one line, the details one click away."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from explorer.colors import theme
from explorer.icons import icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QEnterEvent, QPaintEvent

    from explorer.session import Session
    from explorer.state import Notice

SECONDS = {"info": 4.0, "done": 4.0, "warning": 8.0}  # errors stay until they are dismissed
MOST = 4  # toasts at a time
WIDTH, LEAST_WIDTH, GAP = 360, 220, 8  # px


class Toast(QFrame):
    """One notice; told again while it still stands, it counts instead of doubling."""

    gone = Signal()
    grew = Signal()

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self._times = 1
        self.setObjectName("toast")
        self.setAccessibleName(f"{notice.level}: {notice.message}")
        self._message = QLabel(notice.message)
        self._message.setObjectName("toast_message")
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message.setWordWrap(True)
        self._details = QPlainTextEdit(notice.details)
        self._details.setObjectName("toast_details")
        self._details.setAccessibleName("Details")
        self._details.setReadOnly(True)
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setFixedHeight(140)
        self._details.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self._lay_out()
        self._wait()

    def _lay_out(self) -> None:
        dismiss = self._button("dismiss", "Dismiss", self.dismiss)
        dismiss.setIcon(icon("close"))
        dismiss.setIconSize(QSize(14, 14))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._message, 1)
        top.addWidget(dismiss, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._details)
        if self.notice.level not in SECONDS:
            row = QHBoxLayout()
            if self.notice.details:
                row.addWidget(self._button("details", "Details", self._toggle_details))
            row.addWidget(self._button("copy", "Copy", self._copy))
            row.addStretch()
            column.addLayout(row)

    def _button(self, name: str, text: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"toast_{name}")
        button.setAccessibleName(text)
        button.setToolTip(text)
        button.setText(text)
        button.clicked.connect(act)
        return button

    def again(self) -> None:
        """The same happened once more."""
        self._times += 1
        self._message.setText(f"{self.notice.message} ({self._times} times)")
        self._wait()

    def fit(self, width: int) -> None:
        """Be so wide, and as high as the words then are."""
        column = cast("QVBoxLayout", self.layout())
        column.activate()
        self.setFixedSize(width, column.totalHeightForWidth(width))

    def dismiss(self) -> None:
        """Take the toast away."""
        self._timer.stop()
        self.hide()
        self.gone.emit()

    def _wait(self) -> None:
        seconds = SECONDS.get(self.notice.level)
        if seconds is not None:
            self._timer.start(int(seconds * 1000))

    def _toggle_details(self) -> None:
        self._details.setVisible(self._details.isHidden())
        self.grew.emit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.notice.message}\n\n{self.notice.details}".strip())

    def enterEvent(self, event: QEnterEvent) -> None:
        """Who reads it keeps it."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Who has read it lets it go."""
        self._wait()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A small card with a stripe in the colour of its level."""
        now = theme()
        stripe = {"error": now.error, "warning": now.warning, "done": now.done}.get(self.notice.level, now.accent)
        card = QPainterPath()
        card.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(card, now.panel)
        painter.setClipPath(card)
        painter.fillRect(0, 0, 4, self.height(), stripe)
        painter.setClipping(False)
        painter.setPen(QPen(now.line, 1))
        painter.drawPath(card)
        painter.end()


class Toasts(QObject):
    """Shows each notice of the session as a toast in the lower left corner of `place`, the newest lowest.

    There they hide no control, and what they do hide can be moved; those that find no room wait behind the newer.
    """

    def __init__(self, session: Session, window: QWidget, place: QWidget) -> None:
        super().__init__(window)
        self._session, self._window, self._place = session, window, place
        self.toasts: list[Toast] = []
        session.notice_changed.connect(self._on_notice)
        session.began.connect(self._on_beginning)
        for watched in {place, place.parentWidget() or window, window}:
            watched.installEventFilter(self)

    def _on_notice(self) -> None:
        notice = self._session.state.notice
        if notice is None:
            return
        same = [toast for toast in self.toasts if toast.notice.message == notice.message]
        if same:
            same[0].again()
            self._arrange()
            return
        toast = Toast(notice, self._window)
        toast.gone.connect(lambda: self._let_go(toast))
        toast.grew.connect(self._arrange)
        self.toasts.append(toast)
        while len(self.toasts) > MOST:
            self.toasts[0].dismiss()
        self._arrange()

    def _on_beginning(self, lane: str) -> None:
        """What failed before in this lane is past, for the person tries again or goes on."""
        for toast in [toast for toast in self.toasts if toast.notice.lane == lane]:
            toast.dismiss()

    def _let_go(self, toast: Toast) -> None:
        self.toasts.remove(toast)
        toast.deleteLater()
        self._arrange()

    def _arrange(self) -> None:
        """Stack the toasts upwards from the corner, as many as there is room for."""
        corner = self._place.mapTo(self._window, QPoint(GAP, self._place.height() - GAP))
        bottom, top = corner.y(), self._place.mapTo(self._window, QPoint()).y()
        for toast in reversed(self.toasts):
            toast.fit(max(LEAST_WIDTH, min(WIDTH, self._place.width() - 2 * GAP)))
            bottom -= toast.height()
            toast.move(corner.x(), max(0, bottom))
            toast.setVisible(bottom >= top or toast is self.toasts[-1])
            toast.raise_()
            bottom -= GAP

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The toasts keep to their corner when it moves."""
        if self.toasts and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._arrange()
        return super().eventFilter(watched, event)

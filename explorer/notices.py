"""Quiet toasts at the bottom right of the window: what happened in one line, the details one click away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
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
WIDTH = 360


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
        self.setFixedWidth(WIDTH)
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
    """Shows each notice of the session as a toast over `window`, the newest lowest."""

    def __init__(self, session: Session, window: QWidget, margin_below: int = 36) -> None:
        super().__init__(window)
        self._session, self._window, self._below = session, window, margin_below
        self.toasts: list[Toast] = []
        session.notice_changed.connect(self._on_notice)
        window.installEventFilter(self)

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
        toast.show()

    def _let_go(self, toast: Toast) -> None:
        self.toasts.remove(toast)
        toast.deleteLater()
        self._arrange()

    def _arrange(self) -> None:
        """Stack the toasts upwards from the bottom right corner, above the status line."""
        bottom = self._window.height() - self._below
        for toast in reversed(self.toasts):
            toast.adjustSize()
            bottom -= toast.height()
            toast.move(self._window.width() - toast.width() - 16, max(0, bottom))
            toast.raise_()
            bottom -= 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The toasts keep to the corner when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)

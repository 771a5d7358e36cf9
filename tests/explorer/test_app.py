"""The program with a window, as a process of its own: it paints, trains, closes by signal, and takes pictures."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PIL import Image
from stage import set_stage, told

from explorer.app import first_run, shoot
from explorer.hints import WELCOME, happening, hint
from explorer.remembered import VERSION, remember_in
from explorer.state import Phase, SessionState
from explorer.status_line import StatusLine
from explorer.widgets.elided import Elided
from models.errors import UserError
from models.events import Catalogued, Finished, Working
from models.runs import BUNDLED, find_run

ROOT = Path(__file__).parents[2]


def run_program(home, code, timeout=60):
    """Run a few lines in a fresh Python, as a person's start of the window would."""
    environment = {**os.environ, "LATENT_EXPLORER_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    words = [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(code)]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout)


def words_of(text):
    """What a process said, without the off-screen platform's remarks on itself."""
    return [line for line in text.splitlines() if not line.startswith("This plugin does not support")]


def test_the_window_is_painted_before_torch_is_there_and_a_signal_closes_it(home):
    done = run_program(
        home,
        """
        import os, signal, sys
        from PySide6.QtCore import QTimer
        from explorer import app, session
        begin = session.Session.start
        def start(self, first_run=None):
            print("painted", "torch" in sys.modules)
            begin(self, first_run)
            QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))
        session.Session.start = start
        print("exit", app.run_window(argv=["latent-explorer"]))
        """,
    )
    assert words_of(done.stderr) == []
    assert done.stdout.split() == ["painted", "False", "exit", "0"]
    assert (home / "log" / "explorer.log").exists()


def test_ctrl_c_during_training_keeps_the_run_and_a_later_start_opens_it(home):
    done = run_program(
        home,
        """
        import os, signal
        from explorer import app, session
        from models.job import Job
        begin = session.Session.start
        def start(self, first_run=None):
            begin(self, None)
            self.train(Job(settings={"width": 16, "depth": 1}, preset="dense-2d", steps=10**6, device="cpu"))
            self.embedding_changed.connect(lambda: os.kill(os.getpid(), signal.SIGINT))
        session.Session.start = start
        print("exit", app.run_window(argv=["latent-explorer"]))
        print("next", app.first_run())
        """,
    )
    assert words_of(done.stderr) == []
    exit_code, following = done.stdout.splitlines()
    assert exit_code == "exit 0"
    run = Path(following.removeprefix("next "))
    assert run.parent == home / "runs"
    assert '"status": "stopped"' in (run / "run.json").read_text()


def test_a_second_signal_ends_at_once(home):
    done = run_program(
        home,
        """
        import os, signal
        from explorer import app, main_window
        def never(self):
            os.kill(os.getpid(), signal.SIGINT)
            while True: pass
        main_window.MainWindow.close_unasked = never
        main_window.MainWindow.paintEvent = lambda self, event: os.kill(os.getpid(), signal.SIGINT)
        app.run_window(argv=["latent-explorer"])
        """,
    )
    assert done.returncode == 128 + signal.SIGINT


def test_a_picture_of_the_real_window(tiny_run, tmp_path, light):
    out = tmp_path / "window.png"
    assert shoot(out, str(tiny_run), (1024, 640), "dark") == 0
    picture = Image.open(out).convert("RGB")
    assert picture.size == (1024, 640)
    assert max(picture.getpixel((4, 100))) < 64
    colours = {colour for _, colour in picture.getcolors(1 << 20)}
    assert len(colours) > 500  # points, pictures and curves, not an empty window


def test_a_picture_that_cannot_be_written_is_told_in_words(tiny_run, tmp_path, light):
    with pytest.raises(UserError, match="The folder for it is not there"):
        shoot(tmp_path / "nowhere" / "window.png", str(tiny_run), (1024, 640))
    assert not (tmp_path / "nowhere").exists()


def test_a_picture_needs_a_run(tmp_path, light):
    with pytest.raises(UserError, match="There is no run"):
        shoot(tmp_path / "window.png", "nothing")


def test_a_picture_of_a_run_that_does_not_open_says_why_at_once(tiny_run, tmp_path, light):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "run.json").write_text((tiny_run / "run.json").read_text().replace('"vae"', '"nobody"'))
    (broken / "snapshots").symlink_to(tiny_run / "snapshots")
    with pytest.raises(UserError, match="nobody"):
        shoot(tmp_path / "window.png", str(broken))


def test_runs_are_found_by_folder_and_by_name(home, tiny_run):
    assert find_run(str(tiny_run)) == tiny_run
    (home / "runs").mkdir(parents=True)
    (home / "runs" / "mine").symlink_to(tiny_run)
    assert find_run("mine").resolve() == tiny_run
    with pytest.raises(UserError, match="'yours'"):
        find_run("yours")


def test_the_first_start_shows_what_comes_along_and_the_next_the_last(qapp, tiny_run):
    from PySide6.QtCore import QSettings

    bundled = first_run()
    assert bundled is None or bundled.parent == BUNDLED
    QSettings().setValue("last_run", str(tiny_run))
    assert first_run() == tiny_run
    QSettings().setValue("last_run", "/gone")
    assert first_run() == bundled


@pytest.mark.parametrize("content", [b"\x00\xff garbage", b"[General]\nversion=99\ntheme=dark\n"])
def test_settings_that_cannot_be_read_are_put_aside(qapp, tmp_path, content):
    from PySide6.QtCore import QSettings

    assert remember_in(tmp_path) == ""
    file = Path(QSettings().fileName())
    QSettings().sync()
    file.write_bytes(content)
    assert "not used" in remember_in(tmp_path)
    assert file.with_suffix(".bak").read_bytes() == content
    assert QSettings().value("theme") is None
    QSettings().sync()
    assert remember_in(tmp_path) == ""
    assert str(QSettings().value("version")) == str(VERSION)


def test_one_line_always_says_what_to_do_next():
    ready = SessionState(catalog=Catalogued("", 0, (), (), (), ""), phase=Phase.IDLE)
    assert "Start" in hint(ready)
    assert hint(SessionState()) == "One moment."
    assert happening(SessionState()) == "Loading PyTorch"
    assert happening(SessionState(working=Working("", 0, "Reading MNIST", 0.5))) == "Reading MNIST 50%"


@pytest.mark.parametrize(
    "explore",
    [
        lambda session: session.move_to(0.5, -0.5),
        lambda session: session.select(3),
        lambda session: session.set_dimension(0, 1.0),
        lambda session: session.randomise(),
    ],
)
def test_the_welcome_goes_once_a_person_explores(session, light, explore):
    line = StatusLine(session, Path("/runs"))
    words = line.findChild(Elided, "status_hint")
    set_stage(session)
    told(session, Finished("run", 100, 1.0))  # a run in /runs, as it comes with the program
    assert words.text() == WELCOME
    explore(session)
    assert "Move a slider" in words.text()
    session.select(None)
    assert "Move a slider" in words.text()
    set_stage(session)
    told(session, Finished("run", 100, 1.0))
    assert words.text() == WELCOME
    line.deleteLater()

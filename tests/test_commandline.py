"""The command line as a person or a script meets it: answers, exit codes, JSON, interruption, and no Qt."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from explorer import commands, platform_check
from main import main as run
from models.commandline import COMMANDS
from models.console import Console
from models.errors import UserError
from models.events import Working
from models.ground import missing_ground
from models.job import Control

ROOT = Path(__file__).parents[1]
SMALL = ["--width", "16", "--depth", "1", "--precision", "fp32"]
KEYS = [
    "run", "family", "preset", "steps", "epochs", "seconds", "samples_per_second", "device", "precision", "test",
]  # fmt: skip
ALL_COMMANDS = [*COMMANDS, *commands.COMMANDS]


def start(*words: str, **environment: str) -> subprocess.Popen[str]:
    """The program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def one_core():
    """Tiny trainings gain nothing from more, and lose much where other programs want them too."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {random.choice(sorted(before))})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small run, what its training printed, and its JSON."""
    folder = tmp_path_factory.mktemp("trained") / "a-run"
    process = start("train", "vae", "--steps", "12", "--json", "--seed", "3", "--run", str(folder), *SMALL)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return folder, out, err


@pytest.fixture
def known(trained, home):
    """The small run in the runs folder; returns its name."""
    shutil.copytree(trained[0], home / "runs" / "20261120-a-run")
    return "20261120-a-run"


def refused(capsys, *words: str) -> str:
    """The one sentence with which the words are refused."""
    assert run(list(words)) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


# ---- training


def test_training_ends_with_one_line_of_json(trained):
    folder, out, err = trained
    result = json.loads(out.splitlines()[-1])
    assert list(result) == KEYS
    assert (result["run"], result["family"], result["preset"]) == (str(folder), "vae", "dense-2d")
    assert (result["steps"], result["device"], result["precision"]) == (12, "cpu", "fp32")
    assert result["epochs"] == pytest.approx(12 / 11, abs=0.01)
    assert result["samples_per_second"] == pytest.approx(12 * 128 / result["seconds"], rel=0.01)
    assert {"recon_mse", "recon_bce", "kl", "neg_elbo", "bits_per_dim"} <= set(result["test"])
    assert str(folder) in err
    manifest = json.loads((folder / "run.json").read_text())
    assert manifest["command"].startswith("latent-explorer train vae --steps 12 --json --seed 3")
    assert (manifest["seed"], manifest["settings"]["width"]) == (3, 16)


def test_flags_reach_the_data_set_and_numbers_are_kept_as_numbers(tmp_path, capsys):
    folder = tmp_path / "b"
    words = ["train", "pca", "--steps", "1", "--run", str(folder), "--test-share", "0.5", "--latent-dim", "3"]
    assert run(words) == 0
    manifest = json.loads((folder / "run.json").read_text())
    assert manifest["data"]["settings"]["test_share"] == 0.5
    assert manifest["job"]["settings"] == {"latent_dim": 3}
    assert manifest["data"]["test_count"] > 800
    assert "1 step (" in capsys.readouterr().out


def test_only_some_classes_and_pictures_are_trained_on(tmp_path, capsys):
    folder = tmp_path / "part"
    assert run(["train", "pca", "--steps", "1", "--run", str(folder), "--classes", "3,7", "--limit", "50"]) == 0
    manifest = json.loads((folder / "run.json").read_text())
    assert (manifest["data"]["class_names"], manifest["data"]["train_count"]) == (["3", "7"], 50)
    capsys.readouterr()
    assert "There are: 0, 1" in refused(capsys, "train", "pca", "--classes", "3,eleven")


def test_resume_goes_on_to_a_later_end(known, home, capsys):
    assert run(["resume", known, "--steps", "15", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["steps"], result["run"]) == (15, str(home / "runs" / known))
    assert "only one of" in refused(capsys, "resume", known, "--steps", "20", "--epochs", "9")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_kept_and_resumable(number, tmp_path, capsys):
    folder = tmp_path / "c"
    process = start("train", "vae", "--minutes", "5", "--json", "--run", str(folder), *SMALL)
    deadline = time.monotonic() + 60
    while not (folder / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Stopping" in err
    assert "Traceback" not in err
    steps = json.loads(out.splitlines()[-1])["steps"]
    assert steps > 0
    assert json.loads((folder / "run.json").read_text())["status"] == "stopped"
    assert run(["resume", str(folder), "--steps", str(steps + 1)]) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_a_terminal_gets_a_progress_bar_and_a_pipe_gets_lines(known, tmp_path):
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    words = [sys.executable, str(ROOT / "main.py"), "export", "samples", known, str(tmp_path / "a.png")]
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=theirs, timeout=60, check=True)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # all is read
            break
    os.close(ours)
    assert b"Drawing pictures   0%|" in shown
    piped = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert "\r" not in piped.stderr


def test_a_training_that_fails_exits_with_1_and_says_why(tmp_path, capsys):
    folder = str(tmp_path / "d")
    wild = [*SMALL, "--depth", "8", "--learning-rate", "100", "--no-anneal"]
    assert run(["train", "vae", "--steps", "3000", "--run", folder, *wild]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert "smaller learning rate" in err


def test_headless_words_never_import_qt(known, home, tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from main import main\n"
        "codes = [main(words.split()) for words in sys.argv[2:]]\n"
        "door = {'explorer', 'explorer.commands', 'explorer.platform_check'}  # what the window's own words come by\n"
        "window = ('PySide6', 'shiboken6', 'pyqtgraph', 'superqt', 'explorer')\n"
        "qt = [name for name in sys.modules if name.startswith(window) and name not in door]\n"
        "sys.exit(str((codes, qt)) if qt or any(codes) else 0)"
    )
    words = [
        f"train pca --steps 1 --run {tmp_path / 'e'}", "runs", f"show {known}", "families", "datasets",
        f"export map {known} {tmp_path / 'map.png'}",
    ]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code, str(ROOT), *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("pauses", "lines"), [((0.0, 0.0), 0), ((0.7, 0.7), 1)])
def test_a_pipe_hears_only_of_work_that_lasts(pauses, lines, monkeypatch, capsys):
    def work():
        for share, pause in enumerate((1.0, *pauses)):  # the first is spent before there is anything to say
            time.sleep(pause)
            yield Working("", 0, "Drawing pictures", share / 2)

    console = Console(Control())
    assert console.drive(work()) == 0
    assert capsys.readouterr().err.count("Drawing pictures") == lines


# ---- looking


def test_runs_lists_what_is_there(known, capsys):
    assert run(["runs"]) == 0
    assert "vae" in (listed := capsys.readouterr().out)
    assert "finished" in listed
    assert run(["runs", "--json"]) == 0
    (summary,) = json.loads(capsys.readouterr().out)
    assert (summary["family"], summary["status"], summary["step"]) == ("vae", "finished", 12)


def test_runs_says_how_to_make_the_first_one(home, capsys):
    assert run(["runs"]) == 0
    assert "latent-explorer train vae" in capsys.readouterr().out


def test_show_tells_the_manifest_and_the_snapshots(known, home, capsys):
    for name in (known, "2026", str(home / "runs" / known)):
        assert run(["show", name, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["family"], told["snapshots"][-1]) == ("vae", 12)
    assert run(["show", known]) == 0
    page = capsys.readouterr().out
    for words in (
        "vae dense-2d, ", "settings   depth 1, width 16, else as the preset", "digits: 1,438 pictures to learn from",
        "28x28 grey, 10 classes", "finished, 12 of 12 steps", "neg_elbo", "seed 3", str(home / "runs" / known),
    ):  # fmt: skip
        assert words in page
    assert page.count("\n") < 12


def test_show_says_how_to_go_on_and_lets_nothing_move_the_cursor(known, home, capsys):
    file = home / "runs" / known / "run.json"
    values = json.loads(file.read_text())
    file.write_text(json.dumps({**values, "status": "stopped", "step": 8, "title": "a \x1b[2J b", "job": {}}))
    assert run(["show", known]) == 0
    page = capsys.readouterr().out
    assert "stopped, 8 of 12 steps" in page
    assert f"latent-explorer resume {known}" in page
    assert "\x1b" not in page


def test_a_beginning_that_two_runs_share_is_refused(known, home, capsys):
    shutil.copytree(home / "runs" / known, home / "runs" / f"{known}-2")
    assert "2 runs begin with '2026'" in refused(capsys, "show", "2026")
    assert run(["show", known]) == 0


def test_families_and_datasets_are_listed_with_presets_and_flags(capsys):
    assert run(["families"]) == 0
    assert "conv-16" in capsys.readouterr().out
    assert run(["families", "--json"]) == 0
    vae = next(each for each in json.loads(capsys.readouterr().out) if each["name"] == "vae")
    assert "prior" in vae["capabilities"]
    assert run(["datasets"]) == 0
    assert "--data-dir" in capsys.readouterr().out
    assert run(["datasets", "--json"]) == 0
    assert {"digits", "mnist", "folder"} <= {each["name"] for each in json.loads(capsys.readouterr().out)}


def test_help_teaches(capsys):
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n  {name} " in text for name in ALL_COMMANDS)
    assert "exit codes" in text


@pytest.mark.parametrize("word", ALL_COMMANDS)
def test_every_command_has_help(word, capsys):
    with pytest.raises(SystemExit) as ended:
        run([word, "--help"])
    assert ended.value.code == 0
    assert f"usage: latent-explorer {word}" in capsys.readouterr().out


def test_help_of_a_family_has_its_flags_with_ranges_and_the_presets_defaults(capsys):
    with pytest.raises(SystemExit):
        run(["train", "vae", "--preset", "conv-16", "--data", "folder", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "settings of vae" in text
    assert "from 1 to 4096; default: 16" in text
    assert "--no-anneal" in text
    assert "only with architecture conv" in text
    assert "--data-dir PATH" in text
    assert "conv-2d" in text


# ---- taking away


def test_export_writes_the_file_and_names_it(known, tmp_path, capsys):
    out = tmp_path / "grid.png"
    assert (
        run(["export", "grid", known, str(out), "--rows", "2", "--columns", "3", "--spacing", "1", "--scale", "1"]) == 0
    )
    assert capsys.readouterr().out.strip() == str(out)
    with Image.open(out) as picture:
        assert picture.size == (3 * 29 + 1, 2 * 29 + 1)
    assert run(["export", "map", known, str(tmp_path / "map.svg"), "--no-legend"]) == 0
    assert run(["export", "codes", known, str(tmp_path / "codes.csv")]) == 0
    assert (tmp_path / "codes.csv").read_text().startswith("index,label,class,x,y,z0,z1\n")


# ---- bad input


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["trian"], "Did you mean train?"),
        (["train"], "Name the family of models first"),
        (["train", "vea"], "Did you mean vae?"),
        (["train", "vae", "--preset", "conv2d"], "Did you mean conv-2d?"),
        (["train", "vae", "--data", "mnits"], "Did you mean mnist?"),
        (["train", "vae", "--latent-dims", "3"], "Did you mean --latent-dim?"),
        (["train", "vae", "--latent-dim", "0"], "--latent-dim must be a whole number from 1 to 4096, not '0'. See"),
        (["train", "vae", "--latent-dim", "two"], "not 'two'"),
        (["train", "vae", "--likelihood", "poisson"], "--likelihood must be one of bernoulli"),
        (["train", "vae", "--seed", "-1"], "--seed must be a whole number from 0"),
        (["train", "vae", "--steps", "5", "--epochs", "2"], "only one of epochs, steps and minutes"),
        (["train", "vae", "--steps"], "--steps needs a value after it"),
        (["train", "vae", "--learning-rate", "0"], "--learning-rate must be a number from 0.000001 to 100, not '0'"),
        (["train", "vae", "--device", "cuda"], "No cuda device was found"),
        (["train", "vae", "--data", "folder", "--data-dir", "nowhere-at-all"], "nowhere-at-all"),
        (["show", "no-such-run"], "There is no run 'no-such-run'"),
        (["resume", ""], "There is no run ''"),
        (["export"], "Name what to export first"),
        (["export", "grit", "x", "y.png"], "There are: grid, samples"),
        (["runs", "--jason"], "Did you mean --json?"),
        (["open", "no-such-run"], "There is no run"),
        (["shot", "a.png", "--size", "big"], "Write it as 1440x900"),
        (["shot", "a.png", "--size", "99999x99999"], "from 64 to 8192"),
        (["shot", "a.png", "--size", "1440x" + "9" * 5000], "Write it as 1440x900"),
        (["shot", "a.png", "--run", "no-such-run"], "There is no run"),
        (["shot", "a.jpg"], "Name a file that ends in .png"),
    ],
)
def test_bad_input_is_one_sentence_and_2(words, sentence, capsys, tmp_path, monkeypatch):
    import torch

    if "cuda" in words and torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    monkeypatch.chdir(tmp_path)
    assert sentence in refused(capsys, *words)
    assert not list(tmp_path.iterdir())


def test_bad_exports_touch_nothing(known, capsys, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    assert "ends in .png, .svg, .pdf" in refused(capsys, "export", "grid", known, str(out / "a.bmp"))
    assert "from 1 to 200" in refused(capsys, "export", "grid", known, str(out / "a.png"), "--rows", "0")
    assert run(["export", "grid", known, str(out / "no" / "a.png")]) == 2
    assert not list(out.iterdir())


# ---- the ground


def test_no_display_is_one_sentence_and_2():
    bare = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    process = start(**bare)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert not out
    assert err.count("\n") == 1
    assert "no display" in err


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves Qt's libraries to the person")
def test_libraries_that_are_missing_are_named_with_their_packages(monkeypatch):
    lacking = {"libxcb-cursor.so.0", "libxcb-icccm.so.4"}
    monkeypatch.setattr(platform_check, "_loads", lambda name: name not in lacking)
    with pytest.raises(UserError) as told:
        platform_check.require_window({"DISPLAY": ":0"})
    text = str(told.value)
    assert "libxcb-cursor.so.0 and libxcb-icccm.so.4" in text or "libxcb-icccm.so.4" in text
    assert "apt install libxcb-cursor0 libxcb-icccm4" in text
    assert "dnf install xcb-util-cursor xcb-util-wm" in text
    platform_check.require_window({"QT_QPA_PLATFORM": "offscreen"})


@pytest.mark.skipif(sys.platform != "linux", reason="X and Wayland are Linux's")
@pytest.mark.parametrize(
    "environment", [{"DISPLAY": ":7777"}, {"WAYLAND_DISPLAY": "wayland-77", "XDG_RUNTIME_DIR": "/nonexistent"}]
)
def test_a_display_that_does_not_answer_is_told(environment):
    with pytest.raises(UserError, match=r"not there|does not answer|does not have"):
        platform_check.require_window(environment)


def test_torch_and_torchvision_that_do_not_fit_are_told_with_the_mend(tmp_path):
    """A stub stands in for a torchvision that was built for another torch."""
    stub = tmp_path / "torch"
    stub.mkdir()
    (stub / "__init__.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    process = start("families", PYTHONPATH=str(tmp_path))
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 2, err
    assert err.count("\n") == 1
    assert "pip install" in err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("operator torchvision::nms does not exist"), "do not fit each other. Run `python -m pip"),
        (ModuleNotFoundError("No module named 'PySide6'", name="PySide6"), "PySide6 is not installed. Run `python"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "torch is not installed"),
        (ImportError("libEGL.so.1: cannot open shared object file: No such file"), "libEGL.so.1 is missing"),
    ],
)
def test_missing_ground_is_one_sentence(error, words):
    assert words in str(missing_ground(error))


def test_other_errors_are_not_taken_for_missing_ground():
    assert missing_ground(RuntimeError("something else")) is None
    assert missing_ground(ModuleNotFoundError("x", name="models.nothing")) is None


def test_the_window_asks_for_its_libraries_first(monkeypatch, capsys):
    monkeypatch.setattr("models.ground.NEEDED", ("a_library_that_nobody_has",))
    assert "The library a_library_that_nobody_has is not installed" in refused(capsys, "open")


def test_help_needs_no_torch():
    code = "import sys; from main import main; main(['--help']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60).returncode == 0

"""The rules of the house that can be read from the code: which way imports point, who starts threads, who draws."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [ROOT / "main.py", *sorted((ROOT / "models").rglob("*.py")), *sorted((ROOT / "explorer").rglob("*.py"))]
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
QT = {"PySide6", "pyqtgraph", "superqt", "shiboken6"}


@cache
def tree(name):
    return ast.parse((ROOT / name).read_text())


def of_folder(*folders):
    return [name for name in NAMES if name.startswith(folders)]


def is_for_types_only(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


@cache
def imports(name, *, at_import_only):
    """The modules that a file imports: all it names, or those that importing it brings in."""
    found = set()
    waiting = [tree(name)]
    while waiting:
        node = waiting.pop()
        if at_import_only and (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_for_types_only(node)):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by a relative path"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        waiting += ast.iter_child_nodes(node)
    return found


def files_of(module):
    """The files of ours that importing a module runs: packages on the way, then the module."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        stem = "/".join(parts[:end])
        yield from (name for name in (f"{stem}/__init__.py", f"{stem}.py") if name in NAMES)


def way_to(name, package, seen=None):
    """The chain of files by which importing `name` brings in `package`, or nothing."""
    seen = seen if seen is not None else set()
    seen.add(name)
    for module in sorted(imports(name, at_import_only=True)):
        if module.split(".")[0] == package:
            return [name, package]
        for next_name in files_of(module):
            chain = next_name not in seen and way_to(next_name, package, seen)
            if chain:
                return [name, *chain]
    return []


def documented(column):
    """The files that the table of docs/architecture.md lists with that word under `imports torch`."""
    found = []
    for row in (ROOT / "docs" / "architecture.md").read_text().splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if row.startswith("| `") and len(cells) == 3 and cells[2] == column:
            first, *others = re.findall(r"`([^`]+)`", cells[0])
            found += [first, *(other if "/" in other else f"{Path(first).parent}/{other}" for other in others)]
    return found


TORCH_FREE = [name for place in documented("no") + documented("when used") for name in of_folder(place)]


def test_the_document_lists_what_stands():
    listed = [*documented("no"), *documented("when used"), *documented("yes")]
    assert len(listed) > 20
    assert [place for place in listed if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("name", TORCH_FREE)
def test_torch_free_files_bring_in_no_torch(name):
    assert way_to(name, "torch") == []
    assert way_to(name, "torchvision") == []


@pytest.mark.parametrize("name", of_folder("explorer/"))
def test_the_window_paints_without_torch(name):
    assert way_to(name, "torch") == []


@pytest.mark.parametrize("name", of_folder("explorer/views/", "explorer/widgets/"))
def test_panels_never_name_torch(name):
    assert not {module.split(".")[0] for module in imports(name, at_import_only=False)} & {"torch", "torchvision"}


@pytest.mark.parametrize("name", of_folder("models/"))
def test_models_know_no_window(name):
    assert not {module.split(".")[0] for module in imports(name, at_import_only=False)} & (QT | {"explorer", "main"})


@pytest.mark.parametrize("name", of_folder("explorer/views/"))
def test_views_do_not_know_each_other(name):
    assert not {module for module in imports(name, at_import_only=False) if module.startswith("explorer.views")}


@pytest.mark.parametrize("name", of_folder("explorer/widgets/"))
def test_widgets_know_no_session_and_no_view(name):
    forbidden = ("explorer.views", "explorer.session", "explorer.worker", "explorer.main_window", "explorer.app")
    assert not {module for module in imports(name, at_import_only=False) if module.startswith(forbidden)}


def names_in(name):
    """Every name, attribute and imported name in a file, each with its line."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias):
            yield node.name.split(".")[-1], node.lineno


@pytest.mark.parametrize("name", [name for name in of_folder("explorer/", "main.py") if name != "explorer/worker.py"])
def test_only_the_worker_starts_threads(name):
    starters = {"Thread", "Timer", "QThread", "QThreadPool", "QRunnable", "ThreadPoolExecutor", "QtConcurrent"}
    assert [(word, line) for word, line in names_in(name) if word in starters] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_ever_unpickled(name):
    assert not {module.split(".")[0] for module in imports(name, at_import_only=False)} & {
        "pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal",
    }  # fmt: skip
    calls = [node for node in ast.walk(tree(name)) if isinstance(node, ast.Call)]
    called = {ast.unparse(call.func) for call in calls}
    assert not called & {"torch.load", "torch.jit.load", "torch.hub.load", "eval", "exec"}
    flags = {(word.arg, ast.unparse(word.value)) for call in calls for word in call.keywords}
    assert not flags & {("allow_pickle", "True"), ("weights_only", "False")}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("models/device.py", "models/job.py")])
def test_only_device_says_which_device(name):
    words = [node.value for node in ast.walk(tree(name)) if isinstance(node, ast.Constant)]
    assert [word for word in words if isinstance(word, str) and re.fullmatch(r"(cuda|mps)(:\d+)?", word)] == []
    assert [line for word, line in names_in(name) if word in ("cuda", "mps")] == []


DRAWS = {"rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "multinomial", "bernoulli",
         "normal", "normal_", "uniform_", "random_", "bernoulli_", "exponential_"}  # fmt: skip
FAMILIES = ("models/families/", "models/adversarial.py", "models/autoregressive.py")  # and what families inherit
MAY_DRAW = (
    *FAMILIES,
    "models/players.py",
    "models/styles.py",
    "models/style_players.py",
    "models/blocks.py",
    "models/corruptions.py",
    "models/device.py",
)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(MAY_DRAW)])
def test_the_global_generator_belongs_to_the_training(name):
    for node in ast.walk(tree(name)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        words = {word.arg for word in node.keywords}
        owner = ast.unparse(node.func.value)
        from_torch = owner == "torch" or node.func.attr.endswith("_")
        assert not (from_torch and node.func.attr in DRAWS) or "generator" in words, f"{name}:{node.lineno}"
        if owner in ("np.random", "numpy.random"):
            assert node.func.attr in ("default_rng", "Generator", "PCG64"), f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sleeps(name):
    assert [line for word, line in names_in(name) if word == "sleep"] == []


@pytest.mark.parametrize("name", NAMES)
def test_files_and_functions_are_short(name):
    lines = len((ROOT / name).read_text().splitlines())
    assert lines <= (250 if name.startswith("models/families/") else 300)
    functions = [node for node in ast.walk(tree(name)) if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in functions if node.end_lineno - node.lineno >= 60] == []


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("models.run, models.events, models.params, models.job, explorer.state", ("torch", "PySide6", "sklearn")),
        ("explorer.main_window", ("torch", "sklearn", "matplotlib", "pyarrow")),
        ("models.trainer, models.replay, models.catalog, models.export", ("PySide6", "pyqtgraph", "matplotlib")),
    ],
)
def test_importing_brings_in_no_more_than_it_must(modules, absent):
    code = f"import sys, {modules}; print([name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_rules_see_a_broken_house(tmp_path, monkeypatch):
    """The readers above find what they look for: a chain of imports, a lazy import, a name."""
    (tmp_path / "models").mkdir()
    for name, text in {
        "a.py": "from models.b import x",
        "b.py": "from models import c\ndef f():\n    import PySide6",
        "c.py": "if TYPE_CHECKING:\n    import numpy\nimport torch.nn",
        "d.py": "def f():\n    import torch\n    from threading import Thread",
    }.items():
        (tmp_path / "models" / name).write_text(text)
    module = sys.modules[__name__]
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "imports", imports.__wrapped__)
    monkeypatch.setattr(module, "tree", tree.__wrapped__)
    monkeypatch.setattr(module, "NAMES", [f"models/{letter}.py" for letter in "abcd"])
    assert way_to("models/a.py", "torch") == ["models/a.py", "models/b.py", "models/c.py", "torch"]
    assert way_to("models/a.py", "numpy") == way_to("models/a.py", "PySide6") == way_to("models/d.py", "torch") == []
    assert "PySide6" in imports("models/b.py", at_import_only=False)
    assert "Thread" in dict(names_in("models/d.py"))

"""Names find classes, nearly right names find a hint, and a broken file stops nothing."""

from __future__ import annotations

import sys
import threading

import pytest

from models.errors import UserError
from models.family import DataSpec, Family
from models.registry import Registry, build, datasets, families, source

GOOD = """
from tests_shelf_registry import shelf
@shelf.register({name!r})
class Book:
    pass
"""


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A registry over a package made of these files."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def fill(**files):
        package = tmp_path / f"shelf_{len(made)}"
        package.mkdir()
        (package / "__init__.py").touch()
        for name, text in files.items():
            (package / f"{name}.py").write_text(text)
        registry = Registry("book", package.name)
        made.append(package.name)
        module = type(sys)("tests_shelf_registry")
        module.shelf = registry
        monkeypatch.setitem(sys.modules, "tests_shelf_registry", module)
        return registry

    yield fill
    for name in [name for name in sys.modules if name.split(".")[0] in made]:
        del sys.modules[name]


def test_found_by_scan_sorted_and_named(shelf):
    books = shelf(b=GOOD.format(name="zebra"), a=GOOD.format(name="ape"), _private="raise SystemExit")
    assert list(books) == ["ape", "zebra"]
    assert books.get("ape").name == "ape"
    assert books.missing == {}


def test_one_that_is_not_listed_is_found_but_nobodys_choice(shelf):
    books = shelf(a=GOOD.format(name="ape"), b=GOOD.format(name="bee").replace("'bee'", "'bee', listed=False"))
    assert list(books) == ["ape"]
    assert books.unlisted == ("bee",)
    assert books.get("bee").name == "bee"


def test_unknown_names_get_a_hint(shelf):
    books = shelf(a=GOOD.format(name="autoencoder"), b=GOOD.format(name="vae"))
    with pytest.raises(UserError) as caught:
        books.get("autoencodr")
    assert str(caught.value) == (
        "There is no book called 'autoencodr'. Did you mean autoencoder? There are: autoencoder, vae."
    )
    with pytest.raises(UserError) as caught:
        books.get("x\ny")
    assert str(caught.value) == "There is no book called 'x\\ny'. There are: autoencoder, vae."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def (", "SyntaxError: "),
        (GOOD.format(name="my-poem") + "raise OSError('torn')", "OSError: torn"),
    ],
)
def test_a_broken_file_is_a_reason_and_the_others_go_on(shelf, text, reason):
    books = shelf(my_poem=text, other=GOOD.format(name="other"))
    assert list(books) == ["other"]
    assert books.missing["my-poem"].startswith(reason)
    with pytest.raises(UserError, match="The book my-poem cannot be used here: "):
        books.get("my-poem")
    assert books.get("other")


def test_two_of_a_name_are_refused(shelf):
    books = shelf(a=GOOD.format(name="same"), b=GOOD.format(name="same"))
    assert list(books) == ["same"]
    assert books.get("same").__module__.endswith(".a")
    assert "two books are called same" in books.missing["b"]


def test_a_second_thread_waits_for_the_whole_list(shelf):
    slow = "import threading; threading.Event().wait(0.2)\n"
    broken = f"import tests_shelf_registry as t\nt.runs = getattr(t, 'runs', 0) + 1\n{slow}1 / 0"
    books = shelf(a=slow + GOOD.format(name="first"), b=slow + GOOD.format(name="second"), c=broken)
    lists = []
    threads = [threading.Thread(target=lambda: lists.append(list(books))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lists == [["first", "second"]] * 4
    assert sys.modules["tests_shelf_registry"].runs == 1


def test_the_real_shelves_are_whole():
    assert families.missing == datasets.missing == {}
    assert {"autoencoder", "pca", "vae"} <= set(families)
    assert {"digits", "folder", "mnist"} <= set(datasets)
    for registry in (families, datasets):
        for name in registry:
            cls = registry.get(name)
            assert cls.name == name
            assert cls.title
            assert cls.summary
            assert all(setting.help for setting in cls.params_type.declared())


def test_build_and_source_check_what_they_are_given():
    model = build("vae", {"latent_dim": 3}, DataSpec(1, 28, 28, 10))
    assert isinstance(model, Family)
    assert model.latent_dim == 3
    with pytest.raises(UserError, match="vae: latent_dim must be a whole number from 1 to 4096, not 0"):
        build("vae", {"latent_dim": 0}, DataSpec(1, 28, 28))
    assert source("folder", {"size": "64"}).params.size == "64"
    with pytest.raises(UserError, match="folder: size must be one of 28, 32, 64, 128, not '27'"):
        source("folder", {"size": "27"})
    with pytest.raises(UserError, match=r"There is no data set called 'minst'\. Did you mean mnist"):
        source("minst", {})

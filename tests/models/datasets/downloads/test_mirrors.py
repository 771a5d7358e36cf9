"""Every way in which a download goes wrong ends in the whole file, or in one sentence that says why and what to do."""

from __future__ import annotations

import hashlib

import pytest
import torchvision

from models.errors import UserError
from tests.models.datasets.classic_files import FIRST, PACKED, published
from tests.models.datasets.serving import serving

REASONS = {
    "403": "127.0.0.1: answered 403 Forbidden",
    "404": "127.0.0.1: answered 404 Not Found",
    "503": "127.0.0.1: answered 503 Service Unavailable",
    "page": "127.0.0.1: sent a web page instead of the file",
    "changed": "127.0.0.1: sent something else than this file: the checksum is wrong",
    "mute": "127.0.0.1: was silent for 0.3 seconds",
    "stall": "127.0.0.1: was silent for 0.3 seconds",
    "drip": "127.0.0.1: was silent for 0.3 seconds",
    "endless": "127.0.0.1: sends without end",
    "huge": "127.0.0.1: offers 1,000,000.0 MB where there are at most",
}


@pytest.mark.parametrize("mood", [*REASONS, "cut"])
def test_the_next_mirror_gives_good_data(load, kept, server, from_here, mood):
    from_here(server.url(mood), server.url("good"))
    assert len(load("fashion-mnist").train_images) == 30
    assert kept() == PACKED


@pytest.mark.parametrize("mood", ["good", "unmeasured", "moved", "slow", "503-once", "cut-once"])
def test_one_address_is_enough_when_it_answers_in_the_end(load, kept, server, from_here, mood):
    from_here(server.url(mood))
    assert len(load("fashion-mnist").train_images) == 30
    assert kept() == PACKED


@pytest.mark.parametrize("mood", REASONS)
def test_one_sentence_names_host_reason_and_mend(load, home, kept, server, from_here, mood):
    from_here(server.url(mood))
    with pytest.raises(UserError) as caught:
        load("fashion-mnist")
    told = str(caught.value)
    assert told.startswith(f"Fashion-MNIST could not be downloaded: {FIRST} did not arrive ({REASONS[mood]}")
    assert told.endswith(f"from {server.url(mood)} into {home / 'data' / 'FashionMNIST' / 'raw'} by hand.")
    assert told.count("\n") == 0
    assert kept() == {}


def test_what_passes_is_asked_again_and_what_lasts_is_not(load, server, from_here):
    for mood, times in (("503", 3), ("404", 1), ("page", 1), ("changed", 1), ("stall", 3)):
        server.asked.clear()
        from_here(server.url(mood))
        with pytest.raises(UserError):
            load("fashion-mnist")
        assert [asked[0] for asked in server.asked] == [mood] * times


def test_a_cut_file_goes_on_where_it_was_cut(load, server, from_here):
    from_here(server.url("cut-once"))
    load("fashion-mnist")
    half = len(PACKED[FIRST]) // 2
    assert [of for _, name, of in server.asked if name == FIRST] == [None, f"bytes={half}-"]


def test_a_server_that_cannot_go_on_gives_all_again(load, kept, server, from_here):
    from_here(server.url("stall"), server.url("good"))
    load("fashion-mnist")
    assert ("good", FIRST, f"bytes={len(PACKED[FIRST]) // 2}-") in server.asked
    assert kept() == PACKED


def test_nobody_there(load, kept, from_here):
    from_here("http://127.0.0.1:9/", "http://no.such.invalid/")
    with pytest.raises(UserError, match=r"127\.0\.0\.1: Connection refused; no\.such\.invalid: \S+"):
        load("fashion-mnist")
    assert kept() == {}


def test_a_certificate_that_nobody_vouches_for(load, kept, from_here):
    with serving(PACKED, secure=True) as server:
        from_here(server.url("good"))
        with pytest.raises(UserError, match=r"127\.0\.0\.1: its certificate is not trusted here \(.+\)\)"):
            load("fashion-mnist")
    assert kept() == {}


def test_a_proxy_that_is_not_there_is_named_without_its_password(load, server, from_here, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://me:secret@localhost:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    from_here("http://data.example/")
    with pytest.raises(UserError, match=r"data\.example: Connection refused, through the proxy localhost\)") as caught:
        load("fashion-mnist")
    assert "secret" not in str(caught.value)


def test_a_damaged_archive_is_not_kept_as_if_it_were_whole(load, home, monkeypatch):
    """What torchvision vouches for may still hold nothing for us: the next try fetches it again."""
    content = published("cifar10")["cifar-10-binary.tar.gz"]
    with serving({"gzip.zip": content}) as server:
        monkeypatch.setattr(torchvision.datasets.EMNIST, "url", server.url("good") + "gzip.zip")
        monkeypatch.setattr(torchvision.datasets.EMNIST, "md5", hashlib.md5(content).hexdigest())
        with pytest.raises(UserError, match=r"gzip\.zip: This archive cannot be used: it is no zip file"):
            load("emnist-letters")

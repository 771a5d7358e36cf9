"""Films, opened again by other programs: as many pictures, as long, of the same pixels."""

import io

import av
import numpy as np
import pytest
from PIL import Image

from models.errors import Stopped, UserError
from models.events import Working
from models.job import Control
from models.video import film


def pictures(count=9, channels=1, high=5, wide=4):
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, high, wide, channels), np.uint8)


def made(suffix, shown, scale=4, fps=30, again=True, control=None):
    work = film(shown, scale, fps, suffix, again, control or Control())
    told = []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            assert all(isinstance(each, Working) for each in told)
            return end.value


def frames(file):
    image = Image.open(io.BytesIO(file))
    for number in range(image.n_frames):
        image.seek(number)
        yield np.asarray(image.convert("RGB")), image.info["duration"]


@pytest.mark.parametrize("channels", [1, 3])
def test_webp_is_lossless(channels):
    shown = pictures(channels=channels)
    told = list(frames(made(".webp", shown)))
    assert len(told) == 9
    for (seen, _), picture in zip(told, shown, strict=True):
        np.testing.assert_array_equal(seen[::4, ::4], np.broadcast_to(picture, (5, 4, 3)))
    assert sum(duration for _, duration in told) == 300


def test_grey_gifs_are_lossless_and_keep_time():
    shown = pictures(count=30)
    file = made(".gif", shown)
    told = list(frames(file))
    for (seen, _), picture in zip(told, shown, strict=True):
        np.testing.assert_array_equal(seen[::4, ::4], np.broadcast_to(picture, (5, 4, 3)))
    assert sum(duration for _, duration in told) == 1000
    assert {duration for _, duration in told} == {30, 40}
    assert Image.open(io.BytesIO(file)).info["loop"] == 0
    assert "loop" not in Image.open(io.BytesIO(made(".gif", shown, again=False))).info


def test_coloured_gifs_are_near():
    colours = np.zeros((6, 4, 4, 3), np.uint8)
    colours[..., 0] = np.arange(6)[:, None, None] * 40
    for (seen, _), picture in zip(frames(made(".gif", colours)), colours, strict=True):
        assert np.abs(seen[::4, ::4].astype(int) - picture).max() <= 8


@pytest.mark.parametrize("scale", [3, 4])
def test_mp4_plays_everywhere(scale):
    """Sides are even, colours 4:2:0, as players want them; bright stays bright."""
    shown = np.zeros((45, 7, 7, 1), np.uint8)
    shown[15:] = 255
    with av.open(io.BytesIO(made(".mp4", shown, scale=scale, fps=15))) as container:
        stream = container.streams.video[0]
        seen = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.average_rate) == 15
    side = 7 * scale + 7 * scale % 2
    assert [each.shape for each in seen] == [(side, side, 3)] * 45
    assert seen[5].max() < 16
    assert seen[40].min() > 240


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".mp4"])
def test_the_same_pictures_make_the_same_bytes(suffix):
    assert made(suffix, pictures()) == made(suffix, pictures())


def test_a_gif_faster_than_browsers_show_is_refused():
    with pytest.raises(UserError, match="60 pictures a second"):
        made(".gif", pictures(), fps=60)
    assert made(".webp", pictures(), fps=60)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".mp4"])
def test_a_stop_is_heard(suffix):
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        made(suffix, pictures(), control=control)

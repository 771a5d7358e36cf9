import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from stage import pictures

from explorer.widgets.picture import Picture, PictureButton, factor, fitted, picture_menu, save_png, to_image
from explorer.widgets.picture_grid import PictureGrid, columns_for


def pixels_of(image):
    colors = [[QColor(image.pixel(x, y)).getRgb()[:3] for x in range(image.width())] for y in range(image.height())]
    return np.array(colors, np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_image_holds_the_very_pixels_of_a_read_only_array(qapp, channels):
    pixels = pictures(1, channels, side=5)[0]
    pixels.flags.writeable = False
    assert np.array_equal(pixels_of(to_image(pixels)), np.broadcast_to(pixels, (5, 5, 3)))


@pytest.mark.parametrize(
    ("side", "space", "expected"),
    [(28, 100, 3), (28, 340, 12), (28, 55, 55 / 28), (128, 340, 2), (128, 64, 0.5), (28, 0, 0)],
)
def test_factor_is_whole_where_that_wastes_little(side, space, expected):
    assert factor(side, side, space, space + 100) == pytest.approx(expected)


def test_picture_lies_on_whole_pixels_of_a_dense_screen():
    place = fitted(QSize(28, 28), QRectF(0, 0, 101, 120), 2.0)
    assert place.width() * 2 == 7 * 28
    assert (place.left() * 2) % 1 == 0 == (place.top() * 2) % 1


def test_picture_is_enlarged_without_smoothing_and_in_place(qtbot):
    picture = Picture()
    qtbot.addWidget(picture)
    picture.resize(102, 102)
    board = np.array([[[0], [255]], [[255], [0]]], np.uint8)
    picture.set_picture(board)
    shown = pixels_of(picture.grab().toImage())[1:101, 1:101, 0]
    assert np.array_equal(shown, np.kron(board[..., 0], np.ones((50, 50), np.uint8)))


def test_empty_picture_says_its_words_and_has_no_menu_to_offer(qtbot):
    blank, spoken = Picture(), Picture("Click a point")
    for picture in (blank, spoken):
        qtbot.addWidget(picture)
        picture.resize(120, 120)
    assert blank.grab().toImage() != spoken.grab().toImage()
    spoken.set_picture(pictures(1)[0])
    spoken.set_picture(None)
    assert spoken.image is None


def test_copied_picture_is_enlarged_by_a_whole_factor(qtbot):
    owner = Picture()
    qtbot.addWidget(owner)
    pixels = pictures(1, 3, side=9)[0]
    menu = picture_menu(owner, to_image(pixels), lambda *_: None)
    next(action for action in menu.actions() if action.text() == "Copy picture").trigger()
    copied = pixels_of(QGuiApplication.clipboard().image())
    assert np.array_equal(copied, np.kron(pixels, np.ones((32, 32, 1), np.uint8)))


def test_who_keeps_recipes_is_asked_to_save(qtbot, tmp_path):
    owner, asked = Picture(), []
    qtbot.addWidget(owner)
    menu = picture_menu(owner, to_image(pictures(1, 1, side=28)[0]), lambda *_: None, lambda *told: asked.append(told))
    next(action for action in menu.actions() if action.objectName() == "save_picture").trigger()
    dialog = owner.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "a.png"))
    assert asked == [(str(tmp_path / "a.png"), 10)]
    dialog.close()


def test_saved_png_reads_back_and_a_failure_names_file_and_mend(qtbot, tmp_path):
    pixels = pictures(1, 1, side=6)[0]
    path = tmp_path / "a.png"
    assert save_png(to_image(pixels), str(path)) == (f"Saved {path}", "done")
    from PIL import Image

    assert np.array_equal(np.asarray(Image.open(path)), pixels[..., 0])
    missing = tmp_path / "no such folder" / "a.png"
    message, level = save_png(to_image(pixels), str(missing))
    assert level == "error"
    assert str(missing) in message
    assert "Choose another folder" in message
    assert [found.name for found in tmp_path.iterdir()] == ["a.png"]


def test_button_shows_its_letter_until_it_has_a_picture(qtbot):
    button = PictureButton("A")
    qtbot.addWidget(button)
    letter = button.grab().toImage()
    button.set_picture(pictures(1)[0])
    assert button.grab().toImage() != letter
    button.set_picture(None)
    assert button.grab().toImage() == letter


# ---- the sheet


@pytest.mark.parametrize(
    ("count", "across", "down", "columns"), [(5, 500, 100, 5), (5, 100, 500, 1), (100, 400, 400, 10), (1, 50, 50, 1)]
)
def test_columns_follow_the_shape_of_the_space(count, across, down, columns):
    assert columns_for(count, 28, 28, across, down, 4)[0] == columns


@pytest.fixture
def grid(qtbot):
    grid = PictureGrid("nothing yet")
    qtbot.addWidget(grid)
    grid.resize(300, 200)
    grid.set_pictures(pictures(24))
    grid.show()
    return grid


def test_cells_lie_inside_and_apart(grid):
    cells = grid.cells()
    assert len(cells) == 24
    assert all(QRectF(grid.rect()).contains(cell) for cell in cells)
    assert not any(one.intersects(other) for i, one in enumerate(cells) for other in cells[:i])


def test_every_cell_shows_its_own_picture(grid):
    stack = pictures(24)
    seen = pixels_of(grid.grab().toImage())
    for cell, picture in zip(grid.cells(), stack, strict=True):
        times = int(cell.width()) // 8
        top, left = int(cell.top()), int(cell.left())
        block = seen[top : top + 8 * times, left : left + 8 * times, 0]
        assert np.array_equal(block, np.kron(picture[..., 0], np.ones((times, times), np.uint8)))


def test_a_click_picks_the_picture_under_it_and_a_gap_picks_none(grid, qtbot):
    heard = []
    grid.picked.connect(heard.append)
    place = grid.cells()[7]
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place.topLeft().toPoint() - place.topLeft().toPoint())
    assert heard == [7]


def test_keys_walk_and_pick(grid):
    heard = []
    grid.picked.connect(heard.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(grid, key)
    columns = len({cell.left() for cell in grid.cells()})
    assert heard == [1 + columns]


def test_pairs_stand_side_by_side(grid):
    left, right = np.zeros((4, 8, 8, 1), np.uint8), np.full((4, 8, 8, 1), 255, np.uint8)
    grid.set_pairs(left, right)
    assert grid.count == 4
    seen = pixels_of(grid.grab().toImage())[..., 0]
    for cell in grid.cells():
        assert cell.width() == 2 * cell.height()
        y = int(cell.center().y())
        assert seen[y, int(cell.left()) + 2] == 0
        assert seen[y, int(cell.right()) - 3] == 255


def test_setting_pictures_emits_nothing_and_none_empties(grid, qtbot):
    with qtbot.assertNotEmitted(grid.picked, wait=0):
        grid.set_pictures(pictures(3))
        grid.set_pictures(None)
    assert grid.cells() == []
    assert grid.index_at(grid.rect().center()) is None

"""The demo's drawings: every scene at every stage, small, and the same again."""

import io

import pytest
from PIL import Image

from casework.demo_canvas import HEIGHT, WIDTH
from casework.demo_pictures import NAMES, STAGES, picture, picture_of


@pytest.mark.parametrize("name", NAMES)
def test_every_scene_has_three_different_stages(name: str) -> None:
    pictures = [picture(name, stage, 1) for stage in STAGES]
    assert len(set(pictures)) == 3
    for content in pictures:
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size) == ("JPEG", (WIDTH, HEIGHT))
        assert len(content) < 90_000


def test_the_same_arguments_give_the_same_bytes() -> None:
    first = picture("shop", "before", 0)
    picture.cache_clear()
    assert picture("shop", "before", 0) == first
    assert picture("shop", "before", 1) != first


@pytest.mark.parametrize(
    ("category", "name"),
    [("0504", "shop"), ("0307", "site"), ("0404", "road"), ("0116", "lane"), ("99", "lane")],
)
def test_a_picture_for_every_category(category: str, name: str) -> None:
    assert picture_of(category) == name

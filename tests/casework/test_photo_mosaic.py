"""What is covered cannot be told any more: the squares are few, coarse and moved at random."""

from PIL import Image, ImageDraw

from casework import photo_mosaic


def plate(text: str) -> Image.Image:
    """A picture with a plate on it."""
    image = Image.new("RGB", (400, 300), "#777777")
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 100, 300, 160), fill="white")
    pen.text((110, 105), text, fill="black", font_size=44)
    return image


def colours(image: Image.Image, box: tuple[int, int, int, int]) -> set[object]:
    return {image.getpixel((x, y)) for x in range(box[0], box[2], 3) for y in range(box[1], box[3], 3)}


def test_few_colours_are_left_and_nothing_else_changes() -> None:
    image, before = plate("A12345"), plate("A12345")
    photo_mosaic.hide(image, [[0.25, 1 / 3, 0.5, 0.2]])
    assert len(colours(image, (100, 100, 300, 160))) <= photo_mosaic.CELLS * photo_mosaic.CELLS
    assert len(colours(before, (100, 100, 300, 160))) > photo_mosaic.CELLS * photo_mosaic.CELLS
    assert image.crop((0, 0, 400, 90)).tobytes() == before.crop((0, 0, 400, 90)).tobytes()
    assert image.crop((0, 180, 400, 300)).tobytes() == before.crop((0, 180, 400, 300)).tobytes()


def test_the_same_plate_gives_other_squares_each_time_so_that_none_can_be_tried_out() -> None:
    seen = set()
    for _ in range(5):
        image = plate("A12345")
        photo_mosaic.hide(image, [[0.25, 1 / 3, 0.5, 0.2]])
        seen.add(image.tobytes())
    assert len(seen) == 5


def test_regions_at_the_edge_and_tiny_ones_are_covered_whole() -> None:
    image = plate("A12345")
    photo_mosaic.hide(image, [[0.0, 0.0, 1.0, 1.0], [0.999, 0.999, 0.002, 0.002]])
    assert len(colours(image, (0, 0, 400, 300))) <= 26

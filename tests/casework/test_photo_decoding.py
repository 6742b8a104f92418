"""Decoding in this process: every kind, every way up, and nothing left in the copies. Bombs: tests/faults."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from casework.photo_decoding import Fault, _webp_size, decode, kind_of, prepare
from tests.factories.photos import STORED, UPRIGHT, corners, encoded, exif, laden, photo, picture


@pytest.fixture(autouse=True, scope="module")
def _codecs() -> None:
    bound = Image.MAX_IMAGE_PIXELS
    prepare()
    Image.MAX_IMAGE_PIXELS = bound


def decoded(
    content: bytes, *, pixels: int = 10**7, side: int = 5000
) -> tuple[dict[str, object], list[Image.Image]]:
    facts, copies = decode(content, pixels, side, [1600, 400])
    return facts, [Image.open(BytesIO(copy)) for copy in copies]


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("HEIF", "image/heic")],
)
def test_every_kind_is_decoded_and_shown_as_jpeg(kind: str, media_type: str) -> None:
    content = encoded(picture(2000, 1000), kind)
    facts, [large, small] = decoded(content)
    assert facts == {"media_type": media_type, "width": 2000, "height": 1000, "taken": None, "position": None}
    assert (large.format, large.size) == ("JPEG", (1600, 800))
    assert (small.format, small.size) == ("JPEG", (400, 200))
    assert corners(large) == corners(small) == UPRIGHT


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])  # HEIC: by its decoder, and only once
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(kind: str, orientation: int) -> None:
    upright = picture(400, 240)
    stored = upright.transpose(STORED[orientation]) if orientation in STORED else upright
    facts, [large, small] = decoded(encoded(stored, kind, exif=exif(orientation=orientation)))
    assert (facts["width"], facts["height"]) == (400, 240)
    assert large.size == small.size == (400, 240)
    assert corners(large) == corners(small) == UPRIGHT


def test_an_orientation_that_is_none_leaves_the_picture_as_it_is() -> None:
    for orientation in (0, 9, 77):
        assert corners(decoded(photo(orientation=orientation))[1][0]) == UPRIGHT


@pytest.mark.parametrize("mode", ["L", "RGBA", "LA", "P", "1", "CMYK", "I;16"])
def test_other_kinds_of_pixels(mode: str) -> None:
    if mode == "CMYK":
        content = encoded(picture(mode="CMYK"))
    elif mode == "I;16":
        content = encoded(Image.new("I;16", (64, 48), 40000), "PNG")
    else:
        content = encoded(picture(mode="RGB").convert(mode), "PNG")
    _, [large, _] = decoded(content)
    assert large.mode == "RGB"
    if mode in {"RGBA", "P", "CMYK"}:
        assert corners(large) == UPRIGHT
    if mode == "I;16":
        assert large.getpixel((5, 5)) == pytest.approx((156, 156, 156), abs=3)


def test_what_is_clear_is_shown_on_white() -> None:
    _, [large, _] = decoded(encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))
    assert large.getpixel((20, 20)) == (255, 255, 255)


def test_the_copies_hold_the_picture_and_nothing_else() -> None:
    content = laden()
    facts, copies = decode(content, 10**7, 5000, [1600, 400])
    assert facts["position"] == pytest.approx((101.2, 36.5))
    for copy in copies:
        assert b"Exif" not in copy
        assert b"ICC_PROFILE" not in copy
        assert b"xmpmeta" not in copy
        assert b"secret" not in copy
        with Image.open(BytesIO(copy)) as image:
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert not image.getexif()


def test_a_wide_profile_becomes_what_screens_show() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, [large, _] = decoded(encoded(picture(), icc_profile=lab))
    assert corners(large) == UPRIGHT
    _, [large, _] = decoded(encoded(picture(), icc_profile=lab[:16] + b"RGB " + b"\xff" * 400))
    assert corners(large) == UPRIGHT


def test_a_damaged_exif_part_says_nothing_and_the_picture_counts() -> None:
    content = bytearray(photo(lon=101.2, lat=36.5, taken="2026:09:01 08:30:00"))
    start = content.index(b"Exif") + 14
    content[start : start + 60] = b"\xff" * 60
    facts, copies = decode(bytes(content), 10**7, 5000, [1600, 400])
    assert facts["position"] is None
    assert len(copies) == 2


def test_several_pictures_in_a_jpeg_are_its_first() -> None:
    out = BytesIO()
    picture().save(out, "MPO", save_all=True, append_images=[picture(mode="L").convert("RGB")])
    facts, copies = decoded(out.getvalue())
    assert facts["media_type"] == "image/jpeg"
    assert corners(copies[0]) == UPRIGHT


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_refused(kind: str) -> None:
    out = BytesIO()
    picture().save(out, kind, save_all=True, append_images=[Image.new("RGB", (64, 48), "black")])
    with pytest.raises(Fault, match="animated"):
        decode(out.getvalue(), 10**7, 5000, [400])


@pytest.mark.parametrize(("pixels", "side"), [(64 * 48 - 1, 5000), (10**7, 63)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_too_many_pixels_are_refused_by_the_header(kind: str, pixels: int, side: int) -> None:
    with pytest.raises(Fault) as refused:
        decode(photo(kind), pixels, side, [400])
    assert refused.value.args == ("pixels", 64, 48)


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg/>", b"MZ", b"RIFF0000WAVE", b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"],
)
def test_what_is_no_photo_has_no_kind(content: bytes) -> None:
    assert kind_of(content) == ""
    with pytest.raises(Fault, match="kind"):
        decode(content, 10**7, 5000, [400])


@pytest.mark.parametrize(
    "more", [{}, {"lossless": True}, {"exif": exif(orientation=3)}], ids=["VP8", "VP8L", "VP8X"]
)
def test_a_webp_names_its_size_in_its_first_part(more: dict[str, Any]) -> None:
    assert _webp_size(encoded(picture(300, 170), "WEBP", **more)) == (300, 170)
    assert _webp_size(b"RIFF\0\0\0\0WEBPjunk") == (0, 0)

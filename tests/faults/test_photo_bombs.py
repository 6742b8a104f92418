"""Files made to hurt whoever decodes them: refused in clear words, within bounds, and the next photo is taken."""

import resource
import struct
import time
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from casework import photo_uploads, photo_worker
from casework.errors import Refused
from casework.photo_uploads import check
from casework.photo_worker import Pool
from tests.factories.photos import chunk, encoded, photo, picture, png

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def _the_next_photo_is_taken() -> Iterator[None]:
    yield
    assert check(photo()).width == 64


def refused(content: bytes, words: str) -> None:
    """The photo is refused in these words, soon, and this process has not grown by what the file holds."""
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with pytest.raises(Refused, match=words):
        check(content, "bomb.png")
    assert time.monotonic() - begun < photo_worker.SECONDS * 1.5 + 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100 * 1024


def bomb(width: int, height: int) -> bytes:
    """A true PNG of this size, all black, deflated to next to nothing."""
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png(width, height, data=data)


def test_a_png_of_20000_by_20000_pixels() -> None:
    content = bomb(20_000, 20_000)
    assert len(content) < 2 * MEGABYTE
    refused(content, "20000 × 20000 pixels: at most 50 million")


def test_a_png_20000_pixels_wide() -> None:
    refused(bomb(20_000, 1), "20000 × 1 pixels.* 16384 a side")


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (2**31 - 1, 2**31 - 1), (2**31 - 1, 1)])
def test_a_header_alone_is_enough_to_refuse(width: int, height: int) -> None:
    refused(png(width, height, data=zlib.compress(b"")), r"pixels|damaged")


def test_a_png_that_unpacks_to_more_than_its_header_says() -> None:
    content = png(10, 10, data=zlib.compress(bytes(300 * MEGABYTE), 9))
    try:
        check(content)
    except Refused as fault:
        assert "damaged" in str(fault)  # noqa: PT017 - both are right, as long as it takes no time


PACKED = zlib.compress(bytes(300 * MEGABYTE), 9)


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"iCCP", b"name\0\0" + PACKED),
        chunk(b"zTXt", b"Comment\0\0" + PACKED),
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + PACKED),
        b"".join(chunk(b"zTXt", b"a%d\0\0" % n + zlib.compress(bytes(MEGABYTE))) for n in range(100)),
    ],
    ids=["iCCP", "zTXt", "iTXt", "many zTXt"],
)
def test_a_zip_bomb_within_a_png(extra: bytes) -> None:
    content = png(10, 10, extra=extra, data=zlib.compress(bytes(310)))
    assert len(content) < MEGABYTE
    try:
        assert check(content).width == 10  # the bomb was left where it is
    except Refused as fault:
        assert "damaged" in str(fault)  # noqa: PT017


def test_a_giant_webp_is_refused_by_its_header() -> None:
    content = bytearray(encoded(picture(), "WEBP", lossless=True))
    at = content.index(b"VP8L") + 9  # 14 bits each of width - 1 and height - 1, then 4 of something else
    rest = int.from_bytes(content[at : at + 4], "little") & ~0x0FFFFFFF
    content[at : at + 4] = (rest | 16_382 << 14 | 16_382).to_bytes(4, "little")
    refused(bytes(content), "16383 × 16383 pixels")


def test_a_webp_whose_canvas_is_giant() -> None:
    canvas = bytes(4) + (2**24 - 1).to_bytes(3, "little") * 2
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    refused(b"RIFF" + struct.pack("<I", len(body)) + body, "16777216 × 16777216 pixels")


def test_a_jpeg_whose_header_says_65500_pixels() -> None:
    content = bytearray(encoded(picture()))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    refused(bytes(content), "65500 × 65500 pixels")


def test_a_heic_whose_header_says_60000_pixels() -> None:
    content = bytearray(encoded(picture(), "HEIF"))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = struct.pack(">II", 60_000, 60_000)
    refused(bytes(content), r"pixels|damaged")


def test_a_progressive_jpeg_with_scans_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoded(Image.new("L", (6000, 6000)), progressive=True)
    start = whole.rindex(b"\xff\xda")
    scan = whole[start:-2]
    content = whole[:start] + scan * ((8 * MEGABYTE) // len(scan)) + b"\xff\xd9"
    impatient = Pool(seconds=1)
    with monkeypatch.context() as short:
        short.setattr(photo_uploads, "POOL", impatient)
        refused(content, "more time or memory")
        assert check(photo()).width == 64
    impatient.close()


def test_memory_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bomb(6000, 6000)
    small = Pool(memory_bytes=60 * MEGABYTE)
    with monkeypatch.context() as poor:
        poor.setattr(photo_uploads, "POOL", small)
        refused(content, "more time or memory|damaged")
    small.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_bytes_turned_over_never_break_anything(kind: str) -> None:
    whole = encoded(picture(200, 150), kind)
    for seed in range(40):
        content = bytearray(whole)
        for step in range(1 + seed % 5):
            at = (seed * 7919 + step * 104_729) % len(content)
            content[at] ^= 0xFF if seed % 2 else 1 << (seed % 8)
        try:
            check(bytes(content))
        except Refused as fault:
            assert fault.field == "photos"  # noqa: PT017

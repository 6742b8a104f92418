"""Decoding photos, away from the web server: `python -m casework.photo_decoding FD …` is the worker's own process.

The worker stays, with the codecs loaded, and forks a child for each photo. The child has bounds of memory, CPU and
wall time from the kernel, may not write a file, and ends with its photo: what a bomb breaks is the child.
``casework.photo_worker`` is the other end. This module knows neither the database nor the settings.

A job is a line of JSON (``length``, ``max_pixels``, ``max_side``, ``sizes``, maybe ``regions`` to be made
unrecognisable), then the photo's bytes. The answer is a line of JSON, then the display copies, as long as ``copies``
says. Its ``fault`` is a word of ``FAULTS``.
"""

import io
import json
import os
import signal
import socket
import sys
import warnings
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import pillow_heif
from PIL import Image, ImageCms, ImageFile, ImageOps, PngImagePlugin

from casework import photo_exif, photo_mosaic
from casework.worker_child import Bounds, done_in_child

FAULTS: Final = ("kind", "animated", "pixels", "broken", "memory", "time")
MAX_ANSWER: Final = 16 * 1024 * 1024
QUALITY: Final = {"large": 84, "small": 78}
_MEDIA: Final = {
    "JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic",
}  # fmt: skip
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
# A hostile file may raise what it likes inside a codec; every one of these means the same to the person.
_BROKEN: Final = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError,
    ZeroDivisionError, RuntimeError, NotImplementedError, Image.DecompressionBombError, ImageCms.PyCMSError,
)  # fmt: skip


class Fault(Exception):
    """The photo cannot be taken; ``args`` are a word of FAULTS and facts for the message."""


def kind_of(content: bytes) -> str:
    """Pillow's name of the format that the first bytes announce; empty for everything that is not taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        brands = content[8 : min(int.from_bytes(content[:4], "big"), 256)]
        found = {brands[at : at + 4] for at in (0, *range(8, len(brands), 4))}
        return "HEIF" if found & _HEIC_BRANDS and not found & {b"avif", b"avis"} else ""
    return ""


def decode(
    content: bytes,
    max_pixels: int,
    max_side: int,
    sizes: list[int],
    regions: Sequence[Sequence[float]] = (),
) -> tuple[dict[str, Any], list[bytes]]:
    """Decode a photo whole: its facts, and a JPEG for each of ``sizes`` (longest side, the largest first).

    ``width`` and ``height`` are those of the upright picture, of which ``regions`` (see ``photo_mosaic``) are made
    unrecognisable in every copy. Raises Fault.
    """
    kind = kind_of(content)
    if not kind:
        raise Fault("kind")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of every odd tag
        return _decoded(kind, content, max_pixels, max_side, sorted(sizes, reverse=True), regions)


def _decoded(
    kind: str, content: bytes, max_pixels: int, max_side: int, sizes: list[int],
    regions: Sequence[Sequence[float]],
) -> tuple[dict[str, Any], list[bytes]]:  # fmt: skip
    if kind == "WEBP":
        _demand_size(*_webp_size(content), max_pixels, max_side)  # opening one takes the memory already
    with Image.open(io.BytesIO(content), formats=["JPEG", "MPO"] if kind == "JPEG" else [kind]) as image:
        width, height = image.size
        _demand_size(width, height, max_pixels, max_side)
        if kind in {"PNG", "WEBP"} and getattr(image, "n_frames", 1) > 1:
            raise Fault("animated")
        _demand_end(kind, content)
        facts = {"media_type": _MEDIA[kind], **_said(image)}
        picture = _upright(image, sizes[0])
        turned = (picture.width > picture.height) != (width > height) and width != height
        facts["width"], facts["height"] = (height, width) if turned else (width, height)
        photo_mosaic.hide(picture, regions)
    copies = []
    for size in sizes:
        picture.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
        copies.append(_jpeg(picture))
        if regions and size == sizes[0]:
            facts["copy_size"] = picture.size
    return facts, copies


def _demand_size(width: int, height: int, max_pixels: int, max_side: int) -> None:
    if width * height > max_pixels or max(width, height) > max_side:
        raise Fault("pixels", width, height)


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height by the first part of a WebP (RFC 9649); 0 where it has none."""
    part, body = content[12:16], content[20:30]
    if part == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if part == b"VP8L":
        both = int.from_bytes(body[1:5], "little")
        return 1 + (both & 0x3FFF), 1 + (both >> 14 & 0x3FFF)
    if part == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return 0, 0


def _demand_end(kind: str, content: bytes) -> None:
    """Refuse a file that was cut where the codecs would not notice."""
    if kind == "JPEG":
        # No end marker can stand within the picture's data, and what phones put after it does not matter.
        whole = content.find(b"\xff\xd9", _start_of_data(content)) > 0
    elif kind == "PNG":
        whole = b"IEND" in content
    elif kind == "WEBP":
        whole = int.from_bytes(content[4:8], "little") + 8 <= len(content)
    else:
        whole = _boxes_are_whole(content)
    if not whole:
        raise Fault("broken")


def _start_of_data(content: bytes) -> int:
    """Where a JPEG's first scan begins, after all parts that could hold a JPEG themselves."""
    at = 2
    while content[at : at + 1] == b"\xff" and content[at : at + 2] != b"\xff\xda":
        filling = content[at + 1 : at + 2] == b"\xff"
        at += 1 if filling else 2 + max(2, int.from_bytes(content[at + 2 : at + 4], "big"))
    return at


def _boxes_are_whole(content: bytes) -> bool:
    """Whether each outer box of an ISO file (HEIC) ends within it."""
    at = 0
    for _ in range(1000):
        if at + 8 > len(content):
            return at >= len(content) - 8
        length = int.from_bytes(content[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        if length == 0:
            return True
        if length < 8 or at + length > len(content):
            return False
        at += length
    return False


def _said(image: Image.Image) -> dict[str, Any]:
    """What the EXIF part says. A damaged one says nothing: the picture counts."""
    try:
        exif = image.getexif()
        taken = photo_exif.taken(exif.get_ifd(0x8769))
        position = photo_exif.position(exif.get_ifd(0x8825))
    except _BROKEN:
        return {"taken": None, "position": None}
    return {"taken": taken, "position": position}


def _upright(image: Image.Image, size: int) -> Image.Image:
    """The picture small, turned as it was seen, in sRGB, on white, and with nothing else in it."""
    profile = image.info.get("icc_profile")
    image.draft(
        "RGB", (size, size)
    )  # a JPEG's decoder leaves out what is not seen; it still reads to the end
    image.load()
    if max(image.size) > size:
        image.thumbnail((size, size), Image.Resampling.BICUBIC, reducing_gap=2.0)
    turned = _oriented(image)
    plain = _in_srgb(_on_white(turned), profile)
    bare = Image.new("RGB", plain.size)
    bare.paste(plain)
    return bare


def _oriented(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Colours as screens show them: phones take pictures in Display P3."""
    if not isinstance(profile, bytes) or not 128 < len(profile) < 1_000_000 or profile[16:20] != b"RGB ":
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image
    except _BROKEN:
        return image


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    quality = QUALITY["large" if max(image.size) > 600 else "small"]
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


# --- the worker's process ---------------------------------------------------------------------------------------

_SRGB: Final = ImageCms.createProfile("sRGB")


def serve(channel: socket.socket, memory_bytes: int, seconds: int) -> None:
    """Take jobs until the other end closes; a child does each."""
    with channel.makefile("rb") as inbox:
        while line := inbox.readline(4096):
            job = json.loads(line)
            content = inbox.read(job["length"])
            if len(content) < job["length"]:
                return
            channel.sendall(_in_a_child(job, content, channel, Bounds(memory_bytes, seconds, 0)))


def _in_a_child(job: dict[str, Any], content: bytes, channel: socket.socket, bounds: Bounds) -> bytes:
    answer, ended_by = done_in_child(
        lambda writing: _child(job, content, writing), channel, bounds, MAX_ANSWER
    )
    if not ended_by:
        return answer
    return _answer({"fault": "time" if ended_by in {signal.SIGXCPU, signal.SIGALRM} else "broken"})


def _child(job: dict[str, Any], content: bytes, writing: int) -> NoReturn:
    try:
        facts, copies = decode(
            content, job["max_pixels"], job["max_side"], job["sizes"], job.get("regions", ())
        )
        answer = _answer({**facts, "copies": [len(copy) for copy in copies]}, *copies)
    except Fault as fault:
        answer = _answer({"fault": fault.args[0], "facts": fault.args[1:]})
    except MemoryError:
        answer = _answer({"fault": "memory"})
    except _BROKEN:
        answer = _answer({"fault": "broken"})
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(answer)
    os._exit(0)


def _answer(facts: dict[str, Any], *copies: bytes) -> bytes:
    return b"".join((json.dumps(facts).encode(), b"\n", *copies))


def prepare() -> None:
    """Set the codecs up: their own bounds beside ours, and no threads that would count as memory."""
    warnings.simplefilter("ignore")
    pillow_heif.register_heif_opener(thumbnails=False)
    pillow_heif.options.DECODE_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None  # the bound of pixels is the job's
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    PngImagePlugin.MAX_TEXT_MEMORY = 4 * 1024 * 1024
    Image.preinit()
    Image.init()


def main(arguments: list[str]) -> None:
    """Serve the socket with this number until it closes."""
    number, memory_bytes, seconds = map(int, arguments)
    prepare()
    os.chdir("/")
    with socket.socket(fileno=number) as channel:
        serve(channel, memory_bytes, seconds)


if __name__ == "__main__":
    main(sys.argv[1:])

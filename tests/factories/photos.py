"""Photos for tests, drawn here: their corners tell which way up they are; with or without what a camera writes."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 160, 60), (40, 60, 200), (128, 128, 128)
# EXIF orientation -> how an upright picture was stored by the camera
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Red at the top left, green at the top right, blue at the bottom left, grey at the bottom right."""
    image = Image.new("RGB", (width, height), GREY)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image.convert(mode)


def corners(image: Image.Image) -> list[str]:
    """The corners' colours by name, from the top left clockwise."""
    width, height = image.size
    plain = image.convert("RGB")
    at = [(width // 4, height // 4), (3 * width // 4, height // 4), (3 * width // 4, 3 * height // 4)]
    at.append((width // 4, 3 * height // 4))
    names = {"red": RED, "green": GREEN, "blue": BLUE, "grey": GREY}
    found = []
    for place in at:
        seen = plain.getpixel(place)
        assert isinstance(seen, tuple)
        found.append(
            min(names, key=lambda name: sum(abs(a - b) for a, b in zip(seen, names[name], strict=True)))
        )
    return found


UPRIGHT = ["red", "green", "grey", "blue"]


def encoded(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    """The image as a file of this kind (Pillow's name)."""
    out = BytesIO()
    if kind == "HEIF" and "exif" in more:  # only bytes make the encoder turn the picture too, as phones do
        more["exif"] = more["exif"].tobytes()
    image.save(out, kind, **{"quality": 90, **more} if kind != "PNG" else more)
    return out.getvalue()


def exif(
    *,
    orientation: int = 1,
    taken: str = "",
    offset: str = "",
    lon: float | None = None,
    lat: float | None = None,
    gps: dict[int, Any] | None = None,
) -> Image.Exif:
    """What a camera writes. ``taken`` such as ``2026:09:01 08:30:00``; ``gps`` in place of lon and lat."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F] = "Camera of the test"
    part = made.get_ifd(0x8769)
    if taken:
        part[0x9003] = taken
    if offset:
        part[0x9011] = offset
    if gps is None and lon is not None and lat is not None:
        gps = {1: "S" if lat < 0 else "N", 2: degrees(lat), 3: "W" if lon < 0 else "E", 4: degrees(lon)}
    if gps:
        made.get_ifd(0x8825).update(gps)
    return made


def degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds as a camera writes them."""
    whole = abs(value)
    minutes = (whole - int(whole)) * 60
    seconds = (minutes - int(minutes)) * 60
    return (
        IFDRational(int(whole), 1),
        IFDRational(int(minutes), 1),
        IFDRational(round(seconds * 10000), 10000),
    )


def photo(kind: str = "JPEG", **camera: Any) -> bytes:
    """A small photo of this kind with what a camera writes."""
    return encoded(picture(), kind, exif=exif(**camera)) if camera else encoded(picture(), kind)


def laden() -> bytes:
    """A JPEG with everything that may not be shown: EXIF with a position, an ICC profile, XMP, a comment."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return encoded(
        picture(2000, 1500), exif=exif(taken="2026:09:01 08:30:00", lon=101.2, lat=36.5), icc_profile=profile,
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>secret</x:xmpmeta>", comment=b"secret comment",
    )  # fmt: skip


def png(width: int, height: int, *, data: bytes = b"", extra: bytes = b"") -> bytes:
    """A PNG made by hand: its header may say what it likes, ``extra`` chunks go before the data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), extra, chunk(b"IDAT", data), chunk(b"IEND", b""))
    )


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

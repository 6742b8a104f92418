"""Shapefiles by hand, byte by byte: so that a test can break one part of them."""

import struct
from collections.abc import Sequence
from pathlib import Path

WGS84_PRJ = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]]'
)
Ring = list[tuple[float, float]]


def squares(n: int, x: float = 101.80, y: float = 36.60, size: float = 0.01) -> list[Ring]:
    """n squares side by side, wound clockwise as shapefiles want them."""
    rings = []
    for i in range(n):
        west = x + i * size
        rings.append([(west, y), (west, y + size), (west + size, y + size), (west + size, y), (west, y)])
    return rings


def write_shapefile(
    folder: Path,
    rings: Sequence[Ring | None],
    names: list[bytes],
    *,
    stem: str = "areas",
    parts: str = "shp shx dbf prj",
    cpg: str | None = None,
    shape_type: int = 5,
    prj: str = WGS84_PRJ,
    width: int = 20,
) -> Path:
    """Write polygons (None: a null shape) with one text column NAME; `parts` says which files appear."""
    records, index, at = b"", b"", 100
    for number, ring in enumerate(rings, start=1):
        content = _polygon(ring, shape_type) if ring else struct.pack("<i", 0)
        records += struct.pack(">ii", number, len(content) // 2) + content
        index += struct.pack(">ii", at // 2, len(content) // 2)
        at += 8 + len(content)
    xs = [x for ring in rings if ring for x, _ in ring] or [0.0]
    ys = [y for ring in rings if ring for _, y in ring] or [0.0]
    box = (min(xs), min(ys), max(xs), max(ys))
    contents = {
        "shp": _header(100 + len(records), shape_type, box) + records,
        "shx": _header(100 + len(index), shape_type, box) + index,
        "dbf": _dbf(names, width),
        "prj": prj.encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts.split():
        (folder / f"{stem}.{part}").write_bytes(contents[part.lower()])
    if cpg is not None:
        (folder / f"{stem}.cpg").write_text(cpg)
    shp = next(part for part in parts.split() if part.lower() == "shp")
    return folder / f"{stem}.{shp}"


def _header(size: int, shape_type: int, box: tuple[float, float, float, float]) -> bytes:
    return (
        struct.pack(">i20xi", 9994, size // 2)
        + struct.pack("<ii", 1000, shape_type)
        + struct.pack("<4d", *box)
        + bytes(32)
    )


def _polygon(ring: Ring, shape_type: int) -> bytes:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    data = struct.pack("<i4dii", shape_type, min(xs), min(ys), max(xs), max(ys), 1, len(ring))
    return data + struct.pack("<i", 0) + b"".join(struct.pack("<dd", x, y) for x, y in ring)


def _dbf(names: list[bytes], width: int) -> bytes:
    field = b"NAME".ljust(11, b"\0") + b"C" + bytes(4) + bytes([width, 0]) + bytes(14)
    header = struct.pack("<4BIHH20x", 3, 126, 1, 1, len(names), 32 + 32 + 1, 1 + width) + field + b"\r"
    return header + b"".join(b" " + name[:width].ljust(width) for name in names) + b"\x1a"

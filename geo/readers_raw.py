"""Any file that we can read, as it stands: the format by its ending, else by its content."""

import tempfile
from pathlib import Path

from geo.problems import UnreadableFile
from geo.raw_layer import RawLayer
from geo.readers_csv import read_csv
from geo.readers_json import read_json
from geo.readers_ogr import read_ogr
from geo.readers_parquet import read_parquet
from geo.readers_shapefile import SIDECARS, read_shapefile
from geo.readers_zip import MB, unpacked

DEFAULT_LIMIT_BYTES = 512 * MB
KNOWN = ".geojson .json .shp .zip .gpkg .csv .tsv .kml .kmz .gpx .fgb .parquet"
_JSON = {".geojson", ".json", ".topojson"}
_TABLES = {".csv", ".tsv", ".txt"}
_OGR = {".gpkg", ".fgb", ".kml", ".gpx"}
_ZIPS = {".zip", ".kmz"}
_MAGIC = (
    (b"PK\x03\x04", ".zip"),
    (b"SQLite format 3\0", ".gpkg"),
    (b"fgb\x03", ".fgb"),
    (b"\0\0\x27\x0a", ".shp"),
    (b"PAR1", ".parquet"),
)


def read_raw(
    path: str | Path,
    encoding: str | None = None,
    layer: str | None = None,
    *,
    x: str | None = None,
    y: str | None = None,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
) -> RawLayer:
    """The layer as it stands in the file, by ending, else by content.

    `x` and `y` name the columns of a table that hold the coordinates. Raises `UnreadableFile`.
    """
    file = checked_file(path, limit_bytes)
    ending = file.suffix.lower()
    if ending in SIDECARS:
        raise UnreadableFile("sidecar", name=file.name)
    if ending not in KNOWN.split() and ending not in _JSON | _TABLES:
        ending = _sniffed(file)
    if ending in _ZIPS:
        with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
            inner = unpacked(file, Path(folder), layer, limit_bytes)
            only = inner.suffix.lower() in _OGR - {".kml"}
            raw = _by_ending(inner, inner.suffix.lower(), encoding, layer if only else None, (x, y))
    else:
        raw = _by_ending(file, ending, encoding, layer, (x, y))
    return raw


def checked_file(path: str | Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Path:
    """The path of a file that is there, is not empty and not too large. Raises `UnreadableFile`."""
    file = Path(path)
    if file.is_dir():
        raise UnreadableFile("is_folder", path=file)
    if not file.is_file():
        raise UnreadableFile("not_found", path=file)
    size = file.stat().st_size
    if size == 0:
        raise UnreadableFile("empty_file")
    if size > limit_bytes:
        raise UnreadableFile("too_large", size_mb=f"{size / MB:.1f}", limit_mb=f"{limit_bytes / MB:g}")
    return file


def _by_ending(
    file: Path, ending: str, encoding: str | None, layer: str | None, xy: tuple[str | None, str | None]
) -> RawLayer:
    if ending in _JSON:
        return read_json(file, encoding)
    if ending in _TABLES:
        return read_csv(file, encoding, *xy)
    if ending == ".shp":
        return read_shapefile(file, encoding)
    if ending == ".parquet":
        return read_parquet(file, *xy)
    return read_ogr(file, layer)


def _sniffed(file: Path) -> str:
    with file.open("rb") as source:
        head = source.read(1000)
    for magic, ending in _MAGIC:
        if head.startswith(magic):
            return ending
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        return ".json"
    raise UnreadableFile("unknown_format", KNOWN.split(), known=KNOWN)

"""Any file that we can read, as it stands: the format by its ending, else by its content."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from geo.problems import UnreadableFile
from geo.raw_layer import RawLayer
from geo.readers_csv import read_csv
from geo.readers_dxf import read_dxf
from geo.readers_json import read_json
from geo.readers_ogr import read_ogr
from geo.readers_parquet import read_parquet
from geo.readers_shapefile import SIDECARS, read_shapefile
from geo.readers_xlsx import read_xlsx
from geo.readers_zip import MB, chosen_file, unpacked

DEFAULT_LIMIT_BYTES = 512 * MB
KNOWN = ".geojson .json .topojson .shp .zip .gpkg .csv .tsv .xlsx .kml .kmz .gpx .fgb .dxf .parquet"
_JSON = {".geojson", ".json", ".topojson"}
_TABLES = {".csv", ".tsv", ".txt"}
_OGR = {".gpkg", ".fgb", ".kml", ".gpx"}
_ZIPS = {".zip", ".kmz"}
_LAYERED = _OGR | _JSON | {".dxf", ".xlsx"}  # formats that may hold several layers
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
    limit_features: int | None = None,
) -> RawLayer:
    """The layer as it stands in the file, by ending, else by content.

    `x` and `y` name the columns of a table that hold the coordinates; of formats that tell, no more than
    `limit_features` features are read. Raises `UnreadableFile`.
    """
    how = _How(encoding, (x, y), limit_features)
    file = checked_file(path, limit_bytes)
    ending = file.suffix.lower()
    if ending in SIDECARS:
        raise UnreadableFile("sidecar", name=file.name)
    if ending not in KNOWN.split() and ending not in _JSON | _TABLES:
        ending = _sniffed(file)
    if ending not in _ZIPS:
        return _by_ending(file, ending, layer, how)
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        return _inside(unpacked(file, Path(folder), layer, limit_bytes), how)


def read_folder(
    folder: Path,
    encoding: str | None = None,
    layer: str | None = None,
    *,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
    limit_features: int | None = None,
) -> RawLayer:
    """The layer of what lies in a folder: one file of any kind, or the parts of a map file as a zip would hold them.

    Raises `UnreadableFile`.
    """
    files = list(folder.iterdir())
    if len(files) == 1:
        return read_raw(files[0], encoding, layer, limit_bytes=limit_bytes, limit_features=limit_features)
    return _inside(chosen_file(folder, layer), _How(encoding, (None, None), limit_features))


@dataclass(frozen=True)
class _How:
    """What is said about a file beside its layer."""

    encoding: str | None
    xy: tuple[str | None, str | None]
    limit_features: int | None


def _inside(chosen: tuple[Path, str | None, str], how: _How) -> RawLayer:
    """A file among others: its own layers are asked for under its name."""
    file, layer, prefix = chosen
    ending = file.suffix.lower()
    if ending not in _LAYERED:
        layer = None
    try:
        raw = _by_ending(file, ending, layer, how)
    except UnreadableFile as error:
        if not prefix or not error.choices or "layer" not in error.code:
            raise
        names = [prefix + name for name in error.choices]
        raise UnreadableFile(error.code, names, **{**error.params, "layers": ", ".join(names)}) from error
    raw.layer = prefix + raw.layer if prefix and ending in _LAYERED and raw.layer else raw.layer
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


def _by_ending(file: Path, ending: str, layer: str | None, how: _How) -> RawLayer:
    if ending in _JSON:
        return read_json(file, how.encoding, layer)
    if ending in _TABLES:
        return read_csv(file, how.encoding, *how.xy)
    if ending == ".shp":
        return read_shapefile(file, how.encoding, limit_features=how.limit_features)
    if ending == ".parquet":
        return read_parquet(file, *how.xy)
    if ending == ".xlsx":
        size = DEFAULT_LIMIT_BYTES
        return read_xlsx(file, layer, *how.xy, limit_bytes=size, limit_features=how.limit_features)
    if ending == ".dxf":
        return read_dxf(file, layer, how.encoding)
    return read_ogr(file, layer, limit_features=how.limit_features)


def _sniffed(file: Path) -> str:
    with file.open("rb") as source:
        head = source.read(1000)
    for magic, ending in _MAGIC:
        if head.startswith(magic):
            return ending
    if head.lstrip().startswith(b"0") and b"SECTION" in head:
        return ".dxf"
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        return ".json"
    raise UnreadableFile("unknown_format", KNOWN.split(), known=KNOWN)

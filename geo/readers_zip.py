"""Zip files with a map in them: nothing outside the folder, nothing larger than allowed, one layer or a question."""

import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo.problems import UnreadableFile

MB = 1_000_000
LAYERS = (".shp", ".geojson", ".json", ".gpkg", ".fgb", ".kml", ".gpx", ".csv", ".tsv")
_CHUNK_BYTES = 1 << 20
# Whatever damaged bytes make zipfile raise, one of them IndexError for a member without a name.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    EOFError,
    RuntimeError,
    OSError,
    IndexError,
)
_JUNK = ("__MACOSX/", ".")


def unpacked(path: Path, folder: Path, layer: str | None, limit_bytes: int) -> Path:
    """Unpack into `folder` and return the file to read: the only one, or the one named `layer`.

    Raises `UnreadableFile`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info: _name(info) for info in archive.infolist() if not info.is_dir()}
            files = _extracted(archive, names, folder, limit_bytes)
    except _DAMAGE as error:
        raise UnreadableFile("not_zip") from error
    return _chosen(files, layer)


def _name(info: zipfile.ZipInfo) -> str:
    """A member's path; old Chinese tools write GBK, which Python reads as code page 437."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        data = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = data.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    name = name.replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts or "\0" in name:
        raise UnreadableFile("unsafe_zip", name=name)
    return name


def _extracted(
    archive: zipfile.ZipFile, names: dict[zipfile.ZipInfo, str], folder: Path, limit_bytes: int
) -> list[Path]:
    left, files = limit_bytes, []
    for info, name in names.items():
        if name.startswith(_JUNK):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as source, target.open("wb") as sink:
            while chunk := source.read(_CHUNK_BYTES):
                left -= len(chunk)
                if left < 0:  # counted, because a header may lie
                    raise UnreadableFile("zip_bomb", limit_mb=limit_bytes // MB)
                sink.write(chunk)
        files.append(target)
    return files


def _chosen(files: list[Path], layer: str | None) -> Path:
    shapes = [file for file in files if file.suffix.lower() == ".shp"]
    layers = shapes or [file for file in files if file.suffix.lower() in LAYERS]
    names = [file.stem for file in layers]
    if not layers:
        raise UnreadableFile("zip_without_layer")
    if len(layers) == 1:
        return layers[0]
    if layer is None:
        raise UnreadableFile("which_layer", names, layers=", ".join(names))
    if layer not in names:
        raise UnreadableFile("no_such_layer", names, layer=layer, layers=", ".join(names))
    return layers[names.index(layer)]

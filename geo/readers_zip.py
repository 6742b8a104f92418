"""Zip files with a map in them: nothing outside the folder, nothing larger than allowed, one layer or a question."""

import lzma
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo.problems import UnreadableFile, shown

MB = 1_000_000
# Map files by how surely they are what is meant: of the first kind that is there all are offered.
LAYERS = (
    (".shp",),
    (".gpkg", ".fgb", ".geojson", ".topojson", ".kml", ".dxf", ".parquet"),
    (".json", ".gpx"),
    (".csv", ".tsv"),
)
MAX_MEMBERS = 2000
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


def unpacked(path: Path, folder: Path, layer: str | None, limit_bytes: int) -> tuple[Path, str | None, str]:
    """Unpack into `folder` and choose a file there, as `chosen_file` does. Raises `UnreadableFile`."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info: _name(info) for info in archive.infolist() if not info.is_dir()}
            _check(names)
            _extract(archive, names, folder, limit_bytes)
    except _DAMAGE as error:
        raise UnreadableFile("not_zip") from error
    return chosen_file(folder, layer)


def chosen_file(folder: Path, layer: str | None) -> tuple[Path, str | None, str]:
    """(file to read, layer inside it, prefix of its layers' names) of a folder of files.

    The file is the only map file, or the one that `layer` names: `file` or `file/layer`. Where several are there
    and none is named, the question has them all. Raises `UnreadableFile`.
    """
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    layers: list[Path] = next(
        (found for kinds in LAYERS if (found := [file for file in files if file.suffix.lower() in kinds])), []
    )
    if not layers:
        parts = [file for file in files if file.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg")]
        raise UnreadableFile("only_sidecars" if parts else "zip_without_layer")
    if len(layers) == 1:
        return layers[0], layer, ""
    names = _names(layers, folder)
    if layer is None:
        raise UnreadableFile("which_layer", names, layers=", ".join(names))
    for name, file in sorted(zip(names, layers, strict=True), key=lambda pair: -len(pair[0])):
        if layer == name or layer.startswith(f"{name}/"):
            return file, layer[len(name) + 1 :] or None, f"{name}/"
    raise UnreadableFile("no_such_layer", names, layer=shown(layer), layers=", ".join(names))


def _names(files: list[Path], folder: Path) -> list[str]:
    """Names that differ: of the files, with their ending or folder only where it takes that."""
    inside = [file.relative_to(folder) for file in files]
    for names in (
        [path.stem for path in inside],
        [path.name for path in inside],
        [path.with_suffix("").as_posix() for path in inside],
    ):
        if len(set(names)) == len(names):
            return names
    return [path.as_posix() for path in inside]


def _check(names: dict[zipfile.ZipInfo, str]) -> None:
    if len(names) > MAX_MEMBERS:
        raise UnreadableFile("zip_too_many", count=len(names), limit=MAX_MEMBERS)
    for info, name in names.items():
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnreadableFile("zip_link", name=shown(name))
        if info.flag_bits & 1:
            raise UnreadableFile("zip_encrypted")


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
        raise UnreadableFile("unsafe_zip", name=shown(name))
    return name


def _extract(
    archive: zipfile.ZipFile, names: dict[zipfile.ZipInfo, str], folder: Path, limit_bytes: int
) -> None:
    left = limit_bytes
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

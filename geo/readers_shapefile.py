"""Shapefiles as they are found: parts missing or in odd case, encodings unsaid or wrong, indexes to build again."""

import shutil
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyproj

from geo.problems import Problem, UnreadableFile, problem, shown
from geo.raw_layer import RawLayer
from geo.readers_ogr import ogr_pieces, read_ogr
from geo.text_encoding import fits, guess_note, guessed, holds_ascii, known, preview, samples

SIDECARS = (".dbf", ".shx", ".prj", ".cpg", ".dbt", ".sbn", ".sbx", ".qix")
_STAGED = (".shp", ".shx", ".dbf", ".dbt")
_BYTES = "ISO-8859-1"  # GDAL hands every byte through, and we decode them ourselves
_MULTIPATCH = 31
_CODE_PAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_SAMPLE_BYTES = 4_000_000


def read_shapefile(path: Path, encoding: str | None = None, *, limit_features: int | None = None) -> RawLayer:
    """A shapefile as a raw layer. Raises `UnreadableFile`."""
    with _staged(path, encoding) as staged:
        raw = read_ogr(staged.shp, encoding=_BYTES, limit_features=limit_features)
    return staged.finished(raw)


def shapefile_pieces(path: Path, size: int, encoding: str | None = None) -> Iterator[RawLayer]:
    """A shapefile as layers of at most `size` features, at least one; the first has what is wrong with the whole.

    Raises `UnreadableFile`.
    """
    with _staged(path, encoding) as staged:
        for raw in ogr_pieces(staged.shp, size, _BYTES):
            yield staged.finished(raw)
            staged.notes = []


@dataclass
class _Staged:
    """A shapefile as GDAL reads it, in a folder of ours, and what is known of it before it is read."""

    path: Path
    parts: dict[str, Path]
    notes: list[Problem]
    crs: str | None
    encoding: str
    is_guessed: bool
    shp: Path

    def finished(self, raw: RawLayer) -> RawLayer:
        """The layer with its texts as texts and all that is known."""
        _decode(raw, self.encoding)
        if ".dbf" not in self.parts:
            raw.columns = {}
        raw.problems[:0] = self.notes
        raw.crs, raw.encoding, raw.layer = self.crs, self.encoding, self.path.stem
        if self.is_guessed and ".dbf" in self.parts:
            raw.samples = samples(_dbf_texts(self.parts[".dbf"]))
        return raw


@contextmanager
def _staged(path: Path, encoding: str | None) -> Iterator[_Staged]:
    notes = _checked_header(path)
    parts = _parts(path)
    stated, crs_notes = _crs(parts.get(".prj"))
    used, text_notes = _encoding(parts.get(".dbf"), parts.get(".cpg"), encoding)
    if ".shx" not in parts:
        notes.append(problem("missing_shx"))
    if ".dbf" not in parts:
        notes.append(problem("missing_dbf"))
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        for ending in _STAGED:
            if ending in parts:
                _stage(parts[ending], Path(folder) / f"layer{ending}")
        if ".shx" not in parts:
            (Path(folder) / "layer.shx").write_bytes(_index_of(path))
        shp = Path(folder) / "layer.shp"
        yield _Staged(path, parts, [*notes, *crs_notes, *text_notes], stated, used, bool(text_notes), shp)


def _checked_header(path: Path) -> list[Problem]:
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or struct.unpack(">i", header[:4])[0] != 9994:
        found = "a web page" if header.lstrip().startswith(b"<") else "not a shapefile"
        raise UnreadableFile("wrong_content", ending=".shp", found=found)
    if struct.unpack("<i", header[32:36])[0] == _MULTIPATCH:
        raise UnreadableFile("not_areas_or_points", found="MultiPatch (3D bodies)")
    same = struct.unpack(">i", header[24:28])[0] * 2 == path.stat().st_size
    return [] if same else [problem("length_differs")]


def _index_of(shp: Path) -> bytes:
    """The .shx of a .shp: where each record lies, as far as whole records go."""
    records = bytearray()
    size, at = shp.stat().st_size, 100
    with shp.open("rb") as file:
        header = bytearray(file.read(100))
        while at + 8 <= size:
            file.seek(at)
            _, words = struct.unpack(">ii", file.read(8))
            if words < 2 or at + 8 + 2 * words > size:
                break
            records += struct.pack(">ii", at // 2, words)
            at += 8 + 2 * words
    header[24:28] = struct.pack(">i", (100 + len(records)) // 2)
    return bytes(header + records)


def _parts(path: Path) -> dict[str, Path]:
    """The files of this shapefile by ending in lower case, whatever case they are written in."""
    stem = path.stem.lower()
    found = {
        p.suffix.lower(): p for p in sorted(path.parent.iterdir()) if p.stem.lower() == stem and p.is_file()
    }
    return {ending: found[ending] for ending in SIDECARS if ending in found} | {".shp": path}


def _stage(source: Path, target: Path) -> None:
    """A link under a plain name in a folder of ours, where a missing part can be written beside it."""
    try:
        target.symlink_to(source.resolve())
    except OSError:  # file systems without links
        shutil.copyfile(source, target)


def _crs(prj: Path | None) -> tuple[str | None, list[Problem]]:
    if prj is None:
        return None, []
    text = prj.read_bytes()[:100_000].decode("utf-8", errors="replace").strip()
    try:
        return pyproj.CRS.from_wkt(text).to_wkt(), []
    except pyproj.exceptions.CRSError:
        return None, [problem("bad_prj")]


def _encoding(dbf: Path | None, cpg: Path | None, asked: str | None) -> tuple[str, list[Problem]]:
    """The encoding of the texts: the one asked for, the .cpg's if it fits, the .dbf's own, or the likeliest."""
    lines = _dbf_texts(dbf) if dbf else []
    if asked:
        name = known(asked)
        if not holds_ascii(name):
            raise UnreadableFile("bad_encoding", encoding=shown(asked))
        if not _all_fit(lines, name):
            raise UnreadableFile("bad_encoding", encoding=asked)
        return name, []
    if all(line.isascii() for line in lines):
        return "utf-8", []
    stated = _stated(cpg)
    if stated and _all_fit(lines, stated):
        return stated, []
    page = _code_page(dbf)
    best = "utf-8" if _all_fit(lines, "utf-8") else page or guessed(b"\n".join(lines))
    if stated:
        return best, [
            problem(
                "encoding_contradicted",
                stated=stated.upper(),
                encoding=best.upper(),
                preview=preview(best, lines),
            )
        ]
    return best, [guess_note(best, lines)]


def _all_fit(lines: list[bytes], encoding: str) -> bool:
    return all(fits(line, encoding) for line in lines)


def _stated(cpg: Path | None) -> str | None:
    if cpg is None:
        return None
    text = cpg.read_bytes()[:100].decode("ascii", errors="ignore").strip().lower()
    text = text.removeprefix("ansi ").removeprefix("oem ")
    for candidate in (text, f"cp{text}", text.replace("8859", "8859-").replace("--", "-")):
        try:
            name = known(candidate)
        except UnreadableFile:
            continue
        return name if holds_ascii(name) else None
    return None


def _code_page(dbf: Path | None) -> str | None:
    if dbf is None:
        return None
    with dbf.open("rb") as file:
        header = file.read(30)
    return _CODE_PAGES.get(header[29]) if len(header) == 30 else None


def _dbf_texts(dbf: Path) -> list[bytes]:
    """The raw texts in a .dbf: names of columns and the values of the character columns."""
    with dbf.open("rb") as file:
        data = file.read(_SAMPLE_BYTES)
    if len(data) < 33:
        return []
    header_length, record_length = struct.unpack("<HH", data[8:12])
    texts, spans, offset = [], [], 1
    for at in range(32, min(header_length, len(data)) - 31, 32):
        if data[at] == 0x0D:
            break
        texts.append(data[at : at + 11].split(b"\0")[0])
        width = data[at + 16]
        if data[at + 11 : at + 12] in (b"C", b"c"):
            spans.append((offset, offset + width))
        offset += width
    for start in range(header_length, len(data) - record_length + 1, max(record_length, 1)):
        texts += [data[start + a : start + b].rstrip(b" \0") for a, b in spans]
    return texts


def _decode(raw: RawLayer, encoding: str) -> None:
    raw.columns = {
        _text(name, encoding): [_text(value, encoding) for value in values]
        for name, values in raw.columns.items()
    }
    for name, values in raw.columns.items():
        raw.problems += [
            problem("text_damaged", number, name, value=shown(value), encoding=encoding.upper())
            for number, value in enumerate(values, start=1)
            if isinstance(value, str) and "�" in value
        ]


def _text(value: Any, encoding: str) -> Any:
    return value.encode("latin-1").decode(encoding, errors="replace") if isinstance(value, str) else value

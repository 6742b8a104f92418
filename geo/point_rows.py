"""Rows of a file of points, a chunk at a time: a CSV of any length needs little memory."""

import codecs
import csv
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.coordinate_columns import coordinate_columns, found_column, parse_number
from geo.crs import snap
from geo.problems import Problem, UnreadableFile, problem, shown
from geo.readers import read_points
from geo.readers_csv import WKT_NAMES, delimiter_of, header_names
from geo.readers_raw import checked_file
from geo.readers_zip import MB
from geo.text_encoding import fits, guess_note, guessed, known
from geo.tidy import crs_text, out_of_range, settled, to_wgs84

Floats = NDArray[np.float64]

LIMIT_BYTES = 8192 * MB
_TABLES = {".csv", ".tsv", ".txt"}
_SAMPLE_BYTES = MB
_BLOCK_BYTES = 4 * MB


@dataclass(frozen=True, slots=True)
class PointRow:
    """One row: its number (from 1), its values as text, and where it is in WGS 84, or why that is unknown."""

    number: int
    values: list[str]
    lon: float
    lat: float
    refused: Problem | None


@dataclass
class PointRows:
    """The rows of a file of points.

    `problems` are those of the whole file; `remarks` counts what was odd in rows that are used all the same.
    """

    names: list[str]
    total: int
    encoding: str | None
    problems: list[Problem] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    rows: list[PointRow] = field(default_factory=list)

    def chunks(self, size: int) -> Iterator[list[PointRow]]:
        """All rows in order, `size` at a time."""
        for first in range(0, self.total, size):
            yield self.rows[first : first + size]


def open_points(
    path: str | Path,
    x: str | None = None,
    y: str | None = None,
    crs: str | int | None = None,
    datum: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
) -> PointRows:
    """Open a file of points; the arguments are those of `read_points`, and so is the meaning of a row.

    A CSV with coordinate columns is read twice, first for the coordinates alone: axes, system and number of rows
    are known before the first row is handed out. Other formats are held in memory. Raises `UnreadableFile`.
    """
    if Path(path).suffix.lower() in _TABLES:
        file = _TextRows.of(checked_file(path, LIMIT_BYTES), encoding)
        if (x and y) or found_column(file.names, WKT_NAMES) is None:
            return _streamed(file, x, y, crs_text(crs), datum)
    read = read_points(path, x, y, crs, datum, encoding, layer)
    refused = read.refused()
    columns = zip(
        read.table.itertuples(index=False, name=None), read.lon.tolist(), read.lat.tolist(), strict=True
    )
    rows = [
        PointRow(number, list(values), lon, lat, _why(refused[number]) if number in refused else None)
        for number, (values, lon, lat) in enumerate(columns, start=1)
    ]
    return PointRows(
        names=[str(name) for name in read.table.columns],
        total=len(rows),
        encoding=read.encoding,
        problems=[one for one in read.problems if one.feature is None],
        remarks=Counter(str(p) for p in read.problems if p.feature is not None and p.feature not in refused),
        rows=rows,
    )


def _why(problems: list[Problem]) -> Problem:
    return problems[-1] if problems else problem("empty_coordinate")


@dataclass
class _TextRows:
    """A CSV file that can be read again and again: rows are as long as `names`, blank ones skipped."""

    path: Path
    names: list[str]
    encoding: str
    delimiter: str
    problems: list[Problem]

    @classmethod
    def of(cls, path: Path, encoding: str | None) -> "_TextRows":
        csv.field_size_limit(100_000_000)
        with path.open("rb") as file:
            sample = file.read(_SAMPLE_BYTES)
        name = _encoding_of(path, sample, encoding)
        text = sample.decode(name, errors="replace").lstrip("\ufeff")
        if not text.strip():
            raise UnreadableFile("empty_file")
        sure = name.startswith("utf-16") or (name.startswith("utf-8") and fits(sample, "utf-8"))
        guess = encoding is None and not sure
        table = cls(path, [], name, delimiter_of(text), [])
        if guess:
            whole = sample.splitlines() if len(sample) < _SAMPLE_BYTES else sample.splitlines()[:-1]
            table.problems.append(guess_note(name, whole))
        header = next(table.lines(), None)
        if header is None:
            raise UnreadableFile("empty_file")
        table.names = header_names(header)
        return table

    def lines(self) -> Iterator[list[str]]:
        """The header and all rows, as they stand."""
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            try:
                for line in reader:
                    if any(cell.strip() for cell in line):
                        yield line
            except csv.Error as error:
                raise UnreadableFile(
                    "unreadable", detail=f"{shown(error)} (line {reader.line_num})"
                ) from error


def _encoding_of(path: Path, sample: bytes, asked: str | None) -> str:
    """The encoding of a file: the one asked for, else UTF-8 if all of it is, else what the beginning looks like."""
    for bom, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(bom) and not asked:
            return name
    wanted = known(asked) if asked else "utf-8"
    decoder = codecs.getincrementaldecoder(wanted)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError as error:  # UTF-16 without its mark is no UnicodeDecodeError
        if asked:
            raise UnreadableFile("bad_encoding", encoding=shown(asked)) from error
        return guessed(sample[: sample.rfind(b"\n") + 1] or sample)
    return "utf-8-sig" if wanted == "utf-8" and sample.startswith(codecs.BOM_UTF8) else wanted


@dataclass
class _Streamed(PointRows):
    """A CSV whose coordinates are known and whose rows are read again when asked for."""

    text: _TextRows | None = None
    x: Floats = field(default_factory=lambda: np.zeros(0))
    y: Floats = field(default_factory=lambda: np.zeros(0))
    system: tuple[str, bool, str | None] = ("EPSG:4326", False, None)
    refused: dict[int, Problem] = field(default_factory=dict)

    def chunks(self, size: int) -> Iterator[list[PointRow]]:
        """All rows in order, `size` at a time."""
        if self.text is None:
            return
        lines = islice(self.text.lines(), 1, None)
        for first in range(0, self.total, size):
            source, swap, datum = self.system
            lon, lat = to_wgs84(
                self.x[first : first + size], self.y[first : first + size], source, swap, datum
            )
            yield [
                self._row(first + i + 1, line, x, y)
                for i, (line, x, y) in enumerate(
                    zip(islice(lines, size), snap(lon).tolist(), snap(lat).tolist(), strict=False)
                )
            ]

    def _row(self, number: int, line: list[str], lon: float, lat: float) -> PointRow:
        refused = self.refused.get(number)
        if refused is None and not (abs(lon) <= 180 and abs(lat) <= 90):
            code, params = out_of_range(lon, lat)
            refused = problem(code, number, **params)
        return PointRow(number, _fitted(line, len(self.names)), lon, lat, refused)


def _streamed(text: _TextRows, x: str | None, y: str | None, crs: str | None, datum: str | None) -> PointRows:
    x, y = coordinate_columns(text.names, x, y)
    at = (text.names.index(x), text.names.index(y))
    xs, ys = array("d"), array("d")
    refused: dict[int, Problem] = {}
    remarks: Counter[str] = Counter()
    for number, line in enumerate(islice(text.lines(), 1, None), start=1):
        if len(line) < len(text.names):
            remarks["The row has too few values; the rest is empty."] += 1
        found = _coordinates(number, line, text.names, at)
        if isinstance(found, Problem):
            refused[number] = found
            found = (np.nan, np.nan)
        xs.append(found[0])
        ys.append(found[1])
    px, py = np.frombuffer(xs), np.frombuffer(ys)
    source, swap, notes = settled(px, py, crs, None, datum, True)
    return _Streamed(
        text.names, len(xs), text.encoding, text.problems + notes, remarks,
        text=text, x=px, y=py, system=(source, swap, datum), refused=refused,
    )  # fmt: skip


def _coordinates(
    number: int, line: list[str], names: list[str], at: tuple[int, int]
) -> tuple[float, float] | Problem:
    """The coordinates as they stand in a row, or what is wrong with them."""
    if len(line) > len(names):
        return problem("too_many_values", number, found=len(line), expected=len(names))
    values = [line[i].strip() if i < len(line) else "" for i in at]
    if not all(values):
        return problem("empty_coordinate", number)
    pair: list[float] = []
    for i, value in zip(at, values, strict=True):
        coordinate = parse_number(value)
        if coordinate is None:
            return problem("not_a_number", number, names[i], value=shown(value))
        if not np.isfinite(coordinate):
            return problem("not_finite", number, names[i])
        pair.append(coordinate)
    return pair[0], pair[1]


def _fitted(line: list[str], length: int) -> list[str]:
    """A row as long as the header; what is too much hangs together at the end, so that rejects keep it."""
    if len(line) > length:
        return [*line[: length - 1], ",".join(line[length - 1 :])]
    return line + [""] * (length - len(line))

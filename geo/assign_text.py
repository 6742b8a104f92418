"""CSV and its kin in blocks: files of any length, every value kept as the text it is.

What a row is, and what is wrong with one, is `readers_csv.read_table`'s meaning, which is Python's `csv`. Blocks
whose quotes and row lengths are plain go through arrow's parser, which gives the same rows faster; all others
through `csv` itself.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from geo.assign_encoding import encoding_of
from geo.assign_rows import Block, Floats, Rows, Source, in_order, places_in_columns, places_of_wkt
from geo.coordinate_columns import coordinate_columns, found_column
from geo.problems import Problem, UnreadableFile, problem, shown
from geo.readers_csv import WKT_NAMES, delimiter_of, header_names

FIELD_CHARACTERS = 100_000_000
_READ_BYTES = 1 << 22
_HEADER_BYTES = 1 << 20
_QUOTE, _LF = b'"'[0], b"\n"[0]


@dataclass
class TextReader:
    """How to read blocks of a table of text: UTF-8, without the header."""

    names: list[str]
    delimiter: str
    x: str | None = None
    y: str | None = None
    wkt: str | None = None

    def rows(self, content: bytes) -> Rows:
        """All of a block."""
        table, problems, refused = parsed(content, self.names, self.delimiter)
        x, y, found = self._located(table, refused)
        for one in problems:
            found.setdefault((one.feature or 1) - 1, []).insert(0, one)
        return Rows(table, x, y, in_order(found))

    def places(self, content: bytes) -> tuple[Floats, Floats]:
        """Only the coordinates of a block."""
        if self.wkt is None and is_simple(content, self.delimiter):
            wanted = [str(self.x), str(self.y)]
            table = _by_arrow(content, self.names, self.delimiter, wanted)
            if table is not None:
                x, y, found = places_in_columns(table, wanted)
                if not found:  # else some rows may be blank
                    return x, y
        table, _, refused = parsed(content, self.names, self.delimiter)
        x, y, _ = self._located(table, refused)
        return x, y

    def _located(
        self, table: pa.Table, refused: frozenset[int]
    ) -> tuple[Floats, Floats, dict[int, list[Problem]]]:
        if self.wkt is not None:
            return places_of_wkt(table.column(self.wkt), self.wkt, refused)
        return places_in_columns(table, (str(self.x), str(self.y)), refused)


@dataclass
class TextSource(Source):
    """A CSV file, read from the start each time that its blocks are asked for."""

    path: Path = Path()
    encoding: str = "utf-8"
    is_clean: bool = True
    delimiter: str = ","
    block_bytes: int = 1 << 23

    def blocks(self, *, places_only: bool = False) -> Iterator[Block]:
        """Pieces of about `block_bytes` of UTF-8 that end where a row ends."""
        with self.path.open("rb") as file:
            pieces = _without_header(_utf8(file, self.encoding, self.is_clean), self.delimiter)
            for piece in _cut(pieces, self.delimiter, self.block_bytes):
                yield Block(piece, min(file.tell(), self.size))


def open_text(
    path: Path, x: str | None, y: str | None, encoding: str | None, block_bytes: int = 1 << 23
) -> TextSource:
    """Open a CSV or TSV file whose coordinates are columns, or WKT. Raises `UnreadableFile`."""
    name, is_clean, notes = encoding_of(path, encoding)
    with path.open("rb") as file:
        beginning = b"".join(_first(_utf8(file, name, is_clean), _HEADER_BYTES))
    text = beginning.decode("utf-8", errors="ignore")
    if not text.strip():
        raise UnreadableFile("empty_file")
    delimiter = delimiter_of(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = next((row for row in rows if _is_full(row)), None)
    if line is None:
        raise UnreadableFile("empty_file")
    names = header_names(line)
    wkt = found_column(names, WKT_NAMES) if x is None and y is None else None
    if wkt is None:
        x, y = coordinate_columns(names, x, y)
    return TextSource(
        TextReader(names, delimiter, x, y, wkt), pa.schema([(one, pa.string()) for one in names]),
        size=path.stat().st_size, problems=notes, crs_by_format=True,
        path=path, encoding=name, is_clean=is_clean, delimiter=delimiter, block_bytes=block_bytes,
    )  # fmt: skip


def _utf8(file: BinaryIO, encoding: str, is_clean: bool) -> Iterator[bytes]:
    """The file as UTF-8 without a byte order mark, in pieces that may end within a character."""
    if is_clean and encoding in ("utf-8", "utf-8-sig"):
        yield file.read(_READ_BYTES).removeprefix(codecs.BOM_UTF8 if encoding == "utf-8-sig" else b"")
        while piece := file.read(_READ_BYTES):
            yield piece
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while piece := file.read(_READ_BYTES):
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def _first(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        size -= len(piece)
        if size <= 0:
            return


def _is_full(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)


def _without_header(pieces: Iterator[bytes], delimiter: str) -> Iterator[bytes]:
    """What comes after the first row that is not blank."""
    held = b""
    for piece in pieces:
        held += piece
        lines = _lines(held)
        reader = csv.reader(lines, delimiter=delimiter)
        if any(_is_full(row) for row in reader):
            end = sum(len(_bytes(line)) for line in lines[: reader.line_num])
            if end < len(held):  # else the row may go on
                yield held[end:]
                yield from pieces
                return


def _lines(text: bytes) -> list[str]:
    """Lines as `csv` wants them: ended by CR, LF or both; a character that is cut in two stays what it is."""
    return list(io.StringIO(text.decode("utf-8", errors="surrogateescape"), newline=""))


def _bytes(line: str) -> bytes:
    return line.encode("utf-8", errors="surrogateescape")


def _cut(pieces: Iterator[bytes], delimiter: str, block_bytes: int) -> Iterator[bytes]:
    """Blocks of about `block_bytes` that end at the end of a row."""
    held, line = b"", 1
    for piece in pieces:
        held += piece
        while len(held) >= block_bytes:
            end = _end_of_rows(held, block_bytes, delimiter, line)
            if not end:
                break
            yield held[:end]
            line += held.count(b"\n", 0, end)
            held = held[end:]
    if len(held) > FIELD_CHARACTERS:
        _end_by_csv(held, len(held), delimiter, line)  # raises for a field that is too large
    if held:
        yield held


def _end_of_rows(text: bytes, least: int, delimiter: str, line: int) -> int:
    """Where the first row after `least` bytes ends, or the last one before; 0 when no end is in sight.

    Raises `UnreadableFile` for a field larger than any may be.
    """
    data = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    if len(text) > FIELD_CHARACTERS or not are_plain(data, quotes, delimiter):
        return _end_by_csv(text, least, delimiter, line)
    ends = np.flatnonzero(data == _LF)
    ends = ends[np.searchsorted(quotes, ends) % 2 == 0] + 1
    return int(ends[min(int(np.searchsorted(ends, least)), len(ends) - 1)]) if len(ends) else 0


def _end_by_csv(text: bytes, least: int, delimiter: str, line: int) -> int:
    csv.field_size_limit(FIELD_CHARACTERS)
    lines = _lines(text)
    ends = np.cumsum([len(_bytes(one)) for one in lines])
    reader = csv.reader(lines, delimiter=delimiter)
    end = before = 0
    try:
        for _ in reader:
            before, end = end, int(ends[reader.line_num - 1])
            if least <= end < len(text):
                return end
    except csv.Error as error:
        where = f"(line {line + reader.line_num})"  # the header is one line more
        raise UnreadableFile("unreadable", detail=f"{shown(error)} {where}") from error
    return before  # the last row may go on in what is not read yet


def are_plain(data: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: str) -> bool:
    """Whether quotes only open and close fields (or are doubled in them), so that counting them tells all."""
    edges = np.frombuffer(delimiter.encode() + b"\n\r", dtype=np.uint8)
    opening, closing = quotes[::2], quotes[1::2]
    before = data[opening - 1]
    opens = np.isin(before, edges) | (opening == 0)
    opens[1:] |= opening[1:] - 1 == closing[: len(opening) - 1]
    if not opens.all():
        return False
    after = data[np.minimum(closing + 1, len(data) - 1)]
    closes = np.isin(after, edges) | (closing == len(data) - 1)
    following = opening[1 : len(closing) + 1]
    closes[: len(following)] |= closing[: len(following)] + 1 == following
    return bool(closes.all())


def parsed(text: bytes, names: list[str], delimiter: str) -> tuple[pa.Table, list[Problem], frozenset[int]]:
    """(table of texts, problems by row from 1, rows from 0 that are too long); blank rows are left out."""
    if is_simple(text, delimiter):
        table = _by_arrow(text, names, delimiter)
        if table is not None:
            return _without_blanks(table), [], frozenset()
    return _by_csv(text, names, delimiter)


def is_simple(text: bytes, delimiter: str) -> bool:
    """Whether arrow's parser and Python's see the same cells in whole rows."""
    data = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes) % 2 or text.count(b"\r") != text.count(b"\r\n"):
        return False
    return bool(text) and are_plain(data, quotes, delimiter)


def _by_arrow(
    text: bytes, names: list[str], delimiter: str, wanted: list[str] | None = None
) -> pa.Table | None:
    """The table, or only the `wanted` columns of it; None when a row is too short or too long."""
    odd: list[int] = []

    def seen(row: pa.csv.InvalidRow) -> str:
        odd.append(row.actual_columns)
        return "skip"

    try:
        table = pa.csv.read_csv(
            pa.BufferReader(text),
            pa.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
            pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=seen),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                null_values=[],
                include_columns=wanted,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return None if odd else table


def _without_blanks(table: pa.Table) -> pa.Table:
    """The rows in which any cell says something."""
    maybe = np.arange(len(table))
    for column in table.columns:
        texts = column if len(maybe) == len(table) else column.take(pa.array(maybe))
        maybe = maybe[pc.equal(pc.binary_length(pc.utf8_trim_whitespace(texts)), 0).to_numpy()]
        if len(maybe) == 0:
            return table
    keep = np.ones(len(table), dtype=bool)
    keep[maybe] = False
    return table.filter(pa.array(keep))


def _by_csv(text: bytes, names: list[str], delimiter: str) -> tuple[pa.Table, list[Problem], frozenset[int]]:
    csv.field_size_limit(FIELD_CHARACTERS)
    reader = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=delimiter)
    problems: list[Problem] = []
    refused: set[int] = set()
    rows: list[list[str]] = []
    try:
        for row in reader:
            if not _is_full(row):
                continue
            if len(row) != len(names):
                many = len(row) > len(names)
                code = "too_many_values" if many else "too_few_values"
                problems.append(problem(code, len(rows) + 1, found=len(row), expected=len(names)))
                refused |= {len(rows)} if many else set()
                row = (row + [""] * len(names))[: len(names)]
            rows.append(row)
    except csv.Error as error:
        raise UnreadableFile("unreadable", detail=shown(error)) from error
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=names)
    return table, problems, frozenset(refused)

"""Large GeoJSON files in pieces: each piece is a small FeatureCollection again, read as any other."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.assign_encoding import encoding_of
from geo.problems import UnreadableFile
from geo.raw_layer import RawLayer
from geo.readers_json import read_json

_READ_CHARACTERS = 1 << 20
_BLANK = " \t\r\n"


class NotInPieces(Exception):
    """The file is no FeatureCollection whose other members are small: it has to be read as a whole."""


def geojson_pieces(path: Path, size: int, encoding: str | None = None) -> Iterator[RawLayer]:
    """A FeatureCollection as layers of at most `size` features; the first has what is wrong with the whole.

    Raises `NotInPieces` when what stands before or behind the features asks for the whole, `UnreadableFile`.
    """
    used, is_clean, notes = encoding_of(path, encoding)
    strict = "strict" if is_clean else "replace"
    with (
        path.open(encoding=used, errors=strict) as file,
        tempfile.TemporaryDirectory(prefix="baopian-") as folder,
    ):
        text = _Text(file)
        head = _head(text)
        features = _features(text, head)
        piece = Path(folder) / f"{path.stem}.geojson"
        is_first = True
        while True:
            texts = [one for _, one in zip(range(size), features, strict=False)]
            if not is_first and not texts:
                return
            whole = json.dumps({**head, "type": "FeatureCollection"})[:-1]
            piece.write_text(f'{whole}, "features": [{",".join(texts)}]}}', encoding="utf-8")
            raw = read_json(piece, "utf-8")
            raw.encoding = used
            if not is_first:  # what the collection itself is like was said with the first
                raw.problems = [one for one in raw.problems if one.feature is not None]
            else:
                raw.problems[:0] = notes
            yield raw
            is_first = False


class _Text:
    """The part of a text that is being looked at, and where it lies in the whole."""

    def __init__(self, file: Any) -> None:
        self._file, self.text, self.at, self._lines, self._column = file, "", 0, 0, 0
        self.is_whole = False

    def more(self) -> bool:
        """Read on; what lies behind is let go."""
        seen = self.text[: self.at]
        lines = seen.count("\n")
        self._lines += lines
        self._column = len(seen) - seen.rfind("\n") - 1 if lines else self._column + len(seen)
        fresh = self._file.read(max(_READ_CHARACTERS, len(self.text) - self.at))
        self.text, self.at = self.text[self.at :] + fresh, 0
        self.is_whole = not fresh
        return bool(fresh)

    def next(self) -> str:
        """The next character that is no blank, "" at the end; it is not taken."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _BLANK:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> None:
        """Take the next character, which must be this one."""
        if self.next() != wanted:
            raise self.broken(f"Expecting '{wanted}'", self.at)
        self.at += 1

    def value(self) -> tuple[Any, str]:
        """Take the next JSON value: it and its text."""
        self.next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not self.more():
                    raise self.broken(error.msg, error.pos) from error
                continue
            except RecursionError as error:
                raise UnreadableFile("json_too_deep") from error
            if end == len(self.text) and self.more():
                continue  # a number may go on
            text = self.text[self.at : end]
            self.at = end
            return value, text

    def broken(self, why: str, at: int) -> UnreadableFile:
        """Not JSON, and where."""
        seen = self.text[:at]
        lines = seen.count("\n")
        column = len(seen) - seen.rfind("\n") if lines else self._column + len(seen) + 1
        return UnreadableFile("bad_json", line=self._lines + lines + 1, column=column, detail=why)


_DECODER = json.JSONDecoder()


def _head(text: _Text) -> dict[str, Any]:
    """The members before `features`; the text is left at the list of features."""
    head: dict[str, Any] = {}
    try:
        text.take("{")
        while True:
            name, _ = text.value()
            text.take(":")
            if name == "features":
                break
            head[name] = text.value()[0]
            text.take(",")
        is_list = text.next() == "["
    except UnreadableFile as error:
        raise NotInPieces from error
    if not is_list or head.get("type", "FeatureCollection") != "FeatureCollection" or "geometryType" in head:
        raise NotInPieces
    return head


def _features(text: _Text, head: dict[str, Any]) -> Iterator[str]:
    """The text of each feature, then the rest is looked at."""
    kind = head.get("type")
    text.take("[")
    if text.next() == "]":
        text.take("]")
    else:
        while True:
            yield text.value()[1]
            if text.next() != ",":
                break
            text.take(",")
        text.take("]")
    while text.next() == ",":
        text.take(",")
        name, _ = text.value()
        text.take(":")
        value, _ = text.value()
        kind = value if name == "type" else kind
        if name in ("crs", "features", "geometryType"):
            raise NotInPieces
    text.take("}")
    if text.next():
        raise text.broken("Extra data", text.at)
    if kind != "FeatureCollection":
        raise NotInPieces


def renumbered(raw: RawLayer, before: int) -> RawLayer:
    """The layer with its problems counted from the start of the file."""
    raw.problems = [
        one if one.feature is None else replace(one, feature=one.feature + before) for one in raw.problems
    ]
    return raw

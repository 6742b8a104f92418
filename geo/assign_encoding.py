"""Which encoding a text file of any length is in, found without holding the file."""

import codecs
from pathlib import Path

from geo.problems import Problem, UnreadableFile
from geo.text_encoding import CHINESE, WESTERN, guess_note, guessed, known

_READ_BYTES = 1 << 22
_SAMPLE_BYTES = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(path: Path, asked: str | None = None) -> tuple[str, bool, list[Problem]]:
    """(encoding, whether every byte is in it, problems) of a text file, as `text_encoding.decoded` finds it.

    Raises `UnreadableFile` for a stated encoding that is wrong.
    """
    if asked:
        name = known(asked)
        name = "utf-8-sig" if name == "utf-8" else name
        if not _decodes(path, name):
            raise UnreadableFile("bad_encoding", encoding=asked)
        return name, True, []
    with path.open("rb") as file:
        start = file.read(3)
    for mark, name in _BOMS:
        if start.startswith(mark):
            if not _decodes(path, name):
                raise UnreadableFile("bad_encoding", encoding=name)
            return name, True, []
    for is_clean in (True, False):
        if _decodes(path, "utf-8", forgiving=not is_clean):
            return "utf-8", is_clean, []
    name, sample = _guessed(path)
    return name, False, [guess_note(name, sample.splitlines())]


def _guessed(path: Path) -> tuple[str, bytes]:
    """The likeliest encoding of a file that is not UTF-8, and lines of it to judge by."""
    sample = _telling_lines(path)
    name = guessed(sample)
    if name == CHINESE and _decodes(path, CHINESE, forgiving=True):
        return CHINESE, sample
    return WESTERN if _decodes(path, WESTERN, forgiving=True) else "latin-1", sample


def _decodes(path: Path, encoding: str, *, forgiving: bool = False) -> bool:
    """Whether the whole file is in an encoding; a last character that is cut off may be forgiven."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                decoder.decode(piece)
    except UnicodeDecodeError:
        return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return forgiving
    return True


def _telling_lines(path: Path) -> bytes:
    """The first lines that are not plain ASCII, and in any case the first that is not UTF-8."""
    lines: list[bytes] = []
    size, is_broken = 0, False
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            broken = not is_broken and not _is_utf8(line)
            if size < _SAMPLE_BYTES or broken:
                lines.append(line)
                size += len(line)
            is_broken = is_broken or broken
            if size >= _SAMPLE_BYTES and is_broken:
                break
    return b"".join(lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

"""Which encoding a text is in, when nobody or somebody wrong says so: UTF-8, then the Chinese ones, then Latin."""

import codecs

from geo.problems import Problem, UnreadableFile, problem, shown

CHINESE = "gb18030"
WESTERN = "cp1252"
OFFERED = ("utf-8", CHINESE, "big5", WESTERN)
"""What a person is asked to choose from."""
_SAMPLE_LETTERS = 4_000_000
_LETTERS_A_FAULT = 20

# Codecs of Python's that are no encodings of texts in files.
_NO_TEXT = frozenset(
    [
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
        "raw_unicode_escape",
        "undefined",
        "rot13",
        "utf-7",
        "mbcs",
        "oem",
    ]
)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(data: bytes, encoding: str | None = None) -> tuple[str, str, list[Problem]]:
    """(text, encoding, problems) of a whole text file. Raises `UnreadableFile` for a stated one that is wrong."""
    if encoding:
        name = known(encoding)
        if name == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise UnreadableFile("bad_encoding", encoding=shown(encoding))  # any bytes would do
        try:
            return data.decode("utf-8-sig" if name == "utf-8" else name), name, []
        except UnicodeError as error:  # UTF-16 without its mark is no UnicodeDecodeError
            raise UnreadableFile("bad_encoding", encoding=shown(encoding)) from error
    for bom, name in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(name), name, []
            except UnicodeError as error:
                raise UnreadableFile("bad_encoding", encoding=name) from error
    name = guessed(data)
    text = data.decode(name, errors="replace")
    sure = name == "utf-8" and fits(data, name)
    return text, name, [] if sure else [guess_note(name, data.splitlines())]


def known(encoding: str) -> str:
    """Python's name of an encoding. Raises `UnreadableFile` for one that does not exist."""
    try:
        name = codecs.lookup(encoding.strip()).name
        sample = b"A".decode(name) if _of_bytes(name) else "A".encode(name).decode(name)
    except (LookupError, ValueError, TypeError) as error:  # ValueError: a null byte in the name
        raise UnreadableFile("bad_encoding", encoding=shown(encoding)) from error
    if sample != "A" or name in _NO_TEXT:
        raise UnreadableFile("bad_encoding", encoding=shown(encoding))
    return CHINESE if name in ("gb2312", "gbk") else name  # GB18030 holds both


def holds_ascii(encoding: str) -> bool:
    """Whether plain letters are one byte each in an encoding, as in a .dbf they must be."""
    return _of_bytes(encoding) and b"Az09".decode(encoding) == "Az09"


def _of_bytes(encoding: str) -> bool:
    return not encoding.startswith(("utf-16", "utf-32"))


def guessed(data: bytes) -> str:
    """The likeliest encoding of bytes: UTF-8, GB18030 or Windows-1252."""
    if fits(data, "utf-8") or _hardly_damaged(data):
        return "utf-8"
    if fits(data, CHINESE) and _looks_chinese(data):
        return CHINESE
    return WESTERN if fits(data, WESTERN) else "latin-1"


def fits(data: bytes, encoding: str) -> bool:
    """Whether bytes are in an encoding; a last character cut off by a fixed field width is forgiven."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error.end >= len(data) and error.start >= len(data) - 3 and error.start > 0
    return True


def guess_note(encoding: str, lines: list[bytes]) -> Problem:
    """The problem that says what was guessed, with a piece of text to judge it by; or that some of it is damaged."""
    damaged = [line for line in lines if not fits(line, encoding)] if encoding == "utf-8" else []
    if damaged:
        return problem("utf8_damaged", count=len(damaged), preview=preview(encoding, damaged))
    return problem("encoding_guessed", encoding=encoding.upper(), preview=preview(encoding, lines))


def preview(encoding: str, lines: list[bytes]) -> str:
    """The first texts that are not plain ASCII, as that encoding reads them."""
    telling = [line.strip() for line in lines if not line.isascii()][:3]
    return shown(" | ".join(line.decode(encoding, errors="replace") for line in telling))


def _hardly_damaged(data: bytes) -> bool:
    """Whether bytes are UTF-8 but for a few: much text of several bytes a letter is no accident."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    letters = sum(not letter.isascii() for letter in text[:_SAMPLE_LETTERS]) - broken
    return letters >= _LETTERS_A_FAULT * broken


def samples(lines: list[bytes]) -> dict[str, str]:
    """Pieces of a text in each encoding that it could be in, the likeliest first: for a person to choose by."""
    telling = [line.strip() for line in lines if not line.isascii()]
    fitting = [one for one in OFFERED if all(fits(line, one) for line in telling)]
    best = guessed(b"\n".join(telling))
    fitting.sort(key=lambda one: one != best)
    return {one: preview(one, telling) for one in fitting}


def _looks_chinese(data: bytes) -> bool:
    """Whether most non-ASCII pairs are of the common GB 2312 block: Latin letters with accents are not."""
    common = rare = i = 0
    while i < len(data) - 1:
        if data[i] < 0x80:
            i += 1
        else:
            paired = 0xA1 <= data[i] <= 0xF7 and data[i + 1] >= 0xA1
            common, rare = common + paired, rare + (not paired)
            i += 2
    return common > rare

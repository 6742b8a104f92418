"""From another system's words to our codes: categories and statuses, with a file of values where words differ."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import Refused, mark
from db.models import STATUSES, Category
from geo.problems import UnreadableFile
from geo.text_encoding import decoded

Resolve = Callable[[str], str | None]

# What Chinese systems call the steps of a case.
_STATUS_WORDS: Final = {
    "上报": "reported", "待受理": "reported", "立案": "filed", "已立案": "filed", "派遣": "dispatched",
    "已派遣": "dispatched", "受理": "accepted", "处置中": "accepted", "整改中": "accepted", "已处置": "handled",
    "待核查": "handled", "已核查": "verified", "结案": "closed", "已结案": "closed", "不予受理": "declined",
    "退回": "returned", "挂账": "suspended", "缓办": "suspended", "作废": "cancelled", "重复": "duplicate",
    "返工": "reopened",
}  # fmt: skip


class CategoryWords:
    """Finds a category in use by its code or by its Chinese or English name."""

    def __init__(self, session: Session) -> None:
        """Read the categories."""
        rows = session.execute(
            select(Category.code, Category.name_zh, Category.name_en)
            .where(Category.retired_at.is_(None))
            .order_by(Category.code)
        ).all()
        self._codes = {row.code: row.code for row in rows}
        self._names: dict[str, str] = {}
        for row in rows:
            for name in (row.name_zh, row.name_en):
                self._names.setdefault(name.casefold(), row.code)
        self._bare: dict[str, list[str]] = {}
        for row in rows:
            self._bare.setdefault(row.code.lstrip("0"), []).append(row.code)

    def __call__(self, word: str) -> str | None:
        """The code that a word means, None when it means none."""
        found = self._codes.get(word) or self._names.get(word.casefold())
        if found is None and word.isdigit():  # spreadsheets drop leading zeros
            alike = self._bare.get(word.lstrip("0"), [])
            found = alike[0] if len(alike) == 1 else None
        return found


def status_word(word: str) -> str | None:
    """The status that a word means, None when it means none."""
    lower = word.casefold()
    return lower if lower in STATUSES else _STATUS_WORDS.get(word)


class ValueMap:
    """A source's values for one field: the file's own lines first, then our codes and names, then its ``*`` line."""

    def __init__(self, resolve: Resolve, lines: Mapping[str, str]) -> None:
        """``lines`` are source value -> our code; the value ``*`` stands for every other one."""
        self._resolve = resolve
        self._lines = {value.casefold(): code for value, code in lines.items() if value != "*"}
        self._default = lines.get("*")
        self._known: dict[str, str | None] = {}

    def __call__(self, value: str) -> str | None:
        """Our code for a source's value, None when nobody said what it means."""
        if value not in self._known:
            word = value.strip()
            self._known[value] = self._lines.get(word.casefold()) or self._resolve(word) or self._default
        return self._known[value]


def read_value_map(path: Path | None, field: str, resolve: Resolve) -> ValueMap:
    """The map in a file of two columns, source value and our code (or name); a header may stand above.

    Raises Refused naming the line, or UnreadableFile.
    """
    if path is None:
        return ValueMap(resolve, {})
    lines: dict[str, str] = {}
    for number, row in enumerate(_rows(path), start=1):
        if not any(cell.strip() for cell in row):
            continue
        source, target = (cell.strip() for cell in (*row, "")[:2])
        code = resolve(target)
        if code is None and number == 1:
            continue  # the header
        if code is None:
            raise Refused(
                mark(
                    "--values %(field)s: line %(line)s of %(file)s says %(target)s, which is no %(field)s of ours"
                ),
                {"field": field, "line": number, "file": path.name, "target": target or "''"},
                field=field,
            )
        lines[source] = code
    return ValueMap(resolve, lines)


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise UnreadableFile("not_found", path=path)
    text, _, _ = decoded(path.read_bytes())
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile("unreadable", detail=str(error)) from error

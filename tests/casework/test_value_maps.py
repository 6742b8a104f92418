"""From another system's words to our codes."""

from pathlib import Path

import pytest

from casework.errors import Refused
from casework.office import Office
from casework.value_maps import CategoryWords, read_value_map, status_word
from geo.problems import UnreadableFile
from tests.factories.city import two_patches


def _file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "values.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_lines_come_first_then_our_own_words_then_the_star(tmp_path: Path) -> None:
    path = _file(tmp_path, "theirs,ours\nOpen,dispatched\nclosed,cancelled\n*,reported\n")
    mapped = read_value_map(path, "status", status_word)
    assert [mapped(word) for word in ("Open", " OPEN ", "closed", "filed", "已结案", "what?", "")] == [
        "dispatched", "dispatched", "cancelled", "filed", "closed", "reported", "reported",
    ]  # fmt: skip


def test_without_a_star_an_unknown_word_means_nothing(tmp_path: Path) -> None:
    mapped = read_value_map(_file(tmp_path, "Open;filed\n"), "status", status_word)
    assert (mapped("Open"), mapped("what?")) == ("filed", None)


def test_a_target_that_we_do_not_know_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"line 3 of values\.csv says finished"):
        read_value_map(_file(tmp_path, "theirs,ours\nOpen,filed\nDone,finished\n"), "status", status_word)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="There is no file"):
        read_value_map(tmp_path / "none.csv", "status", status_word)


def test_categories_by_code_by_name_and_without_their_zero(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    with sqlite_office.database.read() as session:
        words = CategoryWords(session)
    assert [words(word) for word in ("0102", "102", "类0102", "class 0102", "nothing", "")] == [
        "0102", "0102", "0102", "0102", None, None,
    ]  # fmt: skip
    mapped = read_value_map(_file(tmp_path, "垃圾,类0102\n", "gb18030"), "category", words)
    assert mapped("垃圾") == "0102"

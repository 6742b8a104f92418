"""Spreadsheets: a sheet is a table as CSV is; which one is asked, and broken files are told apart."""

import datetime
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo.problems import UnreadableFile
from geo.readers import read, read_points
from geo.readers_xlsx import read_xlsx


def book(path: Path, **sheets: Any) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


HEAD: list[Any] = ["名称", "经度", "纬度", "开门"]


def test_rows_are_text_and_places_are_found(tmp_path: Path) -> None:
    rows = [HEAD, ["市场", 101.8, 36.6, datetime.time(8, 30)], [None] * 4, ["没有", None, 36.6, 3.0]]
    path = book(tmp_path / "a.xlsx", 点=rows, 空=[])
    found = read_points(path)
    assert found.table.to_numpy().tolist() == [
        ["市场", "101.8", "36.6", "08:30:00"],
        ["没有", "", "36.6", "3"],
    ]
    assert found.lon.tolist()[0] == 101.8
    assert list(found.refused()) == [2]


def test_areas_as_wkt(tmp_path: Path) -> None:
    square = "POLYGON((101 36,101.1 36,101.1 36.1,101 36.1,101 36))"
    (shape,) = read(book(tmp_path / "a.xlsx", s=[["code", "wkt"], ["A", square]])).features.geometry
    assert shape.area == pytest.approx(0.01)


def test_which_sheet_is_asked_for(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", one=[HEAD, ["x", 1, 2]], two=[HEAD, ["y", 3, 4]])
    with pytest.raises(UnreadableFile) as asked:
        read(path)
    assert (asked.value.code, asked.value.choices) == ("which_layer", ("one", "two"))
    assert read(path, layer="two").features["名称"].tolist() == ["y"]
    with pytest.raises(UnreadableFile, match="no layer three"):
        read(path, layer="three")


def test_what_is_no_spreadsheet_or_too_much(tmp_path: Path) -> None:
    cut = tmp_path / "cut.xlsx"
    whole = book(tmp_path / "a.xlsx", s=[HEAD, *(["x", 1.0 + n / 1000, 2] for n in range(40))]).read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as parts:
        parts.writestr("hello.txt", "hello")
    for path, code in (
        (cut, "not_zip"),
        (other, "unreadable"),
        (book(tmp_path / "e.xlsx", s=[]), "empty_file"),
    ):
        with pytest.raises(UnreadableFile) as refused:
            read(path)
        assert refused.value.code == code, path
    with pytest.raises(UnreadableFile) as bomb:
        read_xlsx(tmp_path / "a.xlsx", limit_bytes=100)
    assert bomb.value.code == "zip_bomb"
    with pytest.raises(UnreadableFile) as many:
        read_xlsx(tmp_path / "a.xlsx", limit_bytes=10**8, limit_features=30)
    assert many.value.code == "too_many_features"

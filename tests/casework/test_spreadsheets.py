"""Workbooks: texts stay texts, moments are the city's, heads are frozen, names of sheets are what Excel takes."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from casework.spreadsheets import Sheet, workbook

HOSTILE = [
    '=HYPERLINK("http://evil")',
    "+1",
    "-1",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    "{{ x }} <b>",
    "#N/A",
    "a\x00b\x1fc",
    "😀",
]


def opened(*sheets: Sheet) -> Any:
    return load_workbook(BytesIO(workbook(sheets, "Asia/Shanghai", "Title")))


def test_texts_that_look_like_formulas_are_texts() -> None:
    page = opened(Sheet("a", ["=1", "b"], [[text, 1] for text in HOSTILE]))["a"]
    assert page["A1"].data_type == "s"
    for row, text in zip(page.iter_rows(min_row=2), HOSTILE, strict=True):
        assert row[0].data_type == "s"
        assert row[0].value == text.replace("\x00", "").replace("\x1f", "")
        assert row[0].quotePrefix == text.startswith(("=", "+", "-", "@"))


def test_moments_days_numbers_and_nothing() -> None:
    late = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)
    page = opened(Sheet("a", list("abcde"), [[late, date(2026, 9, 2), 1.5, None, True]]))["a"]
    values = [cell.value for cell in page[2]]
    assert values == [datetime(2027, 1, 1, 0, 5), datetime(2026, 9, 2), 1.5, None, True]  # noqa: DTZ001
    assert page["A2"].number_format == "yyyy-mm-dd hh:mm"


def test_heads_are_frozen_filtered_and_wide_enough() -> None:
    page = opened(Sheet("a", ["编号", "说明"], [["1", "长" * 100]], note="The first 1 of 2"))["a"]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B2"
    assert page["A1"].font.bold
    assert 60 >= page.column_dimensions["B"].width > page.column_dimensions["A"].width >= 8
    assert page["A4"].value == "The first 1 of 2"


def test_sheets_get_names_that_excel_takes() -> None:
    names = ["a/b:c*?", "same", "Same", "长" * 60, "", "'"]
    book = opened(*(Sheet(name, ["x"], []) for name in names))
    assert book.sheetnames == ["a b c", "same", "Same 2", "长" * 31, "1", "1 2"]
    assert opened().sheetnames == ["1"]


def test_a_very_long_text_is_cut_to_what_a_cell_takes() -> None:
    page = opened(Sheet("a", ["x"], [["x" * 50_000]]))["a"]
    assert len(page["A2"].value) == 32_000

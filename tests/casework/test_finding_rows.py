"""Rows of somebody's table: which column is what, what is refused, what is filled in."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from casework.errors import Refused
from casework.finding_rows import Draft, RowReader, settle_columns
from casework.value_maps import ValueMap, status_word
from tests.factories.city import NOW

NAMES = ("id", "kind", "status", "found_at", "reported_at", "closed_at", "updated", "description")
ROW = ("7", "rubbish", "filed", "", "2026-09-01 08:00", "", "", "堆放")


def reader(*, id_column: str | None = "id", **mapped: str) -> RowReader:
    """A reader of rows with NAMES."""
    columns = settle_columns(NAMES, id_column, {"category": "kind", "updated_at": "updated"} | mapped)
    kinds = ValueMap(lambda _: None, {"rubbish": "0102"})
    return RowReader(NAMES, columns, kinds, ValueMap(status_word, {}), ZoneInfo("Asia/Shanghai"), NOW)


def draft(**changed: str) -> Draft:
    """The draft of ROW with some values changed."""
    values = dict(zip(NAMES, ROW, strict=True)) | changed
    return reader().draft(list(values.values()), 101.2, 36.5)


def test_a_plain_row() -> None:
    found = draft()
    assert (found.external_id, found.category, found.status, found.description) == (
        "7",
        "0102",
        "filed",
        "堆放",
    )
    assert found.reported_at == datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
    assert found.closed_at is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"id": " "}, "the id is empty"),
        ({"kind": ""}, "category is empty"),
        ({"kind": "noise"}, "nobody said what “noise” means"),
        ({"status": "finished"}, "nobody said what “finished” means"),
        ({"reported_at": "soon"}, "reported_at: soon is no time"),
        ({"reported_at": "2027-01-01"}, "reported_at lies in the future"),
        ({"description": "a\x00b"}, "null character"),
    ],
)
def test_what_is_refused(changed: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        draft(**changed)


def test_no_location_at_the_origin() -> None:
    with pytest.raises(Refused, match="no location"):
        reader().draft(ROW, 0.0, 0.0)


def test_closed_takes_its_own_time_then_the_last_update_then_the_report() -> None:
    done = {"status": "closed"}
    assert draft(**done, closed_at="2026-09-01 10:00").closed_at == datetime(2026, 9, 1, 2, tzinfo=UTC)
    assert draft(**done, updated="2026-09-01 11:00").closed_at == datetime(2026, 9, 1, 3, tzinfo=UTC)
    assert draft(**done).closed_at == draft().reported_at


def test_what_is_filled_in_is_said() -> None:
    one = reader()
    one.draft(("7", "rubbish", "closed", "", "2026-09-01 08:00", "", "", ""), 101.2, 36.5)
    one.draft(("8", "rubbish", "filed", "", "", "2026-09-01 08:00", "", ""), 101.2, 36.5)
    assert list(one.said) == [
        "closed without a closing time: its time of report is taken",
        "a closing time of a case that is not closed: set aside",
        "no time of report: the time of the first import is taken",
    ]


def test_a_report_without_a_time_was_made_when_it_was_found() -> None:
    found = draft(reported_at="", found_at="2026-09-01 07:00")
    assert found.reported_at == found.found_at == datetime(2026, 8, 31, 23, tzinfo=UTC)


def test_without_ids_the_same_row_has_the_same_name() -> None:
    columns = ("x", *NAMES[1:])
    used = settle_columns(columns, None, {"category": "kind"})
    kinds = ValueMap(lambda _: "0102", {})
    named = RowReader(columns, used, kinds, ValueMap(status_word, {}), ZoneInfo("Asia/Shanghai"), NOW)
    first, again = named.draft(ROW, 101.2, 36.5), named.draft(ROW, 101.2, 36.5)
    other = named.draft(ROW, 101.3, 36.5)
    assert first.external_id == again.external_id != other.external_id
    assert first.external_id.startswith("#")


def test_columns_that_speak_for_themselves() -> None:
    used = settle_columns(("编号", "类别", "状态", "上报时间"), None, {})
    assert (used.id, dict(used.of)) == (
        "编号", {"category": "类别", "status": "状态", "reported_at": "上报时间"},
    )  # fmt: skip
    assert used.guessed == {"id", "category", "status", "reported_at"}


def test_a_named_column_is_not_taken_twice() -> None:
    used = settle_columns(("status", "category"), None, {"description": "status"})
    assert "status" not in used.of


@pytest.mark.parametrize(
    ("id_column", "mapped", "reason"),
    [
        ("key", {}, "--id key: there is no such column"),
        (None, {"place": "street"}, "--map place= street"),
        (None, {}, "No column holds the category"),
    ],
)
def test_columns_that_are_not_there(id_column: str | None, mapped: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        settle_columns(("id", "kind"), id_column, mapped)

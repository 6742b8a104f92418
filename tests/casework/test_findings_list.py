"""The list of findings: the map's filters and counts, four orders, pages that never overlap."""

from datetime import timedelta
from typing import Any

import pytest

from casework import findings_list
from casework.errors import NotSignedIn, Refused
from casework.findings import report
from casework.findings_list import findings_page
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from tests.factories.city import INSPECTOR, NOW, two_patches

STAFF = Actor(role="supervisor")


def _reported(office: Office, n: int, **more: Any) -> list[int]:
    return [
        report(
            office,
            INSPECTOR,
            {"category": "0105", "lon": 101.1 + i / 100, "lat": 36.5, **more},
        ).finding_id
        for i in range(n)
    ]


def _ids(office: Office, **query: str) -> list[int]:
    return [row["id"] for row in findings_page(office, STAFF, query).rows]


def test_filters_and_counts_are_the_maps(office: Office) -> None:
    two_patches(office)
    west = _reported(office, 3)
    east = [report(office, INSPECTOR, {"category": "0102", "lon": 101.8, "lat": 36.5}).finding_id]
    page = findings_page(office, STAFF, {"area": "A"})
    assert sorted(row["id"] for row in page.rows) == west
    assert (page.total, page.whole, page.by_status["new"]) == (3, 4, 3)
    assert _ids(office, category="0102") == east
    assert _ids(office, bureau="HW") == east
    tree = {one.code: (one.count, one.depth) for one in findings_page(office, STAFF, {}).categories}
    assert tree == {"01": (4, 0), "0102": (1, 1), "0105": (3, 1)}
    [patches, districts] = findings_page(office, STAFF, {"area": "A"}).levels
    assert [(one.code, one.count) for one in patches[2]] == [("A", 3), ("B", 1)]
    assert [(one.code, one.count) for one in districts[2]] == [("D", 4)]


@pytest.mark.parametrize("sort", findings_list.SORTS)
def test_pages_hold_every_finding_once(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(findings_list, "PAGE", 4)
    two_patches(sqlite_office)
    made = _reported(sqlite_office, 10)
    seen: list[int] = []
    after: str | None = ""
    while after is not None:
        page = findings_page(sqlite_office, STAFF, {"sort": sort, "after": after})
        assert page.first == len(seen)
        seen += [row["id"] for row in page.rows]
        after = page.following
    assert sorted(seen) == made


def test_orders(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    early = (NOW - timedelta(days=3)).isoformat()
    first = _reported(sqlite_office, 1, found_at=early)
    second = _reported(sqlite_office, 1)
    numbers = [row["number"] for row in findings_page(sqlite_office, STAFF, {"sort": "number"}).rows]
    assert numbers == sorted(numbers, reverse=True)
    assert _ids(sqlite_office, sort="oldest") == first + second
    third = _reported(sqlite_office, 1)  # numbers that came later are read too
    assert _ids(sqlite_office, sort="number")[0] == third[0]


def test_an_empty_list_says_what_each_filter_costs(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    _reported(sqlite_office, 2)
    page = findings_page(sqlite_office, STAFF, {"area": "B", "category": "0105"})
    assert page.rows == []
    assert {one.name: (one.count, one.query) for one in page.dropped} == {
        "category": (0, {"area": "B"}),
        "area": (2, {"category": "0105"}),
    }


@pytest.mark.parametrize(
    ("query", "field"), [({"sort": "colour"}, "sort"), ({"after": "x"}, "after"), ({"status": "x"}, "status")]
)
def test_what_cannot_be_understood_is_named(sqlite_office: Office, query: dict[str, str], field: str) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as refused:
        findings_page(sqlite_office, STAFF, query)
    assert refused.value.field == field


def test_who_may_not_see_the_map_sees_no_list(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(NotSignedIn):
        findings_page(sqlite_office, ANONYMOUS, {})


@pytest.mark.parametrize(
    ("number", "value"),
    [("2026-1589", 2026 * 10**9 + 1589), ("SF-77", 77), ("", 0), ("x", 0), ("1" * 40 + "-" + "9" * 40, None)],
)
def test_numbers_sort_by_year_and_serial(number: str, value: int | None) -> None:
    found = findings_list._value(number)
    assert 0 <= found < 10**13
    assert value is None or found == value

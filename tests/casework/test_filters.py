"""Filters are read strictly, and what was read can be written down again."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import Refused
from casework.filters import Filters, parse
from casework.office import Office
from casework.status import DISPLAY_KEYS, OPEN_KEYS
from db.models import Area
from tests.factories.city import two_patches


def read(office: Office, **query: str) -> Filters:
    with office.database.read() as session:
        return parse(session, {name.removesuffix("_"): text for name, text in query.items()})


def test_nothing_asked_means_everything_open(office: Office) -> None:
    filters = read(office)
    assert filters == Filters()
    assert filters.shown == set(OPEN_KEYS)
    assert filters.canonical() == {}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "late"}, "status"),
        ({"category": "nowhere"}, "category"),
        ({"bureau": "CG,XX"}, "bureau"),
        ({"area": "A,Z"}, "area"),
        ({"from_": "2026-9-2"}, "from"),
        ({"from_": "2026-02-30"}, "from"),
        ({"to": "yesterday"}, "to"),
        ({"to": "0001-01-01"}, "to"),
        ({"from_": "2026-09-02", "to": "2026-09-01"}, "to"),
        ({"overdue": "maybe"}, "overdue"),
        ({"q": "x" * 101}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"area": ",".join(f"A{i}" for i in range(300))}, "area"),
    ],
)
def test_what_cannot_be_taken_is_named(sqlite_office: Office, query: dict[str, str], field: str) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as refused:
        read(sqlite_office, **query)
    assert refused.value.field == field


def test_a_category_includes_its_children(sqlite_office: Office) -> None:
    made = two_patches(sqlite_office)
    assert read(sqlite_office, category="01").category_ids == frozenset(made.categories.values())
    assert read(sqlite_office, category="0102").category_ids == frozenset([made.categories["0102"]])


def test_areas_are_asked_for_level_by_level(sqlite_office: Office) -> None:
    made = two_patches(sqlite_office)
    with sqlite_office.database.read() as session:
        ids = {area.code: area.id for area in session.query(Area)}
    asked = read(sqlite_office, area="A, D").area_ids
    assert asked == (
        (made.district.id, frozenset({ids["D"]})),
        (made.patch.id, frozenset({ids["A"]})),
    )


def test_stored_statuses_are_words_too(sqlite_office: Office) -> None:
    filters = read(sqlite_office, status="closed,over")
    assert (filters.shown, filters.stored) == (frozenset(["over"]), frozenset(["closed"]))


def test_the_usual_statuses_are_not_written(sqlite_office: Office) -> None:
    assert read(sqlite_office, status=",".join(reversed(OPEN_KEYS))).canonical() == {}


def test_the_canonical_query_means_the_same(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    asked = read(
        sqlite_office, status="done,over", category="0105,01", bureau="HW", area="B,A", from_=" 2026-08-01 ",
        to="2026-09-02", overdue="yes", q="  a \n b ",
    )  # fmt: skip
    assert asked.canonical() == {
        "status": "over,done", "category": "01,0105", "bureau": "HW", "area": "A,B", "from": "2026-08-01",
        "to": "2026-09-02", "overdue": "1", "q": "a b",
    }  # fmt: skip
    with sqlite_office.database.read() as session:
        assert parse(session, asked.canonical()) == asked


@given(
    st.dictionaries(st.sampled_from(["status", "category", "from", "to", "overdue", "q", "area"]), st.text())
)
def test_any_text_is_read_or_refused(query: dict[str, str]) -> None:
    with _empty().database.read() as session, suppress(Refused):
        filters = parse(session, query, usual=DISPLAY_KEYS)
        assert parse(session, filters.canonical(), usual=DISPLAY_KEYS) == filters


_offices: list[Office] = []


def _empty() -> Office:
    return _offices[0]


@pytest.fixture(autouse=True)
def _an_office(sqlite_office: Office) -> None:
    _offices[:] = [sqlite_office]

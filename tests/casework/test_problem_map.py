"""What the map counts and shows equals what one gets by looking at every finding."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework import counters
from casework.clock import Clock, day_of
from casework.errors import NotSignedIn, Refused
from casework.office import Office
from casework.policy import ANONYMOUS, Actor
from casework.problem_map import MAX_DAYS, Frame, answer, bounds, opening, patch_level, warm
from casework.status import DISPLAY_KEYS, OPEN_KEYS, display_key
from db.models import Area, Bureau, Category, Finding
from tests.factories.city import NOW, TwoPatches, two_patches
from tests.factories.crowd import crowd
from tests.factories.offices import office_at

ZONE = "Asia/Shanghai"
EVERYWHERE = {"bbox": "100,35,103,38", "zoom": "9"}
LEADER = Actor(role="leader")


def ask(office: Office, **query: str) -> dict[str, Any]:
    named = {name.removesuffix("_"): text for name, text in query.items()}
    return answer(office, LEADER, {**EVERYWHERE, **named})


class ByHand:
    """The same questions answered row by row."""

    def __init__(self, office: Office) -> None:
        with office.database.read() as session:
            self.rows = session.query(Finding).all()
            self.categories = {one.id: one for one in session.query(Category)}
            self.bureaus = {one.id: one.code for one in session.query(Bureau)}
            self.areas = {one.id: one.code for one in session.query(Area)}
        self.now = office.now()

    def key(self, row: Finding) -> str:
        return display_key(row.status, row.due_at, self.now)

    def line(self, row: Finding) -> set[str]:
        """The codes of the row's category and of all above it."""
        codes, one = set(), self.categories.get(row.category_id)
        while one is not None:
            codes.add(one.code)
            one = self.categories.get(one.parent_id or 0)
        return codes

    def area(self, row: Finding) -> set[str]:
        """The codes of the row's patch and district (a point east of both patches has none)."""
        code = self.areas.get(row.area_id or 0)
        return {code, "D"} if code else set()

    def passing(self, query: dict[str, str], *, without: str = "") -> list[Finding]:
        asked = {name: text for name, text in query.items() if name != without}
        return [row for row in self.rows if self.passes(row, asked, without)]

    def passes(self, row: Finding, asked: dict[str, str], without: str) -> bool:
        day = day_of(row.reported_at, ZONE)
        bureau = self.bureaus.get(row.bureau_id or 0)
        tests = [
            without == "status" or self.key(row) in asked.get("status", ",".join(OPEN_KEYS)).split(","),
            "category" not in asked or bool(self.line(row) & set(asked["category"].split(","))),
            "bureau" not in asked or bureau in asked["bureau"].split(","),
            "area" not in asked or bool(self.area(row) & set(asked["area"].split(","))),
            "from" not in asked or day >= date.fromisoformat(asked["from"]),
            "to" not in asked or day <= date.fromisoformat(asked["to"]),
            "overdue" not in asked or self.key(row) == "over",
            "q" not in asked or asked["q"].lower() in f"{row.subject}|{row.place}|{row.description}".lower(),
        ]
        return all(tests)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with office_at(Path(tmp_path_factory.mktemp("town"))) as office:
        made = two_patches(office)
        crowd(office, made, 300)
        yield office, ByHand(office)


_CHOICES = {
    "status": st.lists(st.sampled_from(DISPLAY_KEYS), min_size=1, unique=True).map(",".join),
    "category": st.sampled_from(["01", "0102", "0105", "0102,0105"]),
    "bureau": st.sampled_from(["CG", "HW", "CG,HW"]),
    "area": st.sampled_from(["A", "B", "D", "A,B"]),
    "from": st.sampled_from(["2026-06-01", "2026-08-20"]),
    "to": st.sampled_from(["2026-08-20", "2026-09-02"]),
    "overdue": st.just("1"),
    "q": st.sampled_from(["树林巷", "RUBBISH", "100%", "t_the_c", "zzz"]),
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.fixed_dictionaries({}, optional=_CHOICES))
def test_counts_equal_those_made_by_hand(town: tuple[Office, ByHand], query: dict[str, str]) -> None:
    office, by_hand = town
    found = answer(office, LEADER, {**EVERYWHERE, **query})
    passing = by_hand.passing(query)
    assert found["total"] == found["in_view"] == len(passing)
    assert sum(one[2] for one in found["clusters"]) + len(found["points"]) == len(passing)
    facets = found["facets"]
    assert {key: n for key, n in facets["status"].items() if n} == Counter(
        by_hand.key(row) for row in by_hand.passing(query, without="status")
    )
    assert dict(facets["category"]) == Counter(
        code for row in by_hand.passing(query, without="category") for code in by_hand.line(row)
    )
    assert dict(facets["bureau"]) == Counter(
        by_hand.bureaus[row.bureau_id] for row in by_hand.passing(query, without="bureau") if row.bureau_id
    )
    assert dict(facets["area"]) == Counter(
        code for row in by_hand.passing(query, without="area") for code in by_hand.area(row)
    )
    shade = Counter(
        by_hand.areas[row.area_id] for row in passing if row.area_id and by_hand.key(row) != "done"
    )
    assert {code: n for code, (n, _) in found["shade"].items()} == shade


def test_days_count_reports_on_the_citys_calendar(town: tuple[Office, ByHand]) -> None:
    office, by_hand = town
    days = ask(office, from_="2026-09-01", to="2026-09-01")["days"]
    expected = Counter(day_of(row.reported_at, ZONE) for row in by_hand.passing({}))
    first = date.fromisoformat(days["first"])
    counts = {first + timedelta(days=i): n for i, n in enumerate(days["counts"]) if n}
    assert counts == expected
    assert first + timedelta(days=len(days["counts"]) - 1) == day_of(office.now(), ZONE)
    assert len(days["counts"]) <= MAX_DAYS


def test_an_imported_past_has_its_days_too(sqlite_office: Office) -> None:
    crowd(sqlite_office, two_patches(sqlite_office), 20)
    later = Office(sqlite_office.database, sqlite_office.settings, Clock(NOW + timedelta(days=3000)))
    days = ask(later)["days"]
    assert sum(days["counts"]) == ask(later)["total"]
    assert date.fromisoformat(days["first"]) < day_of(NOW, ZONE)


def test_rows_come_by_urgency_then_deadline_page_by_page(town: tuple[Office, ByHand]) -> None:
    office, by_hand = town
    rows, after = [], ""
    while True:
        found = ask(office, rows="40", after=after, status=",".join(DISPLAY_KEYS))
        rows += found["rows"]
        after = found["next"] or ""
        if not after:
            break
    assert len(rows) == len({row["id"] for row in rows}) == len(by_hand.rows)
    groups = ["over", "today", "waiting", "limit", "susp", "done"]
    assert [groups.index(row["group"]) for row in rows] == sorted(groups.index(row["group"]) for row in rows)
    due = [row["due_at"] for row in rows if row["group"] == "over"]
    assert due == sorted(due)
    closed = [row["closed_at"] or row["reported_at"] for row in rows if row["group"] == "done"]
    assert closed == sorted(closed, reverse=True)
    end_of_day = datetime.fromisoformat("2026-09-03T00:00:00+08:00")
    for row in rows:
        if row["s"] == "prog":
            ends_today = row["due_at"] is not None and datetime.fromisoformat(row["due_at"]) < end_of_day
            assert row["group"] == ("today" if ends_today else "limit")


def test_the_view_bounds_points_and_rows(town: tuple[Office, ByHand]) -> None:
    office, by_hand = town
    found = ask(office, bbox="101.2,36.3,101.4,36.6", zoom="11")
    inside = [row for row in by_hand.passing({}) if 101.2 <= row.lon <= 101.4 and 36.3 <= row.lat <= 36.6]
    assert found["in_view"] == len(inside) == len(found["rows"])
    assert {one[0] for one in found["points"]} <= {row.id for row in inside}
    assert found["total"] == len(by_hand.passing({}))


def test_the_selected_one_stands_alone(town: tuple[Office, ByHand]) -> None:
    office, by_hand = town
    chosen = by_hand.passing({})[0].id
    found = ask(office, finding=str(chosen), zoom="6")
    assert chosen in {one[0] for one in found["points"]}
    assert sum(one[2] for one in found["clusters"]) + len(found["points"]) == found["total"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"bbox": ""}, "bbox"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "3,2,1,4"}, "bbox"),
        ({"bbox": "nan,2,3,4"}, "bbox"),
        ({"bbox": "1e999,2,3,4"}, "bbox"),
        ({"zoom": "-1"}, "zoom"),
        ({"zoom": "nan"}, "zoom"),
        ({"rows": "many"}, "rows"),
        ({"finding": "-3"}, "finding"),
        ({"after": "x"}, "after"),
    ],
)
def test_what_cannot_be_taken_is_named(
    town: tuple[Office, ByHand], query: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        ask(town[0], **query)
    assert refused.value.field == field


def test_a_frame_larger_than_the_world_is_cut() -> None:
    assert Frame.parse("-400,-95,400,95", "0") == Frame(-180, -90, 180, 90, 0)


def test_a_page_with_a_stale_filter_still_opens(town: tuple[Office, ByHand]) -> None:
    office, by_hand = town
    frame = Frame.parse(EVERYWHERE["bbox"], EVERYWHERE["zoom"])
    assert opening(office, LEADER, {"category": "gone"}, frame)["total"] == len(by_hand.passing({}))
    assert opening(office, LEADER, {"overdue": "1"}, frame)["total"] == len(by_hand.passing({"overdue": "1"}))


def test_a_closed_map_asks_for_a_sign_in(town: tuple[Office, ByHand]) -> None:
    with pytest.raises(NotSignedIn):
        answer(town[0], ANONYMOUS, EVERYWHERE)


def test_a_report_is_on_the_map_at_once(sqlite_office: Office) -> None:
    made: TwoPatches = two_patches(sqlite_office)
    assert ask(sqlite_office)["total"] == 0
    crowd(sqlite_office, made, 1)
    assert ask(sqlite_office)["total"] == 1


def test_people_look_while_others_report(sqlite_office: Office) -> None:
    made = two_patches(sqlite_office)

    def look(_: int) -> list[int]:
        return [ask(sqlite_office, area="D", rows="5")["total"] for _ in range(15)]

    with ThreadPoolExecutor(4) as pool:
        seen = pool.map(look, range(4))
        for seed in range(8):
            crowd(sqlite_office, made, 10, seed=seed)
        for totals in seen:
            assert totals == sorted(totals)
    assert ask(sqlite_office)["total"] == len(ByHand(sqlite_office).passing({}))


def test_a_deadline_before_1970_is_only_very_late(sqlite_office: Office) -> None:
    crowd(sqlite_office, two_patches(sqlite_office), 30)
    with sqlite_office.database.write() as session:
        for row in session.query(Finding).filter(Finding.due_at.is_not(None)):
            row.due_at, row.revision = datetime(1901, 1, 1, tzinfo=UTC), 2
        counters.advance(session, "findings")
    rows: list[dict[str, Any]] = []
    after = ""
    while not rows or after:
        found = ask(sqlite_office, rows="2", after=after)
        rows += found["rows"]
        after = found["next"] or ""
    assert len({row["id"] for row in rows}) == len(rows) == found["total"]


def test_what_falls_due_while_one_looks_changes(sqlite_office: Office) -> None:
    crowd(sqlite_office, two_patches(sqlite_office), 100)
    for hours in (0, 1, 5, 24, -3):
        then = Office(sqlite_office.database, sqlite_office.settings, Clock(NOW + timedelta(hours=hours)))
        by_hand = Counter(ByHand(then).key(row) for row in ByHand(then).rows)
        assert {key: n for key, n in ask(then)["facets"]["status"].items() if n} == by_hand


def test_an_answer_is_json_and_small(town: tuple[Office, ByHand]) -> None:
    found = ask(town[0], zoom="12")
    assert len(json.dumps(found, ensure_ascii=False, allow_nan=False).encode()) < 80_000


def test_a_warmed_process_has_read_everything(town: tuple[Office, ByHand]) -> None:
    warm(town[0])
    assert ask(town[0])["total"] == len(town[1].passing({}))


def test_the_city_and_its_finest_level(town: tuple[Office, ByHand]) -> None:
    assert bounds(town[0]) == (101, 36, 102, 37)
    assert patch_level(town[0]) == "patch"


def test_counts_are_the_same_on_both_databases(office: Office) -> None:
    crowd(office, two_patches(office), 60)
    by_hand = ByHand(office)
    for query in ({}, {"q": "100%"}, {"q": "bazaar"}, {"area": "D", "from": "2026-08-01"}):
        assert answer(office, LEADER, {**EVERYWHERE, **query})["total"] == len(by_hand.passing(query))

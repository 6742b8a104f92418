"""A preview says exactly what publishing then does: how many, which, from where to where."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casework import boundary_preview, counters, drafts, drafts_fixes
from casework.areas import publish_many
from casework.coverage import coverages
from casework.drafts import StaleDraft
from casework.drafts_map import map_of
from casework.drafts_publish import changes_of, preview
from casework.errors import Forbidden
from casework.moves import MapChange
from casework.office import Office
from casework.triage import settle
from db.models import Area, AreaDraft, Finding
from tests.factories.drafts import (
    EAST,
    HALF,
    MIDDLE,
    NORTH,
    SOUTH,
    SQUARES,
    WEST,
    DrawnCity,
    drawn_city,
    within_street,
)  # fmt: skip


def seen(city: DrawnCity, draft: int, revision: int, actor: Any = None) -> dict[str, Any]:
    return preview(city.office, actor or city.supervisor, draft, revision)


def problems_now(city: DrawnCity) -> list[dict[str, Any]]:
    """What is wrong with the map in force."""
    found = drafts_fixes.check(city.office, city.supervisor, city.draft(), [])
    return [{"kind": one.kind, "blocking": not one.is_known or one.kind == "t_junction"} for one in found]


def belongings(office: Office) -> dict[int, tuple[str | None, int | None]]:
    """Every finding's patch code and bureau id."""
    with office.database.read() as session:
        rows = session.execute(
            select(Finding.id, Area.code, Finding.bureau_id).join(
                Area, Finding.area_id == Area.id, isouter=True
            )
        )
        return {row.id: (row.code, row.bureau_id) for row in rows}


def both_levels() -> dict[str, Any]:
    """The border between the two sub-districts moves west in the south: P1 loses to P3."""
    at = 101.015
    south_west = shapely.Polygon([(WEST, SOUTH), (at, SOUTH), (MIDDLE, HALF), (WEST, HALF)])
    south_east = shapely.Polygon([(at, SOUTH), (EAST, SOUTH), (EAST, HALF), (MIDDLE, HALF)])
    return {
        "P1": south_west,
        "P3": south_east,
        "S1": shapely.Polygon([(WEST, SOUTH), (at, SOUTH), (MIDDLE, HALF), (MIDDLE, NORTH), (WEST, NORTH)]),
        "S2": shapely.Polygon([(at, SOUTH), (EAST, SOUTH), (EAST, NORTH), (MIDDLE, NORTH), (MIDDLE, HALF)]),
    }


def test_it_counts_lists_and_names_what_publishing_then_moves(office: Office) -> None:
    city = drawn_city(office)
    moves = [city.report(101.018, 36.502), city.report(101.0165, 36.501)]
    stays = city.report(101.005, 36.51)
    closed, pinned = city.report(101.018, 36.503), city.report(101.018, 36.504)
    city.set(closed, status="closed")
    settle(office, city.supervisor, pinned, "patch", "P1", "seen on site")
    draft = city.draft("street", "patch")
    revision = city.save(draft, 1, **both_levels()).revision
    told = seen(city, draft, revision)
    assert {name: told[name] for name in (
        "moved", "area_changes", "bureau_changes", "no_patch", "pinned_kept", "closed_kept", "more",
    )} == {
        "moved": 2, "area_changes": 2, "bureau_changes": 2, "no_patch": 0, "pinned_kept": 1, "closed_kept": 1,
        "more": 0,
    }  # fmt: skip
    flows = [(f["level"], f["from"]["code"], f["to"]["code"], f["findings"]) for f in told["flows"]]
    assert flows == [("patch", "P1", "P3", 2), ("street", "S1", "S2", 2)]
    [bureaus] = told["bureau_flows"]
    assert (bureaus["from"]["code"], bureaus["to"]["code"], bureaus["findings"]) == ("CG", "HW", 2)
    assert sorted((one["zh"], one["gains"], one["loses"]) for one in told["leaders"]) == [
        ("领导1", 0, 2), ("领导3", 2, 0),
    ]  # fmt: skip
    assert {one["id"] for one in told["findings"]} == set(moves)
    assert {(lon, lat, kind) for lon, lat, kind in told["points"]} == {
        (101.018, 36.502, "bureau"), (101.0165, 36.501, "bureau"),
    }  # fmt: skip
    sizes = {one["key"]: (one["before_km2"], one["after_km2"]) for one in told["areas"]}
    assert set(sizes) == {city.key(code) for code in ("P1", "P3", "S1", "S2")}
    assert sizes[city.key("P1")][0] > sizes[city.key("P1")][1]
    before = belongings(office)
    done = city.publish(draft, revision)
    after = belongings(office)
    assert (done.findings_moved, done.bureaus_changed) == (told["moved"], told["bureau_changes"])
    assert {one for one in before if before[one] != after[one]} == set(moves)
    assert after[stays] == before[stays]


def test_nothing_is_written_by_looking(office: Office) -> None:
    city = drawn_city(office)
    city.report(101.003, 36.5212)
    draft = city.draft()
    revision = city.save(draft, 1, **within_street()).revision
    before = belongings(office)
    assert seen(city, draft, revision)["moved"] == 1
    assert belongings(office) == before
    assert city.data(draft)["draft"]["revision"] == revision


def test_a_patch_that_ends_releases_what_is_pinned_to_it_and_leaves_some_without(office: Office) -> None:
    city = drawn_city(office)
    pinned, left = city.report(101.03, 36.53), city.report(101.035, 36.515)
    settle(office, city.supervisor, pinned, "patch", "P3", "seen on site")
    draft = city.draft()
    revision = city.save(draft, 1, P3=None).revision
    told = seen(city, draft, revision)
    assert (told["moved"], told["no_patch"], told["pinned_kept"], told["pinned_released"]) == (2, 1, 0, 1)
    found = {one["id"]: (one["from"]["code"], one["to"] and one["to"]["code"]) for one in told["findings"]}
    assert found == {pinned: ("P3", "P4"), left: ("P3", None)}
    assert sorted(kind for _lon, _lat, kind in told["points"]) == ["none", "patch"]
    assert [one["after_km2"] for one in told["areas"]] == [None]


def test_a_new_area_is_named_before_it_has_an_id(office: Office) -> None:
    city = drawn_city(office)
    city.report(101.03, 36.535)
    draft = city.draft()
    shapes = {
        "P4": shapely.box(MIDDLE, HALF, EAST, 36.53),
        "n1": shapely.box(MIDDLE, 36.53, EAST, NORTH),
        "P2": shapely.Polygon(
            [(WEST, HALF), (MIDDLE, HALF), (MIDDLE, 36.53), (MIDDLE, NORTH), (WEST, NORTH)]
        ),
    }
    revision = city.save(draft, 1, **shapes).revision
    told = seen(city, draft, revision)
    [flow] = told["flows"]
    assert (flow["from"]["code"], flow["to"]["key"], flow["to"]["code"]) == ("P4", "n1", "P5")
    done = city.publish(draft, revision)
    assert done.findings_moved == told["moved"] == 1
    assert done.changed == ("P2", "P4"), "a neighbour's new corner is part of its shape"
    assert not any(one["blocking"] for one in problems_now(city))


def test_an_empty_draft_changes_nothing(office: Office) -> None:
    city = drawn_city(office)
    city.report(101.003, 36.5212)
    told = seen(city, city.draft(), 1)
    assert (told["moved"], told["flows"], told["findings"], told["points"], told["areas"]) == (
        0,
        [],
        [],
        [],
        [],
    )


def test_who_sees_only_some_findings_gets_all_counts_and_only_those_listed(office: Office) -> None:
    city = drawn_city(office)
    city.report(101.003, 36.5212)
    draft = city.draft()
    revision = city.save(draft, 1, **within_street()).revision
    revision = drafts.share(office, city.supervisor, draft, on=True).revision
    city.set(1, reporter_id=city.supervisor.user_id)
    with office.database.write() as session:
        session.get_one(Finding, 1).revision = counters.advance(session, "findings")
    told = seen(city, draft, revision, city.inspector)
    assert (told["moved"], told["findings"], told["points"]) == (1, [], [])
    assert len(seen(city, draft, revision, city.leader)["findings"]) == 1
    with pytest.raises(Forbidden):
        seen(city, draft, revision, city.handler)


def test_a_preview_of_what_somebody_else_saved_meanwhile_says_so(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    city.save(draft, 1, **within_street())
    with pytest.raises(StaleDraft):
        seen(city, draft, 1)


def test_the_list_is_cut_and_says_how_many_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    city = drawn_city(office)
    for i in range(5):
        city.report(101.003 + i * 1e-4, 36.5212)
    monkeypatch.setattr(boundary_preview, "LISTED", 2)
    draft = city.draft()
    told = seen(city, draft, city.save(draft, 1, **within_street()).revision)
    assert (len(told["findings"]), told["more"], len(told["points"])) == (2, 3, 5)


CORNERS = [(MIDDLE, HALF), (MIDDLE, SOUTH), (WEST, HALF), (EAST, HALF), (MIDDLE, NORTH)]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_any_redraw_moves_exactly_what_its_preview_listed(sqlite_office: Office, seed: int) -> None:
    rng = np.random.default_rng(seed)
    city = _city(sqlite_office)
    for _ in range(6):
        at = np.round(rng.uniform((WEST, SOUTH), (EAST, NORTH)), 7)
        finding = city.report(*(float(x) for x in at))
        if rng.random() < 0.2:
            city.set(finding, status="closed")
    moved = {
        corner: tuple(np.round(np.array(corner) + rng.normal(0, 2e-3, 2), 7).tolist())
        for corner in CORNERS
        if rng.random() < 0.6
    }
    draft = city.draft("street", "patch")
    shapes = {
        code: shapely.Polygon([moved.get(corner, corner) for corner in shape.exterior.coords])
        for code, shape in (SQUARES | _streets()).items()
    }
    revision = city.save(draft, 1, **shapes).revision
    told = seen(city, draft, revision)
    listed = {one["id"] for one in told["findings"]}
    before = belongings(sqlite_office)
    done = _published(city, draft, revision)
    after = belongings(sqlite_office)
    differ = {one for one in before if before[one] != after[one]}
    assert (differ, done) == (listed, told["moved"])


def _streets() -> dict[str, Any]:
    """The sub-districts with every corner that their patches have."""
    return {
        "S1": shapely.Polygon(
            [(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, HALF), (MIDDLE, NORTH), (WEST, NORTH), (WEST, HALF)]
        ),
        "S2": shapely.Polygon(
            [(MIDDLE, SOUTH), (EAST, SOUTH), (EAST, HALF), (EAST, NORTH), (MIDDLE, NORTH), (MIDDLE, HALF)]
        ),
    }


def _published(city: DrawnCity, draft: int, revision: int) -> int:
    """Publish without the checks: the outer border of the city may move here too."""

    with city.office.database.write() as session:
        map_ = map_of(session, session.get_one(AreaDraft, draft))
        done = publish_many(session, changes_of(session, map_), city.office.now(), near_m=5)
    drafts.discard(city.office, city.supervisor, draft, None)
    assert revision
    return done.findings_moved


_made: dict[str, DrawnCity] = {}


def _city(office: Office) -> DrawnCity:
    if office.database.url not in _made:
        _made[office.database.url] = drawn_city(office)
    return _made[office.database.url]


def test_a_level_in_use_for_the_first_time_is_seen_for_every_finding(office: Office) -> None:
    """Whatever is open gets another finest level: the preview of that looks at everything."""
    city = drawn_city(office)
    city.report(101.003, 36.5212)
    city.report(101.03, 36.53)
    with office.database.read() as session:
        district, street, patch = coverages(session)
        change = MapChange([district, street], [district, street, patch])
        told = boundary_preview.preview(office, city.supervisor, session, change)
    assert told["closed_kept"] == 0
    assert {flow["level"] for flow in told["flows"]} <= {"patch"}

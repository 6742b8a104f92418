"""A report gets its area at every level and its bureau, by the one meaning of a location."""

from typing import Any

import pytest

from casework.findings import report
from casework.office import Office
from casework.registration import Entry, Register
from db.models import Area, Assignment, Bureau, Finding
from tests.factories.city import INSPECTOR, NOW, two_patches

M = 1 / 89_300  # a metre of longitude at 36.5 N, in degrees


def _report(office: Office, lon: float, lat: float = 36.5, category: str = "0105") -> dict[str, Any]:
    reported = report(office, INSPECTOR, {"category": category, "lon": lon, "lat": lat})
    with office.database.read() as session:
        finding = session.get_one(Finding, reported.finding_id)
        rows = session.query(Assignment).filter_by(finding_id=finding.id).order_by(Assignment.level_id).all()
        codes = {area.id: area.code for area in session.query(Area)}
        bureaus = {bureau.id: bureau.code for bureau in session.query(Bureau)}
        return {
            "areas": [codes.get(row.area_id or 0) for row in rows],
            "kinds": [row.kind for row in rows],
            "bureau": bureaus.get(finding.bureau_id or 0),
            "near": finding.near_border,
            "triage": finding.triage,
            "candidates": [(codes[int(a)], m) for a, m in rows[-1].candidates or []],
            "nearest": (codes.get(rows[-1].nearest_area_id or 0), rows[-1].nearest_m),
            "warnings": reported.warnings,
        }


def test_inside_a_patch(office: Office) -> None:
    two_patches(office)
    got = _report(office, 101.2)
    assert got["areas"] == ["D", "A"]
    assert (got["kinds"], got["bureau"], got["triage"], got["warnings"]) == (
        ["inside", "inside"],
        "CG",
        False,
        (),
    )
    assert _report(office, 101.7, category="0102")["bureau"] == "HW"


def test_on_the_shared_border_the_lower_code_wins_and_triage_is_asked(office: Office) -> None:
    two_patches(office)
    got = _report(office, 101.5)
    assert got["areas"] == ["D", "A"]
    assert got["kinds"] == ["inside", "border"]
    assert got["candidates"] == [("A", 0.0), ("B", 0.0)]
    assert (got["near"], got["triage"], len(got["warnings"])) == (True, True, 1)


@pytest.mark.parametrize(("metres", "near"), [(4.9, True), (5.1, False)])
def test_near_the_border_is_within_five_metres(office: Office, metres: float, near: bool) -> None:
    two_patches(office)
    got = _report(office, round(101.5 + metres * M, 7))
    assert (got["areas"], got["kinds"], got["near"], got["triage"]) == (
        ["D", "B"],
        ["inside", "inside"],
        near,
        near,
    )


def test_outside_every_area_it_waits_with_the_nearest_and_its_distance(office: Office) -> None:
    two_patches(office)
    got = _report(office, round(102 + 1000 * M, 7))
    assert (got["areas"], got["kinds"], got["triage"]) == ([None, None], ["outside", "outside"], True)
    name, metres = got["nearest"]
    assert name == "B"
    assert metres == pytest.approx(1000, rel=0.01)
    assert got["warnings"]


def test_many_at_once_give_what_one_by_one_gives(office: Office) -> None:
    made = two_patches(office)
    lons = [101.2, 101.5, 101.7, 102.1]
    single = [_report(office, lon)["areas"] for lon in lons]
    entries = [Entry(made.categories["0105"], lon, 36.5, NOW, steps=[]) for lon in lons]
    with office.database.write() as session:
        register = Register(session, "Asia/Shanghai", 5)
        for entry in entries:
            entry.steps = [{"act": "import", "from_status": None, "to_status": "reported", "at": NOW, "user_id": None,
                            "note": None, "note_salt": None, "note_digest": None, "payload": {}}]  # fmt: skip
        added = register.add(entries)
        codes = {area.id: area.code for area in session.query(Area)}
    bulk = [[codes.get(answer.area_id or 0) for answer in placement.answers] for _, placement in added]
    assert bulk == single

"""A plan as it was shown is kept, stops come back, and the last change is taken back while nobody did another."""

from typing import Any

import pytest

from casework.errors import Refused
from casework.office import Office
from tests.casework.test_route_changes import Planned


@pytest.fixture
def planned(sqlite_office: Office) -> Planned:
    """Two people, five findings, solved."""
    return Planned(sqlite_office)


def _rounds(planned: Planned) -> list[dict[str, Any]]:
    return [
        {"inspector": one["id"], "day_number": 0, "stops": planned.round(one["id"])}
        for one in planned.data["inspectors"]
    ]


def test_every_change_is_taken_back_in_turn(planned: Planned) -> None:
    whole = planned.data
    first = planned.round(planned.people[0])[0]
    steps: list[list[dict[str, Any]]] = [
        [
            {"act": "windows", "stop": first, "windows": [[0, 60]]}
        ],  # it can be seen no more, the remedy says when
        [{"act": "remedy", "stop": first}],
        [{"act": "lock", "stops": planned.round(planned.people[1]), "lock": "order"}],
        [{"act": "skip", "stop": first, "note": "closed today"}],
        [{"act": "insert", "place": {"name": "market", "lon": 101.2, "lat": 36.5}}],
        [{"act": "absent", "inspector": planned.people[0], "from_s": 0}],
    ]
    seen = [whole]
    for changes in steps:
        planned.change(*changes)
        assert planned.data["plan"]["undo"] == changes[-1]["act"]
        seen.append(planned.data)
    for before in reversed(seen[:-1]):
        planned.change({"act": "undo"}, dry_run=True)  # only tried: it still stands
        answer = planned.change({"act": "undo"})
        known = {stop["id"] for stop in before["stops"]}
        now = [stop for stop in planned.data["stops"] if stop["id"] in known]
        assert sorted(now, key=lambda s: s["id"]) == sorted(before["stops"], key=lambda s: s["id"])
        assert planned.data["inspectors"] == before["inspectors"]
        assert answer["data"]["plan"]["undo"] == planned.data["plan"]["undo"]
    gone = [stop for stop in planned.data["stops"] if stop["id"] not in {s["id"] for s in whole["stops"]}]
    assert [stop["state"] for stop in gone] == ["skipped"]
    with pytest.raises(Refused):
        planned.change({"act": "undo"})


def test_what_was_tried_is_kept_as_it_was_shown(planned: Planned) -> None:
    one, two = planned.people
    everything = sorted(planned.round(one) + planned.round(two))
    rounds = [{"inspector": one, "day_number": 0, "stops": [*everything[::-1], "new"]}]
    place = {"act": "insert", "place": {"name": "market", "lon": 101.2, "lat": 36.5}}
    planned.change(place, {"act": "arrange", "rounds": rounds})
    assert planned.round(one)[:-1] == everything[::-1]
    assert planned.stop(planned.round(one)[-1])["name"] == "market"
    assert planned.round(two) == []
    planned.change({"act": "arrange", "rounds": []})
    assert all(stop["unserved"] for stop in planned.data["stops"])
    for wrong in ("x", [1], [{"inspector": one, "stops": 3}], [{"inspector": -1, "stops": []}]):
        with pytest.raises(Refused):
            planned.change({"act": "arrange", "rounds": wrong})


def test_a_stop_and_a_person_come_back(planned: Planned) -> None:
    one, two = planned.people
    gone = (planned.round(one) or planned.round(two))[0]
    planned.change({"act": "remove", "stop": gone})
    planned.change({"act": "restore", "stop": gone})
    assert planned.stop(gone)["inspector"] in (one, two)
    for act in ("restore", "place"):
        with pytest.raises(Refused):
            planned.change({"act": act, "stop": gone})
    planned.change({"act": "unserve", "stop": gone})
    assert planned.stop(gone)["inspector"] is None
    planned.change({"act": "place", "stop": gone})
    assert planned.stop(gone)["inspector"] in (one, two)
    planned.change({"act": "absent", "inspector": one, "from_s": 0})
    assert planned.round(one) == []
    planned.change({"act": "present", "inspector": one})
    assert planned.data["inspectors"][0]["absent_from"] is None
    planned.change({"act": "move", "stop": gone, "inspector": one, "position": 0})
    assert planned.round(one) == [gone]
    assert _rounds(planned)[0]["stops"] == [gone]

"""Which stops of a new plan must be seen, and how long each kind takes."""

from typing import Any

import pytest

from casework.errors import Refused
from casework.route_choices import as_chosen
from casework.route_picking import SERVICE_S, Picked

STOPS = [
    Picked("finding", "超期", 101.2, 36.5, is_must=True, service_s=480),
    Picked("finding", "未超期", 101.2, 36.5, service_s=480),
    Picked("patch", "甲片", 101.2, 36.5, service_s=900),
    Picked("place", "清真寺", 101.2, 36.5, service_s=600),
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"must": []}, "must"), ({"must": {"findings": "some"}}, "must"), ({"must": {"findings": ["all"]}}, "must"),
    ({"service_s": 5}, "service_s"), ({"service_s": {"finding": -1}}, "service_s"),
    ({"service_s": {"place": 1e9}}, "service_s"), ({"service_s": {"patch": "long"}}, "service_s"),
]  # fmt: skip


def must(**asked: Any) -> list[bool]:
    return [stop.is_must for stop in as_chosen(STOPS, {"must": asked})]


def test_overdue_findings_must_be_seen_unless_somebody_says_otherwise() -> None:
    assert [stop.is_must for stop in as_chosen(STOPS, {})] == [True, False, False, False]
    assert must(findings="all") == [True, True, False, False]
    assert must(findings="none", patches=True) == [False, False, True, False]
    assert must(places=True) == [True, False, False, True]
    assert must(patches="yes", places=1) == [True, False, False, False]


def test_time_on_site_goes_by_kind() -> None:
    assert [stop.service_s for stop in as_chosen(STOPS, {})] == [480, 480, 900, 600]
    asked = {"service_s": {"finding": 300, "patch": 0}}
    assert [stop.service_s for stop in as_chosen(STOPS, asked)] == [300, 300, 0, SERVICE_S["place"]]


def test_what_makes_no_sense_is_refused_by_name() -> None:
    for asked, field in BAD:
        with pytest.raises(Refused) as refused:
            as_chosen(STOPS, asked)
        assert refused.value.field == field

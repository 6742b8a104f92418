"""Plans of findings: shown as the design shows them, before the day, in time and late."""

import json
import random
from collections import Counter
from datetime import date, datetime, time
from typing import Any

import pytest

from casework.demo_findings import WAYS
from casework.demo_plans import COUNTS, LOOKED_AT, Planner, limits_of
from casework.demo_seeds import seed_json
from casework.founding import CATEGORIES
from casework.status import display_key
from db.models import STATUSES


def planner(as_of: date, seed: int = 1) -> Planner:
    limits = limits_of(json.loads(CATEGORIES.read_text(encoding="utf-8")))
    weights = {code: one["weight"] for code, one in seed_json("texts.json")["categories"].items()}
    return Planner(random.Random(seed), as_of, limits, weights)


@pytest.mark.parametrize("as_of", [date(2026, 9, 2), date(2026, 9, 6), date(2027, 1, 1), date(2028, 2, 29)])
def test_counts_hold_on_any_day(as_of: date) -> None:
    plans = planner(as_of).plans(COUNTS)
    now = datetime.combine(as_of, LOOKED_AT)
    assert Counter(display_key(p.status, p.due, now) for p in plans) == COUNTS


def test_all_are_reported_before_the_day() -> None:
    midnight = datetime.combine(date(2026, 9, 2), time())
    plans = planner(date(2026, 9, 2)).plans(COUNTS)
    assert max(p.reported for p in plans) < midnight
    assert (midnight - min(p.reported for p in plans)).days > 60


def test_no_day_has_most_of_the_reports() -> None:
    days = Counter(p.reported.date() for p in planner(date(2026, 9, 2)).plans(COUNTS))
    assert max(days.values()) < 75


def test_the_same_seed_gives_the_same_plans() -> None:
    assert planner(date(2026, 9, 2)).plans(COUNTS) == planner(date(2026, 9, 2)).plans(COUNTS)
    assert planner(date(2026, 9, 2), 2).plans(COUNTS) != planner(date(2026, 9, 2)).plans(COUNTS)


def test_a_deadline_that_no_limit_fits_is_said() -> None:
    # what is due in the afternoon of the day would have been reported that day
    never = Planner(random.Random(1), date(2026, 9, 2), {"x": (1, "hour")}, {"x": 1.0})
    with pytest.raises(ValueError, match="no category has a limit"):
        never.plans(COUNTS)


def test_there_is_a_way_to_every_status() -> None:
    assert set(WAYS) == set(STATUSES)
    for status, acts in WAYS.items():
        assert acts[0][0] == "report"
        assert acts[-1][1] == status


def test_limits_come_from_the_parent_where_there_is_none() -> None:
    rows: list[dict[str, Any]] = [
        {"code": "01", "parent": None, "limit_value": 7, "limit_unit": "hour"},
        {"code": "0101", "parent": "01", "limit_value": None, "limit_unit": None},
    ]
    assert limits_of(rows) == {"01": (7, "hour"), "0101": (7, "hour")}

"""What a calculation changed, its settings too, is taken back; so it is when the calculation is cancelled."""

import pytest

from casework.office import Office
from casework.policy import SYSTEM
from casework.route_changes import change
from casework.route_solving import start, stop
from casework.route_view import plan_data
from tests.casework.test_route_solving import ended, planned
from tests.factories.everyday import Everyday, everyday


@pytest.fixture
def world(sqlite_office: Office) -> Everyday:
    """Two patches with an inspector."""
    return everyday(sqlite_office)


def test_a_calculation_is_taken_back_with_its_settings(world: Everyday) -> None:
    plan = planned(world, balance=0.2)
    start(world.office, SYSTEM, plan, {"revision": 1})
    assert ended(world, plan).stage == "done"
    before = plan_data(world.office, SYSTEM, plan)
    start(world.office, SYSTEM, plan, {"revision": before["plan"]["revision"], "balance": 0.9, "mode": "car"})
    assert ended(world, plan).stage == "done"
    now = plan_data(world.office, SYSTEM, plan)["plan"]
    assert (now["balance"], now["mode"], now["undo"]) == (0.9, "car", "solve")
    asked = {"revision": now["revision"], "changes": [{"act": "undo"}]}
    after = change(world.office, SYSTEM, plan, asked)["data"]
    assert (after["plan"]["balance"], after["plan"]["mode"]) == (0.2, "foot")
    assert after["stops"] == before["stops"]


def test_who_cancels_has_the_settings_from_before(world: Everyday) -> None:
    plan = planned(world, balance=0.2)
    start(world.office, SYSTEM, plan, {"revision": 1, "balance": 0.9, "seconds": 60})
    stop(world.office, SYSTEM, plan, keep=False)
    assert ended(world, plan).stage == "stopped"
    now = plan_data(world.office, SYSTEM, plan)["plan"]
    assert (now["balance"], now["status"], now["undo"]) == (0.2, "new", None)

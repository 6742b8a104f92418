"""Lists for programs: who leads an area is who leads it now."""

from casework import duties, people
from casework.listings import areas
from casework.office import Office
from casework.policy import SYSTEM
from tests.factories.city import two_patches
from tests.factories.divisions import DAY, at


def _leaders(office: Office) -> dict[str, list[str] | None]:
    return {one.code: one.leader for one in areas(office)}


def test_a_leader_counts_from_the_first_day_to_the_last(office: Office) -> None:
    two_patches(office)
    ma, tie = (people.add_person(office, SYSTEM, {"name_zh": name}).person_id for name in ("马建国", "铁辉"))
    duties.give_duty(office, SYSTEM, ma, "leader", "patch:A", "2026-08-01", "2026-09-30")
    duties.give_duty(office, SYSTEM, tie, "leader", "patch:B", "2026-10-01")
    assert _leaders(office) == {"D": None, "A": ["马建国", "马建国"], "B": None}
    assert _leaders(at(office, office.now() + 40 * DAY)) == {"D": None, "A": None, "B": ["铁辉", "铁辉"]}

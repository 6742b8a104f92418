"""Bureaus: added, renamed, retired with their rules going elsewhere as the preview said."""

import pytest
from sqlalchemy import update

from casework import bureaus, keys
from casework.accounts import create_user
from casework.bureaus import retire_bureau
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.people_accounts import close_account
from casework.policy import SYSTEM, Actor
from db.models import Finding, RoutingRule
from tests.factories.city import TwoPatches, two_patches
from tests.factories.crowd import crowd
from tests.factories.everyday import everyday

NAMES = {"name_zh": "环境卫生中心", "name_en": "Sanitation", "short_zh": "环卫", "short_en": ""}


@pytest.fixture
def made(office: Office) -> TwoPatches:
    return two_patches(office)


def _line(office: Office, code: str) -> bureaus.BureauLine:
    return next(line for line in bureaus.list_bureaus(office, SYSTEM) if line.code == code)


def test_a_bureau_is_added_with_names_that_fall_back(office: Office, made: TwoPatches) -> None:
    bureau_id = bureaus.add_bureau(office, SYSTEM, "SAN", NAMES)
    line = bureaus.one_bureau(office, SYSTEM, bureau_id)
    assert (line.name_en, line.short_zh, line.short_en) == ("Sanitation", "环卫", "Sanitation")
    with pytest.raises(Refused, match="taken") as refusal:
        bureaus.add_bureau(office, SYSTEM, "SAN", NAMES)
    assert refusal.value.field == "code"
    with pytest.raises(Refused) as refusal:
        bureaus.add_bureau(office, SYSTEM, "X", {})
    assert refusal.value.field == "name_zh"


def test_a_stale_name_is_not_written_over(office: Office, made: TwoPatches) -> None:
    line = _line(office, "CG")
    bureaus.rename_bureau(office, SYSTEM, line.id, {"name_zh": "城管局"}, line.seen)
    with pytest.raises(Conflict, match="CG局 → 城管局"):
        bureaus.rename_bureau(office, SYSTEM, line.id, {"name_zh": "另一个"}, line.seen)
    assert _line(office, "CG").name_zh == "城管局"


def test_retiring_sends_rules_and_findings_where_the_preview_said(office: Office, made: TwoPatches) -> None:
    crowd(office, made, 80)
    line = _line(office, "HW")
    assert line.use.open > 0
    assert line.use.rules == 1
    preview = bureaus.preview_retirement(office, SYSTEM, line.id, "CG")
    moved = bureaus.retire_bureau(office, SYSTEM, line.id, "CG", line.seen)
    assert moved == preview.moved == line.use.open
    after = _line(office, "HW")
    assert after.retired_at is not None
    assert after.use == bureaus.BureauUse()
    with office.database.read() as session:
        assert {rule.bureau_id for rule in session.query(RoutingRule)} == {made.bureaus["CG"]}
    with pytest.raises(Conflict):
        bureaus.retire_bureau(office, SYSTEM, line.id, "CG")
    bureaus.restore_bureau(office, SYSTEM, line.id)
    assert _line(office, "HW").retired_at is None


def test_rules_need_a_successor_that_is_another_bureau_in_use(office: Office, made: TwoPatches) -> None:
    line = _line(office, "HW")
    for successor in ("", "HW", "nobody"):
        with pytest.raises(Refused) as refusal:
            bureaus.retire_bureau(office, SYSTEM, line.id, successor)
        assert refusal.value.field == "bureau"


def test_accounts_keys_and_choices_by_hand_are_moved_first(office: Office, made: TwoPatches) -> None:
    line = _line(office, "HW")
    create_user(office, SYSTEM, "han", "handler", "correct horse 9", bureau="HW")
    with pytest.raises(Refused, match="1 active accounts and 0 keys"):
        bureaus.retire_bureau(office, SYSTEM, line.id, "CG")
    keys.add_key(office, SYSTEM, "sensor", "inspector", bureau="CG")
    crowd(office, made, 20)
    other = _line(office, "CG")
    with pytest.raises(Refused, match="0 active accounts and 1 keys"):
        bureaus.preview_retirement(office, SYSTEM, other.id, "HW")
    keys.revoke(office, SYSTEM, keys.list_keys(office, SYSTEM)[0].prefix)
    with office.database.write() as session:
        session.execute(update(Finding).where(Finding.bureau_id == other.id).values(pinned=True))
    with pytest.raises(Refused, match="by hand"):
        bureaus.retire_bureau(office, SYSTEM, other.id, "HW")


def test_one_that_nothing_uses_is_retired_at_once(office: Office, made: TwoPatches) -> None:
    bureau_id = bureaus.add_bureau(office, SYSTEM, "SAN", NAMES)
    assert bureaus.retire_bureau(office, SYSTEM, bureau_id) == 0


def test_only_administrators_and_only_what_is_there(office: Office, made: TwoPatches) -> None:
    with pytest.raises(Forbidden):
        bureaus.list_bureaus(office, Actor(role="leader", user_id=1))
    with pytest.raises(NotFound):
        bureaus.one_bureau(office, SYSTEM, 9999)


def test_a_bureau_that_takes_part_in_open_cases_is_not_retired(sqlite_office: Office) -> None:
    people = everyday(sqlite_office)
    finding = people.led_to("filed")
    people.act(people.supervisor, finding, "dispatch", extra={"joint": ["HW"]})
    hw = people.city.bureaus["HW"]
    close_account(sqlite_office, people.admin, people.other.user_id or 0)
    with pytest.raises(Refused, match="takes part in 1 open cases"):
        retire_bureau(sqlite_office, people.admin, hw, "CG")
    people.act(people.supervisor, finding, "drop_joint", bureau="HW", note="不用了")
    retire_bureau(sqlite_office, people.admin, hw, "CG")

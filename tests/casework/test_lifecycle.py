"""Every pair of states, for every role: what the table says is possible, and nothing else."""

import itertools

import pytest

from casework.lifecycle import ACT_WORDS, ACTS, BY_ACT, STATUS_WORDS, TABLE, Asker, Standing, offers, why_not
from db.models import ROLES, STATUSES

HERE = frozenset({7})


def _asker(role: str, **changes: object) -> Asker:
    values = {"role": role, "user_id": 1, "bureau_id": 5, "area_ids": HERE}
    return Asker(**{**values, **changes})  # type: ignore[arg-type]


def _standing(status: str, **changes: object) -> Standing:
    values = {"status": status, "bureau_id": 5, "area_ids": HERE, "done_by": {}}
    return Standing(**{**values, **changes})  # type: ignore[arg-type]


# What each role may do on its own findings, written out by hand: (status, act) -> status after.
CENTRE = {
    ("reported", "file"): "filed", ("reported", "decline"): "declined", ("filed", "dispatch"): "dispatched",
    ("returned", "dispatch"): "dispatched", ("reopened", "dispatch"): "dispatched", ("handled", "verify"): "verified",
    ("handled", "rework"): "dispatched", ("verified", "close"): "closed", ("closed", "reopen"): "reopened",
    ("declined", "reopen"): "reopened",
}  # fmt: skip
EXPECTED = {
    "administrator": CENTRE,
    "supervisor": CENTRE,
    "inspector": {("handled", "verify"): "verified", ("handled", "rework"): "dispatched"},
    "handler": {
        ("dispatched", "accept"): "accepted", ("dispatched", "return"): "returned",
        ("accepted", "return"): "returned", ("accepted", "handle"): "handled",
    },
    "leader": {},
    "archivist": {},
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_status_and_act_for_every_role(role: str) -> None:
    for status, act in itertools.product(STATUSES, ACTS):
        why, _ = why_not(BY_ACT[act], _asker(role), _standing(status))
        assert (why == "") == ((status, act) in EXPECTED[role]), (role, status, act, why)
    for (_status, act), after in EXPECTED[role].items():
        assert BY_ACT[act].after == after


def test_the_table_only_knows_stored_statuses_and_every_act_once() -> None:
    assert len(set(ACTS)) == len(TABLE)
    for row in TABLE:
        assert {*row.before, row.after} <= set(STATUSES)
        assert row.roles <= set(ROLES)
    assert set(ACT_WORDS) == set(ACTS)
    assert set(STATUS_WORDS) == set(STATUSES)


def test_a_handler_acts_only_for_the_own_bureau() -> None:
    theirs = _standing("dispatched", bureau_id=6)
    assert why_not(BY_ACT["accept"], _asker("handler"), theirs)[0] == "It is another bureau's"


def test_an_inspector_checks_only_in_the_own_patches() -> None:
    elsewhere = _standing("handled", area_ids=frozenset({8, 9}))
    assert why_not(BY_ACT["verify"], _asker("inspector"), elsewhere)[0] == "It lies outside your patches"


@pytest.mark.parametrize("act", ["verify", "rework"])
def test_whoever_handled_it_may_not_check_it(act: str) -> None:
    own = _standing("handled", done_by={"handle": 1})
    assert "ask somebody else" in why_not(BY_ACT[act], _asker("supervisor"), own)[0]
    assert why_not(BY_ACT[act], _asker("supervisor", user_id=2), own)[0] == ""


def test_offers_put_what_fits_first_and_say_why_the_rest_does_not() -> None:
    found = offers(_asker("supervisor"), _standing("handled"))
    assert [offer.act for offer in found[:2]] == ["verify", "rework"]
    assert [offer.possible for offer in found] == [True, True] + [False] * (len(found) - 2)
    assert all(offer.why_not for offer in found if not offer.possible)
    assert offers(_asker("leader"), _standing("handled")) == []


def test_every_open_status_of_the_first_lifecycle_leads_on() -> None:
    known = {status for row in TABLE for status in row.before}
    assert known >= {
        "reported",
        "filed",
        "dispatched",
        "accepted",
        "handled",
        "verified",
        "returned",
        "reopened",
    }

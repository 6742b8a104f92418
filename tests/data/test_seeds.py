"""Categories, bureaus, rules, people and the story: whole, named in both languages, and fitting together."""

import json
import re
from typing import Any

import pytest

from casework.demo_pictures import NAMES, STAGES
from casework.referral import RoutingTable
from db.models import PHOTO_KINDS, ROLES, STATUSES
from settings import ROOT

HAN = re.compile(r"[\u4e00-\u9fff]")


def seed(name: str) -> Any:
    return json.loads((ROOT / "data" / name).read_text(encoding="utf-8"))


CATEGORIES = seed("categories.json")
BUREAUS = seed("demo/bureaus.json")
RULES = seed("demo/rules.json")
PEOPLE = seed("demo/people.json")
CASES = seed("demo/cases.json")
TEXTS = seed("demo/texts.json")
AREAS = {f["properties"]["code"]: f["properties"] for f in seed("demo/areas.geojson")["features"]}
# The items that two independent lists agree on, from the knowledge page of the field.
CONFIRMED = (
    "0102 0103 0107 0108 0109 0201 0202 0203 0204 0301 0302 0401 0402 0403 0404 "
    "0501 0502 0503 0504 0505 0506 0507 0508 0509 0510"
)


def test_categories_are_a_tree_of_two_levels_with_parents_first() -> None:
    seen: set[str] = set()
    for one in CATEGORIES:
        assert one["parent"] is None or one["parent"] in seen
        assert one["code"].startswith(one["parent"] or "")
        seen.add(one["code"])
    assert {c["code"] for c in CATEGORIES if c["parent"] is None} == {"01", "02", "03", "04", "05"}
    assert len(seen) == len(CATEGORIES) == 44


def test_categories_have_both_names_and_a_limit() -> None:
    for one in CATEGORIES:
        assert HAN.search(one["zh"])
        assert not HAN.search(one["en"])
        assert one["en"]
        assert one["limit_value"] > 0
        assert one["limit_unit"] in ("hour", "working_hour", "working_day", "calendar_day")


def test_only_what_two_lists_confirm_is_marked() -> None:
    assert [c["code"] for c in CATEGORIES if c["confirmed"]] == CONFIRMED.split()


def test_bureaus_have_four_names() -> None:
    assert len(BUREAUS) >= 8
    assert len({b["code"] for b in BUREAUS}) == len(BUREAUS)
    for one in BUREAUS:
        assert HAN.search(one["zh"])
        assert HAN.search(one["short_zh"])
        assert one["en"].isascii()
        assert one["short_en"].isascii()


def test_rules_name_what_exists() -> None:
    categories, bureaus = {c["code"] for c in CATEGORIES}, {b["code"] for b in BUREAUS}
    assert len({r["code"] for r in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"R-\d\d", rule["code"])
        assert rule["category"] is None or rule["category"] in categories
        assert rule["area"] is None or rule["area"] in AREAS
        assert rule["bureau"] in bureaus
    assert {r["bureau"] for r in RULES} == bureaus, "a bureau that no rule names"


def routing_table() -> tuple[RoutingTable, dict[str, int], dict[str, int]]:
    categories = {c["code"]: i for i, c in enumerate(CATEGORIES, start=1)}
    areas = {code: i for i, code in enumerate(AREAS, start=1)}
    bureaus = {b["code"]: i for i, b in enumerate(BUREAUS, start=1)}
    positions = {"district": 0, "street": 1, "patch": 2}
    table = RoutingTable(
        [
            (i, r["code"], categories.get(r["category"]), areas.get(r["area"]), bureaus[r["bureau"]])
            for i, r in enumerate(RULES, start=1)
        ],
        {categories[c["code"]]: categories.get(c["parent"]) for c in CATEGORIES},
        {areas[code]: positions[a["level"]] for code, a in AREAS.items()},
    )
    return table, categories, areas


def test_every_category_finds_a_bureau_everywhere() -> None:
    table, categories, areas = routing_table()
    patches = [code for code, a in AREAS.items() if a["level"] == "patch"]
    for category in categories.values():
        assert table.refer(category, []).bureau_id is not None
        for code in patches:
            above = AREAS[code]["parent"]
            at = [areas[code], areas[above], areas[AREAS[above]["parent"]]]
            assert table.refer(category, at).bureau_id is not None


@pytest.mark.parametrize(
    ("category", "patch", "bureau"),
    [
        ("0504", "630102003009", "chengguan"),
        ("0307", "630102003009", "zhujian"),
        ("0307", "630102400498", "yuanqu"),
        ("0508", "630102005001", "chezhan"),
        ("0508", "630102005005", "chengguan"),
        ("0501", "630102003010", "shijian"),
        ("0511", "630102003013", "dazhong"),
        ("0103", "630102101003", "yunjiakou"),
    ],
)
def test_the_most_specific_rule_wins(category: str, patch: str, bureau: str) -> None:
    table, categories, areas = routing_table()
    at = [areas[patch], areas[AREAS[patch]["parent"]]]
    found = table.refer(categories[category], at).bureau_id
    assert BUREAUS[(found or 0) - 1]["code"] == bureau


def test_every_patch_and_sub_district_has_a_leader() -> None:
    leaders = {d["area"] for d in PEOPLE["duties"] if d["duty"] == "leader"}
    assert leaders == set(AREAS)
    assert {d["duty"] for d in PEOPLE["duties"]} == {"leader", "member", "director"}


def test_people_have_short_names_in_both_languages() -> None:
    codes = {p["code"] for p in PEOPLE["people"]}
    assert len(codes) == len({p["zh"] for p in PEOPLE["people"]}) == len(PEOPLE["people"])
    for one in PEOPLE["people"]:
        assert 2 <= len(one["zh"]) <= 3
        assert one["en"].isascii()
        assert len(one["en"].split()) == 2
    assert {d["person"] for d in PEOPLE["duties"]} <= codes
    shulin = next(d for d in PEOPLE["duties"] if d["area"] == "630102003009" and d["duty"] == "leader")
    assert next(p["zh"] for p in PEOPLE["people"] if p["code"] == shulin["person"]) == "马建国"


def test_accounts_cover_every_role() -> None:
    users = PEOPLE["users"]
    assert {u["role"] for u in users} == set(ROLES)
    assert {"admin", "leader", "supervisor", "inspector", "handler", "archivist"} <= {
        u["username"] for u in users
    }
    assert {u["bureau"] for u in users if u["role"] == "handler"} == {b["code"] for b in BUREAUS}
    beats = {area for u in users if u["role"] == "inspector" for area in u["areas"]}
    assert beats == {code for code, a in AREAS.items() if a["level"] == "street"}


def test_the_story_fits() -> None:
    usernames, categories = {u["username"] for u in PEOPLE["users"]}, {c["code"] for c in CATEGORIES}
    assert len({c["key"] for c in CASES}) == len(CASES)
    for case in CASES:
        assert case["category"] in categories
        assert case["about_en"].isascii()
        assert next(s["act"] for s in case["steps"]) == "report"
        for one in case["steps"]:
            assert one["day"] < 0, "nothing has happened yet on the day itself"
            assert one["to"] is None or one["to"] in STATUSES
            assert one["by"] is None or one["by"] in usernames
        for photo in case["photos"]:
            assert photo["kind"] in PHOTO_KINDS
            assert photo["picture"] in NAMES
            assert photo["stage"] in STAGES
            assert photo["caption_zh"]
            assert photo["caption_en"]


def test_there_is_a_text_for_every_category_in_use() -> None:
    leaves = {c["code"] for c in CATEGORIES if c["parent"]}
    assert set(TEXTS["categories"]) == leaves
    for one in TEXTS["categories"].values():
        assert one["weight"] > 0
        assert one["texts"]
        assert one["subjects"]
        for text in one["texts"]:
            assert text.format(n=3, m=2, w="巷口").endswith("。")

"""Routing rules: listed by how specific they are, added, changed, retired, brought back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import edits, fields
from casework.accounts import bureau_by_code
from casework.area_choices import area_of
from casework.errors import Conflict, NotFound, Refused, mark
from casework.map_names import Named, read_names
from casework.office import Office
from casework.policy import Act, Actor, require
from casework.reassignment import reassign
from casework.referral import Rule, rules_in_force
from casework.status import FINAL_STATUSES
from db.models import Area, Assignment, Category, Finding, Level, RoutingRule

SEEN = ("category_id", "area_id", "bureau_id", "note", "retired_at")
NEW = -1  # the id of a rule that is not yet written


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule to save (``rule_id`` None: a new one), to retire or to bring back. Codes; the area is ``level:code``."""

    act: Literal["save", "retire", "restore"] = "save"
    rule_id: int | None = None
    category: str = ""
    area: str = ""
    bureau: str = ""
    note: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule for people. ``depth`` is 0 for any category, ``position`` -1 for any area; ``open`` is what it sends."""

    id: int
    code: str
    category: Named | None
    area: Named | None
    level: tuple[str, str] | None
    area_key: str
    bureau: Named
    note: str
    retired_at: datetime | None
    depth: int
    position: int
    open: int
    seen: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that was written, and how many open findings went to another bureau with it."""

    rule_id: int
    moved: int


def list_rules(office: Office, actor: Actor, *, retired: bool = False) -> list[RuleLine]:
    """The rules in force (or the retired ones), those that are asked first before the others."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        wanted = RoutingRule.retired_at.is_not(None) if retired else RoutingRule.retired_at.is_(None)
        return _lines(session, list(session.scalars(select(RoutingRule).where(wanted))))


def one_rule(office: Office, actor: Actor, rule_id: int) -> RuleLine:
    """One rule; raises NotFound."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        return _lines(session, [rule_by_id(session, rule_id)])[0]


def apply(office: Office, actor: Actor, change: RuleChange) -> Applied:
    """Write the change and refer all open findings again, in one transaction.

    Raises Refused naming the field, Conflict when the rule is not as the form saw it, NotFound.
    """
    require(actor, Act.MANAGE_SETTINGS)
    now = office.now()
    with office.database.write() as session:
        values = values_of(session, change, now)
        if change.rule_id is None:
            rule = RoutingRule(code=_free_code(session, change), **values)
            session.add(rule)
        else:
            rule = rule_by_id(session, change.rule_id)
            for name, value in values.items():
                setattr(rule, name, value)
        session.flush()
        moved = reassign(
            session, now, near_m=office.settings.near_m, user_id=actor.user_id, reason=f"rule {rule.code}"
        )
        return Applied(rule.id, moved)


def rules_after(session: Session, change: RuleChange, at: datetime) -> list[Rule]:
    """The rules as they would stand with the change; the same checks and errors as ``apply``."""
    values = values_of(session, change, at)
    others = [rule for rule in rules_in_force(session) if rule[0] != change.rule_id]
    if values.get("retired_at") is not None:
        return others
    known = rule_by_id(session, change.rule_id) if change.rule_id is not None else None
    if known is None:
        rule = RoutingRule(id=NEW, code=_free_code(session, change), **values)  # never added to the session
    else:
        kept = {name: getattr(known, name) for name in ("id", "code", "category_id", "area_id", "bureau_id")}
        rule = RoutingRule(**(kept | {name: value for name, value in values.items() if name in kept}))
    return [*others, (rule.id, rule.code, rule.category_id, rule.area_id, rule.bureau_id)]


def values_of(session: Session, change: RuleChange, at: datetime) -> dict[str, Any]:
    """The columns that the change writes. Raises Refused, Conflict or NotFound."""
    rule = rule_by_id(session, change.rule_id) if change.rule_id is not None else None
    if rule is not None:
        edits.require_fresh(change.seen, rule, SEEN)
    if change.act == "retire":
        return {"retired_at": at}
    if change.act == "restore":
        return _restored(session, rule)
    bureau_id = bureau_by_code(session, change.bureau)
    if bureau_id is None:
        raise Refused(mark("Choose the bureau that receives these findings"), field="bureau")
    values: dict[str, Any] = {
        "category_id": _category(session, change.category),
        "area_id": area_of(session, change.area),
        "bureau_id": bureau_id,
        "note": fields.text(change.note, "note", limit=500),
    }
    if rule is None or rule.retired_at is None:
        _require_only(session, values["category_id"], values["area_id"], change.rule_id)
    return values | ({"retired_at": rule.retired_at} if rule else {})


def rule_by_id(session: Session, rule_id: int) -> RoutingRule:
    """The rule; raises NotFound."""
    rule = session.get(RoutingRule, rule_id)
    if rule is None:
        raise NotFound(mark("There is no such rule"))
    return rule


def _restored(session: Session, rule: RoutingRule | None) -> dict[str, Any]:
    if rule is None:
        raise NotFound(mark("There is no such rule"))
    _require_only(session, rule.category_id, rule.area_id, rule.id)
    names = read_names(session)
    if (
        bureau_by_code(session, names.bureaus[rule.bureau_id].code) is None
    ):  # raises Refused for a retired one
        raise NotFound(mark("There is no such rule"))
    return {"retired_at": None}


def _require_only(
    session: Session, category_id: int | None, area_id: int | None, rule_id: int | None
) -> None:
    other = session.scalars(
        select(RoutingRule).where(
            RoutingRule.category_id.is_not_distinct_from(category_id),
            RoutingRule.area_id.is_not_distinct_from(area_id),
            RoutingRule.retired_at.is_(None),
            RoutingRule.id != (rule_id if rule_id is not None else NEW),
        )
    ).first()
    if other is not None:
        raise Refused(
            mark("The rule %(code)s already says who receives this category in this area: change that one"),
            {"code": other.code, "rule_id": other.id},
            field="category",
        )


def _category(session: Session, code: str) -> int | None:
    if not code:
        return None
    found = session.scalar(select(Category.id).where(Category.code == code, Category.retired_at.is_(None)))
    if found is None:
        raise Refused(mark("There is no category %(code)s"), {"code": code[:64]}, field="category")
    return found


def _free_code(session: Session, change: RuleChange) -> str:
    area = change.area.partition(":")[2] or "*"
    stem = f"{change.category or '*'}/{area}"[:58]
    taken = set(
        session.scalars(select(RoutingRule.code).where(RoutingRule.code.startswith(stem, autoescape=True)))
    )
    tries = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    for code in tries:
        if code not in taken:
            return code
    raise Conflict(mark("No code is free for this rule: try again"))


def _lines(session: Session, rules: list[RoutingRule]) -> list[RuleLine]:
    names = read_names(session)
    levels = {
        row.id: row
        for row in session.execute(
            select(Area.id, Area.code, Level.code.label("level"), Level.position, Level.name_zh, Level.name_en)
            .join(Level, Area.level_id == Level.id)
        )
    }  # fmt: skip
    sent: dict[int, int] = {
        rule_id: count
        for rule_id, count in session.execute(
            select(Assignment.rule_id, func.count())
            .join(Finding, Finding.id == Assignment.finding_id)
            .where(Assignment.rule_id.is_not(None), Assignment.valid_to.is_(None))
            .where(Finding.status.not_in(FINAL_STATUSES))
            .group_by(Assignment.rule_id)
        )
        if rule_id is not None
    }
    lines = []
    for rule in rules:
        level = levels.get(rule.area_id) if rule.area_id else None
        code = level.code if level else ""
        lines.append(
            RuleLine(
                id=rule.id, code=rule.code,
                category=names.categories.get(rule.category_id) if rule.category_id else None,
                area=(names.areas.get(rule.area_id) or Named(code, code, code)) if rule.area_id else None,
                level=(level.name_zh, level.name_en) if level else None,
                area_key=f"{level.level}:{level.code}" if level else "",
                bureau=names.bureaus[rule.bureau_id], note=rule.note, retired_at=rule.retired_at,
                depth=depth_of(names.categories, rule.category_id), position=level.position if level else -1,
                open=sent.get(rule.id, 0), seen=edits.seen(rule, SEEN),
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (-line.depth, -line.position, line.code))


def depth_of(categories: dict[int, Named], category_id: int | None) -> int:
    """How deep a category stands in the tree: 0 for any, 1 at the top."""
    line: list[int] = []
    while category_id is not None and category_id in categories and category_id not in line:
        line.append(category_id)
        category_id = categories[category_id].parent_id
    return len(line)

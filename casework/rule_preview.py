"""What a change of rules would do to the findings that are open now, and which rule decides a case."""

from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.area_choices import area_of
from casework.errors import Refused, mark
from casework.map_names import Named, Names, read_names
from casework.office import Office
from casework.policy import Act, Actor, require
from casework.referral import RoutingTable, Rule
from casework.rules import RuleChange, RuleLine, list_rules, rules_after
from casework.status import FINAL_STATUSES
from db.models import AreaVersion, Assignment, Category, Finding

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Flow:
    """How many findings would go from one bureau to another (None: no bureau)."""

    before: Named | None
    after: Named | None
    count: int


@dataclass(frozen=True, slots=True)
class Mover:
    """A finding that would change its bureau."""

    id: int
    number: str
    category: Named | None
    subject: str
    place: str
    before: Named | None
    after: Named | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bureau's open findings now and afterwards."""

    bureau: Named | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change. ``pinned`` would change too, but a person chose their bureau: they stay."""

    moved: int
    pinned: int
    open: int
    flows: tuple[Flow, ...]
    bars: tuple[Bar, ...]
    movers: tuple[Mover, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which rule decides (None: none fits), and the others that fit, in the order in which they are asked."""

    winner: RuleLine | None
    others: tuple[RuleLine, ...]


def preview(office: Office, actor: Actor, change: RuleChange) -> Preview:
    """What ``rules.apply`` would do now. Nothing is written. Raises what ``rules.apply`` raises."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        return dry_run(session, rules_after(session, change, office.now()))


def dry_run(session: Session, rules: list[Rule]) -> Preview:
    """Refer every open finding by these rules and compare with the bureau that it has.

    The areas are those on record: publishing keeps them true. Each (category, areas that a rule
    names) is referred once.
    """
    table, within = RoutingTable.load(session, rules), _areas_named(session, rules)
    answers: dict[tuple[int, frozenset[int]], int | None] = {}
    none: frozenset[int] = frozenset()
    flows: Tally[tuple[int | None, int | None]] = Tally()
    before: Tally[int | None] = Tally()
    movers: list[tuple[int, int | None]] = []
    pinned = total = 0
    for finding_id, category_id, bureau_id, is_pinned in session.execute(
        select(Finding.id, Finding.category_id, Finding.bureau_id, Finding.pinned)
        .where(Finding.status.not_in(FINAL_STATUSES))
        .order_by(Finding.id)
    ):
        total += 1
        before[bureau_id] += 1
        key = (category_id, within.get(finding_id, none))
        if key not in answers:
            answers[key] = table.refer(*key).bureau_id
        after = answers[key]
        if after == bureau_id:
            continue
        if is_pinned:
            pinned += 1
            continue
        flows[bureau_id, after] += 1
        if len(movers) < SHOWN:
            movers.append((finding_id, after))
    names = read_names(session)
    return Preview(
        moved=sum(flows.values()), pinned=pinned, open=total, flows=_flows(flows, names),
        bars=_bars(before, flows, names), movers=_movers(session, movers, names),
    )  # fmt: skip


def which_rule(office: Office, actor: Actor, category: str, area: str) -> Verdict:
    """Which rule decides for a category (code) in an area (``level:code``) and in the areas that it lies in."""
    require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        category_id = session.scalar(select(Category.id).where(Category.code == category))
        if category_id is None:
            raise Refused(mark("Choose a category"), field="category")
        line = _upwards(session, area_of(session, area))
        table = RoutingTable.load(session)
        winner = table.refer(category_id, line).rule_id
        names = read_names(session)
    categories = {names.categories[one].code for one in _line(names, category_id)}
    area_codes = {_identity(names, one) for one in line}
    fitting = [
        rule
        for rule in list_rules(office, actor)
        if (rule.category is None or rule.category.code in categories)
        and (rule.area is None or (rule.area.code, rule.area.zh) in area_codes)
    ]
    decided = next((rule for rule in fitting if rule.id == winner), None)
    return Verdict(decided, tuple(rule for rule in fitting if rule.id != winner))


def _identity(names: Names, area_id: int) -> tuple[str, str]:
    area = names.areas[area_id]
    return area.code, area.zh


def _line(names: Names, category_id: int | None) -> Iterable[int]:
    line: list[int] = []
    while category_id is not None and category_id not in line:
        line.append(category_id)
        category_id = names.categories[category_id].parent_id
    return line


def _upwards(session: Session, area_id: int | None) -> list[int]:
    line: list[int] = []
    while area_id is not None and area_id not in line:
        line.append(area_id)
        area_id = session.scalar(
            select(AreaVersion.parent_area_id).where(
                AreaVersion.area_id == area_id, AreaVersion.valid_to.is_(None)
            )
        )
    return line


def _areas_named(session: Session, rules: list[Rule]) -> dict[int, frozenset[int]]:
    """Of each open finding, the areas that it lies in and that a rule names."""
    named = {rule[3] for rule in rules if rule[3] is not None}
    if not named:
        return {}
    rows = session.execute(
        select(Assignment.finding_id, Assignment.area_id).where(
            Assignment.valid_to.is_(None), Assignment.area_id.in_(sorted(named))
        )
    )
    alone = {area: frozenset({area}) for area in named}  # shared, as most findings lie in one named area
    within: dict[int, frozenset[int]] = {}
    for finding_id, area_id in rows:
        if area_id is None:
            continue
        known = within.get(finding_id)
        within[finding_id] = alone[area_id] if known is None else known | alone[area_id]
    return within


def _named(names: Names, bureau_id: int | None) -> Named | None:
    return names.bureaus.get(bureau_id) if bureau_id is not None else None


def _flows(flows: Tally[tuple[int | None, int | None]], names: Names) -> tuple[Flow, ...]:
    made = [Flow(_named(names, a), _named(names, b), count) for (a, b), count in flows.items()]
    return tuple(sorted(made, key=lambda flow: (-flow.count, _code(flow.before), _code(flow.after))))


def _bars(
    before: Tally[int | None], flows: Tally[tuple[int | None, int | None]], names: Names
) -> tuple[Bar, ...]:
    after = Tally(before)
    for (source, target), count in flows.items():
        after[source] -= count
        after[target] += count
    touched = {bureau for pair in flows for bureau in pair}
    bars = [Bar(_named(names, one), before[one], after[one]) for one in touched]
    return tuple(sorted(bars, key=lambda bar: (-max(bar.before, bar.after), _code(bar.bureau))))


def _movers(session: Session, movers: list[tuple[int, int | None]], names: Names) -> tuple[Mover, ...]:
    after = dict(movers)
    rows = session.execute(
        select(
            Finding.id, Finding.number, Finding.category_id, Finding.subject, Finding.place, Finding.bureau_id
        ).where(Finding.id.in_(list(after))).order_by(Finding.id)
    )  # fmt: skip
    return tuple(
        Mover(
            row.id, row.number, names.categories.get(row.category_id), row.subject, row.place,
            _named(names, row.bureau_id), _named(names, after[row.id]),
        )
        for row in rows
    )  # fmt: skip


def _code(bureau: Named | None) -> str:
    return bureau.code if bureau else ""


def without_bureau(rules: Iterable[Rule], bureau_id: int, successor_id: int) -> list[Rule]:
    """The rules with all that name one bureau naming another."""
    return [(*rule[:4], successor_id if rule[4] == bureau_id else rule[4]) for rule in rules]

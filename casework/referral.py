"""Which bureau receives a finding: the most specific routing rule that fits its category and its areas."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Area, Category, Level, RoutingRule


@dataclass(frozen=True, slots=True)
class Referral:
    """The bureau that a rule names; both None when no rule fits."""

    bureau_id: int | None = None
    rule_id: int | None = None


NOWHERE = Referral()


# (id, code, category or None, area or None, bureau)
Rule = tuple[int, str, int | None, int | None, int]


def rules_in_force(session: Session) -> list[Rule]:
    """The rules that are not retired."""
    rows = session.execute(
        select(
            RoutingRule.id, RoutingRule.code, RoutingRule.category_id, RoutingRule.area_id, RoutingRule.bureau_id
        ).where(RoutingRule.retired_at.is_(None))
    )  # fmt: skip
    return [(row.id, row.code, row.category_id, row.area_id, row.bureau_id) for row in rows]


class RoutingTable:
    """All rules in force, ready to answer.

    A rule fits when its category is the finding's or one of its parents (or any) and its area is one of the
    finding's areas at any level (or any). Of those that fit, the deepest category wins; of these, the finest area;
    of these, the lower rule code, so that the answer never depends on the order of rows.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        category_parents: dict[int, int | None],
        area_levels: dict[int, int],
    ) -> None:
        """Take rules as (id, code, category, area, bureau), each category's parent, each area's level position."""
        self._parents = category_parents
        self._levels = area_levels
        self._rules: dict[tuple[int | None, int | None], tuple[str, Referral]] = {}
        for rule_id, code, category_id, area_id, bureau_id in rules:
            known = self._rules.get((category_id, area_id))
            if known is None or code < known[0]:
                self._rules[(category_id, area_id)] = (code, Referral(bureau_id, rule_id))

    @classmethod
    def load(cls, session: Session, rules: Iterable[Rule] | None = None) -> "RoutingTable":
        """Read the rules, categories and areas in force; ``rules`` takes others instead (a dry run)."""
        parents = {row.id: row.parent_id for row in session.execute(select(Category.id, Category.parent_id))}
        levels = {
            row.id: row.position
            for row in session.execute(select(Area.id, Level.position).join(Level, Area.level_id == Level.id))
        }
        return cls(rules_in_force(session) if rules is None else rules, parents, levels)

    def refer(self, category_id: int, area_ids: Iterable[int]) -> Referral:
        """The bureau for a category at a place that lies in these areas (of any levels)."""
        finest_first = sorted(area_ids, key=lambda area: (-self._levels.get(area, -1), area))
        for category in self._line(category_id):
            for area in (*finest_first, None):
                found = self._rules.get((category, area))
                if found is not None:
                    return found[1]
        return NOWHERE

    def _line(self, category_id: int) -> list[int | None]:
        line: list[int | None] = []
        category: int | None = category_id
        while category is not None and category not in line:
            line.append(category)
            category = self._parents.get(category)
        return [*line, None]

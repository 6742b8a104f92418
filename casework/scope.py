"""Whose findings somebody sees: handlers their bureau's, inspectors those of their patches and their own reports."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from casework import policy
from casework.bureau_tasks import joint_findings
from casework.coverage import coverages
from casework.policy import Act, Actor, Reach
from casework.snapshot import Columns
from db.models import Finding

_NOBODY: Final = -1


@dataclass(frozen=True, slots=True)
class Scope:
    """The findings that somebody sees: all, a bureau's, or those of some patches and of one reporter.

    ``joint_ids`` are the findings that the bureau takes part in without leading.
    """

    bureau_id: int | None = None
    joint_ids: frozenset[int] = frozenset()
    patch_ids: frozenset[int] | None = None
    reporter_id: int | None = None

    @property
    def is_limited(self) -> bool:
        """Whether anything is kept from view."""
        return self.bureau_id is not None or self.patch_ids is not None

    def sees(self, finding: Finding) -> bool:
        """Whether this finding is in it."""
        if self.bureau_id is not None:
            return finding.bureau_id == self.bureau_id or finding.id in self.joint_ids
        if self.patch_ids is None:
            return True
        return finding.area_id in self.patch_ids or (
            self.reporter_id is not None and finding.reporter_id == self.reporter_id
        )

    def mask(self, columns: Columns) -> NDArray[np.bool_]:
        """Which of all findings are in it."""
        if self.bureau_id is not None:
            leads = np.asarray(columns.bureau == self.bureau_id)
            leads[columns.positions(sorted(self.joint_ids))] = True
            return leads
        if self.patch_ids is None:
            return np.ones(len(columns), dtype=bool)
        inside: NDArray[Any] = np.isin(columns.area, list(self.patch_ids))
        return inside if self.reporter_id is None else inside | (columns.reporter == self.reporter_id)


EVERYTHING: Final = Scope()


def scope_of(session: Session, actor: Actor) -> Scope:
    """What this person sees of the cases. Somebody who has no bureau or patches where the role needs them sees none."""
    reach = policy.reach(actor)
    if reach is Reach.BUREAU:
        if actor.bureau_id is None:
            return Scope(bureau_id=_NOBODY)
        return Scope(bureau_id=actor.bureau_id, joint_ids=joint_findings(session, actor.bureau_id))
    if reach is Reach.PATCHES:
        return Scope(patch_ids=patches_below(session, actor.area_ids), reporter_id=actor.user_id)
    return EVERYTHING


def patches_below(session: Session, area_ids: frozenset[int]) -> frozenset[int]:
    """The patches among these areas and below them."""
    levels = coverages(session)
    if not levels:
        return frozenset()
    parents = {area.id: area.parent_id for level in levels for area in level.areas}

    def lies_below(area_id: int | None) -> bool:
        seen = 0
        while area_id is not None and seen <= len(levels):
            if area_id in area_ids:
                return True
            area_id, seen = parents.get(area_id), seen + 1
        return False

    return frozenset(area.id for area in levels[-1].areas if lies_below(area.id))


def sees_case(session: Session, actor: Actor, finding: Finding) -> bool:
    """Whether this person may see the case as a whole: persons, history, originals."""
    return policy.may(actor, Act.VIEW_CASE) and scope_of(session, actor).sees(finding)

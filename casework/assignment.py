"""To which area of each level a finding belongs, and what is written down about it.

The meaning of a location is CONTRACT.md's; ``geo.assignment`` decides, this module turns its answers into rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from casework.coverage import Coverage
from casework.referral import Referral


@dataclass(frozen=True, slots=True)
class LevelAnswer:
    """Where a point lies in one level. ``candidates`` are (area id, metres), nearest first."""

    level_id: int
    area_id: int | None
    version_id: int | None
    coverage_version: int
    kind: str
    near_border: bool
    nearest_area_id: int | None
    nearest_m: float | None
    candidates: tuple[tuple[int, float], ...]

    @property
    def needs_triage(self) -> bool:
        """Whether a person should look at it."""
        return self.near_border or self.kind != "inside"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a point lies in every level, coarsest first; the last answer is the patch level's."""

    answers: tuple[LevelAnswer, ...]

    @property
    def patch(self) -> LevelAnswer | None:
        """The answer of the finest level; None when no area was ever published."""
        return self.answers[-1] if self.answers else None

    @property
    def area_ids(self) -> list[int]:
        """The areas that the point belongs to."""
        return [answer.area_id for answer in self.answers if answer.area_id is not None]

    @property
    def needs_triage(self) -> bool:
        """Whether any level's answer should be looked at (or there are no areas at all)."""
        return not self.answers or any(answer.needs_triage for answer in self.answers)


def place_all(levels: Sequence[Coverage], lon: ArrayLike, lat: ArrayLike, near_m: float) -> list[Placement]:
    """Where points (lon/lat, WGS 84, finite) lie, one Placement each. ``near_m`` in metres."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    by_level = [_answers(level, x, y, near_m) for level in levels]
    return (
        [Placement(answers) for answers in zip(*by_level, strict=True)]
        if by_level
        else [Placement(())] * len(x)
    )


def place(levels: Sequence[Coverage], lon: float, lat: float, near_m: float) -> Placement:
    """Where one point lies."""
    return place_all(levels, [lon], [lat], near_m)[0]


def _answers(level: Coverage, x: Any, y: Any, near_m: float) -> list[LevelAnswer]:
    located = level.index.describe(x, y, near_m)
    areas, common = level.areas, (level.level_id, level.version)
    plain = ~located.needs_triage
    answers = []
    for i, position in enumerate(located.position.tolist()):
        area = areas[position] if position >= 0 else None
        if plain[i] and area is not None:
            answers.append(
                LevelAnswer(common[0], area.id, area.version_id, common[1], "inside", False, None, None, ())
            )
            continue
        one = located[i]
        answers.append(
            LevelAnswer(
                level_id=common[0],
                area_id=area.id if area else None,
                version_id=area.version_id if area else None,
                coverage_version=common[1],
                kind=str(one.kind),
                near_border=one.near_border,
                nearest_area_id=areas[one.nearest].id if one.nearest >= 0 else None,
                nearest_m=one.nearest_m,
                candidates=tuple((areas[p].id, round(m, 2)) for p, m in one.candidates),
            )
        )
    return answers


def assignment_rows(
    placement: Placement,
    finding_id: int,
    referral: Referral,
    at: datetime,
    *,
    user_id: int | None = None,
    reason: str = "",
) -> list[dict[str, Any]]:
    """The rows for the table ``assignments``; the bureau and its rule stand with the patch level."""
    return [
        {
            "finding_id": finding_id,
            "level_id": answer.level_id,
            "area_id": answer.area_id,
            "area_version_id": answer.version_id,
            "coverage_version": answer.coverage_version,
            "kind": answer.kind,
            "near_border": answer.near_border,
            "nearest_area_id": answer.nearest_area_id,
            "nearest_m": answer.nearest_m,
            "candidates": [list(pair) for pair in answer.candidates] or None,
            "pinned": False,
            "bureau_id": referral.bureau_id if answer is placement.patch else None,
            "rule_id": referral.rule_id if answer is placement.patch else None,
            "user_id": user_id,
            "reason": reason,
            "valid_from": at,
            "valid_to": None,
        }
        for answer in placement.answers
    ]


def finding_columns(placement: Placement, referral: Referral) -> dict[str, Any]:
    """The columns of a finding that repeat its current assignment."""
    patch = placement.patch
    return {
        "area_id": patch.area_id if patch else None,
        "bureau_id": referral.bureau_id,
        "assignment": patch.kind if patch else "outside",
        "near_border": patch.near_border if patch else False,
        "triage": placement.needs_triage,
    }

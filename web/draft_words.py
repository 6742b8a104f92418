"""What is wrong with a draft, what would mend it, and why an edit is refused: in words that name who is affected."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import shapely
from flask_babel import gettext as _

from casework.drafts_check import CODE_TAKEN, NO_LEADER, DraftProblem, Fix
from casework.drafts_fixes import Proposal, ToolRefused
from casework.drafts_map import DraftArea
from casework.drafts_shapes import BadShape
from casework.drafts_view import geojson
from geo.boundaries import Refusal
from web import case_words, i18n

_SMALL_M2: Final = 10.0
_HECTARE_M2: Final = 10_000.0
_KM2: Final = 1_000_000.0
_CENTIMETRES: Final = 1.0


def problem_json(one: DraftProblem) -> dict[str, Any]:
    """A problem as the drawing page reads it."""
    empty = one.place.is_empty
    shown = one.areas[0].geometry if one.found is None else one.place
    return {
        "id": one.id, "kind": one.kind, "detail": one.detail, "areas": [area.key for area in one.areas],
        "level": one.level.in_force.level_code, "area_m2": round(one.area_m2, 2),
        "length_m": round(one.length_m, 2),
        "at": [one.lon, one.lat] if math.isfinite(one.lon) and math.isfinite(one.lat) else None,
        "bbox": None if empty else [round(edge, 7) for edge in shown.bounds],
        "geometry": None if empty else geojson(one.place), "text": problem_text(one), "blocking": one.blocking,
        "known": one.is_known, "fixes": [{"id": way.id, "text": fix_text(way, one)} for way in one.fixes],
    }  # fmt: skip


def problems_json(found: Sequence[DraftProblem]) -> dict[str, Any]:
    """All problems, and how many of them stand in the way of publishing."""
    return {"problems": [problem_json(one) for one in found], "blocking": sum(one.blocking for one in found)}


def proposal_json(one: Proposal) -> dict[str, Any]:
    """What an area would gain and lose, as the drawing page reads it."""
    return {
        "key": one.area.key, "before": geojson(one.before) if one.before is not None else None,
        "after": geojson(one.after) if one.after is not None else None,
        "added": None if one.added.is_empty else geojson(one.added),
        "removed": None if one.removed.is_empty else geojson(one.removed),
        "added_m2": round(one.added_m2, 2), "removed_m2": round(one.removed_m2, 2), "text": _proposal(one),
    }  # fmt: skip


def problem_text(one: DraftProblem) -> str:
    """The problem in one sentence."""
    make = _SENTENCES.get((one.kind, one.detail)) or _SENTENCES.get((one.kind, ""))
    return make(one) if make else _("Something is wrong with %(names)s", names=_names(one.areas))


def fix_text(way: Fix, one: DraftProblem) -> str:
    """What a way to mend it is called."""
    if way.act == "give" and way.area is not None:
        return _("Give to %(name)s", name=_name(way.area))
    if way.act == "trim":
        return (
            _("Keep within %(name)s", name=_name(one.parent))
            if one.parent
            else _("Take away what is too much")
        )
    return _("Give both the same corners") if way.act == "join" else _("Mend the shape")


def refusal_text(refused: ToolRefused) -> str:
    """Why an edit of borders is not made."""
    why, names = refused.why, _names(refused.areas)
    size = why.data.get("area_m2")
    told = area_text(float(size)) if isinstance(size, int | float) else ""
    return _refusals(names, told)[why.kind]


def shape_text(error: BadShape) -> str:
    """Why a shape is not taken, with the area's name in place of its key."""
    if error.names is not None:
        name = case_words.pick(error.names)
    else:
        drawn = {"line": _("The line"), "hole": _("The hole"), "drawn": _("What was drawn")}
        name = drawn.get(error.key) or _("The new area")
    return _(error.message, **{**error.params, "key": name})


def area_text(size_m2: float) -> str:
    """An area in m², hectares or km², as precise as anybody would say it."""
    if size_m2 < _SMALL_M2:
        return _("%(size)s m²", size=f"{size_m2:.1f}")
    if size_m2 < _HECTARE_M2:
        return _("%(size)s m²", size=f"{size_m2:,.0f}")
    if size_m2 < _KM2:
        return _("%(size)s ha", size=f"{size_m2 / _HECTARE_M2:.1f}")
    return _("%(size)s km²", size=f"{size_m2 / _KM2:.2f}")


def _length(length_m: float) -> str:
    if length_m < _CENTIMETRES:
        return _("%(length)s cm", length=f"{max(100 * length_m, 0.1):.1f}")
    return _("%(length)s m", length=f"{length_m:,.1f}")


def _name(area: DraftArea | None) -> str:
    return i18n.local(area, "name") if area is not None else ""


def _names(areas: Sequence[DraftArea]) -> str:
    """A; A and B; A, B and C; A, B, C and 4 more."""
    names = list(dict.fromkeys(_name(area) for area in areas))
    if not names:
        return _("an area")
    if len(names) > 4:
        return _("%(names)s and %(count)s more", names=_(", ").join(names[:3]), count=len(names) - 3)
    if len(names) == 1:
        return names[0]
    return _("%(first)s and %(last)s", first=_(", ").join(names[:-1]), last=names[-1])


def _gap(one: DraftProblem) -> str:
    size = area_text(one.area_m2)
    if len(one.areas) > 1:
        return _("Nobody is responsible between %(names)s, %(size)s", names=_names(one.areas), size=size)
    if one.areas:
        return _("Nobody is responsible beside %(name)s, %(size)s", name=_name(one.areas[0]), size=size)
    return _("Nobody is responsible here, %(size)s", size=size)


def _thin_gap(one: DraftProblem) -> str:
    return _(
        "Nobody is responsible on a strip beside %(names)s, %(width)s wide, %(size)s",
        names=_names(one.areas), width=_length(_width_m(one)), size=area_text(one.area_m2),
    )  # fmt: skip


def _overlap(one: DraftProblem) -> str:
    return _("%(names)s overlap, %(size)s", names=_names(one.areas), size=area_text(one.area_m2))


def _contained(one: DraftProblem) -> str:
    return _(
        "One lies in the other: %(names)s, %(size)s", names=_names(one.areas), size=area_text(one.area_m2)
    )


def _thin_overlap(one: DraftProblem) -> str:
    return _(
        "%(names)s overlap on a strip, %(width)s wide, %(size)s",
        names=_names(one.areas), width=_length(_width_m(one)), size=area_text(one.area_m2),
    )  # fmt: skip


def _spill(one: DraftProblem) -> str:
    return _(
        "%(size)s of %(name)s lie outside %(parent)s",
        size=area_text(one.area_m2), name=_names(one.areas), parent=_name(one.parent) or _("the level above"),
    )  # fmt: skip


def _outside(one: DraftProblem) -> str:
    return _(
        "All of %(name)s lies outside %(parent)s",
        name=_names(one.areas), parent=_name(one.parent) or _("the level above"),
    )  # fmt: skip


def _thin_part(one: DraftProblem) -> str:
    return _(
        "%(name)s has a part that is only %(width)s wide",
        name=_names(one.areas), width=_length(_width_m(one)),
    )  # fmt: skip


def _lacks_corner(one: DraftProblem) -> str:
    return _(
        "%(name)s lacks a corner where it meets %(others)s",
        name=_name(one.areas[0]) if one.areas else "", others=_names(one.areas[1:]),
    )  # fmt: skip


def _two_corners(one: DraftProblem) -> str:
    return _(
        "Corners of %(names)s are %(length)s apart: they should be one",
        names=_names(one.areas), length=_length(one.length_m),
    )  # fmt: skip


def _same(one: DraftProblem) -> str:
    return _("%(names)s are the same area", names=_names(one.areas))


def _uncovered(one: DraftProblem) -> str:
    return _("%(name)s has no areas in it: nobody is responsible there", name=_name(one.parent))


def _crossing(one: DraftProblem) -> str:
    return _("The border of %(name)s crosses itself", name=_names(one.areas))


def _touching(one: DraftProblem) -> str:
    return _("The border of %(name)s touches itself", name=_names(one.areas))


def _unusable(one: DraftProblem) -> str:
    return _("The shape of %(name)s cannot be used", name=_names(one.areas))


def _code_taken(one: DraftProblem) -> str:
    return _("%(names)s have the same code %(code)s", names=_names(one.areas), code=one.areas[0].code)


def _no_leader(one: DraftProblem) -> str:
    return _("%(name)s has no leader", name=_names(one.areas))


_SENTENCES: Final[dict[tuple[str, str], Callable[[DraftProblem], str]]] = {
    ("gap", ""): _gap,
    ("overlap", ""): _overlap,
    ("overlap", "contained"): _contained,
    ("sliver", "gap"): _thin_gap,
    ("sliver", "overlap"): _thin_overlap,
    ("sliver", "spill"): _spill,
    ("sliver", ""): _thin_part,
    ("spill", ""): _spill,
    ("spill", "outside"): _outside,
    ("t_junction", ""): _lacks_corner,
    ("t_junction", "near_vertex"): _two_corners,
    ("duplicate", ""): _same,
    ("uncovered", ""): _uncovered,
    ("invalid", "self_intersection"): _crossing,
    ("invalid", "ring_touches_itself"): _touching,
    ("invalid", ""): _unusable,
    (CODE_TAKEN, ""): _code_taken,
    (NO_LEADER, ""): _no_leader,
}


def _refusals(names: str, size: str) -> dict[Refusal, str]:
    return {
        Refusal.NO_SUCH_AREA: _("There is no such area any more: load the draft again"),
        Refusal.NO_SUCH_VERTEX: _("There is no corner there any more"),
        Refusal.NO_SUCH_EDGE: _("There is no border there any more"),
        Refusal.BAD_SHAPE: _("What was drawn is no shape: draw it again"),
        Refusal.INVALID: _("The border of %(name)s would cross itself", name=names),
        Refusal.TOO_FEW_VERTICES: _("%(name)s needs three corners or more", name=names),
        Refusal.OVERLAP: _("It would lay %(names)s over each other, %(size)s", names=names, size=size),
        Refusal.GAP: _("It would leave ground for which nobody is responsible, %(size)s", size=size),
        Refusal.SPILL: _("%(names)s would leave the area above, %(size)s", names=names, size=size),
        Refusal.SLIVER: _("It would leave a strip thinner than a metre, %(size)s", size=size),
        Refusal.T_JUNCTION: _("%(names)s would no longer have the same corners", names=names),
        Refusal.NOT_CUT_THROUGH: _("The line must cross the border twice: begin and end it outside the area"),
        Refusal.NOT_NEIGHBOURS: _("%(names)s have no border in common", names=names),
        Refusal.ONLY_A_POINT: _("%(names)s touch at a corner only", names=names),
        Refusal.NOTHING_THERE: _("There is nothing to take there: it lies outside, or belongs to others"),
        Refusal.NOTHING_LEFT: _("Nothing would be left of %(name)s", name=names),
    }


def _width_m(one: DraftProblem) -> float:
    return 2 * one.area_m2 / one.length_m if one.length_m > 0 else 0.0


def _proposal(one: Proposal) -> str:
    name = _name(one.area)
    gains, loses = one.added_m2 >= _LEAST_M2, one.removed_m2 >= _LEAST_M2
    if gains and loses:
        return _(
            "%(name)s gains %(gained)s and loses %(lost)s",
            name=name, gained=area_text(one.added_m2), lost=area_text(one.removed_m2),
        )  # fmt: skip
    if gains:
        return _("%(name)s gains %(gained)s", name=name, gained=area_text(one.added_m2))
    if loses:
        return _("%(name)s loses %(lost)s", name=name, lost=area_text(one.removed_m2))
    corners = shapely.get_num_coordinates(one.after) - shapely.get_num_coordinates(one.before)
    if corners > 0:
        return _("%(name)s gets the corners that it lacks", name=name)
    return _("%(name)s: corners move by less than anybody can see", name=name)


_LEAST_M2: Final = 0.05

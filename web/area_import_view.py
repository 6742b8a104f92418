"""The import of areas as the page shows it: questions with their choices, areas, notes, problems, all as JSON."""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from flask_babel import gettext as _
from flask_babel import ngettext
from shapely.geometry.base import BaseGeometry

from casework.area_features import is_known_code
from casework.area_import_plan import AreaPlan
from casework.area_imports import Look
from geo.crs import area_m2
from geo.crs_guess import CrsGuess
from geo.readers import ReadResult
from geo.readers_points import text_of
from web import area_import_words as words
from web import i18n

MAX_SHAPES: Final = 3_000
MAX_ROWS: Final = 1_000
MAX_NOTES: Final = 500
MAX_PROBLEMS: Final = 300
_VERTICES: Final = 120_000
_SAMPLES: Final = 3
_SEPARATING: Final = 0.002  # degrees that fit so well in WGS 84 need no question about their datum
_TELLING: Final = 0.5  # where more lies over borders, the areas are simply others
_DEGREES: Final = frozenset(["EPSG:4326", "EPSG:4490"])


def view(look: Look) -> dict[str, Any]:
    """Everything that the page shows of an import."""
    plan, result = look.plan, look.seen.result
    return {
        "file": {"name": look.file.name, "bytes": look.file.bytes, "names": look.file.names},
        "refused": _refused(look),
        "questions": _questions(look),
        "counts": _counts(plan) if plan else None,
        "areas": _areas(plan) if plan else [],
        "absent": _absent(plan) if plan else [],
        "left": _left(result, plan) if result is not None else [],
        "notes": _notes(look),
        "problems": _problems(plan) if plan else {"rows": [], "more": 0},
        "may_draft": plan is not None and plan.level_id is not None,
        "bounds": _bounds(look),
        "seal": look.seal,
    }


def _refused(look: Look) -> dict[str, Any] | None:
    refusal = look.seen.refusal
    if refusal is not None:
        return {"field": _field_of(refusal.code), "text": words.refusal(refusal)}
    if look.refused is not None:
        return {"field": look.refused.field or "", "text": i18n.said(look.refused)}
    return None


def _field_of(code: str) -> str:
    """The question that a refusal asks."""
    known = {"which_layer": "layer", "no_such_layer": "layer", "which_crs": "crs", "unknown_crs": "crs"}
    return {**known, "bad_encoding": "encoding", "no_coordinates": "file"}.get(code, "file")


def _questions(look: Look) -> dict[str, Any]:
    seen, result = look.seen, look.seen.result
    refusal = seen.refusal
    layers = refusal.choices if refusal and refusal.code in ("which_layer", "no_such_layer") else ()
    return {
        "layer": {
            "asked": bool(layers),
            "value": look.wanted.answers.layer or seen.layer or "",
            "choices": layers,
        },
        "encoding": {
            "asked": bool(seen.samples) and look.wanted.answers.encoding is None,
            "value": seen.encoding or look.wanted.answers.encoding or "",
            "choices": [{"value": name, "sample": sample} for name, sample in seen.samples.items()],
        },
        "crs": _crs(look),
        "datum": _datum(look),
        "fields": _fields(look, result),
        "level": {
            "value": look.plan.level_code if look.plan else look.wanted.level,
            "choices": [{"code": c, "zh": zh, "en": en, "areas": n} for c, zh, en, n in look.levels],
        },
    }


def _crs(look: Look) -> dict[str, Any]:
    seen = look.seen
    stated = seen.stated_crs is not None or (seen.crs_by_format and seen.result is not None)
    away = look.refused is not None and look.refused.field == "crs"
    wrong = seen.refusal is not None and seen.refusal.code in ("which_crs", "unknown_crs")
    swapped = bool(seen.used.swapped) or any(
        problem.code == "axes_swapped" for problem in (seen.result.problems if seen.result else ())
    )
    return {
        "asked": not stated or away or wrong,
        "stated": stated,
        "value": seen.used.crs or (seen.result.crs if seen.result else ""),
        "name": seen.result.crs if seen.result else "",
        "swapped": swapped,
        "choices": [_guess(guess) for guess in seen.guesses],
    }


def _guess(guess: CrsGuess) -> dict[str, Any]:
    return {"value": guess.crs, "name": guess.name, "swapped": guess.swapped, "share": round(guess.share, 3)}


def _datum(look: Look) -> dict[str, Any]:
    seen = look.seen
    degrees = seen.result is not None and (seen.result.crs in _DEGREES or seen.used.datum is not None)
    plain = next((fit.spill for fit in look.datums if fit.datum == "wgs84"), None)
    sure = plain is not None and plain < _SEPARATING
    return {
        "shown": degrees,
        "asked": degrees and not sure,
        "value": seen.used.datum or "wgs84",
        "better": look.better.datum if look.better else None,
        "fits": {
            fit.datum: round(100 * fit.spill, 2)
            for fit in look.datums
            if plain is not None and plain < _TELLING
        },
    }


def _fields(look: Look, result: ReadResult | None) -> dict[str, Any]:
    if result is None:
        return {"asked": False, "columns": [], "value": {}, "guessed": []}
    used = look.plan.fields if look.plan else look.wanted.fields
    columns = [str(name) for name in result.features.columns if name != result.features.geometry.name]
    code = used.code or ""
    refused = look.refused is not None and look.refused.field in ("code", "name", "name-en", "parent")
    return {
        "asked": refused or ("code" in used.guessed and not is_known_code(code)),
        "columns": [{"name": name, "samples": _samples(result, name)} for name in columns[:200]],
        "value": {
            "code": code,
            "name": used.name or "",
            "name_en": used.name_en or "",
            "parent": used.parent or "",
        },
        "guessed": list(used.guessed),
    }


def _samples(result: ReadResult, column: str) -> list[str]:
    found: list[str] = []
    for value in result.features[column].head(50):
        text = text_of(value).strip()
        if text and text not in found:
            found.append(text[:40])
        if len(found) == _SAMPLES:
            break
    return found


def _counts(plan: AreaPlan) -> dict[str, Any]:
    return {
        "features": plan.features,
        "new": len(plan.codes("new")),
        "changed": len(plan.codes("changed")),
        "unchanged": len(plan.codes("unchanged")),
        "left_out": plan.features - len(plan.planned),
        "absent": len(plan.absent),
        "ended": plan.ended,
        "is_new": plan.level_id is None,
        "level": list(plan.names),
        "above": [plan.above.name_zh, plan.above.name_en] if plan.above else None,
        "nests": plan.nests,
        "across": len(plan.planned) - plan.nested if plan.above else 0,
    }


def _areas(plan: AreaPlan) -> list[dict[str, Any]]:
    shapes = _drawn([one.candidate.geometry for one in plan.planned])
    above = {area.id: [area.name_zh, area.name_en] for area in plan.above.areas} if plan.above else {}
    rows = []
    for i, (one, shape) in enumerate(zip(plan.planned, shapes, strict=True)):
        area = one.candidate
        row: dict[str, Any] = {
            "feature": area.feature, "outcome": one.outcome, "geometry": shape, "bbox": _bbox(area.geometry),
            "code": area.code, "zh": area.name_zh, "en": area.name_en, "place": _place(area.geometry),
        }  # fmt: skip
        if i < MAX_ROWS:
            row["parent"] = above.get(one.parent_area_id or 0)
            row["km2"] = round(area_m2(area.geometry) / 1e6, 3)
        rows.append(row)
    return rows


def _absent(plan: AreaPlan) -> list[dict[str, Any]]:
    shapes = _drawn([area.geometry for area in plan.absent])
    return [
        {
            "code": area.code,
            "zh": area.name_zh,
            "en": area.name_en,
            "geometry": shape,
            "bbox": _bbox(area.geometry),
        }
        for area, shape in zip(plan.absent, shapes, strict=True)
    ]


def _left(result: ReadResult, plan: AreaPlan | None) -> list[dict[str, Any]]:
    """Features that have a place and are not taken, or all of them while there is no plan."""
    taken = {one.candidate.feature for one in plan.planned} if plan else set()
    left = [n for n in result.features.index.tolist() if n not in taken]
    shapes = result.features.geometry.loc[left].tolist()
    return [
        {"feature": number, "geometry": drawn, "bbox": _bbox(shape)}
        for number, drawn, shape in zip(left, _drawn(shapes), shapes, strict=True)
    ]


def _notes(look: Look) -> dict[str, Any]:
    seen, plan = look.seen, look.plan
    found: list[dict[str, Any]] = []
    result = seen.result
    present = set(result.features.index) if result is not None else set()
    if plan is not None:
        listed = [(one.feature, words.note(one), one.left_out) for one in plan.notes]
    elif result is not None:
        listed = [
            (p.feature, words.say(p.message, p.params), p.feature not in present) for p in result.problems
        ]
    elif seen.refusal is not None:
        listed = [(p.feature, words.say(p.message, p.params), True) for p in seen.refusal.problems]
    else:
        listed = []
    for feature, text, left_out in listed[:MAX_NOTES]:
        shape = None
        if result is not None and feature is not None and feature in present:
            shape = result.features.geometry.loc[feature]
        found.append(
            {
                "feature": feature,
                "text": text,
                "left_out": bool(left_out and feature is not None),
                "bbox": _bbox(shape),
            }
        )
    return {"rows": found, "more": max(0, len(listed) - MAX_NOTES)}


def _problems(plan: AreaPlan) -> dict[str, Any]:
    if len(plan.planned) > MAX_SHAPES:
        return {"rows": [], "more": 0, "skipped": True}
    found = plan.problems()
    rows = []
    for problem, concerned in found[:MAX_PROBLEMS]:
        rows.append(
            {
                "kind": problem.kind.value,
                "text": words.boundary(problem, concerned),
                "at": [problem.lon, problem.lat],
                "bbox": _bbox(problem.place),
                "geometry": _drawn([problem.place])[0],
            }
        )
    more = len(found) - len(rows)
    said = ngettext("%(num)s more", "%(num)s more", more) if more else ""
    return {"rows": rows, "more": more, "more_text": said, "total": len(found)}


def _drawn(shapes: Sequence[BaseGeometry]) -> list[Any]:
    """The shapes for the map as GeoJSON, together within a number of vertices; those beyond MAX_SHAPES are None."""
    few = np.asarray(shapes[:MAX_SHAPES], dtype=object)
    if len(few) == 0:
        return []
    west, south, east, north = shapely.total_bounds(few)
    tolerance = max(east - west, north - south, 1e-6) / 6000
    slim = few
    for _step in range(6):
        slim = np.asarray(shapely.simplify(few, tolerance, preserve_topology=True), dtype=object)
        if shapely.get_num_coordinates(slim).sum() <= _VERTICES:
            break
        tolerance *= 3
    texts = shapely.to_geojson(shapely.transform(slim, lambda xy: np.round(xy, 6)))
    return [json.loads(text) for text in texts] + [None] * (len(shapes) - len(few))


def _bbox(shape: BaseGeometry | None) -> list[float] | None:
    return (
        [round(float(value), 6) for value in shape.bounds]
        if shape is not None and not shape.is_empty
        else None
    )


def _place(shape: BaseGeometry) -> list[float]:
    """Where a name may stand: a point of the shape."""
    point = shapely.point_on_surface(shape)
    return [round(point.x, 6), round(point.y, 6)]


def _bounds(look: Look) -> list[float] | None:
    """West, south, east, north of what is taken, else of all that could be read."""
    if look.plan is not None:
        return [
            round(float(v), 6)
            for v in shapely.total_bounds([one.candidate.geometry for one in look.plan.planned])
        ]
    if look.seen.result is not None:
        return [round(float(v), 6) for v in look.seen.result.features.total_bounds]
    return None


def datum_names() -> list[tuple[str, str, str]]:
    """The datums: key, what it is called, who uses it."""
    return [
        ("wgs84", _("WGS 84 or CGCS2000"), _("GPS, surveys")),
        ("gcj02", _("GCJ-02"), _("Amap, Tencent and other Chinese map services")),
        ("bd09", _("BD-09"), _("Baidu maps")),
    ]

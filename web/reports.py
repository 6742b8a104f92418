"""Reporting a problem: the page, what it shows before sending, and taking the report."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import case_view, fields, findings, report_preview
from casework.errors import CaseworkError, Refusals, Refused
from casework.map_rows import iso
from casework.photo_uploads import MAX_BYTES, MAX_PHOTOS
from casework.policy import Act
from casework.report_preview import Preview
from web import case_words, categories, context, errors, i18n, map_shell, photo_forms, tie_words, uploads

blueprint = Blueprint("reports", __name__)

FIELDS: Final = ("category", "lon", "lat", "subject", "place", "description", "found_at")


@blueprint.get("/report")
def form() -> ResponseReturnValue:
    """The page for reporting; ``?lon=&lat=`` puts the pin there."""
    context.require(Act.REPORT)
    return _page({name: request.args[name] for name in FIELDS if name in request.args})


@blueprint.post("/report")
def send() -> ResponseReturnValue:
    """Take a report; 201 or the page with its number once it is durable."""
    context.require(Act.REPORT)
    given = request.form
    try:
        reported = _reported(given)
    except (Refused, Refusals) as error:
        if errors.wants_json():
            raise
        return _page(given, error)
    address = url_for("reports.done", finding_id=reported.finding_id)
    if not errors.wants_json():
        return redirect(address, HTTPStatus.SEE_OTHER)
    answer = jsonify(
        id=reported.finding_id, url=address, warnings=[_(warning) for warning in reported.warnings]
    )
    answer.status_code = HTTPStatus.CREATED
    answer.headers["Location"] = address
    return answer


def _reported(given: Mapping[str, str]) -> findings.Reported:
    """File it; one that was filed already under this key is not looked at again."""
    office, actor, key = context.office(), context.actor(), given.get("client_key", "")
    known = findings.reported_before(office, actor, key)
    if known is not None:
        return known
    photos = photo_forms.photos()
    return findings.report(office, actor, _filled(given), source="web", photos=photos, client_key=key)


@blueprint.get("/report/done/<int:finding_id>")
def done(finding_id: int) -> ResponseReturnValue:
    """What became of a report: its number, patch, bureau and deadline."""
    context.require(Act.REPORT)
    case = case_view.case(context.office(), context.actor(), finding_id)
    return render_template("reports/done.html", case=case, words=case_words, now=context.office().now())


@blueprint.get("/reports/preview")
def preview() -> ResponseReturnValue:
    """What a report at a place would come to."""
    asked = request.args
    seen = report_preview.preview(
        context.office(), context.actor(), asked.get("lon"), asked.get("lat"), asked.get("category", "")
    )
    but = asked.get("but", type=int)
    return jsonify(_told(seen, but))


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    """The fields that hold something; a plain form sends its empty ones too."""
    return {name: given[name] for name in FIELDS if given.get(name, "").strip()}


def _told(seen: Preview, but: int | None) -> dict[str, Any]:
    where, goes_to, zone = seen.where, seen.goes_to, context.city()
    rows = [row for row in seen.nearby if row["id"] != but]
    left_out = len(seen.nearby) - len(rows)
    return {
        "lon": seen.lon,
        "lat": seen.lat,
        "patch": {**where.patch.coded, "leader": where.leader} if where.patch else None,
        "kind": where.kind,
        "warning": _warning(seen),
        "bureau": _bureau(goes_to) if goes_to else None,
        "goes": _goes(goes_to) if goes_to else "",
        "due_at": iso(goes_to.due_at, i18n.in_city(seen.now).tzinfo) if goes_to and zone else None,  # type: ignore[arg-type]
        "street": _("Near %(street)s", street=case_words.pick(seen.street)) if seen.street else "",
        "nearby": [{**row, "said": _nearby_line(row, seen.now)} for row in rows],
        "nearby_total": max(0, seen.nearby_total - left_out),
        "now": i18n.in_city(seen.now).isoformat(timespec="seconds"),
    }


def _bureau(goes_to: report_preview.Destination) -> dict[str, Any] | None:
    return goes_to.bureau.coded if goes_to.bureau else None


def _goes(goes_to: report_preview.Destination) -> str:
    """Who gets it and how long they have: 归城市管理局（规则 R-14），限 8 工作时."""
    if goes_to.bureau is None:
        return _("No rule names a bureau for it: whoever dispatches it will choose")
    name = case_words.name(goes_to.bureau)
    receives = (
        _("Goes to %(bureau)s (rule %(code)s)", bureau=name, code=goes_to.rule[0])
        if goes_to.rule
        else _("Goes to %(bureau)s", bureau=name)
    )
    if goes_to.limit is None:
        return receives
    value, unit = goes_to.limit
    limit = case_words.limit({"value": value, "unit": unit})
    return _("%(receives)s, to be put right within %(limit)s", receives=receives, limit=limit)


def _warning(seen: Preview) -> str:
    where = seen.where
    if where.far_m is not None:
        return _(
            "This place is %(km)s km from the city: look at the map again", km=f"{where.far_m / 1000:,.0f}"
        )
    if where.kind == "inside" and not where.near_border:
        return ""
    kind = "near" if where.kind == "inside" else where.kind
    area = case_words.name(where.patch) if where.patch else ""
    why = case_words.why(kind, area, case_words.named_metres(where.others))
    return f"{why} " + _("Somebody will look at it; you can report it all the same.")


def _nearby_line(row: Mapping[str, Any], now: datetime) -> str:
    """What a nearby finding's second line says: 18 m · 超 2 时 · 树林巷 12 号, or why it may be the same thing."""
    told, _late = case_words.deadline(row, now)
    if "same" in row:
        why = tie_words.reasons(row["distance_m"], row["same"], row["apart_s"])
        return " · ".join(filter(None, (why, told, row["place"])))
    return " · ".join(filter(None, (f"{row['distance_m']:.0f} m", told, row["place"])))


def _pin(given: Mapping[str, str]) -> tuple[float, float] | None:
    """Where the given coordinates put the pin; None while they are no place."""
    try:
        return fields.location(given.get("lon"), given.get("lat"))
    except Refused:
        return None


def _page(given: Mapping[str, str], fault: CaseworkError | None = None) -> Response:
    pin = _pin(given)
    faults = fault.errors if isinstance(fault, Refusals) else [fault] if fault else []
    page = render_template(
        "reports/form.html",
        given=given,
        said={one.field or "form": i18n.said(one) for one in faults},
        photos_lost=bool(request.files) and fault is not None,
        groups=categories.groups(),
        client_key=given.get("client_key", ""),
        now=i18n.in_city(context.office().now()),
        shell=map_shell.shell(*(pin or (None, None))),
        config={
            **map_shell.config(),
            "at": list(pin) if pin else None,
            "categories": categories.as_json(),
            "most_photos": MAX_PHOTOS,
            "most_bytes": uploads.MAX_REQUEST_BYTES,
            "largest_bytes": MAX_BYTES,
        },
        texts=i18n.texts_for_js(i18n.lang()),
    )
    return make_response(page, errors.status_of(fault) if fault else 200)

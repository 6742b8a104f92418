"""The JSON API, version 1: findings in and out, and the lists that their codes come from."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import finding_queries, findings, listings
from casework.errors import Refused, mark
from casework.policy import SYSTEM, Act
from web import bodies, context, i18n, uploads
from web.api import openapi
from web.api.features import collection, feature
from web.photos import sent_original

blueprint = Blueprint("api_v1", __name__, url_prefix="/api")

GEOJSON = "application/geo+json"


@blueprint.get("/openapi.json")
def description() -> ResponseReturnValue:
    """What this API can do, in OpenAPI 3.1."""
    return jsonify(openapi.document())


@blueprint.post("/v1/findings")
def report() -> ResponseReturnValue:
    """Take a finding; 201 and the whole of it once it is durable."""
    context.require(Act.REPORT)
    form = bodies.fields()
    if not request.files and form.get("photos"):
        raise Refused(
            mark("photos must be files: send the fields and them as multipart/form-data"), field="photos"
        )
    key = request.headers.get("Idempotency-Key") or form.get("client_key")
    # The same report sent again, for want of an answer, is answered without looking at its photos.
    reported = findings.reported_before(context.office(), context.actor(), key)
    if reported is None:
        reported = findings.report(
            context.office(), context.actor(), form, source="api", photos=uploads.photos(), client_key=key
        )
    record = finding_queries.finding_record(context.office(), SYSTEM, reported.finding_id)
    answer = _geojson(
        feature(record, warnings=[_(warning) for warning in reported.warnings]),
        200 if reported.repeated else 201,
    )
    answer.headers["Location"] = url_for("api_v1.finding", finding_id=record.id)
    return answer


@blueprint.get("/v1/findings")
def list_findings() -> ResponseReturnValue:
    """A page of the findings that fit the query, the newest first."""
    context.require(Act.VIEW_MAP)
    query = request.args.to_dict()
    page = finding_queries.finding_page(context.office(), context.actor(), query)
    links = [_link("self", query)]
    if page.next:
        links.append(_link("next", {**query, "cursor": page.next}))
    return _geojson(
        collection(page.records, numberMatched=page.matched, numberReturned=len(page.records), links=links)
    )


@blueprint.get("/v1/findings/<int:finding_id>")
def finding(finding_id: int) -> ResponseReturnValue:
    """One finding."""
    context.require(Act.VIEW_MAP)
    return _geojson(feature(finding_queries.finding_record(context.office(), context.actor(), finding_id)))


@blueprint.get("/v1/categories")
def categories() -> ResponseReturnValue:
    """The categories in use, a tree by ``parent``, with their time limits."""
    context.require(Act.VIEW_MAP)
    return jsonify(categories=[_entry(one) for one in listings.categories(context.office())])


@blueprint.get("/v1/bureaus")
def bureaus() -> ResponseReturnValue:
    """The bureaus in use."""
    context.require(Act.VIEW_MAP)
    return jsonify(bureaus=[_entry(one) for one in listings.bureaus(context.office())])


@blueprint.get("/v1/areas")
def areas() -> ResponseReturnValue:
    """The areas in force; their leaders only for those who may see persons."""
    context.require(Act.VIEW_MAP)
    persons = context.may(Act.VIEW_CASE)
    language = 0 if i18n.lang() == "zh" else 1
    entries = []
    for area in listings.areas(context.office()):
        leader = area.leader[language] if persons and area.leader else None
        entries.append({**_entry(area), "leader": leader})
    return jsonify(areas=entries)


@blueprint.get("/v1/photos/<int:photo_id>")
def photo(photo_id: int) -> ResponseReturnValue:
    """A photo's original, byte for byte; its covered copy for a key that may not see the original."""
    return sent_original(photo_id, or_copy=True)


def _geojson(body: dict[str, Any], status: int = 200) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    answer.mimetype = GEOJSON
    return answer


def _link(rel: str, query: dict[str, str]) -> dict[str, str]:
    asked = f"?{urlencode(query)}" if query else ""
    return {"rel": rel, "type": GEOJSON, "href": request.base_url + asked}


def _entry(thing: Any) -> dict[str, Any]:
    return {"code": thing.code, "name": i18n.local(thing, "name"), **asdict(thing)}

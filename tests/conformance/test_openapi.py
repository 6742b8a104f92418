"""The description of the API against the API: every route is described, every answer has the described shape."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from db.models import PHOTO_KINDS, STATUSES
from tests.conformance.shapes import faults, resolve
from tests.web.sites import Site
from web.api.schemas import SCHEMAS

GOOD = {"category": "0102", "lon": 101.2, "lat": 36.5, "description": "x"}


def described(site: Site) -> dict[str, Any]:
    document: dict[str, Any] = site.client().get("/api/openapi.json").json or {}
    return document


def routes(site: Site) -> set[tuple[str, str]]:
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith("/api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_described_and_nothing_else(site: Site) -> None:
    document = described(site)
    assert document["openapi"].startswith("3.1")
    said = {(path, method) for path, item in document["paths"].items() for method in item}
    assert said == routes(site)


def test_every_reference_leads_somewhere(site: Site) -> None:
    document = described(site)

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                assert resolve(part["$ref"], document)
            for one in part.values():
                walk(one)
        elif isinstance(part, list):
            for one in part:
                walk(one)

    walk(document)


def test_every_operation_has_a_summary_and_every_place_in_its_path_a_parameter(site: Site) -> None:
    for path, item in described(site)["paths"].items():
        for operation in item.values():
            assert operation["summary"]
            inside = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert inside == set(re.findall(r"{(\w+)}", path))


def test_the_words_are_the_ones_that_are_stored() -> None:
    properties = SCHEMAS["FindingProperties"]["properties"]
    assert tuple(properties["status"]["enum"]) == STATUSES
    assert set(properties["photos"]["items"]["properties"]["kind"]["enum"]) == set(PHOTO_KINDS)


def check(site: Site, path: str, method: str, answer: TestResponse) -> None:
    """The answer is one that the description names, with its media type and shape."""
    document = described(site)
    answers = document["paths"][path][method]["responses"]
    assert str(answer.status_code) in answers, f"{path} {method} {answer.status_code}"
    said = answers[str(answer.status_code)]
    said = resolve(said["$ref"], document) if "$ref" in said else said
    assert answer.mimetype in said["content"]
    assert list(faults(answer.json, said["content"][answer.mimetype]["schema"], document)) == []


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/api/v1/findings", "/api/v1/findings?limit=2"),
        ("/api/v1/findings/{finding_id}", "/api/v1/findings/1"),
        ("/api/v1/findings/{finding_id}/acts", "/api/v1/findings/1/acts"),
        ("/api/v1/findings/{finding_id}/acts", "/api/v1/findings/99/acts"),
        ("/api/v1/categories", None),
        ("/api/v1/bureaus", None),
        ("/api/v1/areas", None),
        ("/api/openapi.json", None),
        ("/api/v1/findings", "/api/v1/findings?limit=x"),
        ("/api/v1/findings/{finding_id}", "/api/v1/findings/99"),
        ("/api/v1/photos/{photo_id}", "/api/v1/photos/99"),
    ],
)
def test_answers_have_the_described_shape(site: Site, path: str, address: str | None) -> None:
    key = site.bearer()
    for lon in (101.2, 101.5, 103.0):
        site.app.test_client().post("/api/v1/findings", json={**GOOD, "lon": lon}, headers=key)
    check(site, path, "get", site.client().get(address or path, headers=key))


@pytest.mark.parametrize(
    ("body", "role"),
    [
        (GOOD, "inspector"),
        ({**GOOD, "lon": 103}, "inspector"),
        ({}, "inspector"),
        (GOOD, "archivist"),
        ([], "leader"),
    ],
)
def test_reports_are_answered_as_described(site: Site, body: Any, role: str) -> None:
    answer = site.app.test_client().post("/api/v1/findings", json=body, headers=site.bearer(role))
    check(site, "/api/v1/findings", "post", answer)


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [("confirm", None, 200), ("confirm", {"note": "seen", "where": [101.2, 36.5]}, 200), ("verify", {}, 409),
     ("explode", {}, 422), ("decline", {}, 422), ("decline", {"note": 7}, 422), ("decline", [], 400),
     ("confirm", {"revision": 7}, 409), ("confirm", {"revision": "x"}, 422), ("accept", {}, 403),
     ("merge", {"other": "2026-9999"}, 422), ("dispatch", {"joint": "x", "punishment": 7}, 422)],
)  # fmt: skip
def test_acts_are_answered_as_described(site: Site, act: str, body: Any, status: int) -> None:
    reported = site.app.test_client().post("/api/v1/findings", json=GOOD, headers=site.bearer())
    address = f"/api/v1/findings/{(reported.json or {})['id']}/acts/{act}"
    more = {} if body is None else {"json": body}
    answer = site.app.test_client().post(address, headers=site.bearer("supervisor"), **more)
    assert answer.status_code == status
    check(site, "/api/v1/findings/{finding_id}/acts/{act}", "post", answer)


def test_the_same_key_acts_once(site: Site) -> None:
    reported = site.app.test_client().post("/api/v1/findings", json=GOOD, headers=site.bearer())
    address = f"/api/v1/findings/{(reported.json or {})['id']}/acts/confirm"
    headers = {**site.bearer("supervisor"), "Idempotency-Key": "one"}
    answers = [site.app.test_client().post(address, headers=headers).json or {} for _ in "12"]
    assert [one["repeated"] for one in answers] == [False, True]
    assert answers[0]["revision"] == answers[1]["revision"]


def test_nobody_is_answered_as_described(site: Site) -> None:
    for path in ("/api/v1/findings", "/api/v1/categories", "/api/v1/bureaus", "/api/v1/areas"):
        check(site, path, "get", site.client().get(path))

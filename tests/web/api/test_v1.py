"""The JSON API: what it takes, what it gives, and how it refuses."""

import json
import math
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from casework.photos import store_bytes
from db.models import AreaPerson, Assignment, Finding, HistoryEntry, Person, Photo
from tests.factories.city import NOW
from tests.web.sites import Site
from web.errors import PROBLEM

GOOD = {"category": "0102", "lon": 101.2, "lat": 36.5, "description": "垃圾没有清走"}
URL = "/api/v1/findings"


def post(site: Site, body: Any, role: str = "inspector", **more: Any) -> TestResponse:
    headers = {"Accept-Language": "en", **site.bearer(role)}
    if isinstance(body, bytes):
        return site.app.test_client().post(
            URL, data=body, headers=headers, **{"content_type": "application/json", **more}
        )
    return site.app.test_client().post(URL, json=body, headers=headers)


def get(site: Site, path: str, role: str = "inspector") -> Any:
    answer = site.client().get(path, headers=site.bearer(role))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def stored(site: Site) -> tuple[int, int, int]:
    with site.office.database.read() as session:
        count = [
            session.scalar(select(func.count()).select_from(t)) or 0
            for t in (Finding, Assignment, HistoryEntry)
        ]
    return count[0], count[1], count[2]


def problem(answer: TestResponse, status: int, field: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == PROBLEM
    body: dict[str, Any] = answer.json or {}
    assert body["status"] == status
    if field:
        assert body["field"] == field
        assert field in body["detail"] or field == "body"
    return body


def test_a_finding_is_taken_and_given_back_whole(site: Site) -> None:
    answer = post(site, {**GOOD, "found_at": "2026-09-02T09:00:00"})
    assert answer.status_code == 201
    assert answer.mimetype == "application/geo+json"
    body = answer.json
    assert body is not None
    assert answer.headers["Location"] == f"{URL}/{body['id']}"
    assert body["geometry"] == {"type": "Point", "coordinates": [101.2, 36.5]}
    assert body["warnings"] == []
    assert body["properties"] == {
        "number": "2026-0001",
        "category": "0102",
        "status": "reported",
        "description": "垃圾没有清走",
        "found_at": "2026-09-02T09:00:00+08:00",
        "reported_at": "2026-09-02T10:24:00+08:00",
        "due_at": body["properties"]["due_at"],
        "overdue": False,
        "area": {"code": "A", "name": "West", "level": "patch"},
        "areas": [
            {"code": "D", "name": "Chengdong", "level": "district"},
            {"code": "A", "name": "West", "level": "patch"},
        ],
        "bureau": {"code": "HW", "name": "Bureau HW"},
        "assignment": "inside",
        "near_border": False,
        "photos": [],
    }
    assert isinstance(body["id"], str)
    again = get(site, f"{URL}/{body['id']}")
    assert again == {name: value for name, value in body.items() if name != "warnings"}


@pytest.mark.parametrize(
    ("lon", "assignment", "warning"),
    [(101.5, "border", "on or near a border"), (103.0, "outside", "outside every area")],
)
def test_a_doubtful_place_is_taken_with_a_warning(
    site: Site, lon: float, assignment: str, warning: str
) -> None:
    body = post(site, {**GOOD, "lon": lon}).json
    assert body is not None
    assert body["properties"]["assignment"] == assignment
    assert warning in body["warnings"][0]
    if assignment == "outside":
        assert body["properties"]["area"] is None
        assert body["properties"]["areas"] == [
            {"code": None, "name": None, "level": "district"},
            {"code": None, "name": None, "level": "patch"},
        ]


def test_a_form_with_the_same_fields_is_taken_too(site: Site) -> None:
    data = {**{name: str(value) for name, value in GOOD.items()}, "subject": "小杨超市"}
    answer = site.app.test_client().post(
        URL, data=data, headers=site.bearer(), content_type="multipart/form-data"
    )
    assert answer.status_code == 201


def test_photos_that_are_no_files_are_refused_by_name_and_nothing_is_stored(site: Site) -> None:
    data = {**{name: str(value) for name, value in GOOD.items()}, "photos": (BytesIO(b"\xff\xd8"), "a.jpg")}
    answer = site.app.test_client().post(URL, data=data, headers={**site.bearer(), "Accept-Language": "en"})
    problem(answer, 422, "photos")
    problem(post(site, {**GOOD, "photos": ["x"]}), 422, "photos")
    assert stored(site) == (0, 0, 0)


BAD_FIELDS: list[tuple[str, Any]] = [
    ("lon", math.nan), ("lon", math.inf), ("lat", -math.inf), ("lon", "1e999"), ("lon", True), ("lat", False),
    ("lon", None), ("lon", ""), ("lon", [101.2]), ("lon", {"x": 1}), ("lat", "north"), ("lon", "1_0"),
    ("lon", 10**400), ("lon", 181), ("lat", 101), ("lon", "9" * 1000), ("lat", "nan"),
    ("description", "x" * 1_000_000), ("description", 5), ("description", "a\x00b"), ("description", "\ud800"),
    ("description", ["x"]), ("category", "no such"), ("category", None), ("category", 102), ("category", "x" * 5000),
    ("category", "{{ 7*7 }}"), ("found_at", "yesterday"), ("found_at", 20260902), ("found_at", "2027-01-01"),
    ("found_at", "0001-01-01T00:00:00+23:59"), ("found_at", "1" * 1000), ("subject", "x" * 201), ("place", {}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS, ids=lambda value: str(value)[:20])
def test_a_wrong_value_is_refused_by_its_field_and_nothing_is_stored(
    site: Site, field: str, value: Any
) -> None:
    problem(post(site, json.dumps({**GOOD, field: value}).encode()), 422, field)
    assert stored(site) == (0, 0, 0)


def test_swapped_axes_are_recognised(site: Site) -> None:
    body = problem(post(site, {**GOOD, "lon": 36.5, "lat": 101.2}), 422, "lat")
    assert "swapped" in body["detail"]


def test_null_island_is_no_location(site: Site) -> None:
    problem(post(site, {**GOOD, "lon": 0, "lat": 0.0}), 422, "lon")


def test_every_fault_is_named_at_once(site: Site) -> None:
    body = problem(post(site, {"lon": "x", "lat": 36.5, "description": 1}), 422)
    assert [fault["field"] for fault in body["errors"]] == ["category", "lon", "description"]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"[" * 100_000 + b"]" * 100_000, "application/json", 400),
        (b'{"a":' * 100_000, "application/json", 400),
        (b'{"description": "\xff\xfe"}', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"{" + b" " * 5_000_000 + b"}", "application/json", 413),
    ],
    ids=["empty", "cut", "array", "text", "deep", "deep objects", "not utf-8", "plain", "none", "large"],
)
def test_a_body_that_is_none_is_refused(site: Site, data: bytes, content_type: str, status: int) -> None:
    problem(post(site, data, content_type=content_type), status, "body")
    assert stored(site) == (0, 0, 0)


HARMLESS = [
    "{{ 7*7 }}", "{% raw %}", "${7*7}", "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>",
    "`x`", "'; DROP TABLE findings; --", "👷🏽‍♀️ 占道", "line\nbreak", "\u202eright to left", "%(field)s %s",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_kept_as_it_was_written(site: Site, text: str) -> None:
    body = post(site, {**GOOD, "description": text}).json
    assert body is not None
    assert body["properties"]["description"] == text
    assert get(site, f"{URL}/{body['id']}")["properties"]["description"] == text


def test_who_may_report(site: Site) -> None:
    for role, status in (("inspector", 201), ("supervisor", 201), ("archivist", 403), ("handler", 403)):
        assert post(site, GOOD, role).status_code == status
    anonymous = site.app.test_client().post(URL, json=GOOD)
    problem(anonymous, 401)
    assert anonymous.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_reporter_stands_in_the_record(site: Site) -> None:
    browser = site.signed_in("inspector")
    token = browser.csrf_token("/me")
    browser.client.post(URL, json=GOOD, headers={"X-CSRFToken": token})
    with site.office.database.read() as session:
        finding = session.scalars(select(Finding)).one()
    assert finding.source == "api"
    assert finding.reporter_id is not None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    ["category", "lon", "lat", "description", "found_at", "subject", "place", "photos", "x"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(names, values) | values)
def test_no_json_value_breaks_the_server(site: Site, body: Any) -> None:
    site.app.testing = False
    headers = _header(site)
    answer = site.app.test_client().post(
        URL, data=json.dumps(body), headers=headers, content_type="application/json"
    )
    assert answer.status_code in {201, 400, 422}


def _header(site: Site) -> dict[str, str]:
    kept: dict[str, dict[str, str]] = site.app.extensions.setdefault("test_header", {})
    return kept.setdefault("one", site.bearer())


# ---- asking ----


@pytest.fixture
def filled(site: Site) -> Site:
    """Five findings, ids 1 to 5: west, west, east, on the border, outside."""
    for number, (lon, category) in enumerate(
        [(101.1, "0102"), (101.2, "0105"), (101.8, "0102"), (101.5, "0102"), (103.0, "0105")], start=1
    ):
        post(site, {**GOOD, "lon": lon, "category": category, "description": f"case {number}"})
    return site


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("status=reported", [5, 4, 3, 2, 1]),
        ("status=closed", []),
        ("status=new", [5, 4, 3, 2, 1]),
        ("category=01", [5, 4, 3, 2, 1]),
        ("category=0105", [5, 2]),
        ("bureau=HW", [4, 3, 1]),
        ("area=A", [4, 2, 1]),
        ("area=D", [4, 3, 2, 1]),
        ("area=A,B", [4, 3, 2, 1]),
        ("bbox=101,36,101.5,37", [4, 2, 1]),
        ("bbox=102.5,36,104,37&category=0105", [5]),
        ("from=2026-09-02&to=2026-09-02", [5, 4, 3, 2, 1]),
        ("to=2026-09-01", []),
        ("overdue=1", []),
        ("q=case+3", [3]),
        ("q=100%25", []),
        ("limit=2", [5, 4]),
        ("unknown=1", [5, 4, 3, 2, 1]),
    ],
)
def test_findings_that_fit_the_newest_first(filled: Site, query: str, ids: list[int]) -> None:
    body = get(filled, f"{URL}?{query}")
    assert [int(feature["id"]) for feature in body["features"]] == ids
    assert body["type"] == "FeatureCollection"
    assert body["numberReturned"] == len(ids)


def test_what_is_late_is_told(filled: Site) -> None:
    with filled.office.database.write() as session:
        session.execute(
            update(Finding).where(Finding.id == 3).values(status="dispatched", due_at=NOW, revision=99)
        )
        from casework import counters

        counters.advance(session, "findings", 200)
        session.execute(
            update(Finding).where(Finding.id == 3).values(revision=counters.current(session, "findings"))
        )
    filled.later(minutes=1)
    body = get(filled, f"{URL}?overdue=1")
    assert [feature["properties"]["overdue"] for feature in body["features"]] == [True]


def test_pages_follow_each_other_and_end(filled: Site) -> None:
    address, seen = f"{URL}?limit=2&area=D&q=case", []
    for _ in range(9):
        body = get(filled, address)
        seen += [feature["id"] for feature in body["features"]]
        assert body["numberMatched"] == 4
        links = {link["rel"]: link["href"] for link in body["links"]}
        if "next" not in links:
            break
        address = links["next"].removeprefix("http://localhost")
    assert seen == ["4", "3", "2", "1"]


def test_a_link_keeps_what_was_asked_for_whatever_its_name(filled: Site) -> None:
    links = get(filled, f"{URL}?endpoint=x&_scheme=javascript&q=case&limit=1")["links"]
    for link in links:
        assert link["href"].startswith(f"http://localhost{URL}?endpoint=x&_scheme=javascript&q=case&limit=1")


def test_a_finding_reported_meanwhile_does_not_disturb_the_pages(filled: Site) -> None:
    first = get(filled, f"{URL}?limit=3")
    post(filled, GOOD)
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = get(filled, following.removeprefix("http://localhost"))
    assert [feature["id"] for feature in second["features"]] == ["2", "1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("bbox=1,2,3", "bbox"), ("bbox=a,b,c,d", "bbox"), ("bbox=102,36,101,37", "bbox"), ("bbox=1,2,3,4,5", "bbox"),
        ("bbox=nan,1,2,3", "bbox"), ("bbox=-181,1,2,3", "bbox"), ("bbox=1e999,1,2,3", "bbox"),
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("limit=-1", "limit"),
        ("limit=²", "limit"),
        ("cursor=x", "cursor"), ("cursor=YmVmb3JlOng", "cursor"), ("cursor=%FF", "cursor"),
        ("status=nonsense", "status"), ("category=nope", "category"), ("bureau=nope", "bureau"), ("area=nope", "area"),
        ("from=yesterday", "from"), ("to=2026-13-01", "to"), ("from=2026-09-02&to=2026-09-01", "to"),
        ("overdue=perhaps", "overdue"), ("q=" + "x" * 200, "q"), ("q=%00", "q"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_understood_names_its_part(site: Site, query: str, field: str) -> None:
    answer = site.client().get(f"{URL}?{query}", headers=site.bearer())
    problem(answer, 422, field)


def test_the_public_map_opens_findings_and_lists_but_no_persons_and_no_originals(filled: Site) -> None:
    with filled.office.database.write() as session:
        session.add(Person(id=1, name_zh="李明", name_en="Li Ming"))
        session.flush()
        session.add(AreaPerson(area_id=2, person_id=1, duty="leader", valid_from=NOW))
    paths = [URL, f"{URL}/1", "/api/v1/categories", "/api/v1/bureaus", "/api/v1/areas"]
    assert {filled.client().get(path).status_code for path in paths} == {401}
    from dataclasses import replace

    public = Site(replace(filled.office, settings=replace(filled.office.settings, public_map=True)))
    for path in paths:
        answer = public.client().get(path)
        assert answer.status_code == 200
        assert "Li Ming" not in answer.get_data(as_text=True)
    assert public.client().get("/api/v1/photos/1").status_code == 401
    areas = get(public, "/api/v1/areas", "archivist")["areas"]
    assert [area["leader"] for area in areas] == [None, "Li Ming", None]


def test_a_photo_comes_back_byte_for_byte(filled: Site) -> None:
    content = bytes(range(256)) * 40
    digest = store_bytes(filled.office, content)
    for photo_id, kind in ((1, "image/jpeg"), (2, "text/html")):
        with filled.office.database.write() as session:
            session.add(
                Photo(
                    id=photo_id, finding_id=1, kind="before", media_type=kind, size_bytes=len(content), sha256=digest,
                    width=1, height=1, created_at=NOW,
                )
            )  # fmt: skip
    answer = filled.client().get("/api/v1/photos/1", headers=filled.bearer())
    assert answer.data == content
    assert answer.mimetype == "image/jpeg"
    risky = filled.client().get("/api/v1/photos/2", headers=filled.bearer())
    assert risky.headers["Content-Disposition"].startswith("attachment")
    assert get(filled, f"{URL}/1")["properties"]["photos"] == [
        {"id": "1", "kind": "before"},
        {"id": "2", "kind": "before"},
    ]
    problem(filled.client().get("/api/v1/photos/3", headers=filled.bearer()), 404)


def test_what_is_not_there_is_not_found(site: Site) -> None:
    problem(site.client().get(f"{URL}/1", headers=site.bearer()), 404)
    problem(site.client().get("/api/v2", headers=site.bearer()), 404)

"""The round's pages and what a phone sends: right for who walks, closed to others, no fault for any input."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from casework import accounts
from casework.office import Office
from casework.policy import SYSTEM
from db.models import RouteInspector, RouteStop, TrackPoint
from tests.factories.rounds import Walking, walking
from tests.web.pages import WholeSite, whole_site
from tests.web.sites import Browser


@pytest.fixture
def walk(sqlite_office: Office) -> Walking:
    return walking(sqlite_office)


@pytest.fixture
def site(walk: Walking) -> WholeSite:
    return whole_site(walk.office)


def browser(site: WholeSite, name: str = "ins", language: str = "en") -> Browser:
    found = site.client(language)
    assert found.sign_in(name).status_code == 303
    return found


def send(who: Browser, path: str, body: Any) -> Any:
    """JSON as a script sends it; the token is the page's."""
    if not hasattr(who, "json_token"):
        who.json_token = who.csrf_token("/me")  # type: ignore[attr-defined]
    headers = {"X-CSRFToken": who.json_token, "Accept": "application/json"}  # type: ignore[attr-defined]
    return who.client.post(path, json=body, headers=headers)


def told(page: str) -> dict[str, Any]:
    found = re.search(r'id="bp-round">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]


def person(walk: Walking) -> int:
    with walk.office.database.read() as session:
        return session.query(RouteInspector).one().id


def test_the_page_has_the_round_links_in_the_right_datum_and_what_may_be_done(
    site: WholeSite, walk: Walking
) -> None:
    page = browser(site).get("/round")
    assert page.status_code == 200
    round_ = told(page.get_data(as_text=True))["round"]
    first = round_["stops"][0]
    links = dict(first["links"])
    assert set(links) == {"amap", "baidu", "tencent", "google"}
    assert "36.501000,101.201000" in links["google"]
    assert "101.201000,36.501000" not in links["amap"]  # GCJ-02 lies some hundred metres off
    assert "mode=walk" in links["amap"]
    assert {"offers", "revision"} <= first["sheet"].keys()
    assert "sheet" not in round_["stops"][1]


def test_a_phone_arrives_does_and_skips(site: WholeSite, walk: Walking) -> None:
    who = browser(site)
    one, two = walk.stops[:2]
    here = {"lon": 101.201, "lat": 36.5011, "accuracy_m": 9, "key": "a", "plan": walk.plan_id}
    answer = send(who, f"/round/stops/{one}/arrive", here).get_json()
    assert (answer["place"], answer["state"], answer["repeated"]) == ("near", "arrived", False)
    assert send(who, f"/round/stops/{one}/arrive", here).get_json()["repeated"] is True
    assert answer["data"]["round"]["stops"][0]["state"] == "arrived"
    done = send(who, f"/round/stops/{one}/done", {"result": "fixed", "note": "clean"}).get_json()
    assert done["data"]["round"]["stops"][0]["result"] == "fixed"
    refused = send(who, f"/round/stops/{two}/skip", {"note": ""})
    assert refused.status_code == 422
    assert refused.get_json()["field"] == "note"
    assert send(who, f"/round/stops/{two}/skip", {"note": "closed"}).get_json()["state"] == "skipped"
    assert send(who, f"/round/stops/{two}/undo", {}).get_json()["state"] == "planned"
    assert send(who, f"/round/stops/{one}/skip", {"note": "x"}).status_code == 409


def test_nothing_that_is_sent_is_our_fault(site: WholeSite, walk: Walking) -> None:
    who = browser(site)
    stop = walk.stops[0]
    huge = 2**63 - 1
    nothing: list[Any] = [None, [], {}, "", "x" * 5000, -1, 2**70, 1e400, True]
    place = ("lon", "lat", "accuracy_m")
    taken = {
        f"/round/stops/{stop}/arrive": ("key", "at", "sent_at", *place),
        f"/round/stops/{stop}/done": ("note", "result"), f"/round/stops/{stop}/undo": ("plan",),
        "/round/seen": ("plan",), "/round/consent": ("agree",),
        "/round/track": ("points", "sent_at"), "/round/data": ("plan", "next", *place),
    }  # fmt: skip
    for path, fields in taken.items():
        bodies = [{field: value} for field in fields for value in nothing]
        bodies += [dict.fromkeys(fields, value) for value in nothing]
        for body in bodies:
            assert send(who, path, body).status_code < 500, (path, body)
    headers = {"X-CSRFToken": who.csrf_token("/report"), "Accept": "application/json"}
    assert who.client.post("/round/track", data="[1", headers=headers).status_code == 415
    for address in (
        f"/round/data?plan={huge}", "/round/data?plan=-1",
        f"/routes/{walk.plan_id}/{person(walk)}/sheet?day=yesterday", f"/routes/{huge}/{huge}/round",
        f"/routes/{walk.plan_id}/{huge}/sheet", f"/routes/{walk.plan_id}/{person(walk)}/round?day=9999-12-31",
        f"/routes/{walk.plan_id}/{person(walk)}/sheet?day=0001-01-01",
    ):  # fmt: skip
        assert who.get(address).status_code < 500, address


def test_who_is_not_signed_in_or_has_another_role_gets_nothing(site: WholeSite, walk: Walking) -> None:
    nobody = site.client()
    for path in (
        "/round",
        f"/routes/{walk.plan_id}/{person(walk)}/sheet",
        f"/routes/{walk.plan_id}/{person(walk)}/round",
    ):
        assert nobody.get(path).status_code == 401
    handler = browser(site, "han")
    assert handler.get("/round").status_code == 403
    accounts.create_user(walk.office, SYSTEM, "ins2", "inspector", "correct horse 9")
    other = browser(site, "ins2")
    assert other.get(f"/routes/{walk.plan_id}/{person(walk)}/round").status_code == 403
    assert other.get(f"/routes/{walk.plan_id}/{person(walk)}/sheet").status_code == 403
    assert send(other, f"/round/stops/{walk.stops[0]}/arrive", {}).status_code == 404
    assert told(other.get("/round").get_data(as_text=True))["round"] is None
    without = site.app.test_client()
    assert without.post(f"/round/stops/{walk.stops[0]}/arrive", json={}).status_code in (400, 401)


def test_the_way_begins_where_the_phone_is(site: WholeSite, walk: Walking) -> None:
    asked = {"plan": walk.plan_id, "next": walk.stops[2], "lon": 101.2041, "lat": 36.5}
    way = send(browser(site), "/round/data", asked).get_json()["round"]["ways"]["next"]
    assert way["from_here"] is True
    assert way["path"] == [[101.2041, 36.5], [101.205, 36.499]]


def test_a_supervisor_looks_at_it_only(site: WholeSite, walk: Walking) -> None:
    page = browser(site, "sup").get(f"/routes/{walk.plan_id}/{person(walk)}/round").get_data(as_text=True)
    found = told(page)
    assert found["read_only"] is True
    assert "tracks" not in found
    assert "sheet" not in found["round"]["stops"][0]


def test_the_sheet_has_every_stop_with_time_boxes_and_number_on_the_map(
    site: WholeSite, walk: Walking
) -> None:
    who = browser(site, "sup")
    page = who.get(f"/routes/{walk.plan_id}/{person(walk)}/sheet?day=2026-09-02").get_data(as_text=True)
    assert page.count('<circle class="pin"') == 5
    assert page.count('class="arrow"') >= 3
    for text in ("shop 1", "2026-0001", "早市", "西片", "Still there", "Nothing found", "on foot"):
        assert text in page
    first = walk.stop(walk.stops[0])["arrive_s"]
    assert f'<b class="num">{round(first / 60) // 60:02d}:{round(first / 60) % 60:02d}</b>' in page
    assert "straight lines" in page
    chinese = (
        browser(site, "sup", "zh").get(f"/routes/{walk.plan_id}/{person(walk)}/sheet").get_data(as_text=True)
    )
    assert "改好了" in chinese
    empty = who.get(f"/routes/{walk.plan_id}/{person(walk)}/sheet?day=2026-09-09")
    assert empty.status_code == 200
    assert "<table" not in empty.get_data(as_text=True)


def test_a_sheet_of_sixty_stops_at_few_places_keeps_its_numbers_apart(site: WholeSite, walk: Walking) -> None:
    with walk.office.database.write() as session:
        like = session.get_one(RouteStop, walk.stops[0])
        for k in range(55):
            session.add(
                RouteStop(
                    plan_id=like.plan_id, kind="place", name=f"p{k}", lon=101.2 + k % 3 * 0.002, lat=36.5,
                    service_s=60, windows=[], skills=[], priority=1, inspector_id=like.inspector_id, day=like.day,
                    position=10 + k,
                )
            )  # fmt: skip
    page = browser(site, "sup").get(f"/routes/{walk.plan_id}/{person(walk)}/sheet").get_data(as_text=True)
    pins = [
        (float(x), float(y)) for x, y in re.findall(r'<circle class="pin" cx="([\d.]+)" cy="([\d.]+)"', page)
    ]
    assert len(pins) == 60
    close = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) < 12 for i, a in enumerate(pins) for b in pins[:i])
    assert close <= 2


def test_consent_recording_and_deletion_over_the_web(site: WholeSite, walk: Walking) -> None:
    who = browser(site)
    point = {"at": "2026-09-02T10:23:30+08:00", "lon": 101.2, "lat": 36.5, "accuracy_m": 5}
    batch = {"points": [point], "sent_at": "2026-09-02T10:23:30+08:00"}
    assert send(who, "/round/track", batch).status_code == 403
    assert send(who, "/round/consent", {"agree": True}).get_json()["agreed_at"]
    assert send(who, "/round/track", batch).get_json() == {"kept": 1, "left_out": 0}
    assert send(who, "/round/consent", {"agree": False}).get_json()["points"] == 1
    assert send(who, "/round/track", batch).status_code == 403
    assert send(who, "/round/tracks/delete", {}).get_json()["deleted"] == 1
    assert send(who, "/round/consent", {"agree": "maybe"}).status_code == 422


def test_the_first_request_of_a_day_deletes_old_positions(site: WholeSite, walk: Walking) -> None:
    with walk.office.database.write() as session:
        session.add(
            TrackPoint(
                plan_id=walk.plan_id, user_id=walk.who.user_id, at=walk.office.now() - timedelta(days=29, hours=23),
                lon=101.2, lat=36.5, accuracy_m=None,
            )
        )  # fmt: skip

    def count() -> int:
        with walk.office.database.read() as session:
            return session.query(TrackPoint).count()

    site.client().get("/healthz")
    assert count() == 1
    site.later(hours=3)
    site.client().get("/healthz")
    assert count() == 1  # looked at once a day
    site.later(hours=24)
    site.client().get("/healthz")
    assert count() == 0


def test_positions_are_in_no_export_and_on_no_public_map(site: WholeSite, walk: Walking) -> None:
    with walk.office.database.write() as session:
        session.add(
            TrackPoint(
                plan_id=walk.plan_id, user_id=walk.who.user_id, at=walk.office.now(), lon=101.2345678, lat=36.4567891,
                accuracy_m=None,
            )
        )  # fmt: skip
    who = browser(site, "sup")
    rules = {rule.rule for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    tried = 0
    for rule in sorted(rules):
        if "<" in rule or rule.startswith("/static") or rule == "/routes/walked":  # looking back is for them
            continue
        tried += 1
        text = who.get(rule).get_data()
        assert b"101.2345678" not in text, rule
        assert b"36.4567891" not in text, rule
    assert tried > 15


def test_an_administrator_sees_of_whom_something_is_kept_and_deletes_it(
    site: WholeSite, walk: Walking
) -> None:
    accounts.create_user(walk.office, SYSTEM, "boss", "administrator", "correct horse 9")
    who = browser(site)
    assert send(who, "/round/consent", {"agree": True}).status_code == 200
    point = {"at": "2026-09-02T10:23:30+08:00", "lon": 101.2345678, "lat": 36.5, "accuracy_m": 5}
    batch = {"points": [point], "sent_at": "2026-09-02T10:23:30+08:00"}
    assert send(who, "/round/track", batch).get_json()["kept"] == 1
    boss = browser(site, "boss")
    page = boss.get("/settings/tracks").get_data(as_text=True)
    assert "Kept for 30 days" in page
    assert "101.2345678" not in page
    assert boss.post(f"/settings/tracks/{walk.who.user_id}/delete", {}, at="/me").status_code == 303
    assert "1 position deleted" in boss.get("/settings/tracks").get_data(as_text=True)
    assert browser(site, "sup").get("/settings/tracks").status_code == 403

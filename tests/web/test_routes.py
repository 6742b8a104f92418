"""The addresses of plans: who gets in, what they answer, changes and refusals as JSON, and never a broken answer."""

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from casework.demo import DEMO_PASSWORD, load_demo
from db.models import RoutePlan
from tests.factories.offices import office_at
from tests.web.sites import Browser

AS_OF = date(2026, 9, 2)
TODAY, TOMORROW = 7, 8  # the demo's plans: sent, and still to be decided
STRANGE: list[Any] = [
    None, 3, "x", [], {}, {"revision": None}, {"revision": 10**40}, {"revision": 3, "changes": "all"},
    {"revision": 3, "changes": [None]}, {"revision": 3, "changes": [{"act": []}]}, {"revision": 3, "seconds": 1e400},
    {"revision": 3, "changes": [{"act": "move", "stop": {}, "inspector": [], "position": "\ud800"}]},
    {"revision": 3, "changes": [{"act": "move", "stop": 1, "inspector": 1, "position": 0, "day": "never"}]},
    {"revision": 3, "changes": [{"act": "insert", "place": {"name": "\x00", "lon": 1e999, "lat": None}}]},
    {"revision": 3, "changes": [{"act": "window", "stop": 1, "windows": [[5, 4]]}]},
    {"day": [], "inspectors": {}, "places": [[]]}, {"day": "2026-09-03", "inspectors": [{"user_id": 1e400}]},
]  # fmt: skip


class Page:
    """A signed-in browser's JSON requests."""

    def __init__(self, app: Flask, name: str = "", language: str = "en") -> None:
        self.browser = Browser(app.test_client(), language)
        if name:
            assert self.browser.sign_in(name, DEMO_PASSWORD).status_code == 303
        self.headers = {"Accept": "application/json", "Accept-Language": language}
        self.headers["X-CSRFToken"] = self.browser.csrf_token("/findings" if name else "/sign-in")

    def get(self, path: str) -> TestResponse:
        answer: TestResponse = self.browser.client.get(path, headers=self.headers, buffered=True)
        return answer

    def post(self, path: str, body: Any = None) -> TestResponse:
        answer: TestResponse = self.browser.client.post(
            path, data=json.dumps({} if body is None else body), content_type="application/json",
            headers=self.headers,
        )  # fmt: skip
        return answer

    def plan(self, plan: int) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/routes/{plan}/data").get_json()
        return found

    def change(self, plan: int, *changes: dict[str, Any], **more: Any) -> TestResponse:
        revision = self.plan(plan)["plan"]["revision"]
        return self.post(f"/routes/{plan}/changes", {"revision": revision, "changes": list(changes), **more})


def demo_app(folder: Path) -> Iterator[Flask]:
    """The pages of the demo city."""
    with office_at(folder) as office:
        load_demo(office, AS_OF)
        made = create_app(office.settings)
        made.testing = True
        yield made


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    yield from demo_app(tmp_path_factory.mktemp("routes"))


@pytest.fixture(scope="module")
def supervisor(app: Flask) -> Page:
    return Page(app, "supervisor")


def test_who_sees_plans_and_who_makes_them(app: Flask) -> None:
    for name, sees, plans in (
        ("", 401, 401), ("inspector", 403, 403), ("handler", 403, 403), ("leader", 200, 403), ("supervisor", 200, 200),
    ):  # fmt: skip
        page = Page(app, name)
        for path in ("/routes", f"/routes/{TODAY}", f"/routes/{TODAY}/data", f"/routes/{TODAY}/progress"):
            assert page.get(path).status_code == sees, (name, path)
        for path in ("/routes/new", "/routes/candidates"):
            assert page.get(path).status_code == plans, (name, path)
        if plans != 200:
            for act in ("solve", "cancel", "take", "changes", "send", "discard"):
                assert (
                    page.post(f"/routes/{TODAY}/{act}", {"revision": 3, "changes": [{}]}).status_code == plans
                ), act
            for path in ("/routes", "/routes/places"):
                assert page.post(path, {}).status_code == plans, (name, path)


def test_a_plan_says_why_in_the_language_of_the_page(app: Flask, supervisor: Page) -> None:
    data = supervisor.plan(TOMORROW)
    left = {stop["unserved"]["reason"]: stop for stop in data["stops"] if stop["unserved"]}
    assert {"no_time", "no_skill", "outside_hours"} <= set(left)
    assert left["no_skill"]["unserved"]["text"] == "Nobody who goes has the skill it needs"
    remedy = left["no_skill"]["unserved"]["remedy"]
    assert remedy["kind"] == "skill"
    assert "with the skill 燃气" in remedy["text"]
    more = left["no_time"]["unserved"]["remedy"]
    assert f"with {more['minutes']} more minute" in more["text"]
    assert any("sketch" in warning for warning in data["warnings"])
    assert data["totals"]["served"] == sum(stop["inspector"] is not None for stop in data["stops"])
    other = Page(app, "supervisor", "zh").plan(TOMORROW)
    assert other["totals"] == {**data["totals"], "price": other["totals"]["price"]}


def test_candidates_of_a_day(supervisor: Page) -> None:
    found = supervisor.get("/routes/candidates?status=over").get_json()
    assert found["findings"] == found["overdue"] == len(found["points"]) > 10
    assert {point[2] for point in found["points"]} == {"over"}
    everything = supervisor.get("/routes/candidates").get_json()
    assert everything["findings"] > found["findings"]
    long_ago = supervisor.get("/routes/candidates?unseen_days=30").get_json()["unseen"]
    assert all(one["days"] is None or one["days"] >= 30 for one in long_ago)
    assert len(long_ago) < len(everything["unseen"]) == everything["patches"]
    names = {one["en"]: one for one in everything["inspectors"]}
    assert all(code.startswith("630102003") for code in names["Haiyan Han"]["patches"])
    for query in ("day=never", "unseen_days=-3", "unseen_days=x", "status=loud", "unseen_days=" + "9" * 500):
        assert supervisor.get(f"/routes/candidates?{query}").status_code == 422, query


def made(page: Page, **more: Any) -> dict[str, Any]:
    user = page.get("/routes/candidates").get_json()["inspectors"][0]["user_id"]
    asked = {"day": "2026-09-03", "inspectors": [{"user_id": user}], "filters": {"status": "over"}, "limit": 5,
             "seconds": 1, **more}  # fmt: skip
    answer = page.post("/routes", asked)
    assert answer.status_code == 201, answer.get_json()
    assert answer.headers["Location"] == answer.get_json()["url"]
    found: dict[str, Any] = answer.get_json()
    return found


def ended(page: Page, plan: int) -> dict[str, Any]:
    """The progress once it is over, asked for again and again as the page does."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        now: dict[str, Any] = page.get(f"/routes/{plan}/progress").get_json()
        if now["status"] != "solving":
            return now
        time.sleep(0.05)  # between two looks, like the page
    raise AssertionError("it did not end")


def test_a_day_is_planned_changed_sent_and_thrown_away(supervisor: Page) -> None:
    plan = made(
        supervisor,
        places=[{"name": "集市", "lon": 101.85, "lat": 36.6, "service_s": 60, "windows": [[30600, 36000]]}],
    )
    number = plan["id"]
    begun = supervisor.post(f"/routes/{number}/solve", {"revision": plan["revision"]})
    assert begun.status_code == 202
    assert begun.get_json()["revision"] == 2
    assert supervisor.post(f"/routes/{number}/solve", {"revision": 2}).status_code == 409
    now = ended(supervisor, number)
    assert (now["status"], now["text"]) == ("done", "The rounds are worked out")
    data = supervisor.plan(number)
    market = next(stop for stop in data["stops"] if stop["name"] == "集市")
    assert (market["service_s"], market["windows"]) == (60, [[30600, 36000]])
    served = [stop["id"] for stop in data["stops"] if stop["inspector"]]
    tried = supervisor.change(number, {"act": "unserve", "stop": served[0]}, dry_run=True).get_json()
    assert tried["difference"]["unserved"] == [served[0]]
    assert tried["difference"]["text"].startswith("1 stop is left out")
    assert supervisor.plan(number) == data
    assert supervisor.post(f"/routes/{number}/send").get_json() == {"url": f"/routes/{number}"}
    assert supervisor.plan(number)["plan"]["status"] == "sent"
    assert supervisor.post(f"/routes/{number}/discard").get_json() == {"url": "/routes"}
    assert supervisor.get(f"/routes/{number}/data").status_code == 404


def test_a_plain_form_makes_a_plan(supervisor: Page) -> None:
    user = supervisor.get("/routes/candidates").get_json()["inspectors"][0]["user_id"]
    form = {"day": "2026-09-04", "title": "周五", "status": "over", "limit": "4", "inspectors": str(user)}
    answer = supervisor.browser.post("/routes", form, at="/report")
    assert answer.status_code == 303
    data = supervisor.get(f"{answer.headers['Location']}/data").get_json()
    assert (data["plan"]["title"], len(data["stops"])) == ("周五", 4)
    refused = supervisor.browser.post("/routes", {**form, "limit": "many"}, at="/report")
    assert refused.status_code == 422


def test_what_is_wrong_is_named_and_nothing_is_kept(supervisor: Page) -> None:
    before = supervisor.plan(TOMORROW)
    stop = before["stops"][0]["id"]
    move = {"act": "move", "stop": stop, "inspector": before["inspectors"][0]["id"], "position": 0}
    for change, field in (
        ({"act": "window", "stop": stop, "windows": [[36_000, 30_000]]}, "windows"),
        ({"act": "insert", "place": {"name": "x", "lon": 500, "lat": 3}}, "lon"),
        ({**move, "inspector": 10**9}, "inspector"),
        ({**move, "day": "2026-10-01"}, "day"),
    ):  # fmt: skip
        answer = supervisor.change(TOMORROW, change)
        assert (answer.status_code, answer.get_json()["field"]) == (422, field), change
        assert answer.content_type == "application/problem+json"
    assert (
        supervisor.post(
            f"/routes/{TOMORROW}/changes", {"revision": 1, "changes": [{"act": "lock"}]}
        ).status_code
        == 409
    )
    assert supervisor.plan(TOMORROW) == before


def test_nothing_that_comes_breaks_an_answer(supervisor: Page) -> None:
    paths = ["/routes", *(f"/routes/{TODAY}/{act}" for act in ("solve", "changes"))]
    for body in STRANGE:
        for path in paths:
            if path.endswith("solve") and isinstance(body, dict) and "changes" in body:
                continue  # nothing of it is for this one
            status = supervisor.post(path, body).status_code
            assert 400 <= status < 500, (path, body, status)
    for path in (
        f"/routes/{10**30}/data",
        "/routes/99999/data",
        "/routes/0/progress",
        "/routes/-1",
        "/routes/1e3/data",
    ):
        assert supervisor.get(path).status_code == 404, path


def test_a_round_can_be_worked_out_on_the_streets_in_use(app: Flask, supervisor: Page) -> None:
    plan = made(supervisor)["id"]
    with app.extensions["baopian"].database.write() as session:
        session.get_one(RoutePlan, plan).network_id = None
    data = supervisor.plan(plan)
    assert data["plan"]["straight"]
    assert data["plan"]["stale"]
    assert any("straight lines" in warning for warning in data["warnings"])
    supervisor.post(f"/routes/{plan}/solve", {"revision": 1})
    ended(supervisor, plan)
    assert supervisor.plan(plan)["plan"]["stale"] is False
    supervisor.post(f"/routes/{plan}/discard")


def test_too_many_stops_and_the_same_one_twice(supervisor: Page) -> None:
    users = supervisor.get("/routes/candidates").get_json()["inspectors"]
    place = {"name": "同一处", "lon": 101.85, "lat": 36.6}
    many = [{"name": str(n), "lon": 101.8 + n / 1e5, "lat": 36.6} for n in range(5000)]
    asked = {"day": "2026-09-03", "inspectors": [{"user_id": users[0]["user_id"]}], "places": many}
    answer = supervisor.post("/routes", asked)
    assert answer.status_code == 422
    assert "5000 stops are too many" in answer.get_json()["detail"]
    twice = supervisor.post("/routes", {**asked, "places": [place, dict(place)]}).get_json()
    assert len(supervisor.plan(twice["id"])["stops"]) == 1
    supervisor.post(f"/routes/{twice['id']}/discard")

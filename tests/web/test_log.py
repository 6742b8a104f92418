"""The log says who did what, and nothing that a person wrote, is called, or knows."""

import json
import logging

import pytest

from tests.web.sites import Site, raising
from web import log

SECRETS = ("秘密地点", "trapdoor", "bp_", "101.2", "inspector-name")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="baopian.requests")
    return caplog


def _texts(lines: pytest.LogCaptureFixture) -> list[str]:
    written = []
    for record in lines.records:
        if record.name == "baopian.requests":
            written += [log._Text().format(record), log._Json().format(record)]
    return written


def test_a_request_is_one_line_with_role_and_number(site: Site, lines: pytest.LogCaptureFixture) -> None:
    site.signed_in("supervisor").get("/me")
    said = json.loads(_texts(lines)[-1])
    assert said["method"] == "GET"
    assert said["route"] == "/me"
    assert said["status"] == 200
    assert said["role"] == "supervisor"
    assert isinstance(said["user"], int)
    assert said["duration_ms"] >= 0


def test_nothing_that_a_person_wrote_is_in_it(site: Site, lines: pytest.LogCaptureFixture) -> None:
    site.client().post("/sign-in", data={"username": "inspector-name", "password": "trapdoor"})
    site.client().get(
        "/api/v1/findings?q=秘密地点&bbox=101.2,36,102,37", headers={"Authorization": "Bearer bp_abc"}
    )
    site.signed_in("inspector").get("/findings?q=秘密地点")
    texts = _texts(lines)
    assert len(texts) >= 6
    for text in texts:
        assert not [secret for secret in SECRETS if secret in text], text


def test_files_and_health_checks_are_not_logged(site: Site, lines: pytest.LogCaptureFixture) -> None:
    site.client().get("/static/css/tokens.css")
    assert [text for text in _texts(lines) if "/static" in text] == []


def test_a_report_is_told_by_its_number_alone(site: Site, lines: pytest.LogCaptureFixture) -> None:
    body = {"category": "0105", "lon": 101.2345678, "lat": 36.5, "description": "秘密地点 13800138000"}
    headers = site.bearer()
    answer = site.client().client.post("/api/v1/findings", json=body, headers=headers)
    assert answer.status_code == 201
    text = _texts(lines)[-1]
    said = json.loads(text)
    assert said["finding"] == int(answer.get_json()["id"])
    assert said["route"] == "/api/v1/findings"
    for secret in ("秘密", "13800138000", "101.23", "0105", headers["Authorization"].split()[1]):
        assert secret not in text


def test_an_errors_reference_leads_to_its_line(site: Site, lines: pytest.LogCaptureFixture) -> None:
    raising(site.app, "/broken")
    site.app.testing = False
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = site.client().get("/broken?q=秘密地点", {"X-Request-Id": "forged"})
    said = json.loads(_texts(lines)[-1])
    assert answer.status_code == said["status"] == 500
    assert said["reference"] == answer.headers["X-Request-Id"]
    assert said["reference"] in answer.get_data(as_text=True)
    assert "秘密" not in "".join(_texts(lines))


def test_every_request_has_a_reference_of_its_own(site: Site, lines: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        site.client().get("/sign-in")
    assert len({json.loads(text)["reference"] for text in _texts(lines) if text.startswith("{")}) == 3

"""Files of rounds: who may take them along, what is in them; places brought in from files of many kinds."""

import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as Xml

import openpyxl
import pytest
from flask import Flask

from casework.route_picking import MOST_STOPS
from tests.web.test_routes import TODAY, TOMORROW, Page, demo_app

GPX = "{http://www.topografix.com/GPX/1/1}"
LON, LAT = 101.8, 36.61


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    yield from demo_app(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def supervisor(app: Flask) -> Page:
    return Page(app, "supervisor")


def test_a_plan_as_a_calendar_has_its_stops_at_their_times(supervisor: Page) -> None:
    data = supervisor.plan(TODAY)
    answer = supervisor.get(f"/routes/{TODAY}/round.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "filename*=UTF-8''routes-2026-09-02-7.ics" in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True)
    assert text.count("BEGIN:VEVENT") == data["totals"]["served"]
    first = min((stop for stop in data["stops"] if stop["inspector"]), key=lambda stop: stop["arrive_s"])
    # Xining is eight hours ahead of UTC.
    hour, minute = divmod(first["arrive_s"] // 60 - 8 * 60, 60)
    assert f"DTSTART:20260902T{hour:02d}{minute:02d}" in text


def test_one_round_as_gpx_and_geojson(supervisor: Page) -> None:
    person = supervisor.plan(TODAY)["inspectors"][1]
    stops = person["rounds"][0]["stops"]
    query = f"?inspector={person['id']}&day=2026-09-02"
    answer = supervisor.get(f"/routes/{TODAY}/round.gpx{query}")
    assert answer.mimetype == "application/gpx+xml"
    assert "%E5%90%B4%E6%A1%82%E5%85%B0.gpx" in answer.headers["Content-Disposition"]
    root = Xml.fromstring(answer.get_data())  # noqa: S314 - our own answer
    assert len(root.findall(f"{GPX}wpt")) == len(stops)
    assert len(root.findall(f"{GPX}trk/{GPX}trkseg/{GPX}trkpt")) > len(stops)
    found = json.loads(supervisor.get(f"/routes/{TODAY}/round.geojson{query}").get_data())
    points = [one["properties"] for one in found["features"] if one["geometry"]["type"] == "Point"]
    assert [point["number"] for point in points] == list(range(1, len(stops) + 1))
    arrivals = [datetime.fromisoformat(point["arrive_at"]) for point in points]
    assert arrivals == sorted(arrivals)
    assert str(arrivals[0].utcoffset()) == "8:00:00"


def test_inspectors_take_along_their_own_round_only_and_only_when_it_was_sent(
    app: Flask, supervisor: Page
) -> None:
    mine = Page(app, "inspector")
    people = supervisor.plan(TODAY)["inspectors"]
    answer = mine.get(f"/routes/{TODAY}/round.geojson")
    own = next(one for one in people if one["zh"] == "韩海燕")
    found = json.loads(answer.get_data())["features"]
    assert {one["properties"]["round"] for one in found} == {"Haiyan Han 2026-09-02"}
    assert mine.get(f"/routes/{TODAY}/round.gpx?inspector={own['id']}").status_code == 200
    other = next(one for one in people if one["id"] != own["id"])
    assert mine.get(f"/routes/{TODAY}/round.gpx?inspector={other['id']}").status_code == 404
    assert mine.get(f"/routes/{TOMORROW}/round.gpx").status_code == 404
    assert Page(app, "leader").get(f"/routes/{TOMORROW}/round.gpx").status_code == 200
    assert Page(app, "handler").get(f"/routes/{TODAY}/round.gpx").status_code == 403
    assert Page(app).get(f"/routes/{TODAY}/round.gpx").status_code == 401


def test_what_is_not_there(supervisor: Page) -> None:
    for path, status in (
        ("round.exe", 404), ("round.gpx?inspector=999999", 404), ("round.gpx?inspector=x", 422),
        ("round.gpx?day=yesterday", 422), ("round.gpx?day=2020-01-01", 404), (f"round.ics?inspector={'9' * 400}", 422),
    ):  # fmt: skip
        assert supervisor.get(f"/routes/{TODAY}/{path}").status_code == status, path
    assert supervisor.get("/routes/99999/round.gpx").status_code == 404


def bring(page: Page, content: bytes, name: str, **more: str) -> tuple[int, Any]:
    answer = page.browser.client.post(
        "/routes/places", data={"file": (io.BytesIO(content), name), **more}, headers=page.headers,
        content_type="multipart/form-data",
    )  # fmt: skip
    return answer.status_code, answer.get_json()


def csv(*rows: str) -> bytes:
    return "\n".join(("名称,经度,纬度,分钟,时段,优先级,必看,技能", *rows)).encode()


def test_a_table_of_places_with_what_they_need(supervisor: Page) -> None:
    status, told = bring(
        supervisor, csv(f"菜市场,{LON},{LAT},12,08:00-10:30;14:00–16:00,3,是,执法、取证"), "places.csv"
    )
    assert status == 200
    assert told["places"] == [
        {"name": "菜市场", "lon": LON, "lat": LAT, "service_s": 720, "priority": 3, "must": True,
         "skills": ["取证", "执法"], "windows": [[28_800, 37_800], [50_400, 57_600]]}
    ]  # fmt: skip
    people = supervisor.get("/routes/candidates").get_json()["inspectors"]
    asked = {"day": "2026-09-03", "inspectors": [{"user_id": people[0]["user_id"]}], "places": told["places"]}
    plan = supervisor.post("/routes", asked).get_json()["id"]
    (stop,) = supervisor.plan(plan)["stops"]
    assert (stop["service_s"], stop["priority"], stop["must"]) == (720, 3, True)
    assert (stop["skills"], stop["windows"]) == (["取证", "执法"], [[28_800, 37_800], [50_400, 57_600]])
    supervisor.post(f"/routes/{plan}/discard")


def test_other_kinds_of_files_give_the_same_place(supervisor: Page) -> None:
    book = openpyxl.Workbook()
    book.active.append(["name", "lon", "lat"])
    book.active.append(["菜市场", LON, LAT])
    sheet = io.BytesIO()
    book.save(sheet)
    point = {"type": "Point", "coordinates": [LON, LAT]}
    geojson = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": point, "properties": {"name": "菜市场"}}],
    }
    gpx = (f'<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
           f'<wpt lat="{LAT}" lon="{LON}"><name>菜市场</name></wpt></gpx>')  # fmt: skip
    kml = (f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>菜市场</name>'
           f"<Point><coordinates>{LON},{LAT}</coordinates></Point></Placemark></Document></kml>")  # fmt: skip
    for name, content in (
        ("a.xlsx", sheet.getvalue()), ("b.geojson", json.dumps(geojson).encode()), ("c.gpx", gpx.encode()),
        ("d.kml", kml.encode()), ("e.tsv", f"name\tlng\tlat\n菜市场\t{LON}\t{LAT}".encode("gb18030")),
    ):  # fmt: skip
        status, told = bring(supervisor, content, name)
        assert status == 200, (name, told)
        assert [(one["name"], one["lon"], one["lat"]) for one in told["places"]] == [("菜市场", LON, LAT)], (
            name
        )


def test_the_datum_is_asked_for_and_applied(supervisor: Page) -> None:
    _, told = bring(supervisor, csv(f"菜市场,{LON},{LAT},,,,,"), "places.csv", datum="gcj02")
    (place,) = told["places"]
    assert 0.0005 < LON - place["lon"] < 0.01
    status, told = bring(supervisor, csv(f"x,{LON},{LAT},,,,,"), "places.csv", datum="mars")
    assert (status, told["field"]) == (422, "datum")


def test_what_is_wrong_with_a_row_is_told_and_the_others_are_taken(supervisor: Page) -> None:
    rows = (
        f"好,{LON},{LAT},10,,,,", f"好,{LON},{LAT},10,,,,", "海里,121.9,31.2,10,,,,", "哪里,,,10,,,,",
        f"晚,{LON},{LAT},10,10:00-08:00,,,", f"久,{LON},{LAT},9999,,12,,", f"字,{LON},{LAT},,全天,,,",
        "北极,101,99,,,,,", "山上,101.9,36.9,,,,,",
    )  # fmt: skip
    status, told = bring(supervisor, csv(*rows), "places.csv")
    assert status == 200
    assert [one["name"] for one in told["places"]] == ["好", "海里", "晚", "久", "字", "山上"]
    said = "\n".join(told["problems"])
    for text in (
        "Row 2: It is the same place as row 1: taken once", "Row 3: It lies about 1,9",
        "km from the city: is the coordinate system right?", "1 without a place were left out: 4.",
        "Row 5: Its hours 10:00-08:00 end before they begin: left out", "Row 9: It lies about",
        "Row 6: minutes must be a number from 0 to 1440, not 9999",
        "Row 6: priority must be a number from 0 to 9, not 12", "Row 7: Its hours must read 08:00-10:30, not 全天",
    ):  # fmt: skip
        assert text in said, text
    assert any(one["row"] == 8 for one in told["refused"])
    assert not any(window for one in told["places"] for window in one["windows"])


def test_files_that_cannot_be_taken_say_so(supervisor: Page) -> None:
    many = csv(*(f"p{n},{LON + n / 1e6:.6f},{LAT},,,,," for n in range(5000)))
    for name, content, text in (
        ("many.csv", many, f"5000 places are too many for one plan: at most {MOST_STOPS}"),
        ("empty.csv", b"", "The file is empty."), ("none.csv", b"a,b\n1,2", "No columns with coordinates"),
        ("bad.xlsx", b"PK\x03\x04" + b"\x00" * 400, "not a zip file"), ("bad.geojson", b"{", "JSON"),
        ("what.bin", b"\x00\x01\x02", "known format"),
    ):  # fmt: skip
        status, told = bring(supervisor, content, name)
        assert (status, told["field"]) == (422, "file"), name
        assert text in told["detail"], (name, told["detail"])
    answer = supervisor.browser.client.post("/routes/places", data={}, headers=supervisor.headers)
    assert answer.status_code == 422

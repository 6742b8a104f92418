import json
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from geo.route_files import FileRound, FileStop, geojson, gpx, ics

AT = datetime(2026, 9, 3, 0, 44, tzinfo=UTC)
LEAVE = datetime(2026, 9, 3, 0, 52, tzinfo=UTC)
STOPS = [
    FileStop(1, "店外经营 <b>&amp;", 101.8, 36.6, AT, LEAVE, "东关大街 88 号; 门口, 左\n边", "2026-000123"),
    FileStop(2, "\x00树林巷\x0b", 101.81, 36.61, None, None),
]
ROUND = FileRound("A 韩海燕", STOPS, [[101.79, 36.6], [101.8, 36.6], [101.81, 36.61]])
NS = {"g": "http://www.topografix.com/GPX/1/1"}


def test_gpx_has_stops_with_times_and_the_way() -> None:
    root = Xml.fromstring(gpx([ROUND]))  # noqa: S314 - our own
    waypoints = root.findall("g:wpt", NS)
    assert [w.findtext("g:name", None, NS) for w in waypoints] == ["1 店外经营 <b>&amp;", "2 树林巷"]
    assert waypoints[0].findtext("g:time", None, NS) == "2026-09-03T00:44:00Z"
    assert waypoints[1].find("g:time", NS) is None
    assert len(root.findall("g:trk/g:trkseg/g:trkpt", NS)) == 3
    assert len(root.findall("g:rte/g:rtept", NS)) == 2


def test_geojson_has_the_line_first() -> None:
    found = json.loads(geojson([ROUND]))
    assert [f["geometry"]["type"] for f in found["features"]] == ["LineString", "Point", "Point"]
    assert found["features"][1]["properties"]["arrive_at"] == "2026-09-03T00:44:00+00:00"
    assert json.loads(geojson([FileRound("x", STOPS, [])]))["features"][0]["geometry"]["type"] == "Point"


def test_a_calendar_has_an_event_for_each_timed_stop() -> None:
    text = ics([ROUND], AT).decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "DTSTART:20260903T004400Z\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = text.replace("\r\n ", "")
    assert "LOCATION:东关大街 88 号\\; 门口\\, 左\\n边" in whole
    assert "\n边" not in whole.replace("\\n边", "")


def test_long_chinese_lines_are_folded_between_characters() -> None:
    stop = FileStop(1, "东关大街" * 40, 101.8, 36.6, AT, LEAVE)
    text = ics([FileRound("x", [stop], [])], AT).decode()
    assert "东关大街" * 40 in text.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))

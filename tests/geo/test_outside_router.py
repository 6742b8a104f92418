"""What routing servers are asked and answer: both kinds mean the same, and no rubbish passes for a time or a way."""

import json
from typing import Any

import numpy as np
import pytest

from geo.outside_router import BadAnswer, legs_answer, legs_ask, table_answer, table_ask

PLACES = np.array([[101.8, 36.6], [101.81, 36.61]])


def encoded(*lat_lon: tuple[float, float]) -> str:
    """A way as Valhalla writes it."""
    text, before = "", (0, 0)
    for place in lat_lon:
        now = (round(place[0] * 1e6), round(place[1] * 1e6))
        for new, old in zip(now, before, strict=True):
            value = (new - old) << 1
            value = ~value if new < old else value
            while value >= 32:
                text, value = text + chr((32 | (value & 31)) + 63), value >> 5
            text += chr(value + 63)
        before = now
    return text


def osrm(**more: Any) -> bytes:
    return json.dumps(
        {"code": "Ok", "durations": [[0, 60], [None, 0]], "distances": [[0, 80], [90, 0]], **more}
    ).encode()


def valhalla(*rows: list[Any]) -> bytes:
    return json.dumps({"sources_to_targets": list(rows)}).encode()


def test_both_kinds_are_asked_for_the_same() -> None:
    asked = table_ask("osrm", "car", PLACES[:1], PLACES)
    assert asked.path.startswith(
        "/table/v1/driving/101.800000,36.600000;101.800000,36.600000;101.810000,36.610000?"
    )
    assert "sources=0&destinations=1;2" in asked.path
    body = json.loads(table_ask("valhalla", "foot", PLACES[:1], PLACES).body or b"")
    assert (len(body["sources"]), len(body["targets"]), body["costing"]) == (1, 2, "pedestrian")
    assert legs_ask("osrm", "bike", PLACES).path.startswith("/route/v1/bike/101.8")
    assert json.loads(legs_ask("valhalla", "bike", PLACES).body or b"")["costing"] == "bicycle"


def test_tables_are_seconds_and_metres_and_no_way_is_infinite() -> None:
    cell = {"time": 60, "distance": 0.08}
    other = valhalla(
        [{"time": 0, "distance": 0}, cell], [{"time": None, "distance": None}, {"time": 0, "distance": 0}]
    )
    for kind, content in (("osrm", osrm()), ("valhalla", other)):
        seconds, metres = table_answer(kind, content, (2, 2))
        assert seconds.tolist() == [[0, 60], [np.inf, 0]]
        assert metres.tolist() == [[0, 80], [np.inf, 0]]


def test_ways_are_lon_lat() -> None:
    step = {"geometry": {"coordinates": [[101.8, 36.6], [101.81, 36.61]]}}
    found = {"code": "Ok", "routes": [{"legs": [{"steps": [step, step]}]}]}
    (way,) = legs_answer("osrm", json.dumps(found).encode(), 1)
    assert way.tolist()[1] == [101.81, 36.61]
    trip = {"trip": {"legs": [{"shape": encoded((36.6, 101.8), (36.61, 101.79))}]}}
    (way,) = legs_answer("valhalla", json.dumps(trip).encode(), 1)
    assert way.tolist() == [[101.8, 36.6], [101.79, 36.61]]


BAD_TABLES = [
    b"", b"\xff\xfe", b"<html>", b"[]", b"null", b"[" * 100_000, osrm(code="NoTable"), osrm(durations=None),
    osrm(durations=[[0, 60]]), osrm(durations=[[0], [1]]), osrm(durations=[[0, -1], [1, 0]]),
    osrm(durations=[[0, "60"], [1, 0]]), osrm(durations=[[0, True], [1, 0]]), osrm(durations=[[0, 1e300], [1, 0]]),
    osrm().replace(b"60", b"Infinity"), osrm().replace(b"60", b"NaN"), osrm(distances={}), osrm(durations=["ab", "cd"]),
]  # fmt: skip
BAD_WAYS = [
    b"{}", b'{"code":"Ok","routes":[]}', b'{"code":"Ok","routes":[{"legs":[]}]}',
    b'{"code":"Ok","routes":[{"legs":[{}]}]}',
    b'{"code":"Ok","routes":[{"legs":[{"steps":[{"geometry":{"coordinates":[[500,3]]}}]}]}]}',
    b'{"code":"Ok","routes":[{"legs":[{"steps":[{"geometry":{"coordinates":[["a",3]]}}]}]}]}',
    b'{"code":"Ok","routes":[{"legs":[{"steps":[{"geometry":{"coordinates":[[1],[2,3]]}}]}]}]}',
    b'{"code":"Ok","routes":[{"legs":[{"steps":[{"geometry":{"coordinates":[[NaN,3]]}}]}]}]}',
]  # fmt: skip


def test_rubbish_is_no_answer() -> None:
    for content in BAD_TABLES:
        with pytest.raises(BadAnswer):
            table_answer("osrm", content, (2, 2))
    bad: list[list[list[Any]]] = [[[{}, {}]], [["a", "b"], ["c", "d"]], [[{"time": "x"}] * 2] * 2]
    for rows in bad:
        with pytest.raises(BadAnswer):
            table_answer("valhalla", valhalla(*rows), (2, 2))
    for content in BAD_WAYS:
        with pytest.raises(BadAnswer):
            legs_answer("osrm", content, 1)
    for shape in (None, 3, "", "_", "\x01\x02", "~" * 60, "_p~iF"):
        with pytest.raises(BadAnswer):
            legs_answer("valhalla", json.dumps({"trip": {"legs": [{"shape": shape}]}}).encode(), 1)

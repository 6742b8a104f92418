"""A routing server of the city's own: its ways are used, and whatever it does no plan breaks or waits for long."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from casework import outside_router
from casework.clock import Clock
from casework.office import Office
from casework.outside_router import MEMORY, MOST_PLACES, USED, OutsideWays, Server
from casework.policy import SYSTEM
from casework.route_plans import new_plan
from casework.route_problem import load, solve, store
from casework.route_view import plan_data
from db import schema
from db.models import RoutePlan
from db.session import Database
from geo.outside_router import MOST_IN_A_TABLE
from geo.road_matrix import OutsideMatrix
from settings import BadSetting, Settings
from tests.factories.city import NOW
from tests.factories.everyday import everyday

LON, LAT = [101.2, 101.21, 101.22], [36.5, 36.51, 36.5]
TRICKS = ("500", "rubbish", "infinity", "short", "redirect", "hang", "drip", "close")


class Fake(BaseHTTPRequestHandler):
    """An OSRM: every way takes 7 minutes and 500 m, over a place of its own. Tricks instead, when it is told to."""

    trick: ClassVar[str] = ""
    asked: ClassVar[list[str]] = []
    free: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.trick:
            self._play(self.trick)
        elif self.path.startswith("/table/"):
            sources = self.path.split("sources=")[1].split("&")[0].count(";") + 1
            targets = self.path.split("destinations=")[1].split("&")[0].count(";") + 1
            rows = [[420.0] * targets for _ in range(sources)]
            metres = [[500.0] * targets for _ in range(sources)]
            self._say(json.dumps({"code": "Ok", "durations": rows, "distances": metres}).encode())
        else:
            step = {"geometry": {"coordinates": [[101.5, 36.7]]}}
            self._say(json.dumps({"code": "Ok", "routes": [{"legs": [{"steps": [step]}]}]}).encode())

    def _play(self, trick: str) -> None:
        if trick == "500":
            self._say(b'{"code": "Ok"}', 500)
        elif trick == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
        elif trick == "hang":
            self.free.wait(30)
        elif trick == "drip":
            self._drip()
        elif trick != "close":
            rows = b"[[0,Infinity,1],[1,0,1],[1,1,0]]"
            infinite = b'{"code":"Ok","durations":' + rows + b',"distances":' + rows + b"}"
            self._say(
                {
                    "rubbish": b"<html>hello",
                    "infinity": infinite,
                    "short": b'{"code":"Ok","durations":[[0]]}',
                }[trick]
            )

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        for _ in range(300):
            if self.free.wait(0.1):
                return
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def _say(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.setattr(Fake, "trick", "")
    monkeypatch.setattr(Fake, "asked", [])
    Fake.free.clear()
    MEMORY.answers.clear()
    MEMORY.rests.clear()
    yield Server("osrm", f"http://127.0.0.1:{http.server_address[1]}")
    Fake.free.set()
    http.shutdown()
    http.server_close()
    MEMORY.rests.clear()


def test_its_times_and_ways_are_used_and_it_is_asked_once(server: Server) -> None:
    ways = OutsideWays(server, None)
    matrix = ways.matrix(LON, LAT, "foot")
    assert matrix.router == USED
    assert not matrix.is_straight
    assert matrix.duration_s.tolist() == [[0, 420, 420], [420, 0, 420], [420, 420, 0]]
    assert matrix.distance_m[0, 1] == 500
    assert matrix.path(0, 1).tolist() == [[101.2, 36.5], [101.5, 36.7], [101.21, 36.51]]
    again = ways.matrix(LON, LAT, "foot")
    assert again.path(0, 1).tolist() == matrix.path(0, 1).tolist()
    assert len(Fake.asked) == 2


def test_many_places_are_asked_for_in_parts(server: Server) -> None:
    n = MOST_IN_A_TABLE + 10
    matrix = OutsideWays(server, None).matrix(np.linspace(101, 102, n), np.full(n, 36.5), "car")
    assert matrix.duration_s.shape == (n, n)
    assert len(Fake.asked) == 4
    assert max(len(path) for path in Fake.asked) < 8000
    far = OutsideWays(server, None).matrix(
        np.full(MOST_PLACES + 1, 101.0), np.full(MOST_PLACES + 1, 36.0), "car"
    )
    assert far.router == outside_router.TOO_MANY
    assert far.is_straight


@pytest.mark.parametrize("trick", TRICKS)
def test_whatever_it_does_our_own_ways_are_taken(
    server: Server, monkeypatch: pytest.MonkeyPatch, trick: str
) -> None:
    monkeypatch.setattr(Fake, "trick", trick)
    monkeypatch.setattr(outside_router, "STEP_S", 0.4)
    monkeypatch.setattr(outside_router, "TABLE_S", 0.8)
    begun = time.monotonic()
    matrix = OutsideWays(server, None).matrix(LON, LAT, "foot")
    assert time.monotonic() - begun < 10
    assert matrix.router not in ("", USED)
    assert matrix.is_straight
    # It rests now: the next one does not wait for it.
    count = len(Fake.asked)
    assert OutsideWays(server, None).matrix(LON[:2], LAT[:2], "foot").is_straight
    assert len(Fake.asked) == count


def test_a_way_that_it_does_not_know_is_straight(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = OutsideWays(server, None).matrix(LON, LAT, "foot")
    assert isinstance(matrix, OutsideMatrix)
    monkeypatch.setattr(Fake, "trick", "rubbish")
    assert matrix.path(0, 2).tolist() == [[101.2, 36.5], [101.22, 36.5]]


def test_nobody_is_there() -> None:
    MEMORY.rests.clear()
    matrix = OutsideWays(Server("valhalla", "http://127.0.0.1:1"), None).matrix(LON, LAT, "foot")
    assert matrix.router == "it cannot be reached"
    MEMORY.rests.clear()


def test_a_plan_says_whose_ways_it_has(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(instance=tmp_path, now=NOW, router_url=f"osrm+{server.url}")
    opened = Office.open(settings)
    office = replace(opened, database=opened.database, clock=Clock(NOW))
    schema.upgrade(office.database)
    try:
        world = everyday(office)
        places = [{"name": "a", "lon": 101.2, "lat": 36.5}, {"name": "b", "lon": 101.21, "lat": 36.5}]
        people = [{"user_id": world.inspector.user_id}]
        asked = {"day": date(2026, 9, 3).isoformat(), "inspectors": people, "places": places}
        number = new_plan(office, SYSTEM, asked)
        for trick, router in (("", USED), ("500", "its answer cannot be used")):
            monkeypatch.setattr(Fake, "trick", trick)
            MEMORY.answers.clear()
            with office.database.write() as session:
                plan = session.get_one(RoutePlan, number)
                problem = load(session, plan)
                store(session, plan, problem, solve(problem, 0.2))
            data = plan_data(office, SYSTEM, number)
            assert data["outcome"]["router"] == router
            assert data["plan"]["straight"] is (router != USED)
    finally:
        office.database.close()


def test_the_setting_is_checked() -> None:
    assert (
        Settings.from_environment({"ROUTER_URL": "osrm+http://127.0.0.1:5000/"}).router_url
        == "osrm+http://127.0.0.1:5000"
    )
    assert Server.of("valhalla+https://r.example.cn/v") == Server("valhalla", "https://r.example.cn/v")
    assert Server.of("") is None
    for text in ("http://127.0.0.1", "osrm+ftp://x", "osrm+http://", "mapbox+https://x", "osrm+http://a b"):
        with pytest.raises(BadSetting):
            Settings.from_environment({"ROUTER_URL": text})


def test_without_the_setting_nothing_is_asked(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.read() as session:
        assert session.info == {}
    database.close()

"""Ways from a routing server of the city's own, where one is set up; without its answer, from our own streets.

What it answered is kept in memory for a while. One that fails is left alone for a minute, so that no page waits again.
"""

import http.client
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import ArrayLike, NDArray

from casework.bounded_sockets import Deadline, deadline, exchange
from casework.errors import mark
from geo.outside_router import (
    KINDS,
    MOST_IN_A_TABLE,
    Ask,
    BadAnswer,
    legs_answer,
    legs_ask,
    table_answer,
    table_ask,
)

if TYPE_CHECKING:
    from geo.roads import Matrix, RoadNetwork

Floats = NDArray[np.float64]
STEP_S: Final = 5.0
TABLE_S: Final = 10.0
"""For all tables of a plan together: somebody may wait for it, and a write transaction too."""
MAX_ANSWER: Final = 32 * 1024 * 1024
MOST_PLACES: Final = 400
REST_S: Final = 60.0
USED: Final = "used"
TOO_MANY: Final = mark("it is not asked for so many stops")
_KEPT: Final = 200
_LOST: Final = (OSError, http.client.HTTPException, BadAnswer, ValueError)


@dataclass(frozen=True, slots=True)
class Server:
    """A routing server: its kind (osrm, valhalla) and its address."""

    kind: str
    url: str

    @classmethod
    def of(cls, setting: str) -> "Server | None":
        """The server that the setting names as osrm+http://… or valhalla+https://…; None for an empty one."""
        kind, _, url = setting.partition("+")
        return cls(kind, url) if kind in KINDS and url else None


@dataclass
class _Memory:
    """What a process remembers of servers: answers, and which are to be left alone until when."""

    answers: OrderedDict[Any, Any] = field(default_factory=OrderedDict)
    rests: dict[Server, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Any) -> Any:
        with self.lock:
            return self.answers.get(key)

    def put(self, key: Any, value: Any) -> None:
        with self.lock:
            self.answers[key] = value
            while len(self.answers) > _KEPT:
                self.answers.popitem(last=False)


MEMORY: Final = _Memory()


@dataclass(frozen=True)
class OutsideWays:
    """What stands in for a street network: the server's ways, or those of ``local`` (None: straight lines)."""

    server: Server
    local: "RoadNetwork | None"

    def matrix(self, lon: ArrayLike, lat: ArrayLike, mode: str) -> "Matrix":
        """As ``geo.roads.RoadNetwork.matrix``; its ``router`` says whether the server answered, or why not."""
        places = np.column_stack([np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)])
        if not len(places) or not np.isfinite(places).all():
            return self._own(places, mode)
        if len(places) > MOST_PLACES:
            return replace(self._own(places, mode), router=TOO_MANY)
        try:
            return self._asked(places, mode)
        except _LOST as error:
            if not isinstance(error, _Resting):
                MEMORY.rests[self.server] = time.monotonic() + REST_S
            return replace(self._own(places, mode), router=_why(error))

    def _own(self, places: Floats, mode: str) -> "Matrix":
        from geo.roads import straight_line_matrix

        if self.local is None:
            return straight_line_matrix(places[:, 0], places[:, 1], mode)
        return self.local.matrix(places[:, 0], places[:, 1], mode)

    def _asked(self, places: Floats, mode: str) -> "Matrix":
        from geo.road_matrix import OutsideMatrix

        seconds, metres = _table(self.server, mode, places)
        return OutsideMatrix(
            lon=places[:, 0], lat=places[:, 1], mode=mode, duration_s=seconds, straight_m=metres,
            walk_m=np.zeros(len(places)), graph=None, snapped=None, router=USED,
            leg=lambda i, j: _leg(self.server, mode, places[[i, j]]),
        )  # fmt: skip


class _Resting(OSError):
    """The server failed a moment ago and is left alone."""


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return mark("it did not answer in time")
    if isinstance(error, BadAnswer | ValueError):
        return mark("its answer cannot be used")
    return mark("it cannot be reached")


def _table(server: Server, mode: str, places: Floats) -> tuple[Floats, Floats]:
    key = (server, mode, places.tobytes())
    kept = MEMORY.get(key)
    if kept is not None:
        return kept[0].copy(), kept[1].copy()
    n = len(places)
    seconds, metres = np.zeros((n, n)), np.zeros((n, n))
    ends = time.monotonic() + TABLE_S
    for i in range(0, n, MOST_IN_A_TABLE):
        for j in range(0, n, MOST_IN_A_TABLE):
            rows, columns = places[i : i + MOST_IN_A_TABLE], places[j : j + MOST_IN_A_TABLE]
            content = _fetch(server, table_ask(server.kind, mode, rows, columns), ends)
            part = np.s_[i : i + len(rows), j : j + len(columns)]
            seconds[part], metres[part] = table_answer(server.kind, content, (len(rows), len(columns)))
    np.fill_diagonal(seconds, 0.0)
    np.fill_diagonal(metres, 0.0)
    MEMORY.put(key, (seconds.copy(), metres.copy()))
    return seconds, metres


def _leg(server: Server, mode: str, places: Floats) -> Floats:
    """The way between two places; a straight line where the server has no answer for it."""
    key = (server, mode, "leg", places.tobytes())
    kept: Floats | None = MEMORY.get(key)
    if kept is None:
        try:
            content = _fetch(server, legs_ask(server.kind, mode, places), time.monotonic() + STEP_S)
            kept = np.vstack([places[:1], legs_answer(server.kind, content, 1)[0], places[1:]])
        except _LOST as error:
            if not isinstance(error, _Resting | BadAnswer):
                MEMORY.rests[server] = time.monotonic() + REST_S
            return places
        MEMORY.put(key, kept)
    return kept


def _fetch(server: Server, ask: Ask, ends: float) -> bytes:
    """The body of an answer with status 200. Raises OSError (TimeoutError among them), HTTPException, BadAnswer."""
    if MEMORY.rests.get(server, 0.0) > time.monotonic():
        raise _Resting("failed a moment ago")
    left_s = ends - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    with deadline(left_s) as until:
        try:
            return _exchange(server, ask, until)
        except (OSError, http.client.HTTPException):
            if until.is_over:
                raise TimeoutError from None
            raise


def _exchange(server: Server, ask: Ask, until: Deadline) -> bytes:
    parts = urlsplit(server.url)
    headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if ask.body else {})
    status, content = exchange(
        (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)),
        ("POST" if ask.body else "GET", parts.path.rstrip("/") + ask.path, ask.body, headers), until,
        step_s=STEP_S, most_bytes=MAX_ANSWER + 1,
    )  # fmt: skip
    if status != http.client.OK or len(content) > MAX_ANSWER or until.is_over:
        raise BadAnswer(f"HTTP {status}")
    return content

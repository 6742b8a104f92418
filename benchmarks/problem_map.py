"""How long the problem map takes to answer, beside the same finding counts by plain SQL and by Folium's clusters.

`python -m benchmarks.problem_map --findings 1000000 --folder /tmp/million` keeps the generated city for the next
run. Times are of one process, server side, without the network; every view is asked for on its own.
"""

import argparse
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import folium
import folium.plugins
from sqlalchemy import text

from casework.demo import load_demo
from casework.founding import prepare
from casework.office import Office
from casework.policy import SYSTEM
from casework.problem_map import Frame, answer, bounds
from layers.problem_map import Start, around, fitted, shell
from settings import Settings

AS_OF = date(2026, 9, 2)
NOW = "2026-09-02T10:24:00+08:00"
ROUNDS = 9
FOLIUM_MARKERS = 1_000  # 10,000 take a minute: --markers 10000
CELL_PX = 60

# Open findings by a grid of cells, as one would count them in SQL; the status as of now, as the map has it.
CELLS = """
SELECT CAST((lon - :west) / :cell AS INTEGER) AS col, CAST((lat - :south) / :cell AS INTEGER) AS line,
       CASE WHEN status IN ('filed', 'dispatched', 'accepted', 'returned', 'reopened') AND due_at < :now
            THEN 'over' ELSE status END AS shown,
       COUNT(*), AVG(lon), AVG(lat)
FROM findings
WHERE lon BETWEEN :west AND :east AND lat BETWEEN :south AND :north
  AND status NOT IN ('closed', 'declined', 'cancelled', 'duplicate')
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class View:
    """Something that a person looks at."""

    name: str
    frame: Frame
    query: dict[str, str]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(argv)
    with _city(options.findings, options.folder) as office:
        _measure(office, options.markers)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.problem_map", description=__doc__)
    parser.add_argument("--findings", type=int, default=20_000, help="generated findings (default 20000)")
    parser.add_argument("--folder", type=Path, help="where the city is kept; one that is there is used again")
    parser.add_argument("--markers", type=int, default=FOLIUM_MARKERS, help="markers that Folium builds")
    return parser.parse_args(argv)


@contextlib.contextmanager
def _city(findings: int, folder: Path | None) -> Iterator[Office]:
    with tempfile.TemporaryDirectory() as temporary:
        place = (folder or Path(temporary)) / str(findings)
        place.mkdir(parents=True, exist_ok=True)
        office = Office.open(Settings.from_environment({"INSTANCE": str(place), "NOW": NOW}))
        prepare(office)
        if not (place / "ready").exists():
            print(f"loading {findings:,} findings …", flush=True)
            load_demo(office, AS_OF, findings)
            (place / "ready").touch()
        yield office
        office.database.close()


def _measure(office: Office, markers: int) -> None:
    started = time.perf_counter()
    whole = fitted(bounds(office))
    views = _views(whole)
    count = answer(office, SYSTEM, {"status": "over,due,prog,new,check,susp,done"}, views[0].frame)["total"]
    print(f"{count:,} findings; into memory once per process: {time.perf_counter() - started:.2f} s")
    print(f"{'view':34}{'median':>10}{'first':>10}{'kB':>8}   beside")
    for view in views:
        sizes: list[int] = []
        first, median = _times(lambda view=view, sizes=sizes: _answered(office, view, sizes))  # type: ignore[misc]
        beside = ""
        if not view.query:
            peer = _times(lambda view=view: _by_sql(office, view.frame))[1]  # type: ignore[misc]
            beside = f"GROUP BY cell, counts of symbols alone {peer:8.1f} ms = {peer / median:5.1f} x"
        print(f"{view.name:34}{median:7.1f} ms{first:7.1f} ms{sizes[-1] / 1000:8.1f}   {beside}")
    _folium(office, whole, markers)


def _views(whole: Start) -> list[View]:
    def frame(start: Start) -> Frame:
        return Frame(*around(start), start.zoom)

    street = Start(36.6155, 101.803, 16.0)
    quarter = Start(36.6155, 101.803, 14.0)
    return [
        View("whole city", frame(whole), {}),
        View("quarter", frame(quarter), {}),
        View("street", frame(street), {}),
        View("doorstep", frame(Start(36.6155, 101.803, 18.0)), {}),
        View("whole city, closed ones too", frame(whole), {"status": "over,due,prog,new,check,susp,done"}),
        View("whole city, one category", frame(whole), {"category": "0504"}),
        View("whole city, one sub-district", frame(whole), {"area": "630102003"}),
        View("whole city, one month", frame(whole), {"from": "2026-08-01", "to": "2026-08-31"}),
        View("whole city, a text", frame(whole), {"q": "超市"}),
    ]


def _answered(office: Office, view: View, sizes: list[int]) -> None:
    body = json.dumps(
        answer(office, SYSTEM, view.query, view.frame), ensure_ascii=False, separators=(",", ":")
    )
    sizes.append(len(body.encode()))


def _by_sql(office: Office, frame: Frame) -> None:
    cell = CELL_PX * 360 / (256 * 2**frame.zoom)
    sides = {"west": frame.west, "east": frame.east, "south": frame.south, "north": frame.north}
    values: dict[str, Any] = {**sides, "cell": cell, "now": "2026-09-02 02:24:00"}
    with office.database.read() as session:
        json.dumps([list(row) for row in session.execute(text(CELLS), values)])


def _times(work: Callable[[], None]) -> tuple[float, float]:
    """The first time and the median of those after it, in milliseconds."""
    taken = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return taken[0], statistics.median(taken[1:])


def _folium(office: Office, whole: Start, markers: int) -> None:
    """What a page costs that holds the findings itself, beside ours: shell and first answer."""
    view = _views(whole)[0]
    sizes: list[int] = []
    around_city = bounds(office)

    def ours() -> None:
        _answered(office, view, sizes)
        shell(around_city, whole, lambda path: f"/static/{path}")

    median = _times(ours)[1]
    print(f"\npage with its first answer: {median:.1f} ms, {sizes[-1] / 1000:.0f} kB")
    for name, build, at_most in (
        ("MarkerCluster", _marker_cluster, markers),
        ("FastMarkerCluster", _fast_cluster, markers * 100),
    ):
        with office.database.read() as session:
            found = session.execute(text("SELECT lat, lon, number FROM findings LIMIT :n"), {"n": at_most})
            rows = [(row.lat, row.lon, row.number) for row in found]
        started = time.perf_counter()
        size = len(build(whole, rows))
        took = (time.perf_counter() - started) * 1000
        print(
            f"folium {name}, {len(rows):,} findings: {took:.0f} ms = {took / median:.1f} x,"
            f" {size / 1000:.0f} kB = {size / sizes[-1]:.1f} x"
        )


def _marker_cluster(whole: Start, rows: list[tuple[float, float, str]]) -> str:
    drawn = folium.Map((whole.lat, whole.lon), zoom_start=12, tiles=None)
    group = folium.plugins.MarkerCluster().add_to(drawn)  # type: ignore[no-untyped-call]
    for lat, lon, number in rows:
        folium.Marker((lat, lon), tooltip=number).add_to(group)
    return str(drawn.get_root().render())


def _fast_cluster(whole: Start, rows: list[tuple[float, float, str]]) -> str:
    drawn = folium.Map((whole.lat, whole.lon), zoom_start=12, tiles=None)
    folium.plugins.FastMarkerCluster([[lat, lon] for lat, lon, _ in rows]).add_to(drawn)  # type: ignore[no-untyped-call]
    return str(drawn.get_root().render())


if __name__ == "__main__":
    main()

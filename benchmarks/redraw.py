"""What a redrawn border costs at any number of stored findings, beside re-assigning everything and a geopandas join.

`python -m benchmarks.redraw --findings 10000000 --folder /tmp/ten` builds the database once (half an hour, 4 GB) and
keeps it for the next run. CPU seconds are of this process and cover the whole transaction up to its commit: the
versions, the search for the findings that can have changed, their new assignments and history. Each round moves the
border and puts it back.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from benchmarks._redraw_city import NOW, RedrawCase, new_areas, opened
from casework import boundary_preview
from casework.areas import publish
from casework.coverage import coverages, redrawn
from casework.moves import MapChange
from casework.policy import SYSTEM
from casework.reassignment import reassign_all
from db.models import Finding, Level

ROUNDS: Final = 5
SMALL: Final = 20_000
LARGEST_IN_MEMORY: Final = 3_000_000


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    name: str
    cpu_s: float
    wall_s: float
    told: str


def main(argv: Sequence[str] | None = None) -> int:
    """Build or open the database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--findings", type=int, default=SMALL)
    parser.add_argument("--areas", type=int, default=300)
    parser.add_argument("--vertices", type=int, default=500)
    parser.add_argument("--open", type=float, default=0.06, help="share of findings that are open")
    parser.add_argument("--folder", type=Path, help="where the installation is kept (a throwaway one)")
    small = argv is not None and not argv
    asked = parser.parse_args(["--areas", "60", "--vertices", "120"] if small else argv)
    with _folder(asked.folder) as folder:
        case = opened(folder, asked.findings, asked.areas, asked.vertices, asked.open, _tell)
        print(
            f"{case.findings:,} findings stored, {case.open:,} of them open; {asked.areas} areas of about "
            f"{asked.vertices} vertices; one border moved: {case.ground_m2:,.0f} m² change hands"
        )
        lines = [*_redraws(case), *_previews(case), *_peers(case)]
        case.office.database.close()
    ours = lines[0].cpu_s
    print(f"{'':58}{'CPU s':>9}{'times ours':>12}{'wall s':>9}")
    for line in lines:
        print(f"{line.name:58}{line.cpu_s:9.3f}{line.cpu_s / ours:12.1f}{line.wall_s:9.3f}  {line.told}")
    return 0


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _tell(words: str) -> None:
    print(f"  {words}", flush=True)


def _measured(work: Callable[[], Any]) -> tuple[float, float, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return time.process_time() - cpu, time.perf_counter() - wall, found


def _redraws(case: RedrawCase) -> list[Line]:
    """The border there and back, as a serving process does it: the index of the map in force is in memory."""
    parents = _warm(case)
    there: list[tuple[float, float, Any]] = []
    for _ in range(ROUNDS):
        there += [
            _measured(partial(_publish, case, shapes, parents)) for shapes in (case.redrawn, case.drawn)
        ]
    cpu, wall = (statistics.median(one[at] for one in there) for at in (0, 1))
    moved = there[0][2].findings_moved
    return [Line("one border redrawn and published", cpu, wall, f"{moved} open findings moved")]


def _warm(case: RedrawCase) -> dict[str, int | None]:
    with case.office.database.read() as session:
        patches = coverages(session)[-1]
    patches.index.describe(np.array([0.0]), np.array([0.0]), case.office.settings.near_m)
    return {area.code: area.parent_id for area in patches.areas}


def _publish(case: RedrawCase, shapes: dict[str, BaseGeometry], parents: dict[str, int | None]) -> Any:
    with case.office.database.write() as session:
        level = session.scalars(select(Level).where(Level.code == "patch")).one()
        return publish(
            session,
            level,
            new_areas(shapes, parents),
            NOW,
            near_m=case.office.settings.near_m,
            note="benchmark",
        )


def _previews(case: RedrawCase) -> list[Line]:
    """What a draft's preview takes, with the findings in memory as the map has them there already."""
    if case.findings > LARGEST_IN_MEMORY:
        return []
    with case.office.database.read() as session:
        before = coverages(session)
        by_code = {area.code: area for area in before[-1].areas}

        def preview() -> dict[str, Any]:
            changed = [replace(by_code[code], geometry=shape) for code, shape in case.redrawn.items()]
            after = [*before[:-1], redrawn(before[-1], changed)]
            return boundary_preview.preview(case.office, SYSTEM, session, MapChange(before, after))

        _first_cpu, first_wall, _found = _measured(preview)
        runs = [_measured(preview) for _ in range(ROUNDS)]
    cpu, wall = (statistics.median(one[at] for one in runs) for at in (0, 1))
    moved = runs[0][2]["moved"]
    return [
        Line("the same as a preview", cpu, wall, f"{moved} would move; the first took {first_wall:.1f} s")
    ]


def _peers(case: RedrawCase) -> list[Line]:
    near_m = case.office.settings.near_m

    def everything() -> int:
        with case.office.database.write() as session:
            moved = reassign_all(session, NOW, near_m=near_m).moved
            session.rollback()
            return moved

    cpu, wall, moved = _measured(everything)
    lines = [Line("every open finding located again", cpu, wall, f"{moved} moved, nothing had changed")]
    lon, lat = _open_places(case)
    with case.office.database.read() as session:
        areas = geopandas.GeoDataFrame(geometry=[a.geometry for a in coverages(session)[-1].areas], crs=4326)

    def join() -> int:
        points = geopandas.GeoDataFrame(geometry=shapely.points(lon, lat), crs=4326)
        return len(geopandas.sjoin(points, areas, predicate="intersects"))

    cpu, wall, pairs = _measured(join)
    told = f"{len(lon):,} open findings, {pairs:,} pairs; nothing read or written"
    return [*lines, Line("geopandas.sjoin of the open ones with the areas", cpu, wall, told)]


def _open_places(case: RedrawCase) -> tuple[Any, Any]:
    with case.office.database.read() as session:
        rows = session.execute(select(Finding.lon, Finding.lat).where(Finding.status != "closed")).all()
    places = np.asarray([tuple(row) for row in rows], dtype=float).reshape(-1, 2)
    return places[:, 0], places[:, 1]


if __name__ == "__main__":
    raise SystemExit(main())

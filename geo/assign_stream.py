"""A file of points of any length against a file of areas: read, assigned and written block by block.

The file is read twice: first for the coordinates alone, since what system they are in is settled by all of them
together. What comes out is the same whatever the size of the blocks and whoever does the work.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from geo.assign_block import MOST_PROBLEMS, Answer, Areas, Task, key_of, packed
from geo.assign_format import body_schema
from geo.assign_rows import Floats, Source
from geo.assign_sinks import Plan, Put, plan, sink
from geo.assign_sources import BLOCK_BYTES, BLOCK_ROWS, WkbReader, open_source
from geo.assign_table import RESULT_COLUMNS, AreaTable, area_table
from geo.assign_workers import Alone, Crew, processes
from geo.assignment import DEFAULT_NEAR_M
from geo.locations import Kind
from geo.problems import Problem, problem
from geo.tidy import crs_text, settled

MOST_PLACES = 1_000_000
"""The coordinate system is settled by so many places at most, evenly taken from the whole file."""

Progress = Callable[[int, int], None]


@dataclass
class Summary:
    """What came of a file. `problems` of rows are `told` up to a bound; `more` counts the rest by code."""

    rows: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {str(kind): 0 for kind in Kind})
    near_border: int = 0
    problems: list[Problem] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)
    told: int = 0

    def add(self, answer: Answer) -> None:
        """Take up what came of the next block."""
        room = MOST_PROBLEMS - self.told
        self.told += len(answer.problems[:room])
        for one in answer.problems[:room]:
            self.problems.append(replace(one, feature=(one.feature or 0) + self.rows))
        self.more.update(one.code for one in answer.problems[room:])
        self.more.update(answer.more)
        self.rows += answer.rows
        self.near_border += answer.near_border
        for kind, count in answer.counts.items():
            self.counts[kind] += count


@dataclass(frozen=True)
class Points:
    """How a file of points is to be read, as in `read_points`."""

    path: Path
    x: str | None = None
    y: str | None = None
    crs: str | int | None = None
    datum: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Hands:
    """Who does the work, and in what pieces: `workers` processes, or the dask cluster at an address."""

    workers: int = 1
    dask: str | None = None
    block_bytes: int = BLOCK_BYTES
    block_rows: int = BLOCK_ROWS


class Thinned:
    """Places taken evenly from a sequence of any length: every one, every second, every fourth."""

    def __init__(self, most: int = MOST_PLACES) -> None:
        self._most, self._step, self._seen = most, 1, 0
        self._parts: list[Floats] = []
        self._kept = 0

    def add(self, x: Floats, y: Floats) -> None:
        """Look at the next places; those without finite coordinates say nothing."""
        known = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
        places = np.column_stack([x[known], y[known]])
        self._parts.append(places[-self._seen % self._step :: self._step])
        self._seen += len(places)
        self._kept += len(self._parts[-1])
        while self._kept > self._most:
            self._parts = [np.concatenate(self._parts)[::2]]
            self._step *= 2
            self._kept = len(self._parts[0])

    @property
    def xy(self) -> tuple[Floats, Floats]:
        """The places that were kept."""
        both = np.concatenate(self._parts) if self._parts else np.zeros((0, 2))
        return both[:, 0], both[:, 1]


def assign_file(
    points: Points,
    areas: str | Path,
    area_id: str,
    out: Path | None,
    *,
    stdout: BinaryIO | None = None,
    near_m: float = DEFAULT_NEAR_M,
    areas_crs: str | int | None = None,
    areas_datum: str | None = None,
    hands: Hands = Hands(),
    progress: Progress | None = None,
) -> Summary:
    """Add to every row of a file of points the area that it lies in, and write the rows in their order.

    `out` decides the format by its ending; None writes CSV to `stdout`. The columns added are `RESULT_COLUMNS`, as
    in `assign_table.AssignResult`. Memory does not grow with a CSV, TSV or parquet file; other formats are held.
    Raises `UnreadableFile`; then, and when interrupted, no file is written.
    """
    known = area_table(areas, area_id, crs=areas_crs, datum=areas_datum)
    source = open_source(
        points.path, points.x, points.y, points.encoding,
        block_bytes=hands.block_bytes, block_rows=hands.block_rows,
    )  # fmt: skip
    with ExitStack() as stack:
        crew = stack.enter_context(_crew(known, hands))
        shown = _Shown(progress, source)
        task, notes = _settled(source, points, near_m, crew, shown)
        chosen = plan(out, is_map=source.is_map or source.geometry is not None, names=source.schema.names)
        source, chosen = _fitted(source, chosen)
        names, renamed = without_clashes(source.schema.names, source.geometry)
        task = replace(task, reader=source.reader, names=tuple(names), form=chosen.form, place=chosen.place)
        schema = body_schema(source.schema, names, chosen.place)
        summary = Summary(problems=[*known.problems, *source.problems, *notes])
        put = stack.enter_context(sink(out, stdout, chosen, schema, _metadata(source, bool(renamed))))
        _write(source, task, crew, put, summary, shown)
    summary.problems += renamed
    return summary


def without_clashes(names: list[str], kept: str | None = None) -> tuple[list[str], list[Problem]]:
    """Names of the input's columns that do not clash with the result's, and what was renamed."""
    taken = {*RESULT_COLUMNS, "geometry"} - {kept}
    renamed = {name: f"input_{name}" for name in names if name in taken}
    notes = [problem("column_renamed", column=old, renamed=new) for old, new in renamed.items()]
    return [renamed.get(name, name) for name in names], notes


def _crew(known: AreaTable, hands: Hands) -> AbstractContextManager[Crew]:
    """Whoever does the work, for as long as the context lasts."""
    if hands.dask is None and hands.workers <= 1:
        return nullcontext(Alone(Areas(known.ids, known.index)))
    data = packed(known.ids, known.index)
    if hands.dask is not None:
        from geo.assign_dask import cluster

        return cluster(hands.dask, data)
    return processes(data, key_of(data), hands.workers)


def _settled(
    source: Source, points: Points, near_m: float, crew: Crew, shown: "_Shown"
) -> tuple[Task, list[Problem]]:
    """What the coordinates are in, by all of them together."""
    task = Task(source.reader, ("EPSG:4326", False, None), near_m, ())
    thinned = Thinned()
    for block, (x, y) in crew.places(task, source.blocks(places_only=True)):
        thinned.add(x, y)
        shown.at(block.done)
    shown.next()
    system, swap, notes = settled(
        *thinned.xy, crs_text(points.crs), source.crs, points.datum, source.crs_by_format
    )
    return replace(task, system=(system, swap, points.datum)), notes


def _fitted(source: Source, chosen: Plan) -> tuple[Source, Plan]:
    """A GeoParquet's own places stay in parquet as they are; in other formats they are written anew."""
    if source.geometry is None:
        return source, chosen
    if chosen.ending == ".parquet":
        return source, replace(chosen, place="")
    schema = source.schema.remove(source.schema.get_field_index(source.geometry))
    reader = WkbReader(source.geometry, is_kept=False)
    return replace(source, reader=reader, schema=schema, geometry=None), chosen


def _metadata(source: Source, is_renamed: bool) -> dict[bytes, bytes]:
    """What a parquet file said of its columns, as far as it still holds."""
    kept = {b"geo"} if is_renamed else {b"geo", b"pandas"}
    return {key: value for key, value in (source.schema.metadata or {}).items() if key in kept}


def _write(source: Source, task: Task, crew: Crew, put: Put, summary: Summary, shown: "_Shown") -> None:
    for block, answer in crew.answers(task, source.blocks()):
        put(answer.body)
        summary.add(answer)
        shown.at(block.done)


class _Shown:
    """Progress over both readings of a file; one whose size is not known before its end shows the second only."""

    def __init__(self, progress: Progress | None, source: Source) -> None:
        self._progress, self._source, self._is_second = progress, source, False

    def at(self, done: int) -> None:
        size = self._source.size
        if self._progress is not None and size:
            self._progress(done + size * self._is_second, 2 * size)

    def next(self) -> None:
        self._is_second = True

"""The work on one block, wherever it is done: here, in another process or on a cluster.

All of it is functions of an importable module and values that can be sent, so that a process that knows nothing
else can do it.
"""

import hashlib
import pickle
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo.assign_format import (
    LON_LAT,
    RESULT_SCHEMA,
    csv_lines,
    csv_results,
    geojson_features,
    numbers_as_text,
    results,
    texts_of,
    wkb_points,
)
from geo.assign_rows import Floats, Reader
from geo.assignment import AreaIndex
from geo.crs import snap
from geo.locations import Kind
from geo.problems import Problem, UnreadableFile, problem
from geo.tidy import out_of_range, to_wgs84

MOST_PROBLEMS = 10_000
"""So many problems of single rows are told in full; the rest are counted."""


@dataclass(frozen=True)
class Task:
    """What to do with every block of a file.

    `system` is what the coordinates are in: coordinate system, whether its axes are exchanged, datum. `names` are
    those of the columns in the answer. `form` is what the answer's body is: `csv` or `geojson` as bytes, or `table`;
    `place` adds the places: `LON_LAT`, or the name of a column of WKB.
    """

    reader: Reader
    system: tuple[str, bool, str | None]
    near_m: float
    names: tuple[str, ...]
    form: str = "csv"
    place: str = ""


@dataclass
class Answer:
    """What came of a block; `refusal` instead when the file cannot be read at all."""

    rows: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    near_border: int = 0
    problems: list[Problem] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)
    body: Any = b""
    refusal: tuple[str, tuple[str, ...], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Areas:
    """The ids of areas and the index over them."""

    ids: list[str]
    index: AreaIndex


def packed(ids: Sequence[str], index: AreaIndex) -> bytes:
    """Areas as bytes that `unpacked` makes an index of without building it again."""
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        file = Path(folder) / "index"
        index.save(file)
        return pickle.dumps((list(ids), shapely.to_wkb(index.polygons), file.read_bytes()))


def unpacked(data: bytes) -> Areas:
    """The areas in bytes that `packed` made. They are trusted: they come from this program."""
    ids, wkb, saved = pickle.loads(data)  # noqa: S301 - our own bytes
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        file = Path(folder) / "index"
        file.write_bytes(saved)
        return Areas(ids, AreaIndex.load(file, np.asarray(shapely.from_wkb(wkb), dtype=object)))


_LOADED: dict[str, Areas] = {}
_LOADING = threading.Lock()


def loaded(key: str, data: bytes) -> Areas:
    """The areas with this key, unpacked once in a process and kept until others are asked for."""
    with _LOADING:
        if key not in _LOADED:
            _LOADED.clear()
            _LOADED[key] = unpacked(data)
        return _LOADED[key]


def key_of(data: bytes) -> str:
    """What packed areas are known by."""
    return hashlib.sha256(data).hexdigest()


def answer(task: Task, areas: Areas, content: Any) -> Answer:
    """Read a block, assign its rows and write them down."""
    try:
        rows = task.reader.rows(content)
    except UnreadableFile as error:
        return Answer(refusal=(error.code, error.choices, error.params))
    lon, lat, problems = _located(task, rows.x, rows.y)
    where = areas.index.describe(lon, lat, task.near_m)
    found = sorted([*rows.problems, *problems], key=lambda one: one.feature or 0)
    kinds, counted = np.unique(where.kind.astype(str), return_counts=True)
    counts = dict(zip(kinds.tolist(), counted.tolist(), strict=True))
    return Answer(
        len(rows),
        {str(kind): counts.get(str(kind), 0) for kind in Kind},
        int(where.near_border.sum()),
        found[:MOST_PROBLEMS],
        Counter(one.code for one in found[MOST_PROBLEMS:]),
        _body(task, rows.table, results(where, areas.ids), lon, lat),
    )


def places(task: Task, content: Any) -> tuple[Floats, Floats] | Answer:
    """Only the coordinates of a block, as they stand."""
    try:
        return task.reader.places(content)
    except UnreadableFile as error:
        return Answer(refusal=(error.code, error.choices, error.params))


def _located(task: Task, x: Floats, y: Floats) -> tuple[Floats, Floats, list[Problem]]:
    """Longitude and latitude on the grid, and the rows that are not on Earth."""
    source, swap, datum = task.system
    lon, lat = (snap(values) for values in to_wgs84(x, y, source, swap, datum))
    with np.errstate(invalid="ignore"):
        bad = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)) & np.isfinite(x)
    problems = []
    for i in np.flatnonzero(bad).tolist():
        code, params = out_of_range(float(lon[i]), float(lat[i]))
        problems.append(problem(code, i + 1, **params))
    lon[bad], lat[bad] = np.nan, np.nan
    return lon, lat, problems


def _body(task: Task, table: pa.Table, columns: list[pa.Array], lon: Floats, lat: Floats) -> Any:
    if task.form == "csv":
        texts = [*(texts_of(column) for column in table.columns), *csv_results(columns)]
        if task.place:
            texts += [numbers_as_text(lon), numbers_as_text(lat)]
        return csv_lines(texts)
    arrays = [*table.columns, *columns]
    names = [*task.names, *RESULT_SCHEMA.names]
    if task.form == "geojson":
        return geojson_features(pa.table(arrays, names=names), lon, lat)
    if task.place == LON_LAT:
        arrays, names = [*arrays, _nullable(lon), _nullable(lat)], [*names, "lon", "lat"]
    elif task.place:
        arrays, names = [*arrays, wkb_points(lon, lat)], [*names, task.place]
    return pa.table(arrays, names=names)


def _nullable(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))

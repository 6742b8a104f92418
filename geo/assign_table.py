"""A file of points against a file of areas, without a database: which area each row lies in, and how that agrees
with somebody else's answer.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.assignment import DEFAULT_NEAR_M, AreaIndex, Kind, Locations
from geo.problems import Problem, UnreadableFile, problem, shown
from geo.readers import PointTable, ReadResult, read, read_points
from geo.readers_points import text_of

RESULT_COLUMNS = ("area_id", "assignment", "near_border", "candidates", "nearest_area", "nearest_m")
WHYS = ("no_location", "no_official_value", "unknown_value", "near_border", "outside", "differs")
"""Why a row does not count as equal, in the order in which they are asked."""

_WHOLE = re.compile(r"[+-]?0*(\d+)(\.0*)?")


@dataclass(frozen=True)
class AreaTable:
    """Areas by their id in a column, sorted by it, in an index. `problems` are those of the file and of the ids."""

    ids: list[str]
    index: AreaIndex
    problems: list[Problem]


@dataclass(frozen=True)
class AssignResult:
    """The input's rows, in their order, with `RESULT_COLUMNS` behind them.

    `area_id` and `nearest_area` are "" where none, `near_border` is a bool, `candidates` JSON (`[["12", 0.0],
    ["7", 3.25]]`: id and metres, nearest first, "" where no second look is needed), `nearest_m` NaN where inside.
    `features` has the same rows with points (empty where there is no place), WGS 84. `counts` by assignment.
    """

    table: pd.DataFrame
    features: gpd.GeoDataFrame
    counts: Mapping[str, int]
    near_border: int
    problems: list[Problem]


@dataclass(frozen=True)
class Agreement:
    """How one column of official values agrees with the areas.

    `total` rows; `usable` have a location and an official value; `equal` of those have the winner's id; `share` is
    equal / usable (0 when none is usable). `why` counts every other row once, by `WHYS`: `near_border` is a row
    whose official area lies within `near_m` metres of it; `unknown_value` one whose official value is the id of no
    area. `row_why` says it of each row ("equal" included), in the input's order.
    """

    column: str
    total: int
    usable: int
    equal: int
    share: float
    why: Mapping[str, int]
    near_m: float
    row_why: NDArray[np.object_]

    @property
    def share_with_near(self) -> float:
        """The share when a row within `near_m` metres of its official area counts as equal too."""
        return (self.equal + self.why["near_border"]) / self.usable if self.usable else 0.0


def area_table(
    path: str | Path,
    area_id: str,
    *,
    crs: str | int | None = None,
    datum: str | None = None,
    encoding: str | None = None,
    layer: str | None = None,
) -> AreaTable:
    """Areas from a file, joined where several features share an id. Raises `UnreadableFile`."""
    return areas_by_id(read(path, crs=crs, datum=datum, encoding=encoding, layer=layer), area_id)


def areas_by_id(areas: ReadResult, area_id: str) -> AreaTable:
    """Areas that were read, by the column that names them. Raises `UnreadableFile`."""
    features, problems = areas.features, list(areas.problems)
    names = [name for name in features.columns if name != "geometry"]
    if area_id not in names:
        raise UnreadableFile("no_such_column", names, column=area_id, columns=", ".join(names))
    parts: dict[str, list[BaseGeometry]] = {}
    for number, value, geometry in zip(features.index, features[area_id], features.geometry, strict=True):
        code = text_of(value).strip()
        if not geometry.geom_type.endswith("Polygon"):
            problems.append(problem("not_an_area", int(number), "geometry", type=geometry.geom_type))
        elif not code:
            problems.append(problem("no_id", int(number), area_id))
        else:
            parts.setdefault(code, []).append(geometry)
    if not parts:
        raise UnreadableFile("nothing", problems=problems, detail=" ".join(map(str, problems[:3])))
    problems += [problem("same_id", None, area_id, value=shown(c)) for c, p in parts.items() if len(p) > 1]
    ids = sorted(parts)
    polygons = [parts[c][0] if len(parts[c]) == 1 else shapely.union_all(parts[c]) for c in ids]
    return AreaTable(ids, AreaIndex.build(polygons), problems)


def assign(
    points: str | Path,
    areas: str | Path,
    area_id: str,
    *,
    x: str | None = None,
    y: str | None = None,
    crs: str | int | None = None,
    datum: str | None = None,
    encoding: str | None = None,
    near_m: float = DEFAULT_NEAR_M,
    areas_crs: str | int | None = None,
    areas_datum: str | None = None,
) -> AssignResult:
    """Assign every row of a file of points to the areas of another file.

    `x`, `y`, `crs`, `datum` and `encoding` are those of the points. Rows without a usable place are kept as
    `no_location`, with a problem. Raises `UnreadableFile`.
    """
    known = area_table(areas, area_id, crs=areas_crs, datum=areas_datum)
    rows = read_points(points, x=x, y=y, crs=crs, datum=datum, encoding=encoding)
    return assigned(rows, known, near_m)


def assigned(rows: PointTable, areas: AreaTable, near_m: float = DEFAULT_NEAR_M) -> AssignResult:
    """`assign` for what was read already."""
    where = areas.index.describe(rows.lon, rows.lat, near_m)
    names = np.array([*areas.ids, ""], dtype=object)
    table, renamed = _without_clashes(rows.table)
    table["area_id"] = names[where.position]
    table["assignment"] = pd.Series([str(kind) for kind in where.kind], index=table.index, dtype=object)
    table["near_border"] = where.near_border
    table["candidates"] = _candidates(where, areas.ids)
    table["nearest_area"] = names[where.nearest]
    table["nearest_m"] = np.round(where.nearest_m, 2)
    points = np.asarray(shapely.points(rows.lon, rows.lat), dtype=object)
    points[np.isnan(rows.lon) | np.isnan(rows.lat)] = None
    counted = Counter(table["assignment"])
    return AssignResult(
        table,
        gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326"),
        {str(kind): counted.get(str(kind), 0) for kind in Kind},
        int(where.near_border.sum()),
        areas.problems + rows.problems + renamed,
    )


def agreement(
    points: str | Path,
    areas: str | Path,
    area_id: str,
    official: Sequence[str],
    *,
    x: str | None = None,
    y: str | None = None,
    crs: str | int | None = None,
    datum: str | None = None,
    encoding: str | None = None,
    near_m: float = DEFAULT_NEAR_M,
    areas_crs: str | int | None = None,
    areas_datum: str | None = None,
) -> list[Agreement]:
    """Assign, then compare with the official answer in each of the columns `official`. Raises `UnreadableFile`."""
    known = area_table(areas, area_id, crs=areas_crs, datum=areas_datum)
    rows = read_points(points, x=x, y=y, crs=crs, datum=datum, encoding=encoding)
    names = list(rows.table.columns)
    for column in official:
        if column not in names:
            raise UnreadableFile("no_such_column", names, column=column, columns=", ".join(names))
    where = known.index.describe(rows.lon, rows.lat, near_m)
    return [_agreement(column, rows.table[column], where, known, near_m) for column in official]


def official_key(value: str) -> str:
    """What two ids are compared by: blanks around and case aside, and whole numbers by value (10.0 = 10 = 010)."""
    text = value.strip().casefold()
    whole = _WHOLE.fullmatch(text)
    return ("-" if text.startswith("-") else "") + whole[1] if whole else text


def _agreement(
    column: str, values: pd.Series, where: Locations, areas: AreaTable, near_m: float
) -> Agreement:
    position = _positions(areas.ids)
    exact = {code: i for i, code in enumerate(areas.ids)}
    official = np.array(
        [exact.get(v.strip(), position.get(official_key(v), -1)) for v in values], dtype=np.int64
    )
    empty = np.array([not value.strip() for value in values], dtype=bool)
    nearby = np.zeros(len(values), dtype=bool)
    nearby[where.candidate_point[_is_near(where, official, near_m)]] = True
    conditions = {
        "no_location": where.kind == Kind.NO_LOCATION,
        "no_official_value": empty,
        "equal": (official >= 0) & (where.position == official),
        "unknown_value": official < 0,
        "near_border": nearby,
        "outside": where.kind == Kind.OUTSIDE,
    }
    why = np.select(
        [np.asarray(c, dtype=bool) for c in conditions.values()], list(conditions), default="differs"
    )
    counted = Counter(why.tolist())
    usable = len(values) - counted["no_location"] - counted["no_official_value"]
    return Agreement(
        column=column,
        total=len(values),
        usable=usable,
        equal=counted["equal"],
        share=counted["equal"] / usable if usable else 0.0,
        why={name: counted[name] for name in WHYS},
        near_m=near_m,
        row_why=why.astype(object),
    )


def _is_near(where: Locations, official: NDArray[np.int64], near_m: float) -> NDArray[np.bool_]:
    """Which candidate pairs are a row and its official area, within `near_m`."""
    same = where.candidate_area == official[where.candidate_point]
    return np.asarray(same & (where.candidate_m <= near_m))


def _positions(ids: Sequence[str]) -> dict[str, int]:
    """Positions by comparison key; keys that two ids share are left out, so that only the exact text matches."""
    keys = [official_key(code) for code in ids]
    counted = Counter(keys)
    return {key: i for i, key in enumerate(keys) if counted[key] == 1}


def _candidates(where: Locations, ids: Sequence[str]) -> list[str]:
    texts = [""] * len(where)
    for i in np.unique(where.candidate_point).tolist():
        pairs = [[ids[area], round(metres, 2)] for area, metres in where.candidates(i)]
        texts[i] = json.dumps(pairs, ensure_ascii=False)
    return texts


def _without_clashes(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """A copy whose own columns do not carry a result's name: they get `input_` before it."""
    clashes = {name: f"input_{name}" for name in table.columns if name in (*RESULT_COLUMNS, "geometry")}
    notes = [problem("column_renamed", column=old, renamed=new) for old, new in clashes.items()]
    return table.rename(columns=clashes), notes

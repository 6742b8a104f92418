"""Who can join points to areas: each peer as two steps, getting ready and joining."""

import importlib
import importlib.util
import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Pairs(NamedTuple):
    """A join's answer as pairs (point, area), in any order."""

    point: Ints
    area: Ints


class Winners(NamedTuple):
    """A join's answer as one area a point, -1 where none."""

    position: NDArray[np.int32]


Answer = Pairs | Winners
Join = Callable[[], Answer]
Ready = Callable[[NDArray[np.object_], Floats, Floats], Join]
"""Takes areas, longitudes and latitudes, gets ready (which is measured apart) and gives back the join."""


@dataclass(frozen=True)
class Peer:
    """One way to join. `modules` must be importable; `pip` is what brings them; `most_points` keeps runs short.

    A join alone is measured on what is in use: after so many `used_points`, since an index may grow with its use.
    """

    name: str
    label: str
    ready: Ready
    modules: tuple[str, ...] = ()
    pip: str = ""
    environ: tuple[tuple[str, str], ...] = ()
    most_points: int = 100_000_000
    used_points: int = 0

    def lacks(self) -> str:
        """Why it cannot run here; "" when it can."""
        missing = [name for name in self.modules if importlib.util.find_spec(name) is None]
        return f"{', '.join(missing)} not installed: pip install {self.pip}" if missing else ""


def ours(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """`AreaIndex.locate`: the winner of each point."""
    from geo.assignment import AreaIndex

    index = AreaIndex.build(areas)
    return lambda: Winners(index.locate(lon, lat))


def ours_described(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """`AreaIndex.describe`: all that triage wants to know too."""
    from geo.assignment import AreaIndex

    index = AreaIndex.build(areas)
    return lambda: Winners(index.describe(lon, lat).position)


def tree_of_points(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """shapely: a tree of the points, asked by each area."""
    tree = shapely.STRtree(np.asarray(shapely.points(lon, lat), dtype=object))
    shapely.prepare(areas)

    def join() -> Answer:
        area, point = tree.query(areas, predicate="covers")
        return Pairs(point, area)

    return join


def tree_of_areas(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """shapely: a tree of the areas' boxes, then the prepared area's `intersects_xy`."""
    tree = shapely.STRtree(areas)
    shapely.prepare(areas)

    def join() -> Answer:
        point, area = tree.query(shapely.points(lon, lat))
        order = np.argsort(area, kind="stable")
        point, area = point[order], area[order]
        first = np.flatnonzero(np.diff(area, prepend=-1))
        hit = np.zeros(len(point), dtype=bool)
        for start, end in zip(first, np.append(first[1:], len(area)), strict=True):
            members = point[start:end]
            hit[start:end] = shapely.intersects_xy(areas[area[start]], lon[members], lat[members])
        return Pairs(point[hit], area[hit])

    return join


def _frames(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> tuple[Any, Any]:
    import geopandas as gpd

    return (
        gpd.GeoDataFrame({"area": np.arange(len(areas))}, geometry=areas, crs=4326),
        gpd.GeoDataFrame({"point": np.arange(len(lon))}, geometry=shapely.points(lon, lat), crs=4326),
    )


def _sjoin(predicate: str) -> Ready:
    def ready(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
        import geopandas as gpd

        polygons, points = _frames(areas, lon, lat)

        def join() -> Answer:
            found = gpd.sjoin(points, polygons, how="inner", predicate=predicate)
            return Pairs(found["point"].to_numpy(), found["area"].to_numpy())

        return join

    return ready


def duckdb_spatial(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """DuckDB's SPATIAL_JOIN. Its extension comes from pip, since it is not downloaded at run time here."""
    import pyarrow as pa

    duckdb, duckdb_extension_spatial = map(importlib.import_module, ("duckdb", "duckdb_extension_spatial"))
    connection = duckdb.connect(config={"threads": 1})
    folder = (
        pathlib.Path(next(iter(duckdb_extension_spatial.__path__))) / "extensions" / f"v{duckdb.__version__}"
    )
    connection.execute(f"LOAD '{folder / 'spatial.duckdb_extension'}'")
    wkb = pa.array(shapely.to_wkb(areas), pa.binary())
    connection.register("given_areas", pa.table({"area": np.arange(len(areas)), "wkb": wkb}))
    connection.register("given_points", pa.table({"point": np.arange(len(lon)), "x": lon, "y": lat}))
    connection.execute("CREATE TABLE areas AS SELECT area, ST_GeomFromWKB(wkb) AS shape FROM given_areas")
    connection.execute("CREATE TABLE points AS SELECT point, ST_Point(x, y) AS place FROM given_points")

    def join() -> Answer:
        found = connection.execute(
            "SELECT point, area FROM points JOIN areas ON ST_Covers(areas.shape, points.place)"
        ).fetchnumpy()
        return Pairs(found["point"], found["area"])

    return join


def sedonadb_covers(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """SedonaDB's spatial join."""
    import pyarrow as pa

    session = importlib.import_module("sedonadb").connect()
    for name, frame in zip(("areas", "points"), _frames(areas, lon, lat), strict=True):
        session.create_data_frame(frame).to_view(name)

    def join() -> Answer:
        found = pa.table(
            session.sql(
                "SELECT points.point, areas.area FROM points JOIN areas ON ST_Covers(areas.geometry, points.geometry)"
            )
        )
        return Pairs(found["point"].to_numpy(), found["area"].to_numpy())

    return join


def postgis(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """PostGIS with a GiST index on the areas. The time is the server's: wall time, since its CPU is not ours to see."""
    import psycopg

    connection = psycopg.connect(os.environ["BENCH_POSTGIS"], autocommit=True)
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.execute("CREATE TEMP TABLE bench_areas (area int, shape geometry(Geometry, 4326))")
    connection.execute("CREATE TEMP TABLE bench_points (point int, place geometry(Point, 4326))")
    cursor = connection.cursor()
    with cursor.copy("COPY bench_areas FROM STDIN") as copy:
        for row in enumerate(_ewkb(areas)):
            copy.write_row(row)
    with cursor.copy("COPY bench_points FROM STDIN") as copy:
        for row in enumerate(_ewkb(shapely.points(lon, lat))):
            copy.write_row(row)
    connection.execute("CREATE INDEX ON bench_areas USING gist (shape)")
    connection.execute("ANALYZE bench_areas")
    connection.execute("ANALYZE bench_points")

    def join() -> Answer:
        rows = connection.execute(
            "SELECT point, area FROM bench_points JOIN bench_areas ON ST_Covers(shape, place)"
        ).fetchall()
        found = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return Pairs(found[:, 0], found[:, 1])

    return join


def _ewkb(geometries: Any) -> list[str]:
    return list(shapely.to_wkb(shapely.set_srid(geometries, 4326), hex=True, include_srid=True))


def adding(areas: NDArray[np.object_], lon: Floats, lat: Floats) -> Join:
    """No join at all: `np.add` over the same arrays, which no program that reads them can be faster than."""
    total = np.empty_like(lon)

    def join() -> Answer:
        np.add(lon, lat, out=total)
        return Winners(np.zeros(0, dtype=np.int32))

    return join


NUMPY_ONLY = (("BAOPIAN_HIDE_NUMBA", "1"),)
PEERS = {
    peer.name: peer
    for peer in (
        Peer("ours", "Baopian AreaIndex", ours, used_points=20_000_000),
        Peer("ours-numpy", "Baopian AreaIndex, without numba", ours, environ=NUMPY_ONLY, used_points=20_000_000),
        Peer("ours-describe", "Baopian AreaIndex.describe (all for triage)", ours_described, used_points=3_000_000),
        Peer("shapely-points", "shapely STRtree of points, query covers", tree_of_points, most_points=2_000_000),
        Peer("shapely-areas", "shapely STRtree of areas + intersects_xy", tree_of_areas, most_points=2_000_000),
        Peer("geopandas-within", "geopandas.sjoin within", _sjoin("within"), most_points=2_000_000),
        Peer("geopandas-intersects", "geopandas.sjoin intersects", _sjoin("intersects"), most_points=2_000_000),
        Peer(
            "duckdb", "DuckDB spatial, SPATIAL_JOIN", duckdb_spatial, ("duckdb", "duckdb_extension_spatial"),
            "-r requirements-bench.in", most_points=1_000_000,
        ),
        Peer(
            "sedonadb", "SedonaDB ST_Covers", sedonadb_covers, ("sedonadb",), "-r requirements-bench.in",
            most_points=1_000_000,
        ),
        Peer("postgis", "PostGIS GiST (wall time)", postgis, ("psycopg",), "psycopg", most_points=1_000_000),
        Peer("limit", "np.add over the same arrays", adding),
    )
}  # fmt: skip

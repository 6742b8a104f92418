"""`baopian assign` on a CSV of any length: CPU seconds and peak memory, beside the same work with geopandas.

`python -m benchmarks.assign_file --rows 10M` shows that memory does not grow. geopandas reads the file whole, so it
gets a million rows at most. The file and the areas are made up (benchmarks/_city.py).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.csv

from benchmarks._city import city_areas, city_points
from benchmarks.assignment import _number
from settings import ROOT

_PIECE = 1_000_000
_PEER_ROWS = 1_000_000

# What one would write by hand; text stays text here too.
_PEER = """
import sys, geopandas as gpd, pandas as pd
table = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
places = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float))
points = gpd.GeoDataFrame(table, geometry=places, crs=4326)
areas = gpd.read_file(sys.argv[2])[["code", "geometry"]]
found = gpd.sjoin(points, areas, how="left", predicate="within")
found = found[~found.index.duplicated()]
pd.DataFrame(found.drop(columns=["geometry", "index_right"])).to_csv(sys.argv[3], index=False)
"""


class Cost(NamedTuple):
    """What a process took: CPU seconds of it and its children, the peak of the largest in MB."""

    cpu_s: float
    peak_mb: float


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assign_file", description=__doc__)
    parser.add_argument("--rows", type=_number, default=200_000, help="rows of the file (default 200k)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the second run (default 2)")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="baopian-bench-") as temporary:
        folder = Path(temporary)
        areas, file = folder / "areas.gpkg", folder / "rows.csv"
        _write_areas(areas)
        _write_rows(file, options.rows)
        print(f"{options.rows:,} rows, {file.stat().st_size / 1e6:,.0f} MB, 500 areas of 200 vertices")
        print(f"{'':44}{'CPU s':>8}{'rows/CPU s':>12}{'peak MB':>9}")
        for words in ([], ["--workers", str(options.workers)]):
            for ending in ("csv", "parquet"):
                cost = _assigned(file, areas, folder / f"out.{ending}", words)
                _show(" ".join(["baopian assign", *words, "--out", ending]), cost, options.rows)
        _peer(file, areas, folder, min(options.rows, _PEER_ROWS))


def _assigned(file: Path, areas: Path, out: Path, words: list[str]) -> Cost:
    command = [str(ROOT / "cli.py"), "assign", str(file), str(areas), "--area-id", "code", "--out", str(out)]
    return _cost([*command, *words])


def _peer(file: Path, areas: Path, folder: Path, rows: int) -> None:
    part = folder / "part.csv"
    with file.open("rb") as whole, part.open("wb") as few:
        for _, line in zip(range(rows + 1), whole, strict=False):
            few.write(line)
    cost = _cost(["-c", _PEER, str(part), str(areas), str(folder / "peer.csv")])
    _show(f"geopandas, read_csv + sjoin, {rows:,} rows", cost, rows)


def _cost(words: list[str]) -> Cost:
    """Run Python with these words in a process whose children are its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = subprocess.run(
        [sys.executable, "-c", _MEASURE, *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if measured.returncode:
        raise RuntimeError(measured.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(used, float(measured.stdout.splitlines()[-1]))


_MEASURE = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.exit(done.returncode)
"""


def _show(name: str, cost: Cost, rows: int) -> None:
    print(f"{name:44}{cost.cpu_s:8.1f}{rows / cost.cpu_s:12,.0f}{cost.peak_mb:9,.0f}")


def _write_areas(path: Path) -> None:
    areas = city_areas(500, 200)
    codes = [f"{i:05d}" for i in range(len(areas))]
    gpd.GeoDataFrame({"code": codes}, geometry=areas, crs=4326).to_file(path)


def _write_rows(path: Path, rows: int) -> None:
    schema = pa.schema(
        [(name, pa.string()) for name in ("nr", "lon", "lat", "category", "description", "at")]
    )
    with pyarrow.csv.CSVWriter(path, schema) as writer:
        for first in range(0, rows, _PIECE):
            n = min(_PIECE, rows - first)
            lon, lat = city_points(n, seed=first + 3)
            said = np.where(np.arange(n) % 10 == 0, '垃圾未清理, 路口"东"', "井盖破损")
            columns = [
                [f"{i:09d}" for i in range(first, first + n)], [f"{v:.7f}" for v in lon], [f"{v:.7f}" for v in lat],
                [f"02{i % 17:02d}" for i in range(n)], said, ["2026-09-02T10:24:00+08:00"] * n,
            ]  # fmt: skip
            writer.write_table(pa.table([pa.array(one, pa.string()) for one in columns], schema=schema))


if __name__ == "__main__":
    main()

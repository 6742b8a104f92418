import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from geo.assign_block import key_of, loaded, packed
from geo.assign_rows import Block
from geo.assign_stream import Hands, Points, assign_file
from geo.assign_workers import in_flight
from geo.assignment import AreaIndex
from geo.problems import UnreadableFile
from tests.geo.geojson import Save, collection, feature, square
from tests.test_repository import ROOT


@pytest.fixture
def areas(save: Save) -> Path:
    return save(
        "areas.geojson", collection(feature(square(101.81), id="2"), feature(square(101.80), id="10"))
    )


@pytest.fixture
def rows(save: Save) -> Path:
    lines = [f"{i:06d},{101.795 + i / 1_000_000:.6f},36.605" for i in range(20_000)]
    return save("rows.csv", "\n".join(["nr,lon,lat", *lines, ""]))


def test_order_is_kept_and_no_more_than_asked_is_under_way() -> None:
    under_way = most = 0

    def submit(block: Block) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        return block.done * 10

    found = []
    for block, made in in_flight(submit, (Block("x", n) for n in range(20)), 3):
        under_way -= 1
        found.append((block.done, made))
    assert found == [(n, n * 10) for n in range(20)]
    assert most == 3


def test_packed_areas_answer_as_they_did_and_are_loaded_once() -> None:
    polygons = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0.5, 0.5, 1.5, 1.5)]
    data = packed(["a", "b", "c"], AreaIndex.build(polygons))
    areas = loaded(key_of(data), data)
    assert areas.ids == ["a", "b", "c"]
    assert areas.index.locate([0.2, 1.8, 1.2, 9], [0.2, 0.2, 1.4, 9]).tolist() == [0, 1, 2, -1]
    assert loaded(key_of(data), b"") is areas


def test_a_refusal_in_a_worker_arrives_whole(tmp_path: Path, areas: Path, save: Save) -> None:
    path = save("bad.csv", "lon,lat\n1,2\n")
    with pytest.raises(UnreadableFile) as caught:
        assign_file(Points(path, crs="EPSG:999999"), areas, "id", tmp_path / "o.csv", hands=Hands(workers=2))
    assert caught.value.code == "unknown_crs"


def test_a_worker_that_dies_is_told_and_nothing_written(tmp_path: Path, areas: Path, rows: Path) -> None:
    calls = 0

    def kill_one(_done: int, _total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            victim = multiprocessing.active_children()[0]
            victim.kill()
            victim.join()

    hands = Hands(workers=2, block_bytes=5000)
    with pytest.raises(UnreadableFile, match="process of --workers died"):
        assign_file(Points(rows), areas, "id", tmp_path / "out.csv", hands=hands, progress=kill_one)
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "areas.geojson"}
    assert multiprocessing.active_children() == []


SLOW = """
import sys
from geo import assign_stream
from cli import main

class Slow(assign_stream._Shown):
    calls = 0
    def at(self, done):
        Slow.calls += 1
        if Slow.calls == 8:
            print("ready", file=sys.stderr, flush=True)
            sys.stdin.read()

assign_stream._Shown = Slow
assign_stream.Hands.__init__.__defaults__ = (1, None, 5000, 1000)
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, areas: Path, rows: Path, workers: str) -> None:
    program = tmp_path / "slow.py"
    program.write_text(SLOW)
    process = subprocess.Popen(
        [sys.executable, program, "assign", rows, areas, "--area-id", "id", "--workers", workers,
         "--out", tmp_path / "out.csv"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said.strip()) == (1, "Aborted!")
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "areas.geojson", "slow.py"}

"""Whatever a map file does to the worker that reads it: the server lives, and the next file is read."""

import json
import os
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from casework import file_worker
from casework.errors import Refused, TooManyAttempts
from casework.file_reading import DRIVERS, ENVIRONMENT
from casework.file_worker import Reader
from geo.inspection import Answers
from geo.readers import read
from tests.geo.geojson import collection, feature, square
from tests.geo.shapefile import squares, write_shapefile

NEAR = (101.7, 36.5, 101.9, 36.7)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(seconds=20)
    yield made
    made.close()


def save(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_it_says_what_reading_here_says(reader: Reader, tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, squares(3), ["城东".encode("gbk"), b"", b"c"])
    here = read(path)
    seen = reader.inspect(path, Answers(), NEAR)
    assert seen.result is not None
    assert seen.result.features.geometry.geom_equals_exact(here.features.geometry, 0).all()
    assert seen.result.features["NAME"].tolist() == here.features["NAME"].tolist()
    assert seen.result.features.index.tolist() == [1, 2, 3]
    assert [(p.feature, p.code, p.params) for p in seen.result.problems] == [
        (p.feature, p.code, p.params) for p in here.problems
    ]
    assert (seen.encoding, seen.samples["gb18030"]) == ("gb18030", "城东")


def test_a_refusal_comes_back_with_its_question(reader: Reader, tmp_path: Path) -> None:
    seen = reader.inspect(save(tmp_path / "a.geojson", '{"type": "FeatureCollection"'), Answers(), NEAR)
    assert seen.result is None
    assert seen.refusal is not None
    assert seen.refusal.code == "bad_json"


def test_a_worker_is_used_again_and_replaced_when_it_was_killed(reader: Reader, tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, squares(1), [b"a"])
    reader.inspect(path, Answers(), NEAR)
    worker = reader._worker
    reader.inspect(path, Answers(), NEAR)
    assert worker is not None
    assert reader._worker is worker
    os.kill(worker.process.pid, signal.SIGKILL)
    assert reader.inspect(path, Answers(), NEAR).result is not None


def test_a_file_that_needs_more_memory_than_there_is_is_refused_in_words(tmp_path: Path) -> None:
    path = save(tmp_path / "a.geojson", "[" + "1.5," * 3_000_000 + "1]")
    small = Reader(memory_bytes=40 * 1024 * 1024, seconds=20)
    try:
        with pytest.raises(Refused, match="more memory"):
            small.inspect(path, Answers(), NEAR)
        assert small.inspect(save(tmp_path / "b.geojson", "{}"), Answers(), NEAR).refusal is not None
    finally:
        small.close()


def test_a_file_that_takes_too_long_is_refused_in_words(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    tangle = shapely.Polygon(
        np.column_stack([101.8 + rng.random(30_000) / 100, 36.6 + rng.random(30_000) / 100])
    )
    path = tmp_path / "a.gpkg"
    pyogrio.raw.write(
        path, geometry=np.array([tangle.wkb]), field_data=[], fields=[], geometry_type="Polygon",
        crs="EPSG:4326",
    )  # fmt: skip
    hasty = Reader(memory_bytes=8 * 1024**3, seconds=1)
    try:
        with pytest.raises(Refused, match="longer than 1 seconds"):
            hasty.inspect(path, Answers(), NEAR)
    finally:
        hasty.close()


def test_who_waits_too_long_is_told_when_to_come_back(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_worker, "WAIT_S", 0.01)
    with reader._turn, pytest.raises(TooManyAttempts):
        reader.inspect(tmp_path, Answers(), NEAR)


def test_what_is_unpacked_is_gone_afterwards(reader: Reader, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = save(tmp_path / "a.geojson", json.dumps(collection(feature(square()))))
    assert reader.inspect(path, Answers(), NEAR, scratch).result is not None
    assert list(scratch.iterdir()) == []


def test_gdal_has_no_driver_there_that_leads_elsewhere() -> None:
    skipped = set(ENVIRONMENT["OGR_SKIP"].split(","))
    left = {name for name in pyogrio.list_drivers() if name not in skipped}
    assert left <= DRIVERS
    assert {"ESRI Shapefile", "GPKG", "FlatGeobuf", "LIBKML", "GPX", "DXF"} <= left


def test_a_shapefile_that_lies_about_its_counts_is_no_end(reader: Reader, tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, squares(1), [b"a"])
    data = bytearray(path.read_bytes())
    data[144:152] = struct.pack("<ii", 2_000_000_000, 2_000_000_000)  # parts and points of the first record
    path.write_bytes(data)
    seen = reader.inspect(path, Answers(), NEAR)
    assert seen.result is None or len(seen.result.features) <= 1

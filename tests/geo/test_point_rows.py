"""Rows of points a chunk at a time: the same meaning as reading the file whole."""

from pathlib import Path

import numpy as np
import pytest

from geo.point_rows import open_points
from geo.problems import UnreadableFile
from geo.readers import read_points

ODD = """id,lon,lat,text
1,101.7,36.6,好
2,0,0,origin
3,,36.6,empty

4,abc,36.6,no number
5,inf,36.6,infinite
6,nan,36.6,none
7,101.7,136.6,out of range
8,101.7,36.6,too,many
9,101.7
10,"101,5",36.6,comma
11,101.7,36.6,"two
lines"
"""


def _write(folder: Path, text: str, encoding: str = "utf-8", name: str = "points.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("size", [1, 3, 100])
def test_chunks_say_what_the_whole_file_says(tmp_path: Path, size: int) -> None:
    path = _write(tmp_path, ODD)
    whole = read_points(path)
    rows = open_points(path)
    got = [row for chunk in rows.chunks(size) for row in chunk]
    assert rows.names == ["id", "lon", "lat", "text"]
    assert rows.total == len(got) == len(whole.table) == 11
    assert [row.number for row in got] == list(range(1, 12))
    refused = whole.refused()
    for row, lon, lat, values in zip(
        got, whole.lon, whole.lat, whole.table.itertuples(index=False, name=None), strict=True
    ):
        assert (row.refused is not None) == (row.number in refused), row
        if row.refused is None:
            assert (row.lon, row.lat, tuple(row.values)) == (lon, lat, values)
        else:
            assert row.refused.code == refused[row.number][-1].code, row
    assert rows.remarks.total() == 1


def test_a_row_too_long_keeps_all_its_values(tmp_path: Path) -> None:
    [chunk] = open_points(_write(tmp_path, "id,lon,lat\n1,101,36,7,8\n")).chunks(10)
    assert chunk[0].values == ["1", "101", "36,7,8"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    path = _write(tmp_path, "编号;经度;纬度;描述\n1;101.7;36.6;城东区垃圾堆放\n", encoding)
    rows = open_points(path)
    [[row]] = rows.chunks(10)
    assert rows.names[0] == "编号"
    assert row.values[3] == "城东区垃圾堆放"
    assert len(rows.problems) == (encoding == "gb18030")


def test_a_stated_encoding_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="not utf-8"):
        open_points(_write(tmp_path, "lon,lat,描述\n101,36,垃圾\n", "gb18030"), encoding="utf-8")


def test_axes_and_datum_are_settled_for_the_whole_file(tmp_path: Path) -> None:
    text = "a,b\n" + "".join(f"36.6{i},101.7{i}\n" for i in range(5))
    rows = open_points(_write(tmp_path, text), x="a", y="b")
    assert [one.code for one in rows.problems] == ["axes_swapped"]
    assert all(row.lon > 101 for chunk in rows.chunks(2) for row in chunk)
    whole = read_points(_write(tmp_path, "lon,lat\n101.7,36.6\n"), datum="gcj02")
    [[row]] = open_points(_write(tmp_path, "lon,lat\n101.7,36.6\n"), datum="gcj02").chunks(5)
    assert (row.lon, row.lat) == (whole.lon[0], whole.lat[0])


def test_other_formats_are_read_whole(tmp_path: Path) -> None:
    text = (
        '{"type":"FeatureCollection","features":['
        '{"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Point","coordinates":[101.7,36.6]}},'
        '{"type":"Feature","properties":{"id":"2"},"geometry":null}]}'
    )
    rows = open_points(_write(tmp_path, text, name="points.geojson"))
    [chunk] = rows.chunks(10)
    assert [(row.number, row.values[0], row.refused is None) for row in chunk] == [
        (1, "1", True),
        (2, "2", False),
    ]
    assert np.isnan(chunk[1].lon)


def test_a_column_of_wkt(tmp_path: Path) -> None:
    [[row]] = open_points(_write(tmp_path, "id,wkt\n1,POINT (101.7 36.6)\n")).chunks(10)
    assert (row.lon, row.lat) == (101.7, 36.6)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  \n\n", "empty"),
        ("1,2\n3,4\n", "first row holds values"),
        ("a,b\n1,2\n", "No columns with coordinates"),
    ],
)
def test_what_is_no_table_of_points(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        open_points(_write(tmp_path, text))

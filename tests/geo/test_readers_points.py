import numpy as np
import pytest

from geo.readers import UnreadableFile, read_points
from tests.geo.geojson import Save, collection, feature, point, square


def test_every_row_is_kept_in_order_and_bad_places_are_explained(save: Save) -> None:
    text = (
        "id,longitude,latitude\n001,101.8,36.6\n002,,\n003,abc,36.6\n004,nan,36.6\n005,0,0\n"
        "006,101.8,1e999\n007,36.6,101.8\n008,200,95\n009,101.81,36.61,more\n"
    )
    points = read_points(save("a.csv", text))
    assert points.table["id"].tolist() == [f"00{i}" for i in range(1, 10)]
    assert points.table.index.tolist() == list(range(1, 10))
    assert np.isnan(points.lon).tolist() == [False, True, True, True, False, True, True, True, True]
    assert {row: [one.code for one in found] for row, found in points.refused().items()} == {
        2: ["empty_coordinate"],
        3: ["not_a_number"],
        4: ["not_finite"],
        6: ["not_finite"],
        7: ["looks_swapped"],
        8: ["out_of_range"],
        9: ["too_many_values"],
    }
    assert points.refused()[3][0].field == "longitude"
    assert (points.lon[4], points.lat[4]) == (0, 0)


def test_columns_can_be_named(save: Save) -> None:
    path = save("a.csv", "lon,lat,east,north\n1,2,101.8,36.6\n")
    assert read_points(path).lon.tolist() == [1.0]
    assert read_points(path, x="east", y="north").lon.tolist() == [101.8]
    with pytest.raises(UnreadableFile) as caught:
        read_points(path, x="west", y="north")
    assert (caught.value.code, caught.value.choices) == ("no_such_column", ("lon", "lat", "east", "north"))


def test_axes_swapped_in_all_rows_are_put_right_and_said(save: Save) -> None:
    points = read_points(save("a.csv", "x,y\n36.6,101.8\n36.7,101.9\n0,0\n"))
    assert points.lon.tolist() == [101.8, 101.9, 0.0]
    assert [one.code for one in points.problems] == ["axes_swapped"]


def test_metres_and_datums(save: Save) -> None:
    path = save("a.csv", "x,y\n500000,4052000\n")
    with pytest.raises(UnreadableFile, match="name the coordinate system"):
        read_points(path)
    assert read_points(path, crs="EPSG:4543").lon[0] == pytest.approx(102.0, abs=1e-7)
    shifted = read_points(save("b.csv", "x,y\n101.8,36.6\n"), datum="gcj02")
    assert shifted.lon[0] == pytest.approx(101.7981, abs=1e-3)
    assert shifted.lon[0] != 101.8


def test_points_of_map_files_become_the_same_table(save: Save) -> None:
    data = collection(
        feature(point(101.8, 36.6), code="01", n=5, share=2.0, yes=True),
        feature(None, code="02"),
        feature(square(), code="03"),
        feature({"type": "MultiPoint", "coordinates": [[101.9, 36.7]]}, code="04"),
        {"type": "Foo"},
    )
    points = read_points(save("a.geojson", data))
    assert points.table["code"].tolist() == ["01", "02", "03", "04", ""]
    assert points.table.iloc[0].tolist() == ["01", "5", "2", "true"]
    assert points.lon[[0, 3]].tolist() == [101.8, 101.9]
    codes = {row: found[0].code for row, found in points.refused().items()}
    assert codes == {2: "empty_coordinate", 3: "not_a_point", 5: "not_a_feature"}


def test_decimal_commas_and_wide_numbers(save: Save) -> None:
    points = read_points(save("a.csv", "x;y\n101,8;36,6\n"))
    assert (points.lon[0], points.lat[0]) == (101.8, 36.6)


def test_places_lie_on_the_grid(save: Save) -> None:
    assert read_points(save("a.csv", "x,y\n101.80000004,36.59999996\n")).lon.tolist() == [101.8]

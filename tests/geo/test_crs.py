from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import GEOD, UnknownCrs, area_m2, convert, in_china, length_m, metric_crs, snap

Pair = tuple[tuple[float, float], tuple[float, float]]

SHARED = Path(__file__).parents[3] / "shared/testdata/coords/reference_conversions.tsv"

# Well-known published triples: WGS 84, GCJ-02, BD-09.
SHANGHAI = ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597))
BEIJING = ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069))


@pytest.mark.parametrize("pair", [SHANGHAI, BEIJING])
def test_gcj02_of_published_places(pair: Pair) -> None:
    wgs, gcj = pair
    assert convert(*wgs, "wgs84", "gcj02") == pytest.approx(gcj, abs=1e-6)
    assert convert(*gcj, "gcj02", "wgs84") == pytest.approx(wgs, abs=1e-6)


def test_bd09_of_a_published_place() -> None:
    gcj, bd = (114.022306, 33.0115324), (114.0287781, 33.0176697)
    assert convert(*gcj, "gcj02", "bd09") == pytest.approx(bd, abs=1e-6)
    assert convert(*bd, "bd09", "gcj02") == pytest.approx(gcj, abs=1e-6)
    assert convert(114.0164322, 33.0133556, "wgs84", "bd09") == pytest.approx(bd, abs=1e-5)


def test_the_published_wrong_value_is_missed() -> None:
    lon, _ = convert(116.404, 39.915, "wgs84", "gcj02")
    assert abs(lon - 116.41033392216508) > 5e-5


def test_xining_is_shifted_by_172_metres() -> None:
    x, y = convert(101.78, 36.62, "wgs84", "gcj02")
    assert GEOD.inv(101.78, 36.62, x, y)[2] == pytest.approx(172, abs=10)


@given(st.floats(75, 134), st.floats(4, 53), st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back_is_within_a_millimetre(lon: float, lat: float, datum: str) -> None:
    x, y = convert(*convert(lon, lat, "wgs84", datum), datum, "wgs84")
    assert GEOD.inv(lon, lat, x, y)[2] < 1e-3


@given(st.floats(-180, 180), st.floats(-85, 85), st.sampled_from(["gcj02", "bd09"]))
def test_outside_china_nothing_is_shifted(lon: float, lat: float, datum: str) -> None:
    if in_china(lon, lat):
        return
    assert convert(lon, lat, "wgs84", datum) == (lon, lat)
    assert convert(lon, lat, datum, "wgs84") == (lon, lat)


def test_arrays_keep_their_shape_and_what_is_no_number_gives_nan() -> None:
    x, y = convert(np.array([101.78, np.nan, np.inf]), np.array([36.62, 1.0, 2.0]), "gcj02", "wgs84")
    assert x.shape == (3,)
    assert np.isnan(x[1:]).all()
    assert np.isnan(y[1:]).all()
    assert convert([101.78], [36.62], "gcj02", "wgs84")[0][0] == x[0]
    assert isinstance(convert(1, 2, "wgs84", "gcj02")[0], float)


def test_epsg_codes_are_longitude_first() -> None:
    x, y = convert(102.0, 36.6, "wgs84", "EPSG:4543")
    assert x == pytest.approx(500_000, abs=0.01)
    assert y == pytest.approx(4_052_000, abs=2000)
    assert convert(x, y, 4543, "WGS-84") == pytest.approx((102.0, 36.6), abs=1e-8)
    assert convert(101.8, 36.6, "4490", "wgs84") == pytest.approx((101.8, 36.6), abs=1e-8)
    zoned, _ = convert(102.0, 36.6, "wgs84", 4522)
    assert zoned == pytest.approx(34_500_000, abs=0.01)


@pytest.mark.parametrize("code", ["EPSG:999999", "mars", ""])
def test_unknown_systems_are_named(code: str) -> None:
    with pytest.raises(UnknownCrs, match="coordinate system"):
        convert(1.0, 2.0, code, "wgs84")


@given(st.floats(-180, 180))
def test_the_grid_is_stable(value: float) -> None:
    once = snap([value])
    assert snap(once)[0] == once[0]
    assert abs(once[0] - value) <= 0.51e-7


def test_shared_vertices_become_equal_numbers() -> None:
    a = shapely.Polygon([(101.80000001, 36.6), (101.81, 36.6), (101.81, 36.61)])
    b = shapely.Point(101.80000004, 36.59999996)
    assert shapely.get_coordinates(snap(a))[0].tolist() == [101.8, 36.6]
    assert snap(b).coords[0] == (101.8, 36.6)
    both = snap(np.array([a, None], dtype=object))
    assert both[0].equals(snap(a))
    assert both[1] is None


def test_areas_and_lengths_are_on_the_ellipsoid_whatever_the_winding() -> None:
    box = shapely.box(101.80, 36.60, 101.81, 36.61)
    hole = shapely.box(101.804, 36.604, 101.806, 36.606)
    assert area_m2(box) == pytest.approx(992_500, rel=2e-3)
    assert area_m2(shapely.reverse(box)) == pytest.approx(area_m2(box))
    assert area_m2(box.difference(hole)) == pytest.approx(area_m2(box) - area_m2(hole))
    assert area_m2(shapely.MultiPolygon([box, shapely.box(0, 0, 0.1, 0.1)])) > area_m2(box)
    assert area_m2(shapely.Point(1, 1)) == 0
    assert length_m(box) == pytest.approx(2 * (894.5 + 1109.8), rel=1e-3)
    assert length_m(shapely.LineString([(101.8, 36.6), (101.81, 36.6)])) == pytest.approx(894.6, abs=0.5)


def test_the_metric_system_is_true_near_the_geometry() -> None:
    box = shapely.box(101.80, 36.60, 101.81, 36.61)
    assert metric_crs(box).axis_info[0].unit_name == "metre"
    x, y = convert(np.array([101.80, 101.81]), np.array([36.60, 36.60]), "wgs84", metric_crs(box).to_wkt())
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(
        GEOD.inv(101.8, 36.6, 101.81, 36.6)[2], rel=1e-5
    )


@pytest.mark.skipif(not SHARED.exists(), reason="the shared reference conversions are not here")
@pytest.mark.parametrize(("start", "end"), [("wgs", "gcj"), ("gcj", "bd"), ("gcj", "wgs"), ("bd", "gcj")])
def test_all_reference_conversions(start: str, end: str) -> None:
    rows = pd.read_csv(SHARED, sep="\t").dropna(subset=[f"{start}_lon", f"{end}_lon"])
    names = {"wgs": "wgs84", "gcj": "gcj02", "bd": "bd09"}
    rows = rows[~rows["name"].str.startswith("TRAP")]
    x, y = convert(rows[f"{start}_lon"], rows[f"{start}_lat"], names[start], names[end])
    assert np.abs(x - rows[f"{end}_lon"]).max() < 1e-5
    assert np.abs(y - rows[f"{end}_lat"]).max() < 1e-5

import geopandas as gpd
import pytest
import shapely

from geo.crs import UnknownCrs, convert
from geo.projections import gauss_krueger, offered, projected, shifted_datum, system, title

FRAME = gpd.GeoDataFrame({"code": ["A"]}, geometry=[shapely.box(101.8, 36.6, 101.9, 36.7)], crs=4326)


@pytest.mark.parametrize("target", ["EPSG:4490", "EPSG:4543", "gcj02", "bd09"])
def test_places_are_converted_and_the_frame_says_to_what(target: str) -> None:
    there = projected(FRAME, target)
    assert there.crs is not None
    expected = convert(101.8, 36.6, "wgs84", target)
    assert (there.total_bounds[0], there.total_bounds[1]) == pytest.approx(expected, rel=1e-4)
    assert there["code"].tolist() == ["A"]


def test_wgs84_stays_as_it_is() -> None:
    assert projected(FRAME, "wgs84") is FRAME
    assert title(FRAME.crs) == ""


def test_shifted_datums_are_named_where_no_register_has_a_code() -> None:
    for datum, name in (("gcj02", "GCJ-02"), ("bd09", "BD-09")):
        crs = system(datum)
        assert (crs.name, title(crs)) == (name, name)
        assert (
            shifted_datum(crs.to_wkt())
            == shifted_datum(crs.to_wkt("WKT1_ESRI"))
            == shifted_datum(name)
            == datum
        )
    assert shifted_datum("EPSG:4490") is None
    assert shifted_datum("wgs84") is None
    assert shifted_datum("GCJ nonsense") is None
    assert title(system("EPSG:4543")) == "urn:ogc:def:crs:EPSG::4543"


@pytest.mark.parametrize(
    ("lon", "codes"), [(101.8, (4543, 4522)), (116.4, (4548, 4527)), (75.1, (4534, 4513))]
)
def test_the_three_degree_zone_is_the_citys(lon: float, codes: tuple[int, int]) -> None:
    assert gauss_krueger(lon) == codes
    for code in codes:
        area = system(f"EPSG:{code}").area_of_use
        assert area is not None
        assert area.west - 0.01 <= lon <= area.east + 0.01


def test_chinese_systems_are_offered_only_in_china() -> None:
    assert offered(101.8, 36.6)[:3] == ["wgs84", "EPSG:4490", "EPSG:4543"]
    assert offered(-122.4, 37.8) == ["wgs84", "EPSG:32610"]
    with pytest.raises(ValueError, match="no 3-degree zone"):
        gauss_krueger(10)


def test_a_system_that_does_not_reach_is_refused() -> None:
    with pytest.raises(UnknownCrs):
        projected(FRAME, "EPSG:999999")

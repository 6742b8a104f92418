import numpy as np
import pytest

from geo.crs import convert, parse_crs
from geo.crs_guess import _FAMILIES, guesses

XINING = (100.9, 36.2, 101.9, 37.5)
LON, LAT = np.linspace(101.6, 101.9, 40), np.linspace(36.5, 36.7, 40)


@pytest.mark.parametrize("code", [4522, 4543, 4495, 4507, 3857, 4326])
def test_the_system_that_brings_points_into_the_city_comes_first(code: int) -> None:
    x, y = convert(LON, LAT, "wgs84", code)
    best = guesses(x, y, XINING)[0]
    assert (best.crs, best.swapped) == (f"EPSG:{code}", False)
    assert best.share == 1.0


@pytest.mark.parametrize("code", [4522, 4543, 4326])
def test_exchanged_axes_are_seen(code: int) -> None:
    x, y = convert(LON, LAT, "wgs84", code)
    best = guesses(y, x, XINING)[0]
    assert (best.crs, best.swapped) == (f"EPSG:{code}", True)


@pytest.mark.parametrize(("code", "sibling"), [(2358, "Xian 1980"), (2410, "Beijing 1954")])
def test_older_datums_are_offered_beside_the_newest(code: int, sibling: str) -> None:
    x, y = convert(LON, LAT, "wgs84", code)
    found = guesses(x, y, XINING)
    assert f"EPSG:{code}" in [one.crs for one in found]
    assert found[0].name.startswith("CGCS2000")
    assert any(one.name.startswith(sibling) for one in found)


def test_what_lies_elsewhere_or_nowhere_has_no_guess() -> None:
    assert guesses(np.array([-73.9]), np.array([40.7]), XINING) == []
    assert guesses(np.array([np.nan, 0.0]), np.array([1.0, 0.0]), XINING) == []


@pytest.mark.parametrize("family", _FAMILIES)
def test_the_registers_first_codes_are_the_zones_that_we_count_from(
    family: tuple[int, int, int, int],
) -> None:
    names = [parse_crs(code).name for code in family]
    assert [name.split("Gauss-Kruger ")[1] for name in names] == ["zone 25", "CM 75E", "zone 13", "CM 75E"]
    assert ["3-degree" in name for name in names] == [True, True, False, False]

from urllib.parse import parse_qs, urlsplit

import pytest

from geo.crs import convert
from geo.route_links import navigation_links

MOSQUE = (101.7953, 36.6154)


@pytest.fixture
def links() -> dict[str, dict[str, list[str]]]:
    return {
        link.app: parse_qs(urlsplit(link.address).query)
        for link in navigation_links(*MOSQUE, "东关 & 大街|1", "foot")
    }


def test_each_app_gets_its_own_datum(links: dict[str, dict[str, list[str]]]) -> None:
    gcj, bd = convert(*MOSQUE, "wgs84", "gcj02"), convert(*MOSQUE, "wgs84", "bd09")
    lon, lat, _ = links["amap"]["to"][0].split(",", 2)
    assert (float(lon), float(lat)) == pytest.approx(gcj, abs=1e-6)
    lat, lon = links["tencent"]["tocoord"][0].split(",")
    assert (float(lon), float(lat)) == pytest.approx(gcj, abs=1e-6)
    lat, lon = links["baidu"]["destination"][0].split("|")[0].removeprefix("latlng:").split(",")
    assert (float(lon), float(lat)) == pytest.approx(bd, abs=1e-6)
    lat, lon = links["google"]["destination"][0].split(",")
    assert (float(lon), float(lat)) == pytest.approx(MOSQUE, abs=1e-6)


def test_a_name_cannot_add_to_the_address(links: dict[str, dict[str, list[str]]]) -> None:
    assert links["tencent"]["to"] == ["东关 & 大街|1"]
    assert links["amap"]["mode"] == ["walk"]


def test_each_way_of_travelling_is_said_in_each_apps_word() -> None:
    for mode in ("foot", "bike", "car"):
        assert len(navigation_links(*MOSQUE, "x", mode)) == 4

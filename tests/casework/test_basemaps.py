"""A tile server is taken only when the map can use it, and only then may pages ask its host."""

import pytest

from casework.basemaps import TileServer, set_basemap
from casework.cities import city_facts
from casework.errors import Refused
from casework.office import Office
from tests.factories.city import two_patches

GOOD = [
    "https://tile.openstreetmap.example/{z}/{x}/{y}.png",
    "http://t{s}.tianditu.example/vec_w/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=0a1b",
    "/tiles/{z}/{x}/{y}.png",
]
BAD = [
    "", "https://tiles.example/{z}/{x}.png", "javascript:alert({x}{y}{z})", "//tiles.example/{z}/{x}/{y}",
    "https://a b/{z}/{x}/{y}", "https://tiles.example/{z}/{x}/{y}'; script-src *", "https://me:pw@tiles.example/{z}/{x}/{y}",
    "ftp://tiles.example/{z}/{x}/{y}", "https://[x/{z}/{x}/{y}",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_a_usable_address_is_kept(sqlite_office: Office, url: str) -> None:
    two_patches(sqlite_office)
    set_basemap(sqlite_office, TileServer(url, "天地图", "© 天地图", "gcj02", 17))
    facts = city_facts(sqlite_office)
    assert facts is not None
    assert (facts.basemap.kind, facts.basemap.url, facts.basemap.datum, facts.basemap.max_zoom) == (
        "xyz",
        url,
        "gcj02",
        17,
    )


@pytest.mark.parametrize("url", BAD)
def test_an_unusable_address_is_refused_and_nothing_changes(sqlite_office: Office, url: str) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as refused:
        set_basemap(sqlite_office, TileServer(url))
    assert refused.value.field == "url"
    facts = city_facts(sqlite_office)
    assert facts is not None
    assert facts.basemap.kind == "none"


WRONG = [(TileServer(GOOD[0], datum="bd09"), "datum"), (TileServer(GOOD[0], max_zoom=40), "max_zoom")]


@pytest.mark.parametrize(("server", "field"), WRONG)
def test_datum_and_zoom_are_checked(sqlite_office: Office, server: TileServer, field: str) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused) as refused:
        set_basemap(sqlite_office, server)
    assert refused.value.field == field


def test_it_can_be_taken_away(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    set_basemap(sqlite_office, TileServer(GOOD[0]))
    set_basemap(sqlite_office, None)
    facts = city_facts(sqlite_office)
    assert facts is not None
    assert facts.basemap.kind == "none"

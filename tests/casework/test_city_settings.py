"""The city: names, zone, usual language; an outline that is looked at before it counts."""

import base64
import json
from pathlib import Path

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from casework import city_settings
from casework.cities import city_facts
from casework.errors import Conflict, Forbidden, Refused
from casework.office import Office, the_city
from casework.policy import SYSTEM, Actor
from tests.factories.city import two_patches

VALUES = {"name_zh": "西宁市", "name_en": "", "timezone": "Europe/Berlin", "default_lang": "en"}


@pytest.fixture(autouse=True)
def _city(office: Office) -> None:
    two_patches(office)


def _file(folder: Path, shape: BaseGeometry) -> Path:
    path = folder / "city.geojson"
    path.write_text(
        json.dumps({"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)})
    )
    return path


def test_names_zone_and_language(office: Office) -> None:
    before = city_settings.city_settings(office, SYSTEM)
    city_settings.change_city(office, SYSTEM, VALUES, before.seen)
    facts = city_facts(office)
    assert facts is not None
    assert (facts.name_zh, facts.name_en, facts.timezone, facts.default_lang) == (
        "西宁市", "西宁市", "Europe/Berlin", "en",
    )  # fmt: skip
    with pytest.raises(Conflict, match="Asia/Shanghai → Europe/Berlin"):
        city_settings.change_city(office, SYSTEM, VALUES, before.seen)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name_zh": ""}, "name_zh"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"default_lang": "fr"}, "default_lang"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(office: Office, wrong: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        city_settings.change_city(office, SYSTEM, {**VALUES, **wrong})
    assert refusal.value.field == field


def test_an_outline_is_looked_at_and_then_counts(office: Office, tmp_path: Path) -> None:
    wanted = shapely.box(101, 36, 101.5, 36.5).difference(shapely.box(101.2, 36.2, 101.3, 36.3))
    seen = city_settings.read_extent(office, SYSTEM, _file(tmp_path, wanted))
    assert len(seen.rings) == 2
    assert 2300 < seen.km2 < 2500
    with office.database.read() as session:
        assert the_city(session).extent.equals(shapely.box(101, 36, 102, 37))
    city_settings.set_extent(office, SYSTEM, seen.draft)
    with office.database.read() as session:
        assert the_city(session).extent.equals(wanted)


def test_files_and_drafts_that_are_no_outline(office: Office, tmp_path: Path) -> None:
    broken = tmp_path / "city.geojson"
    broken.write_text("{")
    empty = tmp_path / "none.geojson"
    empty.write_text("")
    thin = tmp_path / "thin.geojson"  # a polygon without an area
    thin.write_text('{"type": "Polygon", "coordinates": [[[101, 36], [102, 37], [101, 36], [101, 36]]]}')
    for path in (broken, empty, _file(tmp_path, shapely.Point(101, 36)), thin):
        with pytest.raises(Refused) as refusal:
            city_settings.read_extent(office, SYSTEM, path)
        assert refusal.value.field == "file"
    far = base64.b64encode(shapely.to_wkb(shapely.box(500, 0, 501, 1))).decode()
    bow = base64.b64encode(shapely.to_wkb(shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))).decode()
    point = base64.b64encode(shapely.to_wkb(shapely.Point(1, 1))).decode()
    for draft in ("%%%", "AAAA", far, bow, point, "A" * (city_settings.MAX_DRAFT + 1)):
        with pytest.raises(Refused):
            city_settings.set_extent(office, SYSTEM, draft)


def test_the_zones_are_places(office: Office) -> None:
    assert {"Asia/Shanghai", "Asia/Urumqi"} <= set(city_settings.timezones())
    assert not any(name.startswith("Etc/") for name in city_settings.timezones())


def test_only_administrators(office: Office) -> None:
    with pytest.raises(Forbidden):
        city_settings.city_settings(office, Actor(role="leader", user_id=1))

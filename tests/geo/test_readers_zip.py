import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.readers import UnreadableFile, read
from tests.geo.geojson import Save, collection, feature, square
from tests.geo.shapefile import squares, write_shapefile


def archive(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


def refusal(path: Any, **options: Any) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(path, **options)
    return caught.value


def shapefile_members(tmp_path: Path, *folders: Any) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    for folder in folders:
        write_shapefile(tmp_path / folder, squares(2), ["城东".encode("gbk"), b"b"], stem="areas")
        members |= {f"{folder}{p.suffix}": p.read_bytes() for p in (tmp_path / folder).iterdir()}
    return members


def test_a_zipped_shapefile_is_read(tmp_path: Path, save: Save, reader: str) -> None:
    result = read(save("a.zip", archive(**shapefile_members(tmp_path, "patches"))))
    assert result.features["NAME"].tolist() == ["城东", "b"]
    assert result.layer == "patches"


def test_several_layers_are_a_question(tmp_path: Path, save: Save) -> None:
    path = save("a.zip", archive(**shapefile_members(tmp_path, "one", "two")))
    assert refusal(path).code == "which_layer"
    assert sorted(refusal(path).choices) == ["one", "two"]
    assert refusal(path, layer="three").code == "no_such_layer"
    assert read(path, layer="two").layer == "two"


def test_other_map_files_in_a_zip_are_read_and_rubbish_is_ignored(save: Save) -> None:
    text = str(square()).replace("'", '"').encode()
    path = save("a.zip", archive(**{"__MACOSX/b.geojson": b"x", "readme.txt": b"x", "map/a.geojson": text}))
    assert len(read(path).features) == 1


def test_a_chinese_member_of_an_old_tool_is_found(tmp_path: Path, save: Save) -> None:
    members = shapefile_members(tmp_path, "patches")
    raw = archive(**{name.replace("patches", "XXXX"): content for name, content in members.items()})
    path = save("a.zip", raw.replace(b"XXXX", "片区".encode("gbk")))
    assert read(path).layer == "片区"


@pytest.mark.parametrize(
    "name", ["../evil.geojson", "/etc/evil.geojson", "a/../../evil.geojson", "c:\\evil.geojson"]
)
def test_paths_that_lead_outside_are_refused(tmp_path: Path, save: Save, name: str) -> None:
    error = refusal(save("in/a.zip", archive(**{name: b"{}"})))
    assert error.code == "unsafe_zip"
    assert not list(tmp_path.glob("**/evil*"))


def test_bombs_are_refused(save: Save) -> None:
    path = save("a.zip", archive(**{"a.geojson": b"0" * 3_000_000}))
    error = refusal(path, limit_bytes=2_000_000)
    assert error.code == "zip_bomb"
    assert "2 MB" in str(error)


def test_what_is_no_zip_and_what_holds_nothing(save: Save) -> None:
    assert refusal(save("a.zip", b"PK nothing")).code == "not_zip"
    assert refusal(save("b.zip", archive(**{"readme.txt": b"x"}))).code == "zip_without_layer"
    assert refusal(save("c.zip", archive(**{"a.geojson": b"x" * 9999})[:-30])).code == "not_zip"


@pytest.mark.parametrize("at", range(0, 120, 7))
def test_damage_anywhere_is_a_refusal(save: Save, at: int) -> None:
    data = bytearray(archive(**{"a.geojson": str(square()).replace("'", '"').encode() * 3}))
    for i in range(at, min(at + 5, len(data))):
        data[i] ^= 0xFF
    refusal(save("a.zip", bytes(data)))


def test_links_locks_and_crowds_are_refused(save: Save) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    assert refusal(save("link.zip", data.getvalue())).code == "zip_link"
    locked = bytearray(archive(**{"a.geojson": b"{}"}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = locked.index(mark) + (6 if mark.endswith(b"\x04") else 8)
        locked[at] |= 1
    assert refusal(save("locked.zip", bytes(locked))).code == "zip_encrypted"
    crowd = archive(**{f"{i}.geojson": b"" for i in range(2001)})
    assert refusal(save("crowd.zip", crowd)).code == "zip_too_many"


def test_layers_within_files_within_a_zip_have_both_names(save: Save, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    for name in ("a", "b"):
        pyogrio.write_dataframe(frame, tmp_path / f"{name}.gpkg", layer="one")
        pyogrio.write_dataframe(frame, tmp_path / f"{name}.gpkg", layer="two")
    path = save("x.zip", archive(**{f"{n}.gpkg": (tmp_path / f"{n}.gpkg").read_bytes() for n in "ab"}))
    assert refusal(path).choices == ("a", "b")
    assert refusal(path, layer="a").choices == ("a/one", "a/two")
    assert read(path, layer="a/two").layer == "a/two"


def test_equal_names_in_different_folders_are_told_apart(save: Save, tmp_path: Path) -> None:
    members = {
        f"{folder}/areas.geojson": json.dumps(collection(feature(square()))).encode() for folder in "xy"
    }
    path = save("x.zip", archive(**members))
    assert refusal(path).choices == ("x/areas", "y/areas")
    assert len(read(path, layer="y/areas").features) == 1


def test_a_map_of_folders_in_kml_is_answered_within_its_kmz(save: Save) -> None:
    place = (
        "<Placemark><name>{}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>101.8,36.6 101.9,36.6 101.9,36.7 \
101.8,36.6</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
    folders = "".join(f"<Folder><name>{n}</name>{place.format(n)}</Folder>" for n in ("区", "片区"))
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    path = save("a.kmz", archive(**{"doc.kml": kml.encode()}))
    assert refusal(path).choices == ("区", "片区")
    assert len(read(path, layer="片区").features) == 1


def test_only_parts_of_a_shapefile(save: Save) -> None:
    assert refusal(save("a.zip", archive(**{"a.dbf": b"x", "a.prj": b"x"}))).code == "only_sidecars"

import shutil
from pathlib import Path
from typing import Any

import pytest

from geo.readers import UnreadableFile, read
from tests.geo.geojson import Save
from tests.geo.shapefile import WGS84_PRJ, squares, write_shapefile

GBK = ["城东区".encode("gbk"), "城中区".encode("gbk")]
UTF8 = ["城东区".encode(), "城中区".encode()]


def codes(result: Any) -> list[Any]:
    return [problem.code for problem in result.problems]


@pytest.mark.parametrize(
    ("names", "cpg", "encoding", "said"),
    [
        (GBK, None, "gb18030", ["encoding_guessed"]),
        (GBK, "GBK", "gb18030", []),
        (GBK, "936", "gb18030", []),
        (GBK, "UTF-8", "gb18030", ["encoding_contradicted"]),
        (UTF8, None, "utf-8", ["encoding_guessed"]),
        (UTF8, "UTF-8", "utf-8", []),
        ([b"Chengdong", b"Chengzhong"], None, "utf-8", []),
    ],
)
def test_chinese_names_read_right_whatever_the_cpg_says(
    tmp_path: Path, reader: str, names: list[Any], cpg: str | None, encoding: str, said: list[str]
) -> None:
    path = write_shapefile(tmp_path, squares(2), names, cpg=cpg)
    result = read(path)
    expected = [name.decode(encoding) for name in names]
    assert result.features["NAME"].tolist() == expected
    assert (result.encoding, codes(result)) == (encoding, said)
    assert all(expected[0] in str(problem) for problem in result.problems)
    assert result.features.geometry.iloc[0].bounds == (101.8, 36.6, 101.81, 36.61)
    assert result.layer == "areas"


def test_latin_letters_are_not_taken_for_chinese(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path, squares(2), ["Québec".encode("latin-1"), "Ñandú".encode("latin-1")])
    result = read(path)
    assert result.features["NAME"].tolist() == ["Québec", "Ñandú"]
    assert result.encoding == "cp1252"


def test_an_encoding_that_is_asked_for_must_fit(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path, squares(1), GBK[:1])
    assert read(path, encoding="gbk").features["NAME"].tolist() == ["城东区"]
    assert read(path, encoding="gbk").problems == []
    with pytest.raises(UnreadableFile, match="not utf-8") as caught:
        read(path, encoding="utf-8")
    assert caught.value.code == "bad_encoding"
    with pytest.raises(UnreadableFile, match="not klingon"):
        read(path, encoding="klingon")


def test_a_character_cut_off_by_the_width_is_reported(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path, squares(1), ["城东区".encode()], width=8)
    result = read(path)
    assert result.features["NAME"].iloc[0].startswith("城东")
    assert codes(result) == ["encoding_guessed", "text_damaged"]


def test_a_missing_shx_is_built_again_and_not_beside_the_users_file(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path, squares(3), [b"a", b"b", b"c"], parts="shp dbf prj")
    result = read(path)
    assert result.features["NAME"].tolist() == ["a", "b", "c"]
    assert codes(result) == ["missing_shx"]
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".dbf", ".prj", ".shp"]


def test_a_missing_dbf_leaves_areas_without_values(tmp_path: Path, reader: str) -> None:
    result = read(write_shapefile(tmp_path, squares(2), [], parts="shp shx prj"))
    assert list(result.features.columns) == ["geometry"]
    assert codes(result) == ["missing_dbf"]


def test_a_missing_prj_is_assumed_for_degrees_and_asked_for_metres(tmp_path: Path, reader: str) -> None:
    degrees = read(write_shapefile(tmp_path / "a", squares(1), [b"a"], parts="shp shx dbf"))
    assert (degrees.crs, codes(degrees)) == ("EPSG:4326", ["crs_assumed"])
    metres = write_shapefile(
        tmp_path / "b", squares(1, 34_482_000, 4_052_000, 900), [b"a"], parts="shp shx dbf"
    )
    with pytest.raises(UnreadableFile, match="CGCS2000") as caught:
        read(metres)
    assert caught.value.code == "which_crs"
    assert caught.value.choices == ("EPSG:4522", "EPSG:2358", "EPSG:2410")
    answered = read(metres, crs="EPSG:4522")
    assert answered.crs == "EPSG:4522"
    assert answered.features.geometry.iloc[0].bounds[0] == pytest.approx(101.8, abs=0.01)


def test_a_prj_that_is_a_web_page_is_ignored(tmp_path: Path, reader: str) -> None:
    result = read(write_shapefile(tmp_path, squares(1), [b"a"], prj="<html>404</html>"))
    assert codes(result) == ["bad_prj", "crs_assumed"]


def test_parts_in_mixed_case_belong_together(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path, squares(1), GBK[:1], parts="SHP SHX Dbf Prj")
    result = read(path)
    assert result.features["NAME"].tolist() == ["城东区"]
    assert result.crs == "EPSG:4326"


def test_null_shapes_are_counted_and_the_others_keep_their_numbers(tmp_path: Path, reader: str) -> None:
    one, two = squares(2)
    result = read(write_shapefile(tmp_path, [None, one, None, two], [b"a", b"b", b"c", b"d"]))
    assert result.features.index.tolist() == [2, 4]
    assert [str(problem) for problem in result.problems] == ["2 without a place were left out: 1, 3."]


def test_trailing_bytes_do_not_matter(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path, squares(2), [b"a", b"b"], parts="shp dbf prj")
    path.write_bytes(path.read_bytes() + b"garbage")
    result = read(path)
    assert len(result.features) == 2
    assert codes(result) == ["length_differs", "missing_shx"]


@pytest.mark.parametrize(
    ("content", "found"), [(b"<!DOCTYPE html><html>", "a web page"), (b"x" * 200, "not a shapefile")]
)
def test_what_only_has_the_name_is_refused(save: Save, content: Any, found: Any) -> None:
    with pytest.raises(UnreadableFile, match=found):
        read(save("areas.shp", content))


def test_bodies_are_neither_areas_nor_points(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, squares(1), [b"a"], shape_type=31)
    with pytest.raises(UnreadableFile, match="MultiPatch"):
        read(path)


@pytest.mark.parametrize("ending", [".dbf", ".shx", ".prj", ".cpg"])
def test_a_part_alone_is_answered_with_what_would_be_right(tmp_path: Path, ending: str) -> None:
    path = write_shapefile(tmp_path, squares(1), [b"a"], cpg="UTF-8")
    with pytest.raises(UnreadableFile, match=r"name the \.shp"):
        read(path.with_suffix(ending))


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path, reader: str) -> None:
    path = write_shapefile(tmp_path / "locked", squares(1), [b"a"], parts="shp dbf prj")
    path.parent.chmod(0o500)
    try:
        assert len(read(path).features) == 1
    finally:
        path.parent.chmod(0o700)
        shutil.rmtree(path.parent)


def test_a_system_of_another_planet_is_refused(tmp_path: Path, reader: str) -> None:
    moon = WGS84_PRJ.replace("6378137,298.257223563", "1737400,0")
    with pytest.raises(UnreadableFile, match="not known"):
        read(write_shapefile(tmp_path, squares(1), [b"a"], prj=moon))

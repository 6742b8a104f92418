from typing import Any

import pytest

from geo.readers import UnreadableFile, read
from tests.geo.geojson import Save


def codes(result: Any) -> list[Any]:
    return [(problem.feature, problem.code) for problem in result.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found(save: Save, delimiter: str) -> None:
    text = "lon,lat,name\n101.8,36.6,hello\n".replace(",", delimiter)
    features = read(save("a.csv", text)).features
    assert features["name"].tolist() == ["hello"]
    assert features.geometry.iloc[0].coords[0] == (101.8, 36.6)


def test_values_stay_text(save: Save) -> None:
    features = read(save("a.csv", "x,y,code,big\n101.8,36.6,001,9223372036854775807\n")).features
    assert features["code"].tolist() == ["001"]
    assert features["big"].tolist() == ["9223372036854775807"]


def test_blank_rows_are_skipped_and_rows_of_wrong_length_reported(save: Save) -> None:
    text = "x,y,name\n\n101.8,36.6,a\n , ,\n101.8,36.6,b,c\n101.8,36.6\n"
    result = read(save("a.csv", text))
    assert result.features["name"].tolist() == ["a", ""]
    assert codes(result) == [(2, "too_many_values"), (3, "too_few_values")]
    assert str(result.problems[0]) == "The row has 4 values for 3 columns."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-122,48,place\n", "no_header"),
        ("id,v\n1,10\n", "no_coordinates"),
        ("x,y,x\n1,2,3\n", "duplicate_column"),
        ("x,y\n", "nothing"),
        (" \n", "empty_file"),
        (" ; ;\n;\n", "empty_file"),
        ("", "empty_file"),
    ],
)
def test_files_that_are_refused(save: Save, text: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(save("a.csv", text))
    assert caught.value.code == code


def test_columns_are_offered_where_none_looks_like_coordinates(save: Save) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(save("a.csv", "id,v\n1,10\n"))
    assert caught.value.choices == ("id", "v")


def test_bad_numbers_are_refused_by_row_and_column(save: Save) -> None:
    result = read(save("a.csv", "lon,lat,n\n101.8,36.6,1\nabc,36.6,2\n101.8,inf,3\n1_0,2,4\n,,5\n"))
    assert codes(result) == [
        (None, "no_geometry"),
        (2, "not_a_number"),
        (3, "not_finite"),
        (4, "not_a_number"),
    ]
    assert [problem.field for problem in result.problems[1:]] == ["lon", "lat", "lon"]


def test_wkt_is_read_and_broken_wkt_refused_by_row(save: Save) -> None:
    text = 'name,WKT\nno,"POINT (a b)"\nyes,"POLYGON ((0 0, 1 0, 1 1, 0 0))"\nnone,\n'
    result = read(save("a.csv", text))
    assert result.features["name"].tolist() == ["yes"]
    assert "WKT" not in result.features.columns
    assert codes(result) == [(None, "no_geometry"), (1, "bad_geometry")]


def test_curves_become_lines(save: Save) -> None:
    result = read(save("a.csv", 'wkt,n\n"CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))",1\n'))
    assert result.features.geometry.iloc[0].area == pytest.approx(3.14159, abs=0.02)


def test_chinese_headers_and_encodings(save: Save) -> None:
    text = "经度,纬度,名称\n101.8,36.6,城东区\n"
    result = read(save("a.csv", text.encode("gbk")))
    assert result.features["名称"].tolist() == ["城东区"]
    assert [problem.code for problem in result.problems] == ["encoding_guessed"]
    assert read(save("b.csv", text.encode("utf-8-sig"))).features["名称"].tolist() == ["城东区"]


def test_quoted_line_breaks_and_commas_survive(save: Save) -> None:
    features = read(save("a.csv", 'x,y,text\n101.8,36.6,"one, ""two""\nthree"\n')).features
    assert features["text"].tolist() == ['one, "two"\nthree']

import codecs
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import assign_text
from geo.assign_text import open_text, parsed
from geo.readers import UnreadableFile, read_points
from geo.readers_csv import read_table
from tests.geo.geojson import Save

CELLS = st.text(alphabet='ab "\n\r,;0é城\u2028\u00a0', max_size=5)
QUOTED = CELLS.map(lambda cell: '"' + cell.replace('"', '""') + '"')
LINES = st.lists(st.lists(CELLS | QUOTED, min_size=1, max_size=4), max_size=12)


def streamed(path: Path, block_bytes: int) -> tuple[list[list[str]], list[Any], list[str]]:
    source = open_text(path, "x", "y", None, block_bytes)
    rows: list[list[str]] = []
    problems: list[Any] = []
    for block in source.blocks():
        read = source.reader.rows(block.content)
        places = source.reader.places(block.content)
        assert np.array_equal(places, (read.x, read.y), equal_nan=True)
        problems += [(one.code, one.feature + len(rows), one.params) for one in read.problems if one.feature]
        rows += [list(row.values()) for row in read.table.to_pylist()]
    return rows, problems, [one.code for one in source.problems]


@given(LINES, st.sampled_from([1, 7, 30, 1000]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_blocks_hold_the_rows_that_a_whole_reading_gives(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], block_bytes: int, end: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    text = end.join(["x,y,n", *(",".join(line) for line in lines)])
    path.write_text(text, encoding="utf-8", newline="")
    whole = read_table(path)
    rows, problems, _ = streamed(path, block_bytes)
    assert rows == whole.rows
    shapes = [one for one in problems if one[0] in ("too_many_values", "too_few_values")]
    assert shapes == [(one.code, one.feature, one.params) for one in whole.problems]


@pytest.mark.parametrize("block_bytes", [1, 40, 1 << 20])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "gb18030"])
def test_encodings_separators_and_breaks_in_quotes(save: Save, encoding: str, block_bytes: int) -> None:
    text = '编号;x;y;说明\r\n001;101,5;36,5;"一行\n二行;""引"""\r\n002;101.6;36.5;5" 管道\r\n\r\n003;;;城东区\r\n'
    path = save("a.csv", text.encode(encoding))
    rows, problems, notes = streamed(path, block_bytes)
    assert [row[0] for row in rows] == ["001", "002", "003"]
    assert rows[0][3] == '一行\n二行;"引"'
    assert rows[1][3] == '5" 管道'
    assert problems == [("empty_coordinate", 3, {})]
    assert notes == (["encoding_guessed"] if encoding.startswith("gb") else [])
    known = read_points(path, x="x", y="y")
    assert [one.code for one in known.problems if one.feature is None] == notes


def test_an_encoding_that_only_shows_late_is_found(save: Save) -> None:
    text = "x,y,n\n" + "101.5,36.5,plain\n" * 100_000 + "101.5,36.5,城东区城西区\n"
    rows, _, notes = streamed(save("a.csv", text.encode("gbk")), 1 << 16)
    assert (len(rows), rows[-1][2], notes) == (100_001, "城东区城西区", ["encoding_guessed"])


def test_a_stated_encoding_that_is_wrong_is_refused(save: Save) -> None:
    for data, asked in (("x,y\n1,2,垃圾\n".encode("gbk"), "utf-8"), (codecs.BOM_UTF16_LE + b"x", None)):
        with pytest.raises(UnreadableFile) as caught:
            open_text(save("a.csv", data), None, None, asked)
        assert caught.value.code == "bad_encoding"


@pytest.mark.parametrize("block_bytes", [4, 1 << 20])
def test_every_kind_of_bad_coordinate_has_the_reason_of_a_whole_reading(save: Save, block_bytes: int) -> None:
    text = (
        "x,y,n\n101.8,36.6,a\n,,b\nabc,36.6,c\nabc,def,d\nnan,36.6,e\n0,0,f\n101.8,1e999,g\n1_0,5,h\n"
        "101.81,36.61,i,more\n101.8\n+101.8, 36.6 ,j\n１０１.5,36.5,k\n1e2,3.6E1,l\n.5,5.,m\n-0,inf,n\n"
    )
    path = save("a.csv", text)
    whole = read_points(path)
    rows, problems, _ = streamed(path, block_bytes)
    assert rows == whole.table.to_numpy().tolist()
    assert problems == [(one.code, one.feature, one.params) for one in whole.problems if one.feature]


@pytest.mark.parametrize("block_bytes", [10, 1 << 20])
def test_points_written_as_wkt_keep_their_column(save: Save, block_bytes: int) -> None:
    text = 'n,WKT\n1,POINT (101.5 36.5)\n2,\n3,"LINESTRING (1 2, 3 4)"\n4,POINT (a b)\n5,POINT (nan 2)\n'
    source = open_text(save("a.csv", text), None, None, None, block_bytes)
    codes, n = [], 0
    for block in source.blocks():
        read = source.reader.rows(block.content)
        codes += [(one.feature + n, one.code) for one in read.problems if one.feature]
        n += len(read)
        assert read.table.column_names == ["n", "WKT"]
    assert codes == [(2, "empty_coordinate"), (3, "not_a_point"), (4, "bad_geometry"), (5, "not_finite")]


def test_a_field_larger_than_any_may_be_is_refused_with_its_line(
    save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assign_text, "FIELD_CHARACTERS", 5000)
    path = save("a.csv", "x,y,n\n1,2,good\n1,2," + "b" * 6000 + "\n1,2,c\n")
    source = open_text(path, None, None, None, 1000)
    with pytest.raises(UnreadableFile, match=r"field larger than field limit \(5000\) \(line 3\)"):
        list(source.blocks())


def test_large_fields_are_kept_whole(save: Save) -> None:
    huge = 'say ""' + "长\n" * 50_000 + '""'
    rows, _, _ = streamed(save("a.csv", f'x,y,n\n1,2,"{huge}"\n1,2,b\n'), 1000)
    assert [row[2] for row in rows] == [huge.replace('""', '"'), "b"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-122,48,place\n", "no_header"),
        ("id,v\n1,10\n", "no_coordinates"),
        ("x,y,x\n1,2,3\n", "duplicate_column"),
        (" \n", "empty_file"),
        (" ; ;\n;\n", "empty_file"),
    ],
)
def test_files_that_are_refused(save: Save, text: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_text(save("a.csv", text), None, None, None)
    assert caught.value.code == code


def test_the_quick_parser_leaves_odd_rows_to_the_other() -> None:
    table, problems, refused = parsed(b"1,2\n1,2,3\n\n4\n", ["x", "y"], ",")
    assert table.to_pydict() == {"x": ["1", "1", "4"], "y": ["2", "2", ""]}
    assert ([one.code for one in problems], set(refused)) == (["too_many_values", "too_few_values"], {1})

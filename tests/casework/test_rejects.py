"""The file of refused rows appears whole or not at all."""

from pathlib import Path

import pytest

from casework.errors import Refused
from casework.rejects import Rejects


def test_rows_come_as_they_were_with_the_reason_last(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    with Rejects(path, ["id", "reason", "text"], "utf-8") as rejects:
        rejects.add(["1", "from last time", 'a, "b"\nc'], "why, now")
        assert not path.exists()
        rejects.finish()
    assert path.read_bytes() == b'id,text,reason\r\n1,"a, ""b""\nc","why, now"\r\n'


def test_chinese_input_gets_the_mark_that_spreadsheets_need(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    with Rejects(path, ["编号"], "gb18030") as rejects:
        rejects.finish()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), Rejects(path, ["id"], None):
        raise RuntimeError
    assert [(one.name, one.read_text(encoding="utf-8")) for one in tmp_path.iterdir()] == [
        ("rejects.csv", "old")
    ]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such folder"), Rejects(tmp_path / "x" / "y.csv", ["id"], None):
        pass


def test_no_path_no_file(tmp_path: Path) -> None:
    with Rejects(None, ["id"], None) as rejects:
        rejects.add(["1"], "why")
        rejects.finish()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file_and_a_missing_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a folder: name a file in it"), Rejects(tmp_path, ["id"], None):
        pass
    with pytest.raises(Refused, match="no such folder"), Rejects(tmp_path / "x" / "a.csv", ["id"], None):
        pass

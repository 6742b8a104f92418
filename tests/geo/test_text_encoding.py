import pytest

from geo.problems import UnreadableFile
from geo.text_encoding import decoded, fits, guessed, known


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"plain", "utf-8"),
        ("城东区".encode(), "utf-8"),
        ("城东区，韵家口镇".encode("gbk"), "gb18030"),
        ("朱镕基路 喆".encode("gbk"), "gb18030"),
        ("Québec Ñandú".encode("latin-1"), "cp1252"),
        (b"\x81\x8d", "latin-1"),
    ],
)
def test_guesses(data: bytes, encoding: str) -> None:
    assert guessed(data) == encoding


def test_a_last_character_cut_off_is_forgiven_but_not_one_in_the_middle() -> None:
    assert fits("城东".encode()[:-1], "utf-8")
    assert not fits("城".encode()[:-1] + b"abc", "utf-8")


def test_texts_with_a_mark_or_a_stated_encoding() -> None:
    assert decoded("中".encode("utf-8-sig"))[0] == "中"
    assert decoded("中".encode("utf-8-sig"), "utf-8")[0] == "中"
    assert decoded("中".encode("utf-16"))[:2] == ("中", "utf-16")
    assert decoded("中".encode("gbk"), "gbk") == ("中", "gb18030", [])
    with pytest.raises(UnreadableFile, match="GB18030"):
        decoded("中".encode("gbk"), "utf-8")
    with pytest.raises(UnreadableFile):
        decoded(b"\xff\xfe1")


def test_names_of_encodings() -> None:
    assert known("GBK") == known("gb2312") == known(" GB18030 ") == "gb18030"
    with pytest.raises(UnreadableFile):
        known("klingon")
    with pytest.raises(UnreadableFile):
        known("GB\0K")

import pytest

from geo.problems import UnreadableFile
from geo.text_encoding import decoded, fits, guessed, holds_ascii, known, samples


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


@pytest.mark.parametrize(
    "encoding", ["rot13", "idna", "utf-7", "unicode_escape", "hex", "cp037", "undefined", "\0"]
)
def test_codecs_that_are_no_encoding_of_files_are_refused(encoding: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        decoded(b"a,b\n1,2\n", encoding)
    assert caught.value.code == "bad_encoding"


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", "名称".encode("gbk"), b"\xff"])
def test_utf_16_that_is_none_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        decoded(data, "utf-16")
    assert caught.value.code == "bad_encoding"


def test_a_few_damaged_characters_do_not_turn_a_text_into_another_encoding() -> None:
    data = ("井盖破损没有人管\n" * 9).encode() + b"\xff\xfe abc\n"
    text, name, notes = decoded(data)
    assert name == "utf-8"
    assert text.startswith("井盖破损")
    assert [(note.code, note.params["count"]) for note in notes] == [("utf8_damaged", 1)]


def test_samples_show_the_likeliest_first_and_only_what_fits() -> None:
    shown = samples(["城东区".encode("gbk"), b"ascii"])
    assert next(iter(shown)) == "gb18030"
    assert shown["gb18030"] == "城东区"
    assert "utf-8" not in shown


def test_a_dbf_cannot_be_in_an_encoding_of_wider_letters() -> None:
    assert holds_ascii("gb18030")
    assert not holds_ascii("utf-16")

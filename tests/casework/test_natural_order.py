"""Codes in the order that people count in."""

import random

from casework.natural_order import natural


def test_numbers_count_by_value() -> None:
    wanted = ["1", "2", "10", "11", "41"]
    mixed = wanted.copy()
    random.Random(3).shuffle(mixed)
    assert sorted(mixed, key=natural) == wanted


def test_numbers_inside_words_count_too() -> None:
    assert sorted(["D10-2", "D2-11", "D2-2", "c"], key=natural) == ["c", "D2-2", "D2-11", "D10-2"]


def test_every_text_has_one_place() -> None:
    texts = ["", "01", "1", "一片", "１", "²", "A1", "a1", "9" * 64, "-1"]
    assert sorted(sorted(texts), key=natural) == sorted(sorted(texts, reverse=True), key=natural)
    assert sorted(["1", "01"], key=natural) == ["01", "1"]

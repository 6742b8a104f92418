import re
from pathlib import Path

import pytest

import geo
from geo.problems import MESSAGES, Problem, UnreadableFile, listed, problem, shown

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path(geo.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_is_used_and_can_be_filled(code: str) -> None:
    assert SOURCES.count(f'"{code}"') > 1
    names = re.findall(r"%\((\w+)\)s", MESSAGES[code])
    assert MESSAGES[code] % dict.fromkeys(names, "x")


def test_a_problem_and_a_refusal_read_as_sentences() -> None:
    one = problem("not_a_number", 3, "lon", value="abc")
    assert one == Problem(3, "lon", "not_a_number", MESSAGES["not_a_number"], {"value": "abc"})
    assert str(one) == "abc is not a number."
    error = UnreadableFile("no_such_layer", ["a", "b"], layer="c", layers="a, b")
    assert str(error) == "There is no layer c. There are: a, b."
    assert (error.code, error.choices, error.problems) == ("no_such_layer", ("a", "b"), ())


def test_long_things_are_cut() -> None:
    assert listed([1, 2, 3]) == "1, 2, 3"
    assert listed(list(range(20)), 2) == "0, 1 …"
    assert shown("x" * 100) == "x" * 59 + "…"

"""Codes of new bureaus, categories and levels."""

import pytest

from casework import edits
from casework.errors import Refused


@pytest.mark.parametrize("code", ["CG", "0102", "城管", "a.b-c_d", " 7 "])
def test_a_code_is_kept_trimmed(code: str) -> None:
    assert edits.new_code(code) == code.strip()


@pytest.mark.parametrize(
    "code", ["a,b", "a:b", "a b", "../..", "-x", "\u202eevil", "", " ", None, "x" * 65, "a\x00"]
)
def test_a_code_that_lists_and_keys_would_take_apart_is_refused_at_its_field(code: object) -> None:
    with pytest.raises(Refused) as refusal:
        edits.new_code(code)
    assert refusal.value.field == "code"

"""Request bodies: what is read, and how everything else is refused."""

import json
import math
from io import BytesIO

import pytest
from flask import Flask

from casework.errors import CaseworkError
from web.bodies import MAX_JSON_BYTES, BadBody, TooLarge, WrongMediaType, fields, json_object

app = Flask(__name__)


def read(data: bytes, content_type: str = "application/json") -> dict[str, object]:
    with app.test_request_context("/", method="POST", data=data, content_type=content_type):
        return json_object()


def test_an_object_is_read() -> None:
    assert read(b'{"a": 1, "b": ["x"]}') == {"a": 1, "b": ["x"]}


def test_geojson_and_a_byte_order_mark_are_json_too() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}', "application/geo+json; charset=utf-8") == {"a": 1}


def test_the_last_of_two_equal_names_counts() -> None:
    assert read(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("written", [b"1e999", b"NaN", b"-Infinity", b"9" * 5000])
def test_numbers_that_are_none_reach_the_field_that_holds_them(written: bytes) -> None:
    value = read(b'{"lon": ' + written + b"}")["lon"]
    assert isinstance(value, float)
    assert not math.isfinite(value)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", BadBody),
        (b"{", BadBody),
        (b"[]", BadBody),
        (b"null", BadBody),
        (b'"text"', BadBody),
        (b'{"a": 1} x', BadBody),
        (b'{"a": "\xff"}', BadBody),
        (b"[" * 100_000 + b"]" * 100_000, BadBody),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, BadBody),
        (b" " * (MAX_JSON_BYTES + 1), TooLarge),
    ],
    ids=["empty", "cut", "array", "null", "text", "rest", "latin", "deep", "deep-objects", "large"],
)
def test_what_is_no_object_is_refused_naming_the_body(data: bytes, kind: type[CaseworkError]) -> None:
    with pytest.raises(kind) as refused:
        read(data)
    assert refused.value.field == "body"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "text/json"])
def test_other_media_types_are_refused(content_type: str) -> None:
    with pytest.raises(WrongMediaType):
        read(b"{}", content_type)


def test_a_body_longer_than_it_says_is_measured() -> None:
    data = json.dumps({"a": "x" * MAX_JSON_BYTES}).encode()
    with pytest.raises(TooLarge):
        read(data)


def test_a_form_gives_its_fields() -> None:
    with app.test_request_context(
        "/", method="POST", data={"lon": "101.8", "photos": (BytesIO(b"x"), "a.jpg")}
    ):
        assert dict(fields()) == {"lon": "101.8"}

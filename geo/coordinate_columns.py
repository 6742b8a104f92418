"""Coordinates in columns of a table: which columns they are, and numbers as people write them."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.problems import UnreadableFile, shown
from geo.raw_layer import RawLayer

X_NAMES = ("longitude", "lon", "lng", "long", "x", "经度", "经", "point_x", "coord_x", "xcoord", "easting")
Y_NAMES = ("latitude", "lat", "y", "纬度", "纬", "point_y", "coord_y", "ycoord", "northing")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?|nan", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def coordinate_columns(names: Sequence[str], x: str | None, y: str | None) -> tuple[str, str]:
    """The names of the x and y columns: those asked for, or those that look like it. Raises `UnreadableFile`."""
    for asked in (x, y):
        if asked is not None and asked not in names:
            raise UnreadableFile("no_such_column", names, column=asked, columns=", ".join(names))
    found_x, found_y = x or found_column(names, X_NAMES), y or found_column(names, Y_NAMES)
    if found_x is None or found_y is None:
        raise UnreadableFile("no_coordinates", names, columns=", ".join(names))
    return found_x, found_y


def found_column(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    """The first column with one of these names, whatever its case."""
    lower = {name.strip().lower(): name for name in reversed(names)}
    return next((lower[name] for name in wanted if name in lower), None)


def is_number(text: str) -> bool:
    """Whether a text is a number, infinity and NaN included."""
    return _NUMBER.fullmatch(text.strip()) is not None


def parse_number(value: Any) -> float | None:
    """A coordinate from a value of a table: None when it is not a number; a comma may be the decimal sign."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip()
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def take_points(raw: RawLayer, x: str, y: str) -> None:
    """Set the geometries of a raw layer from two columns; rows whose numbers are bad are refused with the column."""
    n = len(raw.columns[x])
    xy = np.zeros((n, 2))
    good = np.zeros(n, dtype=bool)
    for i, pair in enumerate(zip(raw.columns[x], raw.columns[y], strict=True)):
        if i + 1 in raw.refused or any(_is_empty(value) for value in pair):
            continue
        numbers = [_checked(raw, i + 1, name, value) for name, value in zip((x, y), pair, strict=True)]
        if None not in numbers:
            xy[i], good[i] = numbers, True
    points = np.asarray(shapely.points(xy), dtype=object)
    points[~good] = None
    raw.geometries = points.tolist()


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _checked(raw: RawLayer, number: int, column: str, value: Any) -> float | None:
    found = parse_number(value)
    if found is None:
        raw.refuse(number, "not_a_number", column, value=shown(value))
    elif not np.isfinite(found):
        raw.refuse(number, "not_finite", column)
        return None
    return found

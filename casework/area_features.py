"""From a file's features to areas: which field is what, and what each feature lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from casework.errors import Refused, mark
from casework.fields import MAX_LINE, text
from casework.import_notes import Note
from geo.readers import ReadResult
from geo.readers_points import text_of

_CODES = (
    "code", "id", "adcode", "area_code", "district_code", "objectid", "gid", "fid", "key", "number", "no",
    "代码", "编码", "编号", "区划代码",
)  # fmt: skip
_NAMES = (
    "name_zh",
    "name",
    "名称",
    "名字",
    "label",
    "title",
    "area_name",
    "nhood",
    "neighborhood",
    "district",
)
_NAMES_EN = ("name_en", "english", "en", "英文名")


@dataclass(frozen=True, slots=True)
class AreaFields:
    """Which columns hold an area's code, names and its parent's code; ``guessed`` names those that nobody said."""

    code: str | None = None
    name: str | None = None
    name_en: str | None = None
    parent: str | None = None
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An area as its file describes it (WGS 84, on the grid). ``feature`` counts from 1."""

    feature: int
    code: str
    name_zh: str
    name_en: str
    parent: str
    geometry: BaseGeometry


def reader_notes(result: ReadResult) -> list[Note]:
    """What the reader had to say, with whether the feature was left out."""
    present = set(result.features.index)
    return [
        Note(p.feature, p.message, p.params, left_out=p.feature is not None and p.feature not in present)
        for p in result.problems
    ]


def count_features(result: ReadResult) -> int:
    """How many features the file has, those that the reader left out included."""
    present = set(result.features.index)
    numbers = present | {p.feature for p in result.problems if p.feature is not None}
    without_place = sum(int(p.params["count"]) for p in result.problems if p.code == "no_geometry")
    return len(numbers) + without_place


def settle_fields(features: gpd.GeoDataFrame, given: AreaFields) -> AreaFields:
    """Check the fields that were named and find those that were not. Raises Refused."""
    columns = [str(name) for name in features.columns if name != features.geometry.name]
    for option, name in (
        ("code", given.code),
        ("name", given.name),
        ("name-en", given.name_en),
        ("parent", given.parent),
    ):
        if name is not None and name not in columns:
            raise Refused(
                mark("--%(option)s %(name)s: there is no such field. Fields: %(fields)s"),
                {"option": option, "name": name, "fields": ", ".join(columns) or "none"},
                field=option,
            )
    code = given.code or _guess_code(features, columns)
    name = given.name or _by_name(columns, _NAMES) or code
    english = given.name_en if given.name_en or given.name else _by_name(columns, _NAMES_EN)
    before = (("code", given.code, code), ("name", given.name, name), ("name-en", given.name_en, english))
    guessed = tuple(option for option, asked, used in before if asked is None and used is not None)
    return AreaFields(code, name, english, given.parent, guessed)


def candidates(features: gpd.GeoDataFrame, used: AreaFields, notes: list[Note]) -> list[Candidate]:
    """The areas among the features, each code once; what is left out goes to ``notes``."""
    found: dict[str, Candidate] = {}
    for number, row in zip(features.index.tolist(), _records(features), strict=True):
        geometry = row[str(features.geometry.name)]
        try:
            one = _candidate(number, row, geometry, used)
        except Refused as fault:
            notes.append(Note(number, fault.message, fault.params, left_out=True))
            continue
        before = found.get(one.code)
        if before is not None:
            message = mark("the code %(code)s stands at feature %(other)s already: left out")
            notes.append(Note(number, message, {"code": one.code, "other": before.feature}, left_out=True))
            continue
        if one.name_zh == one.code and used.name != used.code:
            notes.append(Note(number, mark("%(code)s has no name: its code is shown"), {"code": one.code}))
        found[one.code] = one
    return sorted(found.values(), key=lambda one: one.code)


def _records(features: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in features.columns]
    return [dict(zip(names, row, strict=True)) for row in features.itertuples(index=False, name=None)]


def _candidate(number: int, row: dict[str, Any], geometry: BaseGeometry, used: AreaFields) -> Candidate:
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise Refused(mark("a %(type)s is no area: left out"), {"type": geometry.geom_type})
    code = text(text_of(row.get(used.code or "")), "code", limit=64)
    if not code:
        raise Refused(
            mark("the field %(field)s, which holds the code, is empty: left out"), {"field": used.code}
        )
    name = text(text_of(row.get(used.name or "")), "name", limit=MAX_LINE) or code
    english = text(text_of(row.get(used.name_en)), "name-en", limit=MAX_LINE) if used.name_en else ""
    parent = text(text_of(row.get(used.parent)), "parent", limit=64) if used.parent else ""
    return Candidate(number, code, name, english or name, parent, geometry)


def _guess_code(features: gpd.GeoDataFrame, columns: Sequence[str]) -> str:
    """A field that looks like a code by its name, else any, whose values are all there and all different."""
    named = [match for wanted in _CODES for match in columns if match.lower() == wanted]
    for column in dict.fromkeys([*named, *columns]):
        values = [text_of(value).strip() for value in features[column]]
        if all(values) and len(set(values)) == len(values):
            return column
    raise Refused(
        mark(
            "No field has a different value for every area: say which one is the code with --code. Fields: %(fields)s"
        ),
        {"fields": ", ".join(columns) or "none"},
        field="code",
    )


def is_known_code(column: str) -> bool:
    """Whether a field's name says by itself that it holds codes."""
    return column.lower() in _CODES


def _by_name(columns: Sequence[str], wanted: Sequence[str]) -> str | None:
    lower = {column.lower(): column for column in columns}
    return next((lower[name] for name in wanted if name in lower), None)

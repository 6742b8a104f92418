"""What the reading worker says, as bytes and back: JSON and WKB only, since nothing in it is to be trusted."""

import itertools
import json
import math
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs_guess import CrsGuess
from geo.inspection import Answers, Inspection
from geo.problems import MESSAGES, Problem, UnreadableFile
from geo.readers import ReadResult

_ANSWERS = ("layer", "encoding", "crs", "datum", "swapped")


def packed(seen: Inspection) -> list[bytes]:
    """The bytes of an inspection: a line of JSON, then the WKB of all geometries."""
    shapes: list[bytes] = []
    result = seen.result
    if result is not None:
        shapes = list(shapely.to_wkb(np.asarray(result.features.geometry, dtype=object)))
    facts = {
        "used": {name: getattr(seen.used, name) for name in _ANSWERS},
        "refusal": _refusal(seen.refusal) if seen.refusal else None,
        "result": _facts(result) if result is not None else None,
        "layer": seen.layer,
        "encoding": seen.encoding,
        "stated_crs": seen.stated_crs,
        "crs_by_format": seen.crs_by_format,
        "guesses": [[g.crs, g.name, g.share, g.swapped] for g in seen.guesses],
        "samples": dict(seen.samples),
        "wkb": [len(shape) for shape in shapes],
        "wkb_bytes": sum(map(len, shapes)),
    }
    return [json.dumps(facts).encode(), b"\n", *shapes]


def unpacked(facts: Mapping[str, Any], shapes: bytes) -> Inspection:
    """The inspection that ``packed`` wrote."""
    result = facts["result"]
    return Inspection(
        used=Answers(**facts["used"]),
        refusal=_as_refusal(facts["refusal"]) if facts["refusal"] else None,
        result=_as_result(result, facts["wkb"], shapes) if result else None,
        layer=facts["layer"],
        encoding=facts["encoding"],
        stated_crs=facts["stated_crs"],
        crs_by_format=bool(facts["crs_by_format"]),
        guesses=tuple(CrsGuess(*one) for one in facts["guesses"]),
        samples=facts["samples"],
    )


def _facts(result: ReadResult) -> dict[str, Any]:
    table = pd.DataFrame(result.features.drop(columns=result.features.geometry.name))
    return {
        "numbers": result.features.index.tolist(),
        "columns": [
            [str(name), [_plain(value) for value in table.iloc[:, i]]] for i, name in enumerate(table.columns)
        ],
        "problems": [_problem(one) for one in result.problems],
        "layer": result.layer,
        "crs": result.crs,
        "encoding": result.encoding,
    }


def _as_result(facts: Mapping[str, Any], lengths: list[int], shapes: bytes) -> ReadResult:
    ends = np.cumsum([0, *lengths]).tolist()
    geometries = shapely.from_wkb([shapes[start:end] for start, end in itertools.pairwise(ends)])
    numbers = [int(number) for number in facts["numbers"]]
    columns = {str(name): pd.Series(values, dtype=object) for name, values in facts["columns"]}
    table = pd.DataFrame(columns, index=range(len(numbers)))
    features = gpd.GeoDataFrame(table, geometry=geometries, crs="EPSG:4326")
    features.index = pd.Index(numbers, name="feature")
    problems = [_as_problem(one) for one in facts["problems"]]
    return ReadResult(features, problems, facts["layer"], facts["crs"], facts["encoding"])


def _refusal(refusal: UnreadableFile) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "params": {name: _plain(value) for name, value in refusal.params.items()},
        "choices": list(refusal.choices),
        "problems": [_problem(one) for one in refusal.problems[:200]],
    }


def _as_refusal(facts: Mapping[str, Any]) -> UnreadableFile:
    problems = [_as_problem(one) for one in facts["problems"]]
    return UnreadableFile(facts["code"], facts["choices"], problems, **facts["params"])


def _problem(one: Problem) -> list[Any]:
    return [one.feature, one.field, one.code, {name: _plain(value) for name, value in one.params.items()}]


def _as_problem(facts: list[Any]) -> Problem:
    feature, column, code, params = facts
    return Problem(feature, column, code, MESSAGES[code], params)


def _plain(value: Any) -> Any:
    """A value as JSON has it: what is neither text, number nor truth value as text, NaN as missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if value != value else str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)

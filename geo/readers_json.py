"""JSON map files: GeoJSON as it really comes, and Esri's JSON."""

import json
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.problems import UnreadableFile, problem, shown
from geo.projections import shifted_datum
from geo.raw_layer import RawLayer
from geo.readers_geojson import BadGeometry, geometry_of
from geo.readers_topojson import read_topology
from geo.text_encoding import decoded, samples

_GEOMETRY_TYPES = frozenset(
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"]
)


def read_json(path: Path, encoding: str | None = None, layer: str | None = None) -> RawLayer:
    """GeoJSON (collection, feature or bare geometry), TopoJSON or Esri JSON as a raw layer.

    `layer` names an object of a TopoJSON file. Raises `UnreadableFile`.
    """
    data = path.read_bytes()
    text, used, notes = decoded(data, encoding)
    value = _parsed(text)
    if not isinstance(value, dict):
        raise UnreadableFile("not_geojson", detail="it is not an object")
    if value.get("type") == "Topology":
        raw = read_topology(value, layer)
    elif "geometryType" in value or (value.get("type") is None and "features" in value):
        raw = _esri(value)
    else:
        raw = _geojson(value)
    raw.encoding, raw.layer = used, raw.layer or path.stem
    if notes:
        raw.samples = samples(data.splitlines())
    raw.problems[:0] = notes
    return raw


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile("bad_json", line=error.lineno, column=error.colno, detail=error.msg) from error
    except RecursionError as error:
        raise UnreadableFile("json_too_deep") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise UnreadableFile("bad_json", line=1, column=1, detail=shown(error)) from error


def _geojson(value: dict[str, Any]) -> RawLayer:
    raw = RawLayer(crs_by_format=True)
    raw.crs = _named_crs(value.get("crs"), raw)
    for number, feature in enumerate(_features(value), start=1):
        _add(raw, number, feature)
    return raw


def _features(value: dict[str, Any]) -> list[Any]:
    kind = value.get("type")
    if kind == "FeatureCollection":
        features = value.get("features")
        if not isinstance(features, list):
            raise UnreadableFile("not_geojson", detail="a FeatureCollection needs a list of features")
        return features
    if kind == "Feature":
        return [value]
    if kind in _GEOMETRY_TYPES:
        return [{"type": "Feature", "geometry": value, "properties": None}]
    raise UnreadableFile("not_geojson", detail=f"its type is {shown(kind)}")


def _add(raw: RawLayer, number: int, feature: Any) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raw.add(None, {})
        kind = feature.get("type") if isinstance(feature, dict) else type(feature).__name__
        raw.refuse(number, "not_a_feature", type=shown(kind))
        return
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raw.add(None, {})
        raw.refuse(number, "bad_properties", "properties")
        return
    values = {name: _plain(item) for name, item in (properties or {}).items()}
    if isinstance(feature.get("id"), str | int) and "id" not in values:
        values["id"] = feature["id"]
    notes: list[str] = []
    try:
        raw.add(geometry_of(feature.get("geometry"), notes), values)
    except BadGeometry as error:
        raw.add(None, values)
        raw.refuse(number, error.code, "geometry", **error.params)
    except (ValueError, shapely.errors.GEOSException) as error:
        raw.add(None, values)
        raw.refuse(number, "bad_geometry", "geometry", detail=shown(error))
    raw.problems += [problem(code, number, "geometry") for code in dict.fromkeys(notes)]


def _plain(value: Any) -> Any:
    """Objects and lists stay readable as JSON text; all else stays itself."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _named_crs(value: Any, raw: RawLayer) -> str | None:
    """The coordinate system in an old-style `crs` member: `name`, or `EPSG` with a code."""
    if not isinstance(value, dict) or not isinstance(value.get("properties"), dict):
        return None
    name = value["properties"].get("name", value["properties"].get("code"))
    if isinstance(name, bool) or not isinstance(name, str | int):
        return None
    text = str(name)
    if shifted_datum(text):
        return text
    if text.upper().endswith("CRS84"):
        return "EPSG:4326"
    code = text.replace("::", ":").rsplit(":", 1)[-1]
    if code.isdigit():
        return f"EPSG:{code}"
    raw.problems.append(problem("bad_crs", crs=shown(text)))
    return None


def _esri(value: dict[str, Any]) -> RawLayer:
    features = value.get("features")
    if not isinstance(features, list):
        raise UnreadableFile("not_geojson", detail="it has no list of features")
    reference = value.get("spatialReference")
    wkid = (reference.get("latestWkid") or reference.get("wkid")) if isinstance(reference, dict) else None
    raw = RawLayer(crs=f"EPSG:{wkid}" if isinstance(wkid, int) else None)
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict):
            raw.add(None, {})
            raw.refuse(number, "not_a_feature", type=type(feature).__name__)
            continue
        attributes = feature.get("attributes")
        values = {n: _plain(v) for n, v in attributes.items()} if isinstance(attributes, dict) else {}
        try:
            raw.add(_esri_geometry(feature.get("geometry")), values)
        except (BadGeometry, ValueError, TypeError, shapely.errors.GEOSException) as error:
            raw.add(None, values)
            raw.refuse(number, "bad_geometry", "geometry", detail=shown(error))
    return raw


def _esri_geometry(value: Any) -> BaseGeometry | None:
    if not isinstance(value, dict):
        return None
    if "rings" in value:
        # Esri's rule is the winding, which files break: nesting is the safer guide, so rings are combined even-odd.
        rings = [shapely.make_valid(shapely.Polygon(_xy(ring))) for ring in value["rings"]]
        return reduce(shapely.symmetric_difference, rings) if rings else None
    if "paths" in value:
        return shapely.MultiLineString([_xy(path) for path in value["paths"]])
    if "points" in value:
        return shapely.MultiPoint(_xy(value["points"]))
    if value.get("x") is None or value.get("y") is None:
        return None
    return shapely.Point(float(value["x"]), float(value["y"]))


def _xy(positions: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([position[:2] for position in positions], dtype=np.float64)

"""TopoJSON: borders stored once as arcs and shared by the areas on both sides; each object is a layer."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.problems import UnreadableFile, problem, shown
from geo.raw_layer import RawLayer
from geo.readers_geojson import BadGeometry, geometry_of

Arcs = list[NDArray[np.float64]]
_DEEPEST = 20


def layers_of(topology: dict[str, Any]) -> list[str]:
    """The names of the objects in a topology. Raises `UnreadableFile` when it has none."""
    objects = topology.get("objects")
    if not isinstance(objects, dict) or not objects:
        raise UnreadableFile("not_topojson", detail="it has no objects")
    return [str(name) for name in objects]


def read_topology(topology: dict[str, Any], layer: str | None) -> RawLayer:
    """One object of a topology as a raw layer, asking which when there are several. Raises `UnreadableFile`."""
    names = layers_of(topology)
    if layer is None and len(names) > 1:
        raise UnreadableFile("which_layer", names, layers=", ".join(names))
    if layer is not None and layer not in names:
        raise UnreadableFile("no_such_layer", names, layer=shown(layer), layers=", ".join(names))
    name = layer or names[0]
    arcs, transform = _arcs(topology), _transform(topology)
    raw = RawLayer(crs_by_format=True, layer=name)
    for number, item in enumerate(_members(topology["objects"][name], 0), start=1):
        _add(raw, number, item, arcs, transform)
    return raw


def _add(raw: RawLayer, number: int, item: Any, arcs: Arcs, transform: Any) -> None:
    if not isinstance(item, dict):
        raw.add(None, {})
        raw.refuse(number, "not_a_feature", type=type(item).__name__)
        return
    properties = item.get("properties")
    values = dict(properties) if isinstance(properties, dict) else {}
    if isinstance(item.get("id"), str | int) and "id" not in values:
        values["id"] = item["id"]
    notes: list[str] = []
    try:
        raw.add(geometry_of(_as_geojson(item, arcs, transform), notes), values)
    except UnreadableFile:
        raise
    except BadGeometry as error:
        raw.add(None, values)
        raw.refuse(number, error.code, "geometry", **error.params)
    except (ValueError, TypeError, shapely.errors.GEOSException) as error:
        raw.add(None, values)
        raw.refuse(number, "bad_geometry", "geometry", detail=shown(error))
    raw.problems += [problem(code, number, "geometry") for code in dict.fromkeys(notes)]


def _members(value: Any, depth: int) -> list[Any]:
    """The geometries of an object: those of a collection one by one."""
    if isinstance(value, dict) and value.get("type") == "GeometryCollection" and depth < _DEEPEST:
        members = value.get("geometries")
        return (
            [one for member in members for one in _members(member, depth + 1)]
            if isinstance(members, list)
            else []
        )
    return [value]


def _transform(topology: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """(scale, translate) of a quantised topology."""
    transform = topology.get("transform")
    if transform is None:
        return None
    try:
        scale, translate = (np.array(transform[name], dtype=np.float64) for name in ("scale", "translate"))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UnreadableFile("not_topojson", detail="its transform is no scale and translate") from error
    if scale.shape != (2,) or translate.shape != (2,):
        raise UnreadableFile("not_topojson", detail="its transform is no scale and translate")
    return scale, translate


def _arcs(topology: dict[str, Any]) -> Arcs:
    """Every arc as [n, 2] coordinates: the differences of a quantised one added up (TopoJSON 2.1.3, 2.1.4)."""
    transform = _transform(topology)
    given = topology.get("arcs")
    if not isinstance(given, list):
        raise UnreadableFile("not_topojson", detail="it has no arcs")
    found: Arcs = []
    for i, arc in enumerate(given):
        try:
            xy = np.array([position[:2] for position in arc], dtype=np.float64).reshape(-1, 2)
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            raise UnreadableFile("not_topojson", detail=f"arc {i} is no list of positions") from error
        found.append(xy if transform is None else np.cumsum(xy, axis=0) * transform[0] + transform[1])
    return found


def _as_geojson(item: dict[str, Any], arcs: Arcs, transform: Any) -> dict[str, Any] | None:
    kind = item.get("type")
    if kind is None:
        return None
    if kind in ("Point", "MultiPoint"):
        return {"type": kind, "coordinates": _placed(item.get("coordinates"), transform)}
    indexes = item.get("arcs")
    if kind == "LineString":
        return {"type": kind, "coordinates": _joined(indexes, arcs)}
    if kind in ("Polygon", "MultiLineString"):
        return {"type": kind, "coordinates": [_joined(ring, arcs) for ring in _list(indexes)]}
    if kind == "MultiPolygon":
        rings = [[_joined(ring, arcs) for ring in _list(polygon)] for polygon in _list(indexes)]
        return {"type": kind, "coordinates": rings}
    raise BadGeometry("bad_geometry", detail=f"its type is {shown(kind)}")


def _placed(value: Any, transform: Any) -> Any:
    if transform is None or not isinstance(value, list):
        return value
    if value and isinstance(value[0], list):
        return [_placed(one, transform) for one in value]
    return (np.array(value[:2], dtype=np.float64) * transform[0] + transform[1]).tolist()


def _joined(indexes: Any, arcs: Arcs) -> list[Any]:
    """The positions of arcs one after another; a negative number is an arc backwards."""
    parts: Arcs = []
    for index in _list(indexes):
        if type(index) is not int or not -len(arcs) <= index < len(arcs):
            raise UnreadableFile("bad_arc", arc=shown(index), count=len(arcs))
        arc = arcs[~index][::-1] if index < 0 else arcs[index]
        parts.append(arc[1:] if parts else arc)
    joined: list[Any] = np.concatenate(parts).tolist() if parts else []
    return joined


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadGeometry("bad_geometry", detail="arcs is not a list")
    return value

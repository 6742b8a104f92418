"""Formats that GDAL reads: GeoPackage, FlatGeobuf, KML, GPX, and the core of a shapefile.

fiona reads them where it can; pyogrio where it cannot (its wheels have no KML, Python 3.14 has no fiona) and when
`BAOPIAN_HIDE_FIONA` is set. Both give the same raw layer.
"""

import os
import warnings
import xml.parsers.expat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from shapely.geometry import shape

from geo.problems import UnreadableFile, mark, shown
from geo.raw_layer import RawLayer

# fiona makes objects of every feature: a million take it minutes, pyogrio seconds.
_MOST_BY_FIONA = 50_000
_ONLY_PYOGRIO = {".kml", ".kmz", ".gpx"}
_XML = {".kml": "kml", ".gpx": "gpx"}
# GDAL looks at the content, whatever the name: one that it would take for another format (a VRT that names files or
# hosts, say) must not reach it.
_MAGIC = {".gpkg": b"SQLite format 3\0", ".fgb": b"fgb\x03", ".shp": b"\0\0\x27\x0a"}


def fiona_module() -> ModuleType | None:
    """fiona, or None where it is not installed or hidden by `BAOPIAN_HIDE_FIONA`."""
    if os.environ.get("BAOPIAN_HIDE_FIONA"):
        return None
    try:
        import fiona
    except ImportError:
        return None
    return fiona


def read_ogr(
    path: Path, layer: str | None = None, encoding: str | None = None, *, limit_features: int | None = None
) -> RawLayer:
    """One layer of a file, asking which when there are several. Raises `UnreadableFile`."""
    ending = path.suffix.lower()
    if ending in _XML:
        _check_xml(path, _XML[ending])
    elif ending in _MAGIC:
        _check_magic(path, ending)
    name = _chosen(path, layer)
    count = _count(path, name)
    if limit_features is not None and count > limit_features:
        raise UnreadableFile("too_many_features", count=count, limit=limit_features)
    fiona = None if ending in _ONLY_PYOGRIO or count > _MOST_BY_FIONA else fiona_module()
    raw = _by_pyogrio(path, name, encoding) if fiona is None else _by_fiona(fiona, path, name, encoding)
    raw.layer = name
    return raw


def ogr_pieces(path: Path, size: int, encoding: str | None = None) -> Iterator[RawLayer]:
    """The only layer of a file as layers of at most `size` features, at least one; whole where fiona cannot read it.

    Raises `UnreadableFile`.
    """
    fiona = None if path.suffix.lower() in _ONLY_PYOGRIO else fiona_module()
    if fiona is None:
        yield read_ogr(path, encoding=encoding)
        return
    if path.suffix.lower() in _MAGIC:
        _check_magic(path, path.suffix.lower())
    name = _chosen(path, None)
    for raw in _fiona_pieces(fiona, path, name, encoding, size):
        raw.layer = name
        yield raw


def _check_magic(path: Path, ending: str) -> None:
    with path.open("rb") as file:
        head = file.read(len(_MAGIC[ending]))
    if head != _MAGIC[ending]:
        raise UnreadableFile("wrong_content", ending=ending, found="something else")


def _check_xml(path: Path, root: str) -> None:
    """Refuse XML that is cut off (GDAL takes what stands before), has another root, or declares entities."""
    seen: list[str] = []

    def opened(name: str, _attributes: object) -> None:
        if not seen:
            seen.append(name.rpartition(":")[2].lower())

    def declared(*_words: object) -> None:
        raise UnreadableFile("xml_doctype")

    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = opened
    parser.StartDoctypeDeclHandler = declared
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except LookupError as error:
        raise UnreadableFile("unreadable", detail=shown(error)) from error
    except xml.parsers.expat.ExpatError as error:
        detail = xml.parsers.expat.errors.messages.get(error.code, "") or xml.parsers.expat.ErrorString(
            error.code
        )
        raise UnreadableFile("bad_xml", line=error.lineno, column=error.offset + 1, detail=detail) from error
    if seen != [root]:
        found = f"XML of the kind {shown(seen[0] if seen else '-', 30)}"
        raise UnreadableFile("wrong_content", ending=path.suffix, found=found)


def _chosen(path: Path, layer: str | None) -> str:
    """The layer to read: the one asked for, the only one, or the waypoints of a GPX file."""
    with _quiet():
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if layer is not None:
        if layer not in layers:
            raise UnreadableFile("no_such_layer", layers, layer=layer, layers=", ".join(layers))
        return layer
    if path.suffix.lower() in _ONLY_PYOGRIO:
        full = [name for name in layers if _count(path, name)]
        if path.suffix.lower() == ".gpx":
            return _waypoints(full)
        layers = full or layers[:1]
    if not layers:
        raise UnreadableFile("nothing", detail=mark("It holds no layer of places."))
    if len(layers) > 1:
        raise UnreadableFile("which_layer", layers, layers=", ".join(layers))
    return layers[0]


def _count(path: Path, layer: str) -> int:
    with _quiet():
        return int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])


def _waypoints(layers: list[str]) -> str:
    """Of GPX the waypoints are taken; tracks and routes only when asked for."""
    if "waypoints" in layers:
        return "waypoints"
    raise UnreadableFile("nothing", layers, detail=mark("It holds no waypoints."))


@contextmanager
def _quiet() -> Iterator[None]:
    """GDAL's warnings are found again by our own checks; its errors become a message."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except UnreadableFile:
            raise
        except (
            RuntimeError,
            ValueError,
            OSError,
        ) as error:  # what pyogrio and fiona raise descends from these
            raise UnreadableFile("unreadable", detail=shown(error, 200)) from error


def _by_fiona(fiona: Any, path: Path, layer: str, encoding: str | None) -> RawLayer:
    return next(_fiona_pieces(fiona, path, layer, encoding, None))


def _fiona_pieces(
    fiona: Any, path: Path, layer: str, encoding: str | None, size: int | None
) -> Iterator[RawLayer]:
    """Layers of at most `size` features (None: all of them), at least one layer."""
    with (
        _quiet(),
        fiona.Env(GPKG_WARN_UNRECOGNIZED_APPLICATION_ID="NO"),
        fiona.open(path, layer=layer, encoding=encoding) as source,
    ):
        features = iter(source)
        while True:
            raw = RawLayer(crs=source.crs_wkt or None)
            raw.columns = {name: [] for name in source.schema["properties"]}
            for feature in islice(features, size):
                try:
                    geometry = None if feature.geometry is None else shape(feature.geometry)
                except (ValueError, shapely.errors.GEOSException) as error:
                    number = raw.add(None, dict(feature.properties))
                    raw.refuse(number, "bad_geometry", "geometry", detail=shown(error))
                else:
                    raw.add(geometry, dict(feature.properties))
            yield raw
            if size is None or len(raw.geometries) < size:
                return


def _by_pyogrio(path: Path, layer: str, encoding: str | None) -> RawLayer:
    with _quiet():
        meta, _, wkb, columns = pyogrio.raw.read(
            path, layer=layer, encoding=encoding, datetime_as_string=True
        )
    raw = RawLayer(crs=meta["crs"])
    types = meta.get("ogr_types", [""] * len(columns))
    subtypes = meta.get("ogr_subtypes", [""] * len(columns))
    for name, kind, subtype, values in zip(meta["fields"], types, subtypes, columns, strict=True):
        raw.columns[str(name)] = _plain(values, str(kind), str(subtype))
    for i, data in enumerate(wkb):
        try:
            raw.geometries.append(None if data is None else shapely.from_wkb(data))
        except (ValueError, shapely.errors.GEOSException) as error:
            raw.geometries.append(None)
            raw.refuse(i + 1, "bad_geometry", "geometry", detail=shown(error))
    return raw


def _plain(values: Any, kind: str, subtype: str) -> list[Any]:
    """Python values as fiona gives them: None for what is missing, whole numbers whole."""
    items = [None if _missing(value) else value for value in np.asarray(values).tolist()]
    if "Boolean" in subtype:
        return [None if item is None else bool(item) for item in items]
    if kind.startswith("OFTInteger"):
        return [None if item is None else int(item) for item in items]
    if kind == "OFTDateTime":  # fiona writes six decimals of a second or none
        return [None if item is None else datetime.fromisoformat(item).isoformat() for item in items]
    return items


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)

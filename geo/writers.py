"""Files out: the ending decides the format; texts survive, whatever their alphabet."""

import json
import re
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import shapely

from geo.map_style import add_styles
from geo.projections import title
from geo.writers_dxf import write_dxf

ENDINGS = (".gpkg", ".geojson", ".csv", ".xlsx", ".zip", ".parquet", ".kml", ".dxf")
_PLACES = (".gpkg", ".geojson", ".zip", ".kml", ".dxf")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_XLSX_CELL = 32_767
# What XML 1.0 cannot hold, however it is written: one such character and no spreadsheet opens the file.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DBF_TEXT_BYTES = 254
_DBF_NAME_BYTES = 10


class UnknownEnding(ValueError):
    """A file name whose ending is none that can be written; the message lists those that can."""


def write(
    path: str | Path,
    data: pd.DataFrame,
    *,
    verbatim: bool = False,
    layers: str | None = None,
    label: str | None = None,
) -> None:
    """Write a table or a GeoDataFrame by the ending of the name; an old file is replaced.

    `.csv` and `.xlsx` take a table (a geometry becomes `lon`, `lat` for points, else WKT), `.gpkg`, `.geojson`,
    `.zip` (shapefiles in UTF-8), `.kml` (WGS 84 only) and `.dxf` need a GeoDataFrame, `.parquet` takes either. The
    frame's own coordinate system is written; none is WGS 84. `layers` names a column: GeoPackage and shapefile get a
    layer for each of its values. `label` names the column that QGIS shows as a name (GeoPackage). The file appears
    whole or not at all. A `.csv` is made for people and their spreadsheets; `verbatim` makes it for programs: each
    text exactly as it is, no byte order mark. Raises `UnknownEnding`, and `ValueError` for a table without geometry
    where one is needed.
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending == ".shp":
        raise UnknownEnding("a shapefile is several files: name a .zip, and they are packed into it")
    if ending not in ENDINGS:
        raise UnknownEnding(f"cannot write {target.name}: the ending must be one of {' '.join(ENDINGS)}")
    if ending in _PLACES and not isinstance(data, gpd.GeoDataFrame):
        raise ValueError(f"{ending} holds places, and this table has none: take .csv, .xlsx or .parquet")
    with tempfile.TemporaryDirectory(prefix=".baopian-", dir=target.parent) as folder:
        made = Path(folder) / target.name
        if verbatim and ending == ".csv":
            _flat(data).to_csv(made, index=False, lineterminator="\n", encoding="utf-8")
        elif ending in _LAYERED:
            parts = _parts(data, layers, target.stem)
            _LAYERED[ending](made, parts)
            if ending == ".gpkg" and label is not None:
                add_styles(made, list(parts), label)
        else:
            _WRITERS[ending](made, data)
        made.replace(target)


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, made harmless by an apostrophe; all else as it is."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS) and not _is_number(value):
        return "'" + value
    return value


def _write_csv(path: Path, data: pd.DataFrame) -> None:
    table = _flat(data).map(safe_cell).rename(columns=safe_cell)
    text = table.to_csv(index=False, lineterminator="\n")
    # Without the mark Excel in China opens UTF-8 as GBK; where it makes no difference other programs are spared it.
    path.write_bytes(text.encode("ascii" if text.isascii() else "utf-8-sig"))


def _write_xlsx(path: Path, data: pd.DataFrame) -> None:
    table = _flat(data)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append([xlsx_cell(str(name)) for name in table.columns])
    for row in table.itertuples(index=False, name=None):
        sheet.append([xlsx_cell(value) for value in row])
    book.save(path)
    book.close()


def _write_parquet(path: Path, data: pd.DataFrame) -> None:
    _typed(data).to_parquet(path, index=False)


def _write_geojson(path: Path, data: pd.DataFrame) -> None:
    assert isinstance(data, gpd.GeoDataFrame)  # noqa: S101 - checked by write()
    columns = [name for name in data.columns if name != data.active_geometry_name]
    named = title(data.crs)
    crs = {"crs": {"type": "name", "properties": {"name": named}}} if named else {}
    rows = data[columns].itertuples(index=False, name=None)
    with path.open("w", encoding="utf-8") as file:
        head = json.dumps({"type": "FeatureCollection", **crs}, ensure_ascii=False)[:-1]
        file.write(head + ', "features": [')
        for i, (geometry, row) in enumerate(zip(data.geometry, rows, strict=True)):
            place = json.loads(shapely.to_geojson(geometry)) if _has_place(geometry) else None
            values = {str(name): _json_value(value) for name, value in zip(columns, row, strict=True)}
            feature = {"type": "Feature", "geometry": place, "properties": values}
            file.write(("\n" if i == 0 else ",\n") + json.dumps(feature, ensure_ascii=False, allow_nan=False))
        file.write("\n]}\n")


def _parts(data: pd.DataFrame, layers: str | None, stem: str) -> dict[str, pd.DataFrame]:
    """The data by layer: one named after the file, or one for each value of a column."""
    if layers is None or data.empty:
        return {stem: data}
    return {str(name): data[data[layers] == name] for name in dict.fromkeys(data[layers])}


def _write_gpkg(path: Path, parts: dict[str, pd.DataFrame]) -> None:
    for layer, data in parts.items():
        _write_ogr(path, data, "GPKG", layer=layer)


def _write_shapefile_zip(path: Path, parts: dict[str, pd.DataFrame]) -> None:
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        for stem, data in parts.items():
            _write_ogr(Path(folder) / f"{stem}.shp", _short_texts(data), "ESRI Shapefile")
            (Path(folder) / f"{stem}.cpg").write_text("UTF-8", encoding="ascii")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _write_kml(path: Path, data: pd.DataFrame) -> None:
    if isinstance(data, gpd.GeoDataFrame) and title(data.crs):
        raise ValueError("KML is WGS 84 by its definition: take another format for another coordinate system")
    _write_ogr(path, data, "LIBKML")


def _write_dxf(path: Path, data: pd.DataFrame) -> None:
    assert isinstance(data, gpd.GeoDataFrame)  # noqa: S101 - checked by write()
    write_dxf(path, data)


def _write_ogr(path: Path, data: pd.DataFrame, driver: str, **options: Any) -> None:
    frame = _typed(data)
    assert isinstance(frame, gpd.GeoDataFrame)  # noqa: S101 - checked by write()
    places = np.asarray(frame.geometry, dtype=object)
    kinds = {geometry.geom_type for geometry in places if _has_place(geometry)}
    multi = len(kinds) > 1 and kinds <= {"Polygon", "MultiPolygon"}
    frame = frame.set_geometry(
        [geometry if _has_place(geometry) else None for geometry in places], crs=frame.crs or "EPSG:4326"
    )
    kind = "MultiPolygon" if multi else next(iter(kinds)) if len(kinds) == 1 else "Unknown"
    pyogrio.write_dataframe(
        frame,
        path,
        driver=driver,
        encoding="UTF-8",
        geometry_type=kind,
        promote_to_multi=multi or None,
        **options,
    )


_WRITERS: dict[str, Callable[[Path, pd.DataFrame], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
    ".geojson": _write_geojson,
    ".kml": _write_kml,
    ".dxf": _write_dxf,
}
_LAYERED: dict[str, Callable[[Path, dict[str, pd.DataFrame]], None]] = {
    ".gpkg": _write_gpkg,
    ".zip": _write_shapefile_zip,
}


def _flat(data: pd.DataFrame) -> pd.DataFrame:
    """The table without a geometry column: points as lon and lat (unless it has them), other geometries as WKT."""
    if not isinstance(data, gpd.GeoDataFrame):
        return data
    places = np.asarray(data.geometry, dtype=object)
    table = pd.DataFrame(data.drop(columns=data.active_geometry_name))
    here = np.array([_has_place(place) for place in places], dtype=bool)
    if all(place.geom_type == "Point" for place in places[here]):
        if "lon" not in table.columns and "lat" not in table.columns:
            table["lon"], table["lat"] = shapely.get_x(places), shapely.get_y(places)
        return table
    digits = 7 if not title(data.crs) else 9  # a shifted place must come back onto the grid
    table["wkt"] = [
        "" if not ok else shapely.to_wkt(p, rounding_precision=digits)
        for ok, p in zip(here, places, strict=True)
    ]
    return table


def _typed(data: pd.DataFrame) -> pd.DataFrame:
    """Columns of mixed objects as one type each, text where nothing else fits."""
    frame = data.copy()
    for name in [n for n in frame.columns if frame[n].dtype == object]:
        values = [value for value in frame[name] if value is not None and value == value]
        kinds = {type(value) for value in values}
        if kinds == {int} and len(values) == len(frame) and all(abs(value) < 2**63 for value in values):
            frame[name] = frame[name].astype("int64")
        elif kinds <= {int, float} and float in kinds:
            frame[name] = frame[name].astype("float64")
        elif kinds == {bool} and len(values) == len(frame):
            frame[name] = frame[name].astype("bool")
        elif kinds != {str}:
            frame[name] = [None if v is None or v != v else str(v) for v in frame[name]]
    return frame


def _short_texts(data: pd.DataFrame) -> pd.DataFrame:
    """A .dbf holds 10 bytes of a name, 254 of a text: cut between characters, and keep the names apart."""
    frame = _typed(data)
    frame.columns = pd.Index(short_names([str(name) for name in frame.columns]))
    for name in [n for n in frame.columns if n != "geometry"]:
        if frame[name].dtype == object or isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = [short_text(value) if isinstance(value, str) else value for value in frame[name]]
    return frame


def short_names(names: list[str]) -> list[str]:
    """Names of a .dbf's fields: 10 bytes at most, different, and like the ones given."""
    short: list[str] = []
    for name in names:
        new = name if name == "geometry" else short_text(name, _DBF_NAME_BYTES)
        for i in range(1, len(names) + 1):
            if new.lower() not in (other.lower() for other in short):
                break
            new = f"{short_text(name, _DBF_NAME_BYTES - 1 - len(str(i)))}_{i}"
        short.append(new)
    return short


def short_text(text: str, most_bytes: int = _DBF_TEXT_BYTES) -> str:
    """A text cut between characters so that it has at most so many bytes of UTF-8."""
    return text.encode()[:most_bytes].decode("utf-8", errors="ignore")


def _has_place(geometry: Any) -> bool:
    return geometry is not None and not geometry.is_empty


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def xlsx_cell(value: Any) -> Any:
    """A value as a spreadsheet takes it: no formula, no character that XML lacks, no time zone."""
    if value is None or value != value:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()  # a spreadsheet has no time zones
    if isinstance(value, bool | int | float | datetime | date):
        return value
    return safe_cell(_NOT_IN_XML.sub("", str(value)))[:_XLSX_CELL]


def _json_value(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)

"""Where assigned rows go, block by block: the ending decides the format; a file appears whole or not at all."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pyogrio

from geo.assign_format import GEO_PARQUET, LON_LAT, PLACE, Column, csv_line, texts_of
from geo.problems import UnreadableFile
from geo.writers import ENDINGS, short_names, short_text, xlsx_cell

XLSX_ROWS = 1_048_576
_XLSX_DIGITS = 10**15  # a spreadsheet's numbers are doubles
_MAPS = (".gpkg", ".shp", ".zip")
_GPKG_TYPES = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date32)

Put = Callable[[Any], None]


@dataclass(frozen=True)
class Plan:
    """What a file will hold: `ending`, the columns in `schema`, and what a `Task` must make for it."""

    ending: str
    form: str
    place: str


def plan(out: Path | None, *, is_map: bool, names: list[str]) -> Plan:
    """How rows are written to a file, or to standard output (CSV); `is_map` when places are no columns yet.

    Raises `ValueError` for an ending that cannot be written.
    """
    ending = ".csv" if out is None else out.suffix.lower()
    if ending not in (*ENDINGS, ".shp"):
        raise ValueError(f"cannot write {ending}: the ending must be one of {' '.join(ENDINGS)} .shp")
    if ending in (".csv", ".xlsx"):
        flat = is_map and out is not None and "lon" not in names and "lat" not in names
        return Plan(ending, "csv" if ending == ".csv" else "table", LON_LAT if flat else "")
    if ending == ".geojson":
        return Plan(ending, "geojson", "")
    return Plan(ending, "table", PLACE if is_map or ending in _MAPS else "")


@contextmanager
def sink(
    out: Path | None, stdout: BinaryIO | None, chosen: Plan, schema: pa.Schema, meta: dict[bytes, bytes]
) -> Iterator[Put]:
    """A function that takes the bodies of answers in their order; the file is there when the context ends well.

    `schema` is that of a whole body, `meta` belongs into a parquet file.
    """
    if out is None:
        assert stdout is not None  # noqa: S101 - one of the two is given
        with _csv(stdout, schema) as put:
            yield put
        stdout.flush()
        return
    with tempfile.TemporaryDirectory(prefix=".baopian-", dir=out.parent) as folder:
        made = Path(folder) / out.name
        with _into(made, chosen, schema, meta) as put:
            yield put
        for part in sorted(made.parent.iterdir(), key=lambda one: one == made):  # the named one last
            part.replace(out.parent / part.name)


@contextmanager
def _into(made: Path, chosen: Plan, schema: pa.Schema, meta: dict[bytes, bytes]) -> Iterator[Put]:
    if chosen.ending in (".csv", ".geojson"):
        with made.open("wb") as file, (_csv if chosen.ending == ".csv" else _geojson)(file, schema) as put:
            yield put
    elif chosen.ending == ".parquet":
        if chosen.place:
            meta = {**meta, b"geo": GEO_PARQUET}
        with pa.parquet.ParquetWriter(made, schema.with_metadata(meta or None)) as writer:
            yield lambda table: writer.write_table(table.cast(schema).replace_schema_metadata(meta or None))
    elif chosen.ending == ".xlsx":
        with _xlsx(made, schema) as put:
            yield put
    elif chosen.ending == ".zip":
        with _zipped(made, schema) as put:
            yield put
    else:
        yield _ogr(made, schema)


@contextmanager
def _csv(file: BinaryIO, schema: pa.Schema) -> Iterator[Put]:
    file.write(csv_line(schema.names))
    yield lambda lines: _written(file, lines)


def _written(file: BinaryIO, lines: bytes) -> None:
    file.write(lines)


@contextmanager
def _geojson(file: BinaryIO, _schema: pa.Schema) -> Iterator[Put]:
    file.write(b'{"type": "FeatureCollection", "features": [')
    between = b"\n"

    def put(features: bytes) -> None:
        nonlocal between
        if features:
            file.write(between + features)
            between = b",\n"

    yield put
    file.write(b"\n]}\n")


@contextmanager
def _xlsx(path: Path, schema: pa.Schema) -> Iterator[Put]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append([xlsx_cell(name) for name in schema.names])
    rows = 1

    def put(table: pa.Table) -> None:
        nonlocal rows
        rows += len(table)
        if rows > XLSX_ROWS:
            raise UnreadableFile("too_many_rows", most=f"{XLSX_ROWS - 1:,}")
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            sheet.append([xlsx_cell(_exact(value)) for value in row])

    try:
        yield put
        book.save(path)
    finally:
        book.close()


def _exact(value: Any) -> Any:
    """A whole number with more digits than a spreadsheet keeps, as text."""
    return str(value) if isinstance(value, int) and abs(value) >= _XLSX_DIGITS else value


@contextmanager
def _zipped(path: Path, schema: pa.Schema) -> Iterator[Put]:
    with tempfile.TemporaryDirectory(prefix=".baopian-", dir=path.parent) as folder:
        yield _ogr(Path(folder) / f"{path.stem}.shp", schema)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _ogr(path: Path, schema: pa.Schema) -> Put:
    """A GeoPackage or shapefile that grows with every body."""
    is_shape = path.suffix.lower() == ".shp"
    fit = _for_shapefile if is_shape else _for_geopackage
    options: dict[str, Any] = {
        "driver": "ESRI Shapefile" if is_shape else "GPKG",
        "geometry_name": PLACE,
        "geometry_type": "Point",
        "crs": "EPSG:4326",
        "encoding": "UTF-8",
    }
    if not is_shape and any(name.lower() == "fid" for name in schema.names):
        options["FID"] = "baopian_fid"  # a column of the input keeps its name
    pyogrio.write_arrow(fit(schema.empty_table()), path, layer=path.stem, **options)
    options.pop("FID", None)
    if is_shape:
        path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")

    def put(table: pa.Table) -> None:
        if len(table):
            pyogrio.write_arrow(fit(table), path, layer=path.stem, append=True, **options)

    return put


def _for_geopackage(table: pa.Table) -> pa.Table:
    """Columns of types that GDAL stores exactly; all others as texts."""
    columns = [
        column if name == PLACE or _is_stored(column.type) else _nullable_texts(column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return pa.table(columns, names=table.column_names)


def _is_stored(kind: pa.DataType) -> bool:
    return kind != pa.uint64() and any(fits(kind) for fits in _GPKG_TYPES)


def _for_shapefile(table: pa.Table) -> pa.Table:
    """A .dbf holds 10 bytes of a name, 254 of a text, and not every whole number of 64 bits: those are texts."""
    columns: list[Column] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if name == PLACE or pa.types.is_boolean(kind) or pa.types.is_floating(kind) or kind == pa.int32():
            columns.append(column)
            continue
        texts = _nullable_texts(column)
        if pc.any(pc.greater(pc.binary_length(texts), 254)).as_py():
            texts = pa.array(
                [None if one is None else short_text(one) for one in texts.to_pylist()], pa.string()
            )
        columns.append(texts)
    return pa.table(columns, names=short_names(table.column_names))


def _nullable_texts(column: Column) -> Column:
    return pc.if_else(column.is_null(), pa.scalar(None, pa.string()), texts_of(column))

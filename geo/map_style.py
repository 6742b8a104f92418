"""A style for QGIS in a GeoPackage: outline, pale ground and names, as our own maps have them."""

import sqlite3
from pathlib import Path
from xml.sax.saxutils import quoteattr

_TABLE = """CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
  description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT CURRENT_TIMESTAMP)"""
_FILL, _LINE, _TEXT = "10,102,99,34", "10,102,99,255", "25,28,32,255"


def add_styles(path: Path, layers: list[str], label: str) -> None:
    """Give layers of areas in a GeoPackage a default style whose names come from the field `label`."""
    with sqlite3.connect(path) as base:
        base.execute(_TABLE)
        known = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        for layer in layers:
            base.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')",
                (layer, known.get(layer, "geom"), layer[:30], qml(label), "Baopian: areas with their names"),
            )
        base.execute(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier) VALUES"
            " ('layer_styles', 'attributes', 'layer_styles')"
        )
    base.close()


def qml(label: str) -> str:
    """A QGIS style (QML): every area with an outline, a pale ground, and the field `label` as its name."""
    options = {
        "color": _FILL, "style": "solid", "outline_color": _LINE, "outline_style": "solid", "outline_width": "0.4",
        "outline_width_unit": "MM", "joinstyle": "round",
    }  # fmt: skip
    listed = "".join(
        f'<Option type="QString" name="{key}" value="{value}"/>' for key, value in options.items()
    )
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">'
        '<qgis version="3.22" styleCategories="Symbology|Labeling" labelsEnabled="1">'
        '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0"><symbols>'
        '<symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map">{listed}</Option></layer>'
        "</symbol></symbols></renderer-v2>"
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName={quoteattr(label)} isExpression="0" fontSize="9" fontSizeUnit="Point" '
        f'textColor="{_TEXT}" fontFamily="Noto Sans CJK SC" namedStyle="Regular" textOpacity="1">'
        '<text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="255,255,255,217"/></text-style>'
        '<placement placement="1" centroidInside="1" fitInPolygonOnly="0"/>'
        "</settings></labeling></qgis>"
    )

"""What can be wrong with a file: every message in one table, in English, translated by whoever shows it."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any


def mark(message: str) -> str:
    """Mark a text for translation where it stands; the page or command translates it when it shows it."""
    return message


MESSAGES: Mapping[str, str] = {
    # the whole file
    "not_found": mark("There is no file %(path)s."),
    "is_folder": mark("%(path)s is a folder: name the file in it."),
    "empty_file": mark("The file is empty."),
    "too_large": mark("The file has %(size_mb)s MB; at most %(limit_mb)s MB are read."),
    "unknown_format": mark("This is not a file of a known format. Known: %(known)s."),
    "wrong_content": mark("The name ends in %(ending)s, but the content is %(found)s."),
    "sidecar": mark("%(name)s is only a part of a shapefile: name the .shp, or a .zip of all its parts."),
    "unreadable": mark("The file cannot be read: %(detail)s"),
    "bad_encoding": mark("The text is not %(encoding)s; try another encoding, GB18030 for example."),
    "bad_json": mark("Not valid JSON at line %(line)s, column %(column)s: %(detail)s."),
    "json_too_deep": mark("The JSON is nested too deep to be a map file."),
    "not_geojson": mark("This JSON is not GeoJSON: %(detail)s."),
    "not_topojson": mark("This TopoJSON is broken: %(detail)s."),
    "bad_arc": mark(
        "This TopoJSON is broken: a shape names the arc %(arc)s, and the file has %(count)s arcs."
    ),
    "xml_doctype": mark("The file declares XML entities, which no map file needs: it is refused."),
    "binary_dxf": mark("This is a binary DXF: save it as a text DXF (ASCII)."),
    "too_many_features": mark("The file has %(count)s features; at most %(limit)s are taken."),
    "too_many_vertices": mark(
        "The file's shapes have %(count)s vertices; at most %(limit)s are taken: simplify them in a desktop GIS."
    ),
    "bad_xml": mark("The XML is broken at line %(line)s, column %(column)s: %(detail)s."),
    "not_zip": mark("This is not a zip file, or it is damaged."),
    "unsafe_zip": mark("The zip file holds the path %(name)s, which leads outside: it is refused."),
    "zip_link": mark("The zip file holds a link, %(name)s, instead of a file: it is refused."),
    "zip_encrypted": mark("The zip file is locked with a password: pack it without one."),
    "zip_too_many": mark("The zip file holds %(count)s files; at most %(limit)s are looked at."),
    "zip_bomb": mark("Unpacked, the zip file would have more than %(limit_mb)s MB."),
    "zip_without_layer": mark("The zip file holds no map file."),
    "only_sidecars": mark("These are parts of a shapefile, but its .shp file is missing: add it."),
    "which_layer": mark("The file holds several layers: say which one. There are: %(layers)s."),
    "no_such_layer": mark("There is no layer %(layer)s. There are: %(layers)s."),
    "not_areas_or_points": mark("This holds %(found)s, which are neither areas nor points."),
    "which_crs": mark(
        "The coordinates (%(x)s, %(y)s) are not degrees and the file does not say what they are: "
        "name the coordinate system. %(hint)s"
    ),
    "unknown_crs": mark("The coordinate system %(crs)s is not known: give EPSG:4490 for example."),
    "unknown_datum": mark("The datum %(datum)s is not known: wgs84, gcj02 or bd09."),
    "no_header": mark("The first row holds values, not the names of columns: add a row with names."),
    "no_coordinates": mark("No columns with coordinates were found. Columns: %(columns)s."),
    "no_such_column": mark("There is no column %(column)s. Columns: %(columns)s."),
    "duplicate_column": mark("The column %(column)s stands there twice."),
    "not_osm": mark("This is not OpenStreetMap data, or it is damaged or cut off: %(detail)s"),
    "no_streets": mark("The file holds no streets that one could walk, ride or drive on."),
    "roads_too_large": mark("The extract holds more than %(limit)s positions of streets: cut out the city."),
    "not_a_road_network": mark(
        "%(path)s is not a road network that this version wrote: import the extract again."
    ),
    "nothing": mark("Nothing in the file can be used. %(detail)s"),
    # a file of points that is assigned
    "too_many_rows": mark("A spreadsheet holds at most %(most)s rows: write .csv or .parquet."),
    "worker_died": mark(
        "A process of --workers died, perhaps for want of memory; nothing was written. Try fewer."
    ),
    "no_dask": mark("--dask needs the package distributed: pip install distributed."),
    "dask_silent": mark("No dask scheduler answers at %(address)s: %(detail)s"),
    "dask_no_worker": mark("The dask scheduler at %(address)s has no worker."),
    "dask_worker_lacks": mark(
        "The dask workers at %(address)s do not have this program (%(detail)s): "
        "start them in its folder, with its packages."
    ),
    "dask_died": mark("The dask cluster stopped working; nothing was written. %(detail)s"),
    # the whole file, read all the same
    "encoding_guessed": mark("Nothing says how the text is encoded; read as %(encoding)s: %(preview)s"),
    "utf8_damaged": mark(
        "The text is UTF-8 with damaged characters in %(count)s lines, shown as �: %(preview)s"
    ),
    "encoding_contradicted": mark("The .cpg file says %(stated)s, but the text is %(encoding)s: %(preview)s"),
    "missing_shx": mark("The .shx file is missing; it was built again."),
    "missing_dbf": mark("The .dbf file is missing: the areas have no names or other values."),
    "length_differs": mark("The .shp file is not as long as it says; what is valid was read."),
    "bad_prj": mark("The .prj file holds no coordinate system and was ignored."),
    "bad_crs": mark("The file names an unknown coordinate system, %(crs)s, which was ignored."),
    "crs_assumed": mark(
        "The file does not say its coordinate system; longitude and latitude (WGS 84) assumed."
    ),
    "axes_swapped": mark("Latitude stood before longitude; the two were exchanged."),
    "no_geometry": mark("%(count)s without a place were left out: %(numbers)s."),
    # one feature or row
    "not_a_feature": mark("Not a GeoJSON feature: its type is %(type)s."),
    "bad_properties": mark("properties must be an object or null."),
    "bad_geometry": mark("The geometry cannot be read: %(detail)s."),
    "bad_position": mark("A position must be two or three numbers, not %(value)s."),
    "open_line": mark("This is a %(type)s that is not closed, so it is no area."),
    "big_feature": mark("Its shape has %(count)s vertices; at most %(limit)s are taken for one area."),
    "short_line": mark("A line needs at least two positions."),
    "short_ring": mark("A ring needs at least four positions."),
    "ring_closed": mark("A ring was not closed; it was closed."),
    "not_finite": mark("A coordinate is infinite or not a number."),
    "out_of_range": mark("Longitude %(lon)s, latitude %(lat)s is not a place on Earth."),
    "looks_swapped": mark(
        "Longitude %(lon)s, latitude %(lat)s is not a place on Earth: latitude and longitude look exchanged."
    ),
    "half_the_world": mark("It spans more than half the world: does it cross the date line?"),
    "no_extent": mark("It has no extent and was left out."),
    "repaired": mark(
        "The area was invalid (%(reason)s) and was repaired; its size changed by %(change)s %%."
    ),
    "collapsed": mark("The area was invalid (%(reason)s) and nothing of it is left after repair."),
    "unrepairable": mark("The area was invalid (%(reason)s) and crosses itself too often to be repaired."),
    "collection_flattened": mark(
        "A collection of geometries; the areas in it were taken, the rest left out."
    ),
    "mixed_collection": mark("A collection of different geometries is neither an area nor a point."),
    "text_damaged": mark("%(value)s is cut off or not %(encoding)s."),
    "too_many_values": mark("The row has %(found)s values for %(expected)s columns."),
    "too_few_values": mark("The row has %(found)s values for %(expected)s columns; the rest is empty."),
    "empty_coordinate": mark("The coordinate is empty."),
    "not_a_number": mark("%(value)s is not a number."),
    "not_an_area": mark("This is a %(type)s, not an area."),
    "same_id": mark("Several features have %(value)s: they were joined into one area."),
    "no_id": mark("It has no value in this column and was left out."),
    "column_renamed": mark("The input has a column %(column)s already: it is now called %(renamed)s."),
    "not_a_point": mark("This is a %(type)s, not a point."),
}


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file.

    `feature` counts features or data rows from 1; None means the whole file. `field` is the column, `code` a
    key of `MESSAGES`, `message` its English text and `params` what belongs into it.
    """

    feature: int | None
    field: str | None
    code: str
    message: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


class UnreadableFile(ValueError):
    """A file that is refused as a whole: what is wrong and what would be right.

    `code`, `message` and `params` as in `Problem`; `choices` are possible answers where it is a question
    (layers, columns, coordinate systems); `problems` what was found in single features.
    """

    def __init__(
        self,
        code: str,
        choices: Sequence[str] = (),
        problems: Sequence[Problem] = (),
        **params: Any,
    ) -> None:
        self.code, self.message, self.params = code, MESSAGES[code], params
        self.choices, self.problems = tuple(choices), tuple(problems)
        super().__init__(self.message % params)


def problem(code: str, feature: int | None = None, column: str | None = None, **params: Any) -> Problem:
    """The problem with this code."""
    if column is not None and "%(column)s" in MESSAGES[code]:
        params["column"] = column
    return Problem(feature, column, code, MESSAGES[code], params)


def listed(numbers: Sequence[int], most: int = 10) -> str:
    """Numbers for a message: the first ones, then an ellipsis."""
    return ", ".join(map(str, numbers[:most])) + (" …" if len(numbers) > most else "")


def shown(value: object, most: int = 60) -> str:
    """A value for a message, cut to a length that can be read."""
    text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"

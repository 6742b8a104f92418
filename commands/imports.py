"""`baopian import …`: one's own areas and findings, first as a dry run."""

from pathlib import Path

import click

from commands.console import open_office
from commands.reports import show_areas
from geo.crs import DATUMS


@click.group("import")
def imports() -> None:
    """Bring in your own areas and findings; a dry run unless --commit is given."""


def reading_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that answer what a file leaves open."""
    for option in (
        click.option("--layer", metavar="NAME", help="Which layer, where the file holds several."),
        click.option("--encoding", metavar="E", help="The encoding of its text, such as gb18030 (found by itself)."),
        click.option("--crs", metavar="EPSG:n", help="Its coordinate system, where the file does not say it."),
        click.option("--datum", type=click.Choice(DATUMS), help="The datum of its degrees (wgs84)."),
    ):
        command = option(command)
    return command


@imports.command("areas")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--level", required=True, metavar="L", help="The code of the level, such as district or patch.")
@click.option("--level-name", metavar="ZH/EN", help="A new level's name in both languages.")
@click.option("--code", metavar="FIELD", help="The field that holds an area's code (guessed, and said).")
@click.option("--name", metavar="FIELD", help="The field that holds its name (guessed, and said).")
@click.option("--name-en", metavar="FIELD", help="The field that holds its English name.")
@click.option("--parent", metavar="FIELD", help="The field that holds the code of the area one level up.")
@reading_options
@click.option("--commit", is_flag=True, help="Do it. Without this nothing is written.")
def areas(
    file: Path,
    level: str,
    level_name: str | None,
    code: str | None,
    name: str | None,
    name_en: str | None,
    parent: str | None,
    datum: str | None,
    crs: str | None,
    encoding: str | None,
    layer: str | None,
    commit: bool,
) -> None:
    """Areas of one level from a map file (GeoJSON, GeoPackage, shapefile, zip, KML …)."""
    from casework.area_features import AreaFields
    from casework.import_areas import AreaImport, import_areas

    fields = AreaFields(code, name, name_en, parent)
    with open_office() as office:
        report = import_areas(
            office, AreaImport(file, level, fields, level_name, datum, crs, encoding, layer), commit=commit
        )
    show_areas(file.name, report)

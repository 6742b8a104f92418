"""`baopian export …`."""

from pathlib import Path

import click

from commands.console import open_office
from geo.crs import DATUMS


@click.group()
def export() -> None:
    """Findings and areas as files, by ending: .gpkg .geojson .csv .xlsx .zip (shapefile) .kml .dxf."""


@export.command("findings")
@click.argument("file", type=click.Path(path_type=Path))
def findings(file: Path) -> None:
    """All findings with their areas, bureau and times."""
    _check_ending(file)
    from casework.exports import export_findings

    with open_office() as office:
        count = export_findings(office, file)
    click.echo(f"{count:,} findings are in {file}.")


@export.command("areas")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--level", metavar="L", help="Only the areas of this level.")
@click.option(
    "--on", "day", metavar="DATE", default="", help="As they were at the end of this day (YYYY-MM-DD)."
)
@click.option(
    "--crs", metavar="EPSG:n", help="Their coordinate system (WGS 84): EPSG:4490 or EPSG:4543, for example."
)
@click.option("--datum", type=click.Choice(DATUMS), help="Or the datum of their degrees.")
def areas(file: Path, level: str | None, day: str, crs: str | None, datum: str | None) -> None:
    """The areas of one level or of all: .gpkg (with a style for QGIS), .zip (shapefile), .geojson, .kml or .dxf."""
    if crs and datum:
        raise click.UsageError("--crs and --datum exclude each other")
    _check_ending(file)
    from casework.area_exports import export_areas

    with open_office() as office:
        count = export_areas(office, file, level, day, crs or datum or "wgs84")
    click.echo(f"{count:,} areas are in {file}.")


def _check_ending(file: Path) -> None:
    from geo.writers import ENDINGS

    if file.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"{file}: the ending must be one of {' '.join(ENDINGS)}")
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"{file}: there is no folder {file.parent}")

"""`baopian export …`."""

from pathlib import Path

import click

from commands.console import open_office


@click.group()
def export() -> None:
    """Findings and areas as files, by ending: .gpkg .geojson .csv .xlsx .zip (shapefile)."""


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
def areas(file: Path, level: str | None) -> None:
    """The areas in force, of one level or of all."""
    _check_ending(file)
    from casework.exports import export_areas

    with open_office() as office:
        count = export_areas(office, file, level)
    click.echo(f"{count:,} areas are in {file}.")


def _check_ending(file: Path) -> None:
    from geo.writers import ENDINGS

    if file.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"{file}: the ending must be one of {' '.join(ENDINGS)}")
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"{file}: there is no folder {file.parent}")

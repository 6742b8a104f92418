"""`baopian import …`: one's own areas and findings, first as a dry run."""

from pathlib import Path
from typing import Literal

import click

from commands.console import open_office, progress
from commands.reports import show_areas, show_findings, show_list, show_refusals
from geo.crs import DATUMS

_FIELDS = (
    "category", "status", "description", "subject", "place",
    "found_at", "reported_at", "closed_at", "due_at", "updated_at",
)  # fmt: skip


@click.group("import")
def imports() -> None:
    """Bring in your own areas and findings; a dry run unless --commit is given."""


def reading_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that answer what a file leaves open."""
    for option in (
        click.option("--layer", metavar="NAME", help="Which layer, where the file holds several."),
        click.option(
            "--encoding", metavar="E", help="The encoding of its text, such as gb18030 (found by itself)."
        ),
        click.option(
            "--crs", metavar="EPSG:n", help="Its coordinate system, where the file does not say it."
        ),
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
@click.option(
    "--end-others", is_flag=True, help="Areas in force that the file does not have end (they stay)."
)
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
    end_others: bool,
    commit: bool,
) -> None:
    """Areas of one level from a map file (GeoJSON, GeoPackage, shapefile, zip, KML …)."""
    from casework.area_features import AreaFields
    from casework.import_areas import AreaImport, import_areas

    fields = AreaFields(code, name, name_en, parent)
    with open_office() as office:
        wanted = AreaImport(file, level, fields, level_name, datum, crs, encoding, layer, end_others)
        report = import_areas(office, wanted, commit=commit)
    show_areas(file.name, report)


@imports.command("findings")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--x", metavar="COL", help="The column of longitudes or eastings (found by its name).")
@click.option("--y", metavar="COL", help="The column of latitudes or northings (found by its name).")
@click.option("--id", "id_column", metavar="COL", help="The column of the source's ids: the same id updates.")
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="FIELD=COL",
    help=f"Which column holds what: {', '.join(_FIELDS)}.",
)
@click.option(
    "--values",
    multiple=True,
    metavar="FIELD=FILE.csv",
    help="What the values of category or status mean: two columns, theirs and ours; * is every other.",
)
@click.option(
    "--source", default="import", show_default=True, metavar="NAME", help="The system that the ids belong to."
)
@click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="How to read 03/04/2026.")
@click.option(
    "--rejects", type=click.Path(path_type=Path), metavar="FILE", help="Where refused rows go, each with why."
)
@reading_options
@click.option("--commit", is_flag=True, help="Do it. Without this nothing is written.")
def findings(
    file: Path,
    x: str | None,
    y: str | None,
    id_column: str | None,
    mapped: tuple[str, ...],
    values: tuple[str, ...],
    source: str,
    dates: Literal["dmy", "mdy"] | None,
    rejects: Path | None,
    datum: str | None,
    crs: str | None,
    encoding: str | None,
    layer: str | None,
    commit: bool,
) -> None:
    """Findings from a table or map file of points (CSV, GeoJSON, GeoPackage, parquet …)."""
    from casework.import_findings import FindingImport, NothingKept, import_findings

    if (x is None) != (y is None):
        raise click.UsageError("--x and --y belong together")
    columns = _pairs("--map", mapped, _FIELDS)
    meanings = {
        name: Path(where) for name, where in _pairs("--values", values, ("category", "status")).items()
    }
    if rejects is not None and rejects.resolve() == file.resolve():
        raise click.UsageError("--rejects would overwrite the file itself")
    wanted = FindingImport(
        file, x, y, id_column, columns, meanings, source, dates, datum, crs, encoding, layer, rejects
    )
    with open_office() as office, progress("Reading rows") as advance:
        try:
            report = import_findings(office, wanted, commit=commit, progress=advance)
        except NothingKept as nothing:
            show_refusals(nothing.report, err=True)
            raise
    show_findings(file.name, report, rejects)


def _list_command(kind: Literal["bureaus", "categories", "rules"], what: str) -> None:
    @imports.command(kind, help=what)
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--commit", is_flag=True, help="Do it. Without this nothing is written.")
    def command(file: Path, commit: bool) -> None:
        from casework.import_lists import import_list

        with open_office() as office:
            show_list(file.name, import_list(office, kind, file, commit=commit))


_list_command("bureaus", "Bureaus from a CSV with the columns code, name, name_en, short, short_en.")
_list_command(
    "categories",
    "Categories from a CSV: code, parent, name, name_en, limit_value, limit_unit; parents first.",
)
_list_command("rules", "Routing rules from a CSV: code, category, area, bureau, note; an empty one is any.")


def _pairs(option: str, given: tuple[str, ...], known: tuple[str, ...]) -> dict[str, str]:
    """`FIELD=WHAT` arguments as a dictionary; anything else is a usage error."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, what = text.partition("=")
        if not equals or not what:
            raise click.UsageError(f"{option} {text}: write FIELD=…")
        if name not in known:
            raise click.UsageError(f"{option} {text}: there is no field {name}. Fields: {', '.join(known)}")
        if name in found:
            raise click.UsageError(f"{option} {name} is given twice")
        found[name] = what
    return found

"""`baopian assign` and `baopian agreement`: a file of points against a file of areas, without a database."""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.console import progress, table
from geo.crs import DATUMS

if TYPE_CHECKING:
    from geo.assign_table import Agreement

_NEAR_M = 5.0
_WHYS = {
    "no_location": "no location",
    "no_official_value": "no official value",
    "unknown_value": "the official value is no area's id",
    "near_border": "within {near} m of the official area's border",
    "outside": "outside every area",
    "differs": "another area than the official one",
}


def _shared_options(command: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--areas-datum", type=click.Choice(DATUMS), help="The datum of AREAS."),
        click.option("--areas-crs", metavar="EPSG:n", help="The coordinate system of AREAS."),
        click.option("--encoding", metavar="E", help="The encoding of POINTS (found by itself)."),
        click.option("--near", "near_m", type=click.FloatRange(0, 10_000), default=_NEAR_M, show_default=True,
                     metavar="M", help="Metres within which a border counts as near."),
        click.option("--crs", metavar="EPSG:n", help="The coordinate system of POINTS."),
        click.option("--datum", type=click.Choice(DATUMS), help="The datum of POINTS."),
        click.option("--y", metavar="COL", help="The column of latitudes or northings (found by its name)."),
        click.option("--x", metavar="COL", help="The column of longitudes or eastings (found by its name)."),
        click.option("--area-id", required=True, metavar="FIELD", help="The field of AREAS that names an area."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("points", type=click.Path(path_type=Path))
@click.argument("areas", type=click.Path(path_type=Path))
@_shared_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the rows go: .csv .parquet .geojson .gpkg .shp .xlsx (CSV on stdout).",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="So many processes at once.",
)
@click.option(
    "--dask", metavar="ADDRESS", help="Let the dask.distributed cluster at this address do the work."
)
def assign(
    points: Path,
    areas: Path,
    area_id: str,
    x: str | None,
    y: str | None,
    datum: str | None,
    crs: str | None,
    near_m: float,
    encoding: str | None,
    areas_crs: str | None,
    areas_datum: str | None,
    out: Path | None,
    workers: int,
    dask: str | None,
) -> None:
    """Add to every row of POINTS the area of AREAS that it lies in.

    CSV and parquet files of any length need little memory. The rows come out in their order, with every column that
    they had, and the same whoever does the work.
    """
    from geo.assign_stream import Hands, Points, assign_file

    _check_out(out, points)
    if dask and workers > 1:
        raise click.UsageError("--dask and --workers exclude one another: the cluster has its own workers")
    with progress("assigning") as advance:
        summary = assign_file(
            Points(points, _both(x, y), y, crs, datum, encoding), areas, area_id, out,
            stdout=sys.stdout.buffer, near_m=near_m, areas_crs=areas_crs, areas_datum=areas_datum,
            hands=Hands(workers, dask), progress=advance,
        )  # fmt: skip
    for one in summary.problems:
        where = "" if one.feature is None else f"row {one.feature}: "
        click.echo(f"{where}{one}", err=True)
    if summary.more:
        click.echo(_more(summary.more), err=True)
    rows = [[count, kind] for kind, count in summary.counts.items()]
    table([[summary.rows, "rows"], *rows, [summary.near_border, "near a border"]], err=out is None)


def _more(more: Counter[str]) -> str:
    """How many problems of single rows are not told one by one."""
    kinds = ", ".join(f"{count:,} {code}" for code, count in more.most_common())
    return f"… and {more.total():,} more like these: {kinds}"


@click.command()
@click.argument("points", type=click.Path(path_type=Path))
@click.argument("areas", type=click.Path(path_type=Path))
@click.argument("more", nargs=-1, metavar="")
@_shared_options
@click.option(
    "--official",
    multiple=True,
    required=True,
    metavar="COL …",
    help="The columns of POINTS that hold the city's own answer.",
)
def agreement(
    points: Path,
    areas: Path,
    more: tuple[str, ...],
    area_id: str,
    x: str | None,
    y: str | None,
    datum: str | None,
    crs: str | None,
    near_m: float,
    encoding: str | None,
    areas_crs: str | None,
    areas_datum: str | None,
    official: tuple[str, ...],
) -> None:
    """Assign POINTS to AREAS and compare with the city's own answer in columns of POINTS."""
    from geo import assign_table

    answers = assign_table.agreement(
        points, areas, area_id, (*official, *more), x=_both(x, y), y=y, crs=crs, datum=datum,
        encoding=encoding, near_m=near_m, areas_crs=areas_crs, areas_datum=areas_datum,
    )  # fmt: skip
    for answer in answers:
        _show(answer)


def _show(answer: "Agreement") -> None:
    click.echo(
        f"{answer.column}: {100 * answer.share:.1f} % agree ({answer.equal:,} of {answer.usable:,} rows that have"
        " a location and an official value)"
    )
    near = f"{answer.near_m:g}"
    rows = [[answer.equal, "equal"]]
    rows += [[answer.why[key], words.format(near=near)] for key, words in _WHYS.items()]
    table([*rows, [answer.total, "rows in all"]])
    click.echo(f"  {100 * answer.share_with_near:.1f} % agree with {near} m of tolerance")


def _both(x: str | None, y: str | None) -> str | None:
    if (x is None) != (y is None):
        raise click.UsageError("--x and --y belong together")
    return x


def _check_out(out: Path | None, points: Path) -> None:
    from geo.writers import ENDINGS

    if out is None:
        return
    if out.suffix.lower() not in (*ENDINGS, ".shp"):
        raise click.UsageError(f"--out {out}: the ending must be one of {' '.join(ENDINGS)} .shp")
    if out.resolve() == points.resolve():
        raise click.UsageError("--out would overwrite POINTS")

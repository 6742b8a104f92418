"""`baopian route`: rounds for a file of stops on the streets of an extract, without a database."""

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from commands.console import UnusableOption, table

if TYPE_CHECKING:
    from geo.roads import Matrix
    from geo.routing import Inspector, Plan, Stop

_CLOCK: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_YES: Final = frozenset({"1", "yes", "true", "y", "是", "必须", "must"})
_OUT: Final = (".geojson", ".json", ".gpx")
_WHYS: Final = {
    "no_skill": "nobody has the skill",
    "own_patch": "who has the skill does not have the patch",
    "locked": "agreed for somebody who may not, or does not work then",
    "unreachable": "no street leads there",
    "outside_hours": "its hours and theirs do not meet",
    "too_far": "further than they may go",
    "no_time": "no time left",
    "not_tried": "it would fit: give more --seconds",
}
MOST_STOPS: Final = 5_000
_MOST_TWICE: Final = 5


@click.command()
@click.argument("stops", type=click.Path(path_type=Path))
@click.option(
    "--roads", type=click.Path(path_type=Path), metavar="FILE", help="An OpenStreetMap extract (.osm.pbf)."
)
@click.option(
    "--inspectors",
    required=True,
    metavar="FILE|N",
    help="A file of people (name, lon, lat, shift 08:30-17:30, break 12:00-13:00, skills, patches), or how many "
    "begin and end in the middle of the stops.",
)
@click.option("--mode", type=click.Choice(("foot", "bike", "car")), default="foot", show_default=True)
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=5.0, show_default=True, metavar="S")
@click.option(
    "--balance", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="0 shortest, 1 most even."
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help=".geojson or .gpx"
)
@click.option("--x", metavar="COL", help="The column of longitudes (found by its name).")
@click.option("--y", metavar="COL", help="The column of latitudes (found by its name).")
def route(
    stops: Path,
    roads: Path | None,
    inspectors: str,
    mode: str,
    seconds: float,
    balance: float,
    out: Path,
    x: str | None,
    y: str | None,
) -> None:
    """Plan rounds to the places in STOPS, print who goes where when, and say why a stop is not served.

    Columns of STOPS that count: name, minutes (on site), opens and closes (08:30), must, priority (0-9), skills,
    patch. Without --roads the ways are straight lines, and their times are not to be trusted.
    """
    if out.suffix.lower() not in _OUT:
        raise UnusableOption(f"--out {out.name}: its name must end in .geojson or .gpx")
    from geo.route_compiled import is_compiled
    from geo.routing import BadRouteInput, places, plan_routes

    if not is_compiled():
        click.echo(
            "Compiling the planner first, once for this machine: half a minute (make kernels).", err=True
        )
    wanted, names = _stops(stops, x, y)
    crew = _inspectors(inspectors, wanted)
    where = places(wanted, crew)
    matrix = _matrix(roads, where, mode)
    try:
        plan = plan_routes(
            wanted, crew, matrix.duration_s, distance_m=matrix.distance_m, seconds=seconds, balance=balance
        )
    except BadRouteInput as error:
        raise UnusableOption(str(error)) from None
    _write(out, plan, matrix, names)
    _print(plan, names, matrix)
    click.echo(f"{out}", err=True)


def _stops(path: Path, x: str | None, y: str | None) -> tuple[list["Stop"], dict[str, str]]:
    from geo.readers import read_points
    from geo.routing import Stop

    rows = read_points(path, x=x, y=y)
    if len(rows.table) > MOST_STOPS:
        raise UnusableOption(
            f"{path.name} has {len(rows.table):,} rows: at most {MOST_STOPS:,} stops are planned"
        )
    columns = {str(name).casefold(): name for name in rows.table.columns}
    found, names = [], {}
    for i in range(len(rows.table)):
        row = {key: str(rows.table.iloc[i][name]).strip() for key, name in columns.items()}
        lon, lat = float(rows.lon[i]), float(rows.lat[i])
        if lon != lon or lat != lat:
            raise UnusableOption(f"{path.name}, row {i + 1}: it has no place")
        identity = str(i + 1)
        names[identity] = row.get("name") or identity
        found.append(
            Stop(
                id=identity, lon=lon, lat=lat, service_s=60 * _number(row.get("minutes", ""), 10, path, i, "minutes"),
                windows=_window(row.get("opens", ""), row.get("closes", ""), path, i),
                priority=int(_number(row.get("priority", ""), 1, path, i, "priority")),
                must_see=row.get("must", "").casefold() in _YES, skills=_words(row.get("skills", "")),
                patch=row.get("patch", ""),
            )
        )  # fmt: skip
    if not found:
        raise UnusableOption(f"{path.name} holds no stops")
    _tell_twice(found, names)
    return found, names


def _tell_twice(stops: Sequence["Stop"], names: dict[str, str]) -> None:
    """Say which rows are one place with one name: each is seen, as the file asks."""
    rows: dict[tuple[str, float, float], list[str]] = {}
    for stop in stops:
        rows.setdefault((names[stop.id], stop.lon, stop.lat), []).append(stop.id)
    twice = [same for same in rows.values() if len(same) > 1]
    for same in twice[:_MOST_TWICE]:
        click.echo(f"Rows {', '.join(same[:10])} are the same place: each of them is a stop.", err=True)
    if len(twice) > _MOST_TWICE:
        click.echo(f"… and {len(twice) - _MOST_TWICE} places more.", err=True)


def _inspectors(asked: str, stops: Sequence["Stop"]) -> list["Inspector"]:
    from geo.routing import Inspector

    if not asked.isdigit():
        return _inspectors_of(Path(asked))
    if not 1 <= int(asked) <= 100:
        raise UnusableOption("--inspectors: from 1 to 100 people")
    middle = (sum(stop.lon for stop in stops) / len(stops), sum(stop.lat for stop in stops) / len(stops))
    nearest = min(stops, key=lambda stop: abs(stop.lon - middle[0]) + abs(stop.lat - middle[1]))
    begin = (nearest.lon, nearest.lat)
    return [Inspector(id=str(i + 1), name=str(i + 1), start=begin, end=begin) for i in range(int(asked))]


def _inspectors_of(path: Path) -> list["Inspector"]:
    from geo.readers import read_points
    from geo.routing import Break, Inspector

    rows = read_points(path)
    columns = {str(name).casefold(): name for name in rows.table.columns}
    found = []
    for i in range(len(rows.table)):
        row = {key: str(rows.table.iloc[i][name]).strip() for key, name in columns.items()}
        start, end = _span(row.get("shift", "") or "08:30-17:30", path, i, "shift")
        rest = _span(row["break"], path, i, "break") if row.get("break") else None
        place = (float(rows.lon[i]), float(rows.lat[i]))
        if place[0] != place[0] or place[1] != place[1]:
            raise UnusableOption(f"{path.name}, row {i + 1}: it has no place to begin at")
        found.append(
            Inspector(
                id=str(i + 1), name=row.get("name") or str(i + 1), start=place, end=place, shift=(start, end),
                breaks=(Break(rest[0], rest[0], rest[1] - rest[0]),) if rest else (),
                skills=_words(row.get("skills", "")), patches=_words(row.get("patches", "")),
            )
        )  # fmt: skip
    if not found:
        raise UnusableOption(f"{path.name} holds no people")
    return found


def _matrix(roads: Path | None, where: Sequence[tuple[float, float]], mode: str) -> "Matrix":
    from geo.roads import build, straight_line_matrix

    lon, lat = [place[0] for place in where], [place[1] for place in where]
    if roads is None:
        click.echo("No --roads: straight lines, times not to be trusted.", err=True)
        return straight_line_matrix(lon, lat, mode)
    watched = sys.stderr.isatty()

    def told(count: int) -> None:
        click.echo(f"\rReading {roads.name}: {count:,} objects", nl=False, err=True)

    network = build(roads, told if watched else None)
    if watched:
        click.echo(err=True)
    return network.matrix(lon, lat, mode)


def _print(plan: "Plan", names: dict[str, str], matrix: "Matrix") -> None:
    people = {one.id: one.name for one in plan.request.inspectors}
    rows: list[tuple[object, ...]] = [("who", "", "stop", "arrive", "begin", "leave")]
    for one in plan.routes:
        for number, visit in enumerate(one.visits, 1):
            times = (_time(visit.arrive_s), _time(visit.start_s), _time(visit.leave_s))
            rows.append((people[one.inspector], number, names[visit.stop], *times))
        if one.visits:
            way = f"{one.distance_m / 1000:.1f} km, {one.travel_s / 60:.0f} min on the way"
            rows.append((people[one.inspector], "", way, "", "back", _time(one.end_s)))
    table(rows)
    for left in plan.unserved:
        click.echo(f"Not served: {names[left.stop]}: {_WHYS[str(left.reason)]}{_would(left, people)}")
    served = sum(len(one.visits) for one in plan.routes)
    straight = ", straight lines: times not to be trusted" if matrix.is_straight else ""
    click.echo(
        f"{served} of {len(plan.request.stops)} stops served, {plan.distance_m / 1000:.1f} km{straight}"
    )


def _would(left: Any, people: dict[str, str]) -> str:
    remedy = left.remedy
    if remedy is None:
        return ""
    who = people[remedy.inspector]
    if remedy.minutes:
        return f"; it would fit if {who} had {remedy.minutes} more minutes"
    if remedy.skills:
        return f"; {who} could, with the skill {', '.join(sorted(remedy.skills))}"
    if remedy.patch:
        return f"; {who} could, with the patch {remedy.patch}"
    if remedy.further_m:
        return f"; {who} could, if {remedy.further_m / 1000:.1f} km more were allowed"
    return f"; {who} could, at another time" if remedy.any_time else f"; {who} could"


def _write(out: Path, plan: "Plan", matrix: "Matrix", names: dict[str, str]) -> None:
    from geo.route_files import FileRound, FileStop, geojson, gpx

    row = {stop.id: i for i, stop in enumerate(plan.request.stops)}
    first = {one.id: len(row) + 2 * i for i, one in enumerate(plan.request.inspectors)}
    midnight = datetime.now(UTC).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    rounds = []
    for one in plan.routes:
        if not one.visits:
            continue
        chain = [first[one.inspector], *(row[visit.stop] for visit in one.visits), first[one.inspector] + 1]
        path = [place for a, b in pairwise(chain) for place in _way(matrix, a, b)]
        stops = [
            FileStop(
                number, names[visit.stop], matrix.lon[row[visit.stop]], matrix.lat[row[visit.stop]],
                midnight + timedelta(seconds=visit.arrive_s), midnight + timedelta(seconds=visit.leave_s),
                reference=visit.stop,
            )
            for number, visit in enumerate(one.visits, 1)
        ]  # fmt: skip
        person = next(p.name for p in plan.request.inspectors if p.id == one.inspector)
        rounds.append(FileRound(person, stops, path))
    content = gpx(rounds) if out.suffix.lower() == ".gpx" else geojson(rounds)
    draft = out.with_name(f".{out.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _way(matrix: "Matrix", i: int, j: int) -> list[list[float]]:
    """Positions from i to j; a straight line where a stop is reached on foot from another one."""
    try:
        return matrix.path(i, j).tolist()  # type: ignore[no-any-return]
    except ValueError:
        return [[matrix.lon[i], matrix.lat[i]], [matrix.lon[j], matrix.lat[j]]]


def _number(text: str, usual: float, path: Path, i: int, field: str) -> float:
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1440:
        raise UnusableOption(
            f"{path.name}, row {i + 1}: {field} must be a number from 0 to 1440, not {text[:40]}"
        )
    return value


def _window(opens: str, closes: str, path: Path, i: int) -> tuple[tuple[float, float], ...]:
    if not opens and not closes:
        return ()
    start = _clock(opens or "00:00", path, i, "opens")
    end = _clock(closes or "24:00", path, i, "closes")
    if end <= start:
        raise UnusableOption(f"{path.name}, row {i + 1}: it closes at {closes}, before it opens at {opens}")
    return ((start, end),)


def _span(text: str, path: Path, i: int, field: str) -> tuple[float, float]:
    parts = re.split(r"\s*[-–]\s*", text)
    if len(parts) != 2:
        raise UnusableOption(f"{path.name}, row {i + 1}: {field} must read 08:30-17:30, not {text[:40]}")
    start, end = (_clock(part, path, i, field) for part in parts)
    if end <= start:
        raise UnusableOption(f"{path.name}, row {i + 1}: {field} ends before it begins: {text[:40]}")
    return start, end


def _clock(text: str, path: Path, i: int, field: str) -> float:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise UnusableOption(
            f"{path.name}, row {i + 1}: {field} must be a time such as 08:30, not {text[:40]}"
        )
    return 3600.0 * int(found[1]) + 60.0 * int(found[2])


def _words(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in re.split(r"[,;，；、]", text) if part.strip())


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"

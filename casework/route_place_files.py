"""A file of places as stops of a plan: read by the bounded worker, each row taken or told why not."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import shapely

from casework import fields
from casework.errors import Refused, mark
from casework.file_worker import READER
from casework.import_areas import city_bounds
from casework.office import Office, the_city
from casework.policy import Act, Actor, require
from casework.route_picking import MOST_STOPS
from casework.route_places import MOST_PRIORITY, USUAL_PRIORITY
from casework.street_networks import current_network
from geo.coordinate_columns import found_column
from geo.crs import GEOD
from geo.inspection import Answers, Inspection
from geo.readers import ReadResult

MAX_BYTES: Final = 20 * 1024 * 1024
DATUMS: Final = ("wgs84", "gcj02", "bd09")
OUT_OF_THE_CITY_M: Final = 20_000
_TOLD_AT_MOST: Final = 200
_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "name": ("name", "名称", "名字", "title", "标题", "地点", "场所", "place", "单位", "address", "地址"),
    "minutes": ("minutes", "分钟", "停留分钟", "停留", "时长"),
    "hours": ("hours", "windows", "时段", "营业时间", "开放时间"),
    "opens": ("opens", "开门", "开始"), "closes": ("closes", "关门", "结束"),
    "priority": ("priority", "优先级"), "must": ("must", "必看", "必须"), "skills": ("skills", "技能", "资质"),
}  # fmt: skip
_YES: Final = frozenset({"1", "yes", "true", "y", "x", "是", "必须", "必看", "must", "√"})
_SPAN: Final = re.compile(r"\s*(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})\s*")


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say of a row (numbers from 1; None: of the file). ``taken``: the place is there all the same."""

    row: int | None
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    taken: bool = True


@dataclass(frozen=True, slots=True)
class PlacesRead:
    """Places as ``casework.route_places`` takes them, and what was found on the way."""

    places: list[dict[str, Any]]
    told: list[Told]
    datum: str


def read_places(
    office: Office, actor: Actor, stream: IO[bytes], filename: str, datum: str, layer: str | None = None
) -> PlacesRead:
    """The places of an uploaded file of any kind that we read; ``datum`` says what its degrees mean.

    Raises Refused for what cannot be read or holds more than MOST_STOPS places, TooManyAttempts, Forbidden.
    """
    require(actor, Act.PLAN_ROUTES)
    if datum and datum not in DATUMS:
        raise Refused(
            mark("%(field)s must be one of %(known)s"), {"field": "datum", "known": ", ".join(DATUMS)},
            field="datum",
        )  # fmt: skip
    seen = _inspected(office, stream, filename, Answers(datum=datum or None, layer=layer or None))
    if seen.refusal is not None:
        raise Refused(seen.refusal.message, seen.refusal.params, field="file")
    result = seen.result
    if result is None:
        raise Refused(mark("The file is empty."), field="file")
    if len(result.features) > MOST_STOPS:
        raise Refused(
            mark("%(count)s places are too many for one plan: at most %(most)s. Take a part of the file"),
            {"count": len(result.features), "most": MOST_STOPS}, field="file",
        )  # fmt: skip
    told = [Told(one.feature, one.message, one.params, taken=one.feature is None) for one in result.problems]
    places, rows = _places(result, told)
    _tell_far(office, places, rows, told)
    told.sort(key=lambda one: one.row or 0)
    return PlacesRead(places, told[:_TOLD_AT_MOST], datum or "wgs84")


def _inspected(office: Office, stream: IO[bytes], filename: str, answers: Answers) -> Inspection:
    work = office.settings.instance / "routes"
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    ending = re.sub(r"[^a-z0-9.]", "", Path(filename.lower()).suffix)[:12]
    with office.database.read() as session:
        near = city_bounds(session)
    with tempfile.TemporaryDirectory(prefix="places-", dir=work) as folder:
        path = Path(folder) / f"places{ending}"
        _keep(stream, path)
        return READER.inspect(path, answers, near, Path(folder))


def _keep(stream: IO[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > MAX_BYTES:
                raise Refused(
                    mark("The file is larger than %(mb)s MB"), {"mb": MAX_BYTES >> 20}, field="file"
                )
            file.write(chunk)
    if size == 0:
        raise Refused(mark("The file is empty."), field="file")


def _places(result: ReadResult, told: list[Told]) -> tuple[list[dict[str, Any]], list[int]]:
    """The rows as places, each once, with their numbers in the file."""
    table = result.features
    names = [str(name) for name in table.columns if name != table.geometry.name]
    columns = {key: found_column(names, known) for key, known in _NAMES.items()}
    first: dict[tuple[str, float, float], int] = {}
    places, rows = [], []
    texts = {key: table[name].tolist() for key, name in columns.items() if name is not None}
    for i, (number, shape) in enumerate(zip(table.index.tolist(), table.geometry, strict=True)):
        said = {key: _said(values[i]) for key, values in texts.items()}
        lon, lat = _point(shape, number, told)
        place = {"name": _name(said, number, told), "lon": lon, "lat": lat, **_wishes(said, number, told)}
        key = (place["name"], lon, lat)
        if key in first:
            told.append(
                Told(number, mark("It is the same place as row %(row)s: taken once"), {"row": first[key]})
            )
            continue
        first[key] = number
        places.append(place)
        rows.append(number)
    return places, rows


def _said(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _point(shape: Any, number: int, told: list[Told]) -> tuple[float, float]:
    if shape.geom_type != "Point":
        told.append(Told(number, mark("It is no point: a place in the middle of it is taken")))
        shape = shapely.point_on_surface(shape)
    return round(shape.x, 7), round(shape.y, 7)


def _name(said: Mapping[str, str], number: int, told: list[Told]) -> str:
    name = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", said.get("name", "")).strip()
    if len(name) > fields.MAX_LINE:
        told.append(
            Told(number, mark("Its name is long: cut at %(limit)s characters"), {"limit": fields.MAX_LINE})
        )
    return name[: fields.MAX_LINE] or str(number)


def _wishes(said: Mapping[str, str], number: int, told: list[Told]) -> dict[str, Any]:
    minutes = _number(said, "minutes", 0, 1440, number, told)
    priority = _number(said, "priority", 0, MOST_PRIORITY, number, told)
    skills = {part.strip()[:60] for part in re.split(r"[,;，；、]", said.get("skills", "")) if part.strip()}
    return {
        "service_s": None if minutes is None else round(minutes * 60),
        "priority": USUAL_PRIORITY if priority is None else int(priority),
        "must": said.get("must", "").casefold() in _YES, "skills": sorted(skills)[:20],
        "windows": _windows(said, number, told),
    }  # fmt: skip


def _number(
    said: Mapping[str, str], key: str, least: int, most: int, number: int, told: list[Told]
) -> float | None:
    text = said.get(key, "")
    if not text:
        return None
    try:
        value = fields.number(text, key)
    except Refused:
        value = -1.0
    if least <= value <= most:
        return value
    told.append(
        Told(
            number, mark("%(field)s must be a number from %(least)s to %(most)s, not %(value)s: left out"),
            {"field": key, "least": least, "most": most, "value": text[:40]},
        )
    )  # fmt: skip
    return None


def _windows(said: Mapping[str, str], number: int, told: list[Told]) -> list[list[int]]:
    text = said.get("hours", "")
    if not text and (said.get("opens") or said.get("closes")):
        text = f"{said.get('opens') or '00:00'}-{said.get('closes') or '24:00'}"
    found = []
    for part in (part for part in re.split(r"[;；,，]", text) if part.strip()):
        window = _window(part)
        if window is None:
            told.append(
                Told(
                    number,
                    mark("Its hours must read 08:00-10:30, not %(value)s: left out"),
                    {"value": part[:40]},
                )
            )
        elif window[1] <= window[0]:
            told.append(
                Told(
                    number,
                    mark("Its hours %(value)s end before they begin: left out"),
                    {"value": part.strip()[:40]},
                )
            )
        else:
            found.append(window)
    return sorted(found)[:12]


def _window(text: str) -> list[int] | None:
    """Seconds of the day of 08:00-10:30; None for what is no span of a day."""
    match = _SPAN.fullmatch(re.sub(r"(\d{1,2}[:：]\d{2}):\d{2}", r"\1", text))
    if match is None:
        return None
    h1, m1, h2, m2 = map(int, match.groups())
    seconds = [3600 * h1 + 60 * m1, 3600 * h2 + 60 * m2]
    return seconds if m1 < 60 and m2 < 60 and max(seconds) <= 86_400 else None


def _tell_far(
    office: Office, places: Sequence[Mapping[str, Any]], rows: Sequence[int], told: list[Told]
) -> None:
    """Say which places lie far from the city, or where no street leads."""
    if not places:
        return
    lon, lat = (np.array([place[key] for place in places], dtype=np.float64) for key in ("lon", "lat"))
    with office.database.read() as session:
        extent = the_city(session).extent
    nearest = shapely.get_coordinates(shapely.shortest_line(shapely.points(lon, lat), extent))[1::2]
    away_m = np.asarray(GEOD.inv(lon, lat, nearest[:, 0], nearest[:, 1])[2])
    far = away_m > OUT_OF_THE_CITY_M
    for i in np.flatnonzero(far).tolist():
        told.append(
            Told(
                rows[i], mark("It lies about %(km)s km from the city: is the coordinate system right?"),
                {"km": f"{away_m[i] / 1000:,.0f}"},
            )
        )  # fmt: skip
    found = current_network(office)
    if found is None:
        return
    from geo.roads import FARTHEST_M

    walk_m = found[1].snap(lon, lat, "foot").walk_m
    for i in np.flatnonzero((walk_m > FARTHEST_M) & ~far).tolist():
        told.append(
            Told(
                rows[i], mark("No street is within %(metres)s m of it: nobody would get there"),
                {"metres": round(FARTHEST_M)},
            )
        )  # fmt: skip

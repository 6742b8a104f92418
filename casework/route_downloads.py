"""A plan, or one person's round, as files to take along: GPX, GeoJSON, iCalendar."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from casework.errors import NotFound, Refused, mark
from casework.office import Office, the_city
from casework.policy import Act, Actor, may, require
from casework.route_plans import at_second, plan_of
from casework.route_view import described
from geo.route_files import FileRound, FileStop, geojson, gpx, ics

MEDIA: Final[Mapping[str, str]] = {
    "gpx": "application/gpx+xml",
    "geojson": "application/geo+json",
    "ics": "text/calendar; charset=utf-8",
}
_UNFIT: Final = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Download:
    """A file, and what it is called."""

    name: str
    media_type: str
    content: bytes


def download(
    office: Office, actor: Actor, plan_id: int, ending: str, inspector: object = None, day: object = None,
    lang: str = "zh",
) -> Download:  # fmt: skip
    """The rounds of a plan that somebody asks for; ``inspector`` (its id in the plan) and ``day`` narrow it down.

    Whoever may see plans gets any; somebody who walks gets one's own, of a plan that was sent. Raises Refused naming
    the field, NotFound where there is no such round, NotSignedIn, Forbidden.
    """
    sees_all = may(actor, Act.VIEW_ROUTES)
    if not sees_all:
        require(actor, Act.WALK_ROUND)
    if ending not in MEDIA:
        raise NotFound(mark("There is no such kind of file: gpx, geojson or ics"))
    with office.database.read() as session:
        plan = plan_of(session, plan_id)
        person, wanted = _person(inspector), _day(day)
        data = described(office, session, actor, plan)
        timezone = the_city(session).timezone
        sent = plan.sent_at is not None
    people = [one for one in data["inspectors"] if person in (None, one["id"])]
    if not sees_all:
        people = [one for one in people if sent and one["user_id"] == actor.user_id]
    rounds = _rounds(data, people, wanted, timezone, lang)
    if not rounds:
        raise NotFound(mark("There is no such round in this plan"), field="inspector")
    name = _name(data, people if person is not None or not sees_all else [], wanted, ending)
    return Download(name, MEDIA[ending], _written(ending, rounds, office.now()))


def _written(ending: str, rounds: Sequence[FileRound], now: datetime) -> bytes:
    if ending == "ics":
        return ics(rounds, now)
    return gpx(rounds) if ending == "gpx" else geojson(rounds)


def _rounds(
    data: Mapping[str, Any],
    people: Sequence[Mapping[str, Any]],
    wanted: date | None,
    timezone: str,
    lang: str,
) -> list[FileRound]:
    stops = {stop["id"]: stop for stop in data["stops"]}
    return [
        FileRound(
            f"{_called(person, lang)} {one['day']}",
            [
                _stop(number, stops[stop], date.fromisoformat(one["day"]), timezone)
                for number, stop in enumerate(one["stops"], 1)
            ],
            [place for leg in one["path"] for place in leg],
        )
        for person in people
        for one in person["rounds"]
        if wanted is None or one["day"] == wanted.isoformat()
    ]


def _stop(number: int, stop: Mapping[str, Any], day: date, timezone: str) -> FileStop:
    def moment(second: int | None) -> datetime | None:
        return None if second is None else at_second(day, second, timezone)

    finding = stop["finding"]
    return FileStop(
        number, stop["name"] or str(stop["id"]), stop["lon"], stop["lat"], moment(stop["arrive_s"]),
        moment(stop["leave_s"]), stop["place"], finding["number"] if finding else f"stop-{stop['id']}",
    )  # fmt: skip


def _called(person: Mapping[str, Any], lang: str) -> str:
    first, second = ("zh", "en") if lang == "zh" else ("en", "zh")
    return str(person[first] or person[second])


def _name(
    data: Mapping[str, Any], people: Sequence[Mapping[str, Any]], wanted: date | None, ending: str
) -> str:
    """What the file is called, in characters that every file system takes."""
    who = _called(people[0], "zh") if len(people) == 1 else ""
    day = wanted.isoformat() if wanted else data["plan"]["day"]
    parts = ["routes", day, str(data["plan"]["id"]), _UNFIT.sub("", who)[:40]]
    return "-".join(part for part in parts if part) + f".{ending}"


def _person(value: object) -> int | None:
    if value in (None, ""):
        return None
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refused(mark("There is no such person in this plan"), field="inspector")
    return int(text)


def _day(value: object) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Refused(mark("day must be a date such as 2026-09-03"), field="day") from None

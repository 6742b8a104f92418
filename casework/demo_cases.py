"""The story that the demo replays: the cases of `data/demo/cases.json`, turned into findings and photos."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from casework.assignment import Placement, place
from casework.demo_findings import Desk
from casework.demo_seeds import seed_json
from casework.demo_streets import Spot, on_street
from casework.demo_time import in_city
from casework.history import step
from casework.registration import Entry

# What a step of the story may say beside its words.
_SAID = ("bureau", "instead_of", "joint", "role", "punishment", "other")
CLOSING = ("closed", "declined", "cancelled", "duplicate")


@dataclass(frozen=True, slots=True)
class PlannedPhoto:
    """A photo to draw: which picture at which stage, and its facts. `taken_at` is aware."""

    kind: str
    picture: str
    stage: str
    taken_at: datetime
    user_id: int | None
    caption_zh: str = ""
    caption_en: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A finding of the story with its photos."""

    key: str
    entry: Entry
    photos: tuple[PlannedPhoto, ...]


def story(desk: Desk, as_of: date) -> list[Case]:
    """Return the story's cases, their days counted from `as_of`."""
    return [_case(desk, row, as_of) for row in seed_json("cases.json")]


def _case(desk: Desk, row: dict[str, Any], as_of: date) -> Case:
    spot = on_street(desk.streets, row["at"])
    at = place(desk.register.levels, spot.lon, spot.lat, desk.register.near_m)
    steps = _steps(desk, row, spot, at, as_of)
    statuses = [s["to_status"] for s in steps if s["to_status"]]
    entry = Entry(
        category_id=desk.seeds.categories[row["category"]],
        lon=spot.lon,
        lat=spot.lat,
        reported_at=steps[0]["at"],
        found_at=steps[0]["at"],
        steps=steps,
        status=statuses[-1],
        subject=row["subject"],
        place=row["place"],
        description=row["description"],
        closed_at=steps[-1]["at"] if statuses[-1] in CLOSING else None,
        reporter_id=steps[0]["user_id"],
        source=row["source"],
        bureau_id=_by_hand(desk, steps),
    )
    photos = [
        PlannedPhoto(
            kind=p["kind"],
            picture=p["picture"],
            stage=p["stage"],
            taken_at=_moment(as_of, p),
            user_id=desk.seeds.users[p["by"]],
            caption_zh=p["caption_zh"],
            caption_en=p["caption_en"],
        )
        for p in row["photos"]
    ]
    return Case(row["key"], entry, tuple(photos))


def _by_hand(desk: Desk, steps: list[dict[str, Any]]) -> int | None:
    """The bureau that a person named against the rule; None where the rule's has it."""
    last = next((one for one in reversed(steps) if one["act"] in ("dispatch", "refer")), None)
    if last is None or "instead_of" not in last["payload"]:
        return None
    return desk.seeds.bureaus[last["payload"]["bureau"]]


def _moment(as_of: date, row: dict[str, Any]) -> datetime:
    return in_city(datetime.combine(as_of + timedelta(days=row["day"]), time.fromisoformat(row["at"])))


def _steps(desk: Desk, row: dict[str, Any], spot: Spot, at: Placement, as_of: date) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    status: str | None = None
    for one in row["steps"]:
        payload: dict[str, Any] = {}
        if one["act"] == "report":
            payload = {"category": row["category"], "lon": spot.lon, "lat": spot.lat}
        elif one["act"] in ("dispatch", "refer") and "bureau" not in one:
            payload = desk.dispatch_payload(desk.seeds.categories[row["category"]], at)
        payload |= {name: one[name] for name in _SAID if name in one}
        steps.append(
            step(
                one["act"],
                _moment(as_of, one),
                from_status=status,
                to_status=one["to"],
                user_id=desk.seeds.users[one["by"]] if one["by"] else None,
                note=one.get("note"),
                payload=payload,
                salt=desk.salt(),
            )
        )
        status = one["to"] or status
    return steps

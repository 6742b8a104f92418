"""The demo city: Chengdong District of Xining with sample people and a few hundred findings around one day."""

import json
import random
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.demo_bulk import add_generated
from casework.demo_cases import PlannedPhoto, story
from casework.demo_drafts import plant_draft
from casework.demo_findings import Desk
from casework.demo_notices import share_places, tell_lately
from casework.demo_pictures import picture, picture_of
from casework.demo_plans import COUNTS, LOOKED_AT, Plan, Planner, limits_of
from casework.demo_roads import plant_roads
from casework.demo_rounds import plant_rounds
from casework.demo_seeds import TIMEZONE, Seeds, plant, seed_json
from casework.demo_streets import border_spots, load_streets
from casework.demo_ties import name_others, tie
from casework.demo_time import in_city
from casework.errors import Conflict, mark
from casework.founding import CATEGORIES
from casework.office import Office
from casework.passwords import DEMO_PASSWORD
from casework.photos import store_bytes
from casework.registration import Entry, Register
from casework.status import display_key
from db.models import City, Photo

__all__ = ["DEMO_PASSWORD", "load_demo"]

Progress = Callable[[int, int], None]
Pictures = Sequence[PlannedPhoto]
SEED = 630102
# Areas, people and accounts are older than the oldest generated finding.
SINCE = timedelta(days=800)
# What the findings on and beside borders are: they wait in triage, so they are not closed.
BORDER_CATEGORIES = ("0102", "0504", "0506", "0110", "0201", "0507", "0104", "0505", "0205")


def load_demo(office: Office, as_of: date, findings: int = 0, progress: Progress | None = None) -> None:
    """Load the demo city into an empty database, its dates counted from `as_of`.

    `findings` generated ones are added to the few hundred; `progress(done, total)` is called now and then. The
    same `as_of` gives the same rows, but for the hash of the password. A demo that is loaded already stays as it
    is. Raises Conflict when the installation holds a city of its own, or when findings are asked for and the demo
    is loaded already.
    """
    if _is_loaded(office, findings):
        return
    tell = progress or (lambda done, total: None)
    categories = json.loads(CATEGORIES.read_text(encoding="utf-8"))
    with office.database.write() as session:
        since = in_city(datetime.combine(as_of, time()) - SINCE)
        seeds = plant(session, as_of, since, office.settings.near_m)
        plant_roads(session, seed_json("backdrop.geojson")["features"], since)
        desk = _desk(office, session, seeds, as_of)
        _record(office, desk, as_of, categories)
        tell_lately(office, desk, as_of)
        plant_draft(session, seeds, as_of)
        plant_rounds(session, seeds, as_of)
    if not findings:
        tell(1, 1)
    add_generated(office, desk, as_of, findings, categories, tell)


def _is_loaded(office: Office, findings: int) -> bool:
    with office.database.read() as session:
        city = session.scalars(select(City).limit(1)).first()
    if city is None or not city.is_demo:
        return False
    if findings:
        raise Conflict(mark("The demo city is loaded already: more findings need another INSTANCE folder"))
    return True


def _desk(office: Office, session: Session, seeds: Seeds, as_of: date) -> Desk:
    beats = {
        str(seeds.areas[area]): user["username"]
        for user in seed_json("people.json")["users"]
        if user["role"] == "inspector"
        for area in user["areas"]
    }
    return Desk(
        register=Register(session, TIMEZONE, office.settings.near_m),
        seeds=seeds,
        streets=load_streets(seed_json("backdrop.geojson")["features"], seeds),
        texts=seed_json("texts.json"),
        # A demo is drawn by lot on purpose, and the same lot for the same day.
        rng=random.Random(f"{SEED}:{as_of.isoformat()}"),  # noqa: S311
        last_moment=datetime.combine(as_of - timedelta(days=1), time(18)),
        beats=beats,
    )


def _record(office: Office, desk: Desk, as_of: date, categories: list[dict[str, Any]]) -> None:
    """Put the story and the drawn findings on record, in the order of their reports, with their photos."""
    cases = story(desk, as_of)
    recorded: list[tuple[Entry, Pictures]] = [(case.entry, case.photos) for case in cases]
    limits = limits_of(categories)
    weights = {code: float(one["weight"]) for code, one in desk.texts["categories"].items()}
    planner = Planner(desk.rng, as_of, limits, weights)
    borders = border_spots(desk.seeds, desk.streets, desk.register.near_m)
    waiting = [
        Plan(category, "reported", planner.reported_on(1 + i % 3), None)
        for i, category in zip(range(len(borders)), BORDER_CATEGORIES, strict=False)
    ]
    recorded += [(entry, ()) for entry in desk.entries(waiting, borders[: len(waiting)])]
    looked_at = in_city(datetime.combine(as_of, LOOKED_AT))
    entries = [entry for entry, _ in recorded]
    clocks = desk.register.clocks(entries)
    shown = Tally(
        display_key(one.status, clock.due_at, looked_at) for one, clock in zip(entries, clocks, strict=True)
    )
    plans = planner.plans({key: count - shown[key] for key, count in COUNTS.items()})
    drawn = desk.entries(plans, share_places(plans, desk.spots(len(plans))))
    recorded += [(entry, _photos(desk, plan, entry)) for plan, entry in zip(plans, drawn, strict=True)]
    recorded.sort(key=lambda pair: (pair[0].reported_at, pair[0].place, pair[0].lon))
    keys, in_order = {case.key: case.entry for case in cases}, [entry for entry, _ in recorded]
    named = name_others(in_order, keys, TIMEZONE)
    ids = [identity for identity, _ in desk.register.add(in_order)]
    tie(
        desk.register.session, keys, named, {id(entry): one for entry, one in zip(in_order, ids, strict=True)}
    )
    _store_photos(office, desk.register.session, ids, recorded)


def _photos(desk: Desk, plan: Plan, entry: Entry) -> Pictures:
    """Half of the findings have a photo from the report; those handled also one of the result."""
    if desk.rng.random() < 0.45:
        return ()
    name = picture_of(plan.category)
    photos = [PlannedPhoto("before", name, "before", entry.reported_at, entry.reporter_id)]
    handled = next((s for s in entry.steps if s["act"] == "handle"), None)
    if handled:
        stage = "during" if plan.status == "reopened" else "after"
        photos.append(PlannedPhoto(stage, name, stage, handled["at"], handled["user_id"]))
    return photos


def _store_photos(
    office: Office, session: Session, ids: Sequence[int], recorded: Sequence[tuple[Entry, Pictures]]
) -> None:
    rows = []
    for identity, (entry, photos) in zip(ids, recorded, strict=True):
        for photo in photos:
            # The story has its own drawings; the others share one variant of each.
            content = picture(photo.picture, photo.stage, 0 if photo.caption_zh else 1)
            rows.append(
                {
                    "finding_id": identity,
                    "kind": photo.kind,
                    "media_type": "image/jpeg",
                    "size_bytes": len(content),
                    "sha256": store_bytes(office, content),
                    "width": 640,
                    "height": 480,
                    "taken_at": photo.taken_at,
                    "lon": round(
                        entry.lon + (identity * 37 % 41 - 20) * 8e-6, 7
                    ),  # as phones do: metres away
                    "lat": round(entry.lat + (identity * 53 % 31 - 15) * 8e-6, 7),
                    "caption_zh": photo.caption_zh,
                    "caption_en": photo.caption_en,
                    "created_at": photo.taken_at,
                    "created_by": photo.user_id,
                }
            )
    session.execute(insert(Photo), rows)

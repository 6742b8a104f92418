"""A city in which every text that a person may write is an attack on templates, scripts or markup."""

from dataclasses import dataclass
from datetime import timedelta

import shapely
from sqlalchemy import select

from casework import areas, drafts, drafts_comments
from casework.accounts import create_user
from casework.findings import report
from casework.history import append, step
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.route_plans import at_second, new_plan
from casework.webhooks import add_webhook
from db.models import (
    Area,
    AreaContact,
    AreaPerson,
    Bureau,
    Category,
    City,
    Delivery,
    Notice,
    Person,
    RouteInspector,
    RoutePlan,
    RouteStop,
    RoutingRule,
    User,
)
from tests.factories.city import NOW

PASSWORD = "korrekt pferd batterie"
SUM = "51724681"  # what 7193*7191 - 182 comes to: only whoever calculated it can print it
TEXTS = (
    "{{ 7193*7191 - 182 }}",
    "{% for x in [1] %}{{ 7193*7191 - 182 }}{% endfor %}",
    "{{ lipsum.__globals__.os.getpid() }}",
    "{{ x",
    "{%",
    "{# not a comment",
    "${7193*7191 - 182}",
    "`;window.attacked=1;`",
    "<img src=x onerror=window.attacked=1>",
    "</script><script>window.attacked=1</script>",
    "\"'><svg onload=window.attacked=1>",
    "javascript:window.attacked=1",
    "<!--<script>window.attacked=1",
    "%(name)s %s {name}",
    "]]>&lt;b&gt;&#x27;\\u003cb\\u003e",
    "😀 𠮷 \u202eabc\u202c",
)


@dataclass(frozen=True)
class HostileCity:
    """The findings made, one for each text."""

    findings: dict[str, int]
    patch_codes: dict[str, str]


def hostile_city(office: Office) -> HostileCity:
    """A city of one strip a text: patch, category, bureau, leader and finding all bear that text."""
    wide = 0.01
    whole = shapely.box(101.0, 36.0, 101.0 + wide * len(TEXTS), 36.1)
    with office.database.write() as session:
        session.add(City(name_zh="西宁" + TEXTS[0], name_en="Xining" + TEXTS[8], extent=whole, is_demo=True))
        level = areas.ensure_level(session, "patch", "片区" + TEXTS[0], "Patch" + TEXTS[9])
        new = []
        for i, text in enumerate(TEXTS):
            bureau = Bureau(code=f"B{i:02}", name_zh=text, name_en=text, short_zh=text, short_en=text)
            category = Category(
                code=f"{i:02}", name_zh=text, name_en=text, limit_value=1, limit_unit="calendar_day"
            )
            session.add_all([bureau, category])
            session.flush()
            session.add(
                RoutingRule(code=f"R-{i:02}", category_id=category.id, bureau_id=bureau.id, note=text)
            )
            strip = shapely.box(101.0 + wide * i, 36.0, 101.0 + wide * (i + 1), 36.1)
            new.append(areas.NewArea(f"P{i:02}", text, text, shapely.set_precision(strip, 1e-7), drawn=True))
        areas.publish(session, level, new, NOW, near_m=office.settings.near_m, note=TEXTS[0])
        for i, text in enumerate(TEXTS):
            person = Person(name_zh=text, name_en=text, title_zh=text, title_en=text)
            session.add(person)
            session.flush()
            area = session.scalars(select(Area).where(Area.code == f"P{i:02}")).one()
            session.add(AreaPerson(area_id=area.id, person_id=person.id, duty="leader", valid_from=NOW))
            session.add(AreaContact(area_id=area.id, kind="other", name=text, note=text, valid_from=NOW))
    findings = {text: _reported(office, i, text) for i, text in enumerate(TEXTS)}
    create_user(office, SYSTEM, "hostile-admin", "administrator", PASSWORD)
    with office.database.write() as session:
        user = session.scalars(select(User)).one()
        person = Person(name_zh=TEXTS[8], name_en=TEXTS[8])
        session.add(person)
        session.flush()
        user.person_id = person.id
        actor = Actor(role="administrator", user_id=user.id)
    _drafted(office, actor)
    _sent_out(office)
    _told(office, actor, findings[TEXTS[0]])
    return HostileCity(findings, {text: f"P{i:02}" for i, text in enumerate(TEXTS)})


def _drafted(office: Office, actor: Actor) -> None:
    """A draft, shared, whose title, note, new area and comments attack, and another that bears a text each."""
    draft = drafts.create(office, actor, ["patch"], TEXTS[0], note=TEXTS[1])
    ring = [[101.001, 36.01], [101.004, 36.01], [101.004, 36.03], [101.001, 36.01]]
    change = {
        "key": "n1", "geometry": {"type": "Polygon", "coordinates": [ring]}, "name_zh": TEXTS[2][:200],
        "name_en": TEXTS[3][:200],
    }  # fmt: skip
    drafts.save_shapes(office, actor, draft, 1, [change])
    drafts.share(office, actor, draft, on=True)
    for i, text in enumerate(TEXTS):
        drafts_comments.comment(office, actor, draft, {"text": text, "lon": 101.005 + 0.01 * i, "lat": 36.05})
        drafts.create(office, actor, ["patch"], text)


def _sent_out(office: Office) -> None:
    """A plan that was sent, with a stop of each text, walked by somebody who bears one, on the day of NOW."""
    user_id = create_user(office, SYSTEM, "hostile-inspector", "inspector", PASSWORD)
    with office.database.write() as session:
        person = Person(name_zh=TEXTS[0], name_en=TEXTS[0])
        session.add(person)
        session.flush()
        session.get_one(User, user_id).person_id = person.id
    places = [{"name": text, "lon": 101.005 + 0.01 * i, "lat": 36.05} for i, text in enumerate(TEXTS)]
    day = NOW.date()
    asked = {
        "day": day.isoformat(),
        "title": TEXTS[0],
        "places": places,
        "inspectors": [{"user_id": user_id}],
    }
    plan_id = new_plan(office, SYSTEM, asked)
    with office.database.write() as session:
        plan = session.get_one(RoutePlan, plan_id)
        plan.status, plan.sent_at = "sent", NOW
        walker = session.scalars(select(RouteInspector).where(RouteInspector.plan_id == plan_id)).one()
        stops = session.scalars(select(RouteStop).where(RouteStop.plan_id == plan_id).order_by(RouteStop.id))
        for i, stop in enumerate(stops):
            stop.inspector_id, stop.day, stop.position, stop.note = walker.id, day, i, TEXTS[i]
            stop.arrive_at = stop.start_at = at_second(day, 9 * 3600 + 1200 * i, "Asia/Shanghai")
            stop.leave_at = stop.arrive_at + timedelta(seconds=stop.service_s)


def _told(office: Office, actor: Actor, finding_id: int) -> None:
    """A webhook of that name, and a notice of the first finding for the administrator."""
    values = {
        "name": TEXTS[0],
        "url": "https://a.example/hook",
        "form": "json",
        "secret": TEXTS[0],
        "lang": "zh",
    }
    add_webhook(office, actor, values, ["mine"])
    with office.database.write() as session:
        session.add(
            Notice(
                user_id=actor.user_id,
                finding_id=finding_id,
                kind="mine",
                occasion="1",
                facts={"act": "file"},
                at=NOW,
            )
        )
        session.add(
            Delivery(
                channel="webhook", webhook_id=1, kind="file", finding_id=finding_id, status="given_up", tries=1,
                created_at=NOW, ended_at=NOW, answer=TEXTS[9], last_error="no connection",
                payload={"log": [{"at": NOW.isoformat(), "ok": False, "error": "no connection", "answer": TEXTS[9]}]},
            )
        )  # fmt: skip


def _reported(office: Office, i: int, text: str) -> int:
    """A finding on the border to the next strip, so that triage shows it too."""
    form = {
        "category": f"{i:02}", "lon": round(101.0 + 0.01 * (i + 1), 7), "lat": 36.05,
        "description": f"{text} desc", "subject": f"{text} subj", "place": f"{text} place",
    }  # fmt: skip
    finding_id = report(office, Actor(role="inspector"), form).finding_id
    with office.database.write() as session:
        append(
            session,
            finding_id,
            step("file", NOW, from_status="reported", to_status="filed", note=f"{text} note"),
        )
    return finding_id

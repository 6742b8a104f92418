"""Who is responsible on pages: the whole tree, the people and contacts of one area, a leader's card."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework import duties, responsibility_contacts
from casework.policy import Act
from casework.responsibility import area_people_page, responsibility_page
from casework.responsibility_card import LeaderCard, leader_card
from web import case_words, context, i18n, minimap
from web.desk import moved, spark
from web.settings.frame import Tried, fresh, refused, tried, typed

blueprint = Blueprint("responsibility", __name__)

DUTIES: Final = {"leader": _l("Leader"), "member": _l("Member"), "director": _l("Director")}
CONTACTS: Final = {
    "community": _l("Community office"),
    "street": _l("Sub-district office"),
    "other": _l("Other contact"),
}
_CARD_PX: Final = 340
_DIALLED: Final = re.compile(r"[^0-9+*#]")
_EXTENSION: Final = re.compile(r"转|[;,xX]|ext")


@blueprint.get("/areas/responsibility")
def tree() -> ResponseReturnValue:
    """The whole tree with its people, contacts and open findings; ``search`` looks in it."""
    page = responsibility_page(
        context.office(), context.actor(), request.args.get("search", "").strip()[:100]
    )
    return _rendered("tree", page=page)


@blueprint.get("/areas/leaders/<int:person_id>")
def leader(person_id: int) -> ResponseReturnValue:
    """A leader's card."""
    card = leader_card(context.office(), context.actor(), person_id)
    drawn = None
    if card.around is not None:
        looks = {one.held.area_id: "mark" for one in card.led}
        drawn = minimap.sketch(
            card.around, _CARD_PX, look=looks, streets=card.around.box.width_m < 6000,
            href=lambda one: url_for("areas.show", code=one.code, level=card.drawn_level),
        )  # fmt: skip
    return _rendered("leader", card=card, map=drawn, bars=_bars(card), spark=spark, moved=moved)


@blueprint.get("/areas/<code>/people")
def people(code: str) -> ResponseReturnValue:
    """Who answers for one area and whom to call; who may, changes it here."""
    return _people(code)


@blueprint.post("/areas/<code>/people")
def assign(code: str) -> ResponseReturnValue:
    """Give somebody a duty in this area."""
    values = typed("person", "duty", "day", "until")
    trial = tried(
        lambda: duties.give_duty(
            context.office(), context.actor(), _number(values["person"]), values["duty"], _key(code),
            values["day"], values["until"],
        ),
        fields=("person", "duty", "day", "until", "area"),
    )  # fmt: skip
    if not trial.ok or trial.result is None:
        if "area" in trial.faults:  # the form has no such field: it says who has the duty already
            trial.faults["person"] = trial.faults.pop("area")
        return _people(code, trial, "assign", values)
    message = _("The duty is given")
    if trial.result.instead_of:
        zh, en = trial.result.instead_of
        more = _("That of %(name)s ends with it", name=zh if i18n.lang() == "zh" else en)
        message = _("%(what)s. %(more)s", what=message, more=more)
    return _back(code, message)


@blueprint.post("/areas/<code>/people/<int:duty_id>/end")
def end(code: str, duty_id: int) -> ResponseReturnValue:
    """End a duty, now or with a last day."""
    person = _number(request.form.get("person", ""))
    return _done(
        code,
        lambda: duties.end_duty(
            context.office(), context.actor(), person, duty_id, request.form.get("until", "")
        ),
        _("The end of the duty is set") if request.form.get("until") else _("The duty has ended"),
    )


@blueprint.post("/areas/<code>/contacts")
def add_contact(code: str) -> ResponseReturnValue:
    """Put a contact on this area."""
    values = typed("kind", "name", "phone", "note", "day")
    trial = tried(
        lambda: responsibility_contacts.add_contact(context.office(), context.actor(), _key(code), values),
        fields=tuple(values),
    )
    if not trial.ok:
        return _people(code, trial, "contact", values)
    return _back(code, _("The contact is added"))


@blueprint.post("/areas/<code>/contacts/<int:contact_id>")
def change_contact(code: str, contact_id: int) -> ResponseReturnValue:
    """Put another line in a contact's place; the old one is kept."""
    values = typed("kind", "name", "phone", "note")
    trial = tried(
        lambda: responsibility_contacts.change_contact(
            context.office(), context.actor(), _key(code), contact_id, values, request.form.get("seen", "")
        ),
        fields=tuple(values),
    )
    if not trial.ok:
        return _people(code, trial, f"contact{contact_id}", values)
    return _back(code, _("Saved; what it said before is kept below"))


@blueprint.post("/areas/<code>/contacts/<int:contact_id>/end")
def end_contact(code: str, contact_id: int) -> ResponseReturnValue:
    """End a contact, now or with a last day."""
    until = request.form.get("until", "")
    return _done(
        code,
        lambda: responsibility_contacts.end_contact(
            context.office(), context.actor(), _key(code), contact_id, until
        ),
        _("The end of the contact is set") if until else _("The contact has ended"),
    )


def dialled(phone: str) -> str:
    """A written phone number as a tel: address: 0971-817 6543 转 2 becomes tel:09718176543;ext=2."""
    number, *rest = _EXTENSION.split(phone, maxsplit=1)
    digits, extension = _DIALLED.sub("", number), _DIALLED.sub("", rest[0]) if rest else ""
    return f"tel:{digits}" + (f";ext={extension}" if extension else "") if digits else ""


def duty_word(key: str) -> str:
    """A duty's name."""
    return str(DUTIES.get(key, key))


def contact_word(kind: str) -> str:
    """Whose contact it is."""
    return str(CONTACTS.get(kind, kind))


def since(held: Any) -> str:
    """From when to when something counts, in words: since 1 Jun, from 1 Oct, until 30 Sep."""
    first = i18n.fmt_day(held.valid_from)
    if held.never_began:
        return _("was to begin %(day)s, taken back", day=first)
    if held.state == "past":
        return f"{first} – {last_day(held)}"
    begun = _("from %(day)s", day=first) if held.state == "later" else _("since %(day)s", day=first)
    return begun + (_(", until %(day)s", day=last_day(held)) if held.valid_to else "")


def last_day(held: Any) -> str:
    """The last day of something that ends: midnight belongs to the day before."""
    return i18n.fmt_day(held.valid_to - timedelta(microseconds=1)) if held.valid_to else ""


def words() -> Mapping[str, Any]:
    """What the templates of people and contacts say things with."""
    return {
        "dialled": dialled, "duty_word": duty_word, "contact_word": contact_word, "since": since,
        "last_day": last_day, "words": case_words,
    }  # fmt: skip


def _rendered(template: str, status: int = 200, **more: Any) -> ResponseReturnValue:
    return make_response(render_template(f"responsibility/{template}.html", **words(), **more), status)


def _people(
    code: str, trial: Tried[Any] | None = None, at: str = "", values: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    trial = trial or fresh()
    page = area_people_page(context.office(), context.actor(), code, request.args.get("level", ""))
    return _rendered(
        "people", trial.status, page=page, trial=trial, at=at, values=values or {},
        duties=[(key, str(word)) for key, word in DUTIES.items()],
        kinds=[(key, str(word)) for key, word in CONTACTS.items()],
        people=[(str(one.id), _titled(one)) for one in page.people],
        phones=context.may(Act.VIEW_CASE), manages=context.may(Act.MANAGE_AREA_PEOPLE),
    )  # fmt: skip


def _titled(person: Any) -> str:
    title = i18n.local(person, "title")
    return i18n.local(person, "name") + (f" · {title}" if title else "")


def _key(code: str) -> str:
    """The area of the address as use cases name it; raises NotFound."""
    return area_people_page(context.office(), context.actor(), code, request.args.get("level", "")).key


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _back(code: str, message: str) -> ResponseReturnValue:
    flash(message, "info")
    return redirect(url_for("responsibility.people", code=code, level=request.args.get("level") or None), 303)


def _done(code: str, action: Callable[[], None], message: str) -> ResponseReturnValue:
    trial = tried(action)
    if trial.ok:
        return _back(code, message)
    return refused(
        url_for("responsibility.people", code=code, level=request.args.get("level") or None), trial
    )


def _bars(card: LeaderCard) -> list[dict[str, Any]]:
    """The weeks as columns of a chart 40 high: late ones stand on top."""
    most = max((week.in_time + week.late for week in card.weeks), default=0) or 1
    return [
        {
            "first": week.first, "in_time": week.in_time, "late": week.late,
            "h_in_time": round(week.in_time * 40 / most, 1), "h_late": round(week.late * 40 / most, 1),
        }
        for week in card.weeks
    ]  # fmt: skip

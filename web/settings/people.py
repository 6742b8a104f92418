"""People, their accounts and duties on pages."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import duties, people, people_accounts
from casework.area_choices import area_choices
from casework.passwords import MIN_LENGTH
from casework.people import PersonLine
from casework.people_accounts import Added
from casework.policy import Act
from web import context, i18n
from web.roles import WORDS
from web.settings import words
from web.settings.frame import (
    Tried,
    blueprint,
    bureau_options,
    done,
    fresh,
    refused,
    secret_page,
    show,
    tried,
    typed,
)

_PERSON = ("name_zh", "name_en", "title_zh", "title_en", "phone", "bureau")
_ACCOUNT = ("username", "role", "bureau", "password")


@blueprint.get("/people", endpoint="people")
def list_() -> ResponseReturnValue:
    """All people and accounts; ``q`` searches, ``show`` keeps accounts, people without one, or those who left."""
    context.require(Act.MANAGE_PEOPLE)
    query, kind = request.args.get("q", "").strip(), request.args.get("show", "")
    lines = people.list_people(context.office(), context.actor(), query=query)
    kept = {
        "accounts": [one for one in lines if one.is_open],
        "others": [one for one in lines if not one.accounts and one.retired_at is None],
        "left": [one for one in lines if one.retired_at or (one.accounts and not one.is_open)],
    }
    return show(
        "people", lines=kept.get(kind, lines), q=query, kind=kind if kind in kept else "", total=len(lines),
        counts={key: len(found) for key, found in kept.items()}, bureau_names=dict(bureau_options()),
    )  # fmt: skip


@blueprint.get("/people/new", endpoint="person_new")
def new() -> ResponseReturnValue:
    """The form of a new person."""
    context.require(Act.MANAGE_PEOPLE)
    return _new_page({}, [], fresh())


@blueprint.post("/people/new", endpoint="person_add")
def add() -> ResponseReturnValue:
    """Add a person, with an account when a user name is given."""
    values, areas = typed(*_PERSON, "username", "role", "password"), request.form.getlist("areas")
    trial = tried(
        lambda: people.add_person(context.office(), context.actor(), values, areas),
        fields=(*_PERSON, *_ACCOUNT, "areas"),
    )
    if not trial.ok or trial.result is None:
        return _new_page(values, areas, trial)
    return _added(trial.result, values["name_zh"])


@blueprint.get("/people/<int:person_id>", endpoint="person")
def edit(person_id: int) -> ResponseReturnValue:
    """One person: names, account, duties."""
    context.require(Act.MANAGE_PEOPLE)
    return _page(people.one_person(context.office(), context.actor(), person_id))


@blueprint.post("/people/<int:person_id>", endpoint="person_save")
def save(person_id: int) -> ResponseReturnValue:
    """Change names, titles, phone, bureau."""
    values, seen = typed(*_PERSON), request.form.get("seen", "")
    trial = tried(
        lambda: people.change_person(context.office(), context.actor(), person_id, values, seen),
        fields=_PERSON,
    )
    if not trial.ok:
        return _page(people.one_person(context.office(), context.actor(), person_id), trial, "person", values)
    return done(url_for("settings.person", person_id=person_id), _("Saved"))


@blueprint.post("/people/<int:person_id>/retire", endpoint="person_retire")
def retire(person_id: int) -> ResponseReturnValue:
    """A person works here no more."""
    trial = tried(lambda: people.retire_person(context.office(), context.actor(), person_id))
    back = url_for("settings.person", person_id=person_id)
    if not trial.ok or trial.result is None:
        return refused(back, trial)
    ended = ngettext("%(num)s duty ended", "%(num)s duties ended", trial.result)
    return done(back, _("%(what)s. %(more)s", what=_("The person works here no more"), more=ended))


@blueprint.post("/people/<int:person_id>/restore", endpoint="person_restore")
def restore(person_id: int) -> ResponseReturnValue:
    """A person works here again."""
    trial = tried(lambda: people.restore_person(context.office(), context.actor(), person_id))
    back = url_for("settings.person", person_id=person_id)
    return done(back, _("The person works here again")) if trial.ok else refused(back, trial)


@blueprint.post("/people/<int:person_id>/account", endpoint="person_account")
def add_account(person_id: int) -> ResponseReturnValue:
    """Give a person an account."""
    values, areas = typed(*_ACCOUNT), request.form.getlist("areas")
    trial = tried(
        lambda: people_accounts.add_account(context.office(), context.actor(), person_id, values, areas),
        fields=(*_ACCOUNT, "areas"),
    )
    line = people.one_person(context.office(), context.actor(), person_id)
    if not trial.ok or trial.result is None:
        return _page(line, trial, "account", {**values, "areas": areas})
    return _added(trial.result, i18n.local(line, "name"))


@blueprint.post("/people/<int:person_id>/duties", endpoint="person_duty")
def give_duty(person_id: int) -> ResponseReturnValue:
    """Let a person answer for an area."""
    values = typed("duty", "area", "day")
    trial = tried(
        lambda: duties.give_duty(
            context.office(), context.actor(), person_id, values["duty"], values["area"], values["day"]
        ),
        fields=("duty", "area", "day"),
    )
    if not trial.ok or trial.result is None:
        return _page(people.one_person(context.office(), context.actor(), person_id), trial, "duty", values)
    message = _("The duty is given")
    if trial.result.instead_of:
        zh, en = trial.result.instead_of
        message = _(
            "%(what)s. %(more)s",
            what=message,
            more=_("That of %(name)s ends with it", name=zh if i18n.lang() == "zh" else en),
        )
    return done(url_for("settings.person", person_id=person_id), message)


@blueprint.post("/people/<int:person_id>/duties/<int:duty_id>/end", endpoint="person_duty_end")
def end_duty(person_id: int, duty_id: int) -> ResponseReturnValue:
    """End a duty."""
    trial = tried(lambda: duties.end_duty(context.office(), context.actor(), person_id, duty_id))
    back = url_for("settings.person", person_id=person_id)
    return done(back, _("The duty has ended")) if trial.ok else refused(back, trial)


@blueprint.get("/accounts/<int:user_id>", endpoint="person_of_account")
def account(user_id: int) -> ResponseReturnValue:
    """An account, on its person's page where there is one."""
    context.require(Act.MANAGE_PEOPLE)
    return _page(people.one_account(context.office(), context.actor(), user_id))


@blueprint.post("/accounts/<int:user_id>", endpoint="person_account_save")
def save_account(user_id: int) -> ResponseReturnValue:
    """Change role, bureau, areas."""
    values, areas = typed("role", "bureau"), request.form.getlist("areas")
    seen = request.form.get("seen", "")
    trial = tried(
        lambda: people_accounts.change_account(
            context.office(), context.actor(), user_id, values["role"], values["bureau"], areas, seen
        ),
        fields=("role", "bureau", "areas"),
    )
    if not trial.ok:
        line = people.one_account(context.office(), context.actor(), user_id)
        return _page(line, trial, f"account{user_id}", {**values, "areas": areas})
    return done(_of_account(user_id), _("Saved. It counts from their next click"))


@blueprint.post("/accounts/<int:user_id>/close", endpoint="person_account_close")
def close_account(user_id: int) -> ResponseReturnValue:
    """Close an account."""
    trial = tried(lambda: people_accounts.close_account(context.office(), context.actor(), user_id))
    if not trial.ok:
        return refused(_of_account(user_id), trial)
    return done(_of_account(user_id), _("The account is closed; its sessions have ended"))


@blueprint.post("/accounts/<int:user_id>/reopen", endpoint="person_account_reopen")
def reopen_account(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    trial = tried(lambda: people_accounts.reopen_account(context.office(), context.actor(), user_id))
    if not trial.ok:
        return refused(_of_account(user_id), trial)
    return done(_of_account(user_id), _("The account is open again"))


@blueprint.post("/accounts/<int:user_id>/password", endpoint="person_password")
def reset_password(user_id: int) -> ResponseReturnValue:
    """Give an account another password, and show it once."""
    at_work, who = context.office(), context.actor()
    trial = tried(
        lambda: people_accounts.reset_password(at_work, who, user_id, request.form.get("password", "")),
        fields=("password",),
    )
    line = people.one_account(at_work, who, user_id)
    if not trial.ok or trial.result is None:
        return _page(line, trial, f"password{user_id}")
    username = next(one.username for one in line.accounts if one.id == user_id)
    return secret_page(
        _("The new password"), trial.result, _sessions_ended(), _of_account(user_id), username=username
    )


def _sessions_ended() -> str:
    return _(
        "All sessions of this account have ended. Tell it to its owner, who changes it under “My account”."
    )


def _added(added: Added, name: str) -> ResponseReturnValue:
    back = url_for("settings.person", person_id=added.person_id)
    if not added.password:
        return done(back, _("%(name)s was added", name=name))
    hint = _("Tell it to its owner, who changes it under “My account”. It cannot be shown again.")
    return secret_page(_("The new password"), added.password, hint, back, username=added.username)


def _of_account(user_id: int) -> str:
    return url_for("settings.person_of_account", user_id=user_id)


def _new_page(values: dict[str, str], areas: list[str], trial: Tried[Any]) -> Response:
    return show("person_new", trial, values=values, chosen=areas, **_choices())


def _page(
    line: PersonLine,
    trial: Tried[Any] | None = None,
    at: str = "",
    values: Mapping[str, object] | None = None,
) -> Response:
    """The page of a person. ``at`` names the form that ``trial`` and the typed ``values`` belong to."""
    held = duties.duties_of(context.office(), context.actor(), line.id) if line.id is not None else []
    return show("person", trial, line=line, at=at, values=values or {}, held=held, **_choices())


def _choices() -> dict[str, object]:
    return {
        "levels": area_choices(context.office()),
        "options": bureau_options(),
        "roles": [(key, str(word)) for key, word in WORDS.items()],
        "duties": [(key, str(word)) for key, word in words.DUTIES.items()],
        "min_length": MIN_LENGTH,
    }

"""The frame of all settings pages: their addresses, their menu, and what a form says when it is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.errors import CaseworkError, Conflict, Refusals, Refused
from casework.listings import bureaus
from casework.map_names import Named
from web import case_words, context, i18n
from web.settings import words

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

# (endpoint, how its endpoints begin, title, icon)
SECTIONS: Final = (
    ("settings.people", ("people", "person"), _l("People and accounts"), "users"),
    ("settings.bureaus", ("bureau",), _l("Bureaus"), "building-2"),
    ("settings.categories", ("categor",), _l("Categories"), "tag"),
    ("settings.deadlines", ("deadline",), _l("Deadlines and days off"), "calendar-clock"),
    ("settings.rules", ("rule",), _l("Routing rules"), "route"),
    ("settings.levels", ("level",), _l("Levels of areas"), "layers"),
    ("settings.city", ("city",), _l("City and map"), "landmark"),
    ("settings.streets", ("street",), _l("Streets for rounds"), "waypoints"),
    ("settings.tracks", ("track",), _l("Recorded positions"), "footprints"),
    ("settings.papers", ("paper",), _l("Papers"), "file-text"),
    ("settings.messages", ("message",), _l("Mail and webhooks"), "send"),
    ("settings.keys", ("key",), _l("Keys for programs"), "key-round"),
)
LABELS: Final = {
    "name_zh": _l("Chinese name"), "name_en": _l("English name"), "short_zh": _l("Short Chinese name"),
    "short_en": _l("Short English name"), "title_zh": _l("Chinese title"), "title_en": _l("English title"),
    "code": _l("Code"), "phone": _l("Phone"), "note": _l("Note"), "username": _l("User name"),
    "password": _l("Password"), "timezone": _l("Time zone"), "limit_value": _l("Time limit"), "parent": _l("Parent"),
    "name": _l("Name"), "day": _l("Day"), "url": _l("Address"), "attribution": _l("Credit"),
    "max_zoom": _l("Deepest zoom"), "secret": _l("Secret"),
}  # fmt: skip
T = TypeVar("T")


@dataclass(slots=True)
class Tried(Generic[T]):
    """What came of a form: a result, or faults by field; ``said`` is what belongs to no field of the form."""

    result: T | None = None
    ok: bool = True
    status: int = 200
    faults: dict[str, str] = field(default_factory=dict)
    said: str = ""
    is_stale: bool = False
    params: dict[str, object] = field(default_factory=dict)


def tried(action: Callable[[], T], *, fields: tuple[str, ...] = ()) -> Tried[T]:
    """Run a use case. A refusal goes beside its field where the form has that field, above the form else."""
    try:
        return Tried(action())
    except Conflict as error:
        return Tried(ok=False, status=409, said=i18n.said(error), is_stale=True)
    except Refusals as error:
        return _faults(list(error.errors), fields)
    except Refused as error:
        return _faults([error], fields)


def fresh() -> Tried[Any]:
    """A form that nobody has sent yet."""
    return Tried()


def show(template: str, trial: Tried[Any] | None = None, **more: Any) -> Response:
    """One settings page in its frame."""
    trial = trial or fresh()
    page = render_template(
        f"settings/{template}.html", sections=SECTIONS, trial=trial, words=words, named=named, **more
    )
    return make_response(page, trial.status)


def done(address: str, message: str) -> ResponseReturnValue:
    """Go on to a page that says what was done."""
    flash(message, "info")
    return redirect(address, 303)


def refused(address: str, trial: Tried[Any]) -> ResponseReturnValue:
    """Back to a page that says why nothing was done: for acts that are one button."""
    flash(trial.said or next(iter(trial.faults.values()), _("Nothing was changed")), "error")
    return redirect(address, 303)


def secret_page(title: str, secret: str, hint: str, back: str, *, username: str = "") -> Response:
    """A password or key, shown this once and kept in no cache."""
    page = show("secret", title=title, secret=secret, hint=hint, back=back, username=username)
    page.headers["Cache-Control"] = "no-store"
    return page


def typed(*names: str) -> dict[str, str]:
    """What the form sent, by field; a field that was not sent is empty."""
    return {name: request.form.get(name, "") for name in names}


def bureau_options() -> list[tuple[str, str]]:
    """The bureaus in use as (code, name)."""
    return [(one.code, i18n.local(one, "name")) for one in bureaus(context.office())]


def named(thing: Named | None, nothing: str = "") -> str:
    """A name in the page's language."""
    return case_words.pick(thing.pair) if thing is not None else nothing


def _faults(errors: list[Refused], fields: tuple[str, ...]) -> Tried[T]:
    trial: Tried[T] = Tried(ok=False, status=422)
    for error in errors:
        text = _said(error)
        if error.field and error.field in fields:
            trial.faults.setdefault(error.field, text)
        else:
            trial.said = trial.said or text
        trial.params.update(error.params)
    return trial


def _said(error: CaseworkError) -> str:
    label = LABELS.get(str(error.params.get("field")))
    if label is not None:
        error.params["field"] = str(label)
    return i18n.said(error)

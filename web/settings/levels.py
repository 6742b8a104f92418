"""Levels of areas on a page."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import levels
from casework.policy import Act
from web import context
from web.settings.frame import Tried, blueprint, done, refused, show, tried, typed

_FIELDS = ("code", "name_zh", "name_en", "parent")


@blueprint.get("/levels", endpoint="levels")
def list_() -> ResponseReturnValue:
    """All levels, each a small form, coarsest first."""
    context.require(Act.MANAGE_SETTINGS)
    return _page(None)


@blueprint.post("/levels", endpoint="level_add")
def add() -> ResponseReturnValue:
    """Add a level below the others."""
    values = typed(*_FIELDS)
    trial = tried(lambda: levels.add_level(context.office(), context.actor(), values), fields=_FIELDS)
    if not trial.ok:
        return _page(trial, values=values)
    return done(url_for("settings.levels"), _("%(name)s was added", name=values["name_zh"]))


@blueprint.post("/levels/<int:level_id>", endpoint="level_save")
def save(level_id: int) -> ResponseReturnValue:
    """Rename a level or nest it elsewhere."""
    values, seen = typed(*_FIELDS), request.form.get("seen", "")
    trial = tried(
        lambda: levels.change_level(context.office(), context.actor(), level_id, values, seen), fields=_FIELDS
    )
    if not trial.ok:
        return _page(trial, level_id=level_id, values=values)
    return done(url_for("settings.levels"), _("Saved"))


@blueprint.post("/levels/<int:level_id>/remove", endpoint="level_remove")
def remove(level_id: int) -> ResponseReturnValue:
    """Remove an empty level."""
    trial = tried(lambda: levels.remove_level(context.office(), context.actor(), level_id))
    back = url_for("settings.levels")
    return done(back, _("The level is removed")) if trial.ok else refused(back, trial)


def _page(
    trial: Tried[Any] | None, *, level_id: int = 0, values: dict[str, str] | None = None
) -> ResponseReturnValue:
    lines = levels.list_levels(context.office(), context.actor())
    return show("levels", trial, lines=lines, at=level_id, values=values or {})

"""Bureaus on pages."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import bureaus
from casework.bureaus import NAMES, BureauLine
from casework.policy import Act
from web import context, i18n
from web.settings.frame import Tried, blueprint, bureau_options, done, fresh, refused, show, tried, typed


@blueprint.get("/bureaus", endpoint="bureaus")
def list_() -> ResponseReturnValue:
    """All bureaus with what uses them."""
    context.require(Act.MANAGE_SETTINGS)
    return show("bureaus", lines=bureaus.list_bureaus(context.office(), context.actor()))


@blueprint.get("/bureaus/new", endpoint="bureau_new")
def new() -> ResponseReturnValue:
    """The form of a new bureau."""
    context.require(Act.MANAGE_SETTINGS)
    return show("bureau", line=None, values={}, options=[])


@blueprint.post("/bureaus/new", endpoint="bureau_add")
def add() -> ResponseReturnValue:
    """Add a bureau."""
    values = typed("code", *NAMES)
    trial = tried(
        lambda: bureaus.add_bureau(context.office(), context.actor(), values["code"], values),
        fields=("code", *NAMES),
    )
    if not trial.ok:
        return show("bureau", trial, line=None, values=values, options=[])
    return done(url_for("settings.bureaus"), _("%(name)s was added", name=values["name_zh"]))


@blueprint.get("/bureaus/<int:bureau_id>", endpoint="bureau")
def edit(bureau_id: int) -> ResponseReturnValue:
    """One bureau: names, use, retirement."""
    context.require(Act.MANAGE_SETTINGS)
    line = bureaus.one_bureau(context.office(), context.actor(), bureau_id)
    return _page(line, {name: getattr(line, name) for name in NAMES}, fresh())


@blueprint.post("/bureaus/<int:bureau_id>", endpoint="bureau_save")
def save(bureau_id: int) -> ResponseReturnValue:
    """Rename a bureau."""
    values = typed(*NAMES)
    seen = request.form.get("seen", "")
    trial = tried(
        lambda: bureaus.rename_bureau(context.office(), context.actor(), bureau_id, values, seen),
        fields=NAMES,
    )
    if not trial.ok:
        return _page(bureaus.one_bureau(context.office(), context.actor(), bureau_id), values, trial)
    return done(url_for("settings.bureaus"), _("Saved"))


@blueprint.post("/bureaus/<int:bureau_id>/retire", endpoint="bureau_retire")
def retire(bureau_id: int) -> ResponseReturnValue:
    """Show what retiring would move; with ``step=save`` do it."""
    at_work, who = context.office(), context.actor()
    successor, line = (
        request.form.get("bureau", ""),
        bureaus.one_bureau(context.office(), context.actor(), bureau_id),
    )
    names = {name: getattr(line, name) for name in NAMES}
    preview = tried(
        lambda: bureaus.preview_retirement(at_work, who, bureau_id, successor), fields=("bureau",)
    )
    is_sure = request.form.get("step") == "save" and request.form.get("previewed") == successor
    if not preview.ok or not is_sure:
        return _page(line, names, preview, successor=successor, preview=preview.result)
    seen = request.form.get("seen", "")
    trial = tried(lambda: bureaus.retire_bureau(at_work, who, bureau_id, successor, seen), fields=("bureau",))
    if not trial.ok or trial.result is None:
        return _page(bureaus.one_bureau(at_work, who, bureau_id), names, trial, successor=successor)
    moved = ngettext(
        "%(num)s finding went to another bureau", "%(num)s findings went to another bureau", trial.result
    )
    return done(
        url_for("settings.bureaus"),
        _("%(name)s is retired. %(moved)s", name=i18n.local(line, "name"), moved=moved),
    )


@blueprint.post("/bureaus/<int:bureau_id>/restore", endpoint="bureau_restore")
def restore(bureau_id: int) -> ResponseReturnValue:
    """Bring a bureau back."""
    trial = tried(lambda: bureaus.restore_bureau(context.office(), context.actor(), bureau_id))
    back = url_for("settings.bureau", bureau_id=bureau_id)
    return done(back, _("It is in use again")) if trial.ok else refused(back, trial)


def _page(line: BureauLine, values: dict[str, str], trial: Tried[Any], **more: object) -> ResponseReturnValue:
    options = [one for one in bureau_options() if one[0] != line.code]
    more = {"successor": "", "preview": None, **more}
    return show("bureau", trial, line=line, values=values, options=options, **more)

"""The street network that rounds are planned on: what is in use, and taking in another with progress."""

from typing import Any, Final

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import street_imports, street_networks
from casework.errors import Refused, mark
from casework.policy import Act
from casework.street_imports import ImportState
from web import context
from web.settings.frame import Tried, blueprint, done, fresh, refused, show, tried

_SKETCH_PX: Final = 560


@blueprint.get("/streets", endpoint="streets")
def show_streets() -> ResponseReturnValue:
    """The network in use, the import that runs, and a form for another extract."""
    context.require(Act.MANAGE_SETTINGS)
    return _page(fresh())


@blueprint.post("/streets", endpoint="streets_import")
def bring() -> ResponseReturnValue:
    """Begin to take in an extract; the page then tells how far it is."""
    context.require(Act.MANAGE_SETTINGS)
    trial = tried(_start, fields=("file",))
    if not trial.ok:
        return _page(trial)
    return done(url_for("settings.streets"), _("The file is here and being read"))


@blueprint.get("/streets/progress", endpoint="streets_progress")
def progress() -> ResponseReturnValue:
    """How far the import is, for the page that waits."""
    context.require(Act.MANAGE_SETTINGS)
    now = street_imports.state(context.office())
    answer = jsonify(
        {"stage": now.stage if now else "none", "text": _words(now), "running": bool(now and now.is_running)}
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/streets/none", endpoint="streets_retire")
def retire() -> ResponseReturnValue:
    """Use no network any more."""
    trial = tried(lambda: street_networks.retire(context.office(), context.actor()))
    if not trial.ok:
        return refused(url_for("settings.streets"), trial)
    return done(url_for("settings.streets"), _("Rounds follow straight lines now"))


def _start() -> None:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused(mark("Choose an OpenStreetMap extract (.osm.pbf)"), field="file")
    street_imports.start(context.office(), context.actor(), file.stream, file.filename)


def _page(trial: Tried[Any]) -> ResponseReturnValue:
    office = context.office()
    found = street_networks.current_network(office)
    now = street_imports.state(office)
    return show(
        "streets", trial, facts=found[0] if found else None,
        sketch=street_networks.sketch(found[1], _SKETCH_PX) if found else None,
        importing=now, said=_words(now), limit_mb=street_imports.MAX_BYTES >> 20,
    )  # fmt: skip


def _words(now: ImportState | None) -> str:
    if now is None:
        return ""
    if now.stage == "reading":
        return ngettext(
            "Reading %(name)s: %(num)s object so far", "Reading %(name)s: %(num)s objects so far", now.objects,
            name=now.name,
        )  # fmt: skip
    if now.stage == "done":
        return _("%(name)s is in use", name=now.name)
    if now.stage == "refused":
        return _("%(name)s was refused: %(why)s", name=now.name, why=_(now.message, **now.params))
    return _(
        "Reading %(name)s broke off: the file is too large or damaged. Nothing was changed", name=now.name
    )

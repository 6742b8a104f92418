"""Bringing boundaries in: a file is sent, looked at with answers that may change, then published or drawn on."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import area_import_store as store
from casework import area_imports
from casework.area_imports import Wanted, read_wanted
from casework.policy import Act
from geo.readers_raw import KNOWN
from web import area_import_view, bodies, context, errors, i18n, map_shell

blueprint = Blueprint("area_imports", __name__, url_prefix="/areas/import")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Where a file is brought, and what was brought and not finished."""
    context.require(Act.IMPORT_AREAS)
    waiting = store.unfinished(context.office(), context.actor())
    language = i18n.lang()
    return render_template(
        "area_imports/show.html", waiting=waiting, known=KNOWN.split(), mb=store.MAX_BYTES >> 20,
        hours=int(store.KEPT.total_seconds() // 3600), texts=i18n.texts_for_js(language) if language != "en" else {},
    )  # fmt: skip


@blueprint.post("")
def bring() -> ResponseReturnValue:
    """Take one file, or the parts of one, and go to its page."""
    context.require(Act.IMPORT_AREAS)
    given = [file for file in request.files.getlist("files") if file.filename]
    kept = store.keep(
        context.office(), context.actor(), ((file.stream, file.filename or "") for file in given)
    )
    there = url_for("area_imports.look", token=kept.token)
    if errors.wants_json():
        return jsonify({"url": there}), HTTPStatus.CREATED
    return redirect(there, HTTPStatus.SEE_OTHER)


@blueprint.get("/<token>")
def look(token: str) -> ResponseReturnValue:
    """The page of one import: questions, map, what would happen."""
    context.require(Act.IMPORT_AREAS)
    file = store.waiting(context.office(), context.actor(), token)
    language = i18n.lang()
    return render_template(
        "area_imports/look.html", file=file, shell=map_shell.shell(), map_config=map_shell.config(),
        settings={
            "token": token, "datums": area_import_view.datum_names(), "base": url_for("area_imports.look", token=token),
            "start": url_for("area_imports.show"), "may_publish": context.may(Act.PUBLISH_AREAS),
            "may_draft": context.may(Act.DRAW_AREAS) and "drafts.edit" in current_app.view_functions,
        },
        texts=i18n.texts_for_js(language) if language != "en" else {},
    )  # fmt: skip


@blueprint.post("/<token>/look")
def preview(token: str) -> ResponseReturnValue:
    """What the file says with these answers, and what importing it would do."""
    found = area_imports.look(context.office(), context.actor(), token, read_wanted(bodies.json_object()))
    return jsonify(area_import_view.view(found))


@blueprint.post("/<token>/effect")
def effect(token: str) -> ResponseReturnValue:
    """What it would do to open findings."""
    wanted, seal, _body = _sealed()
    done = area_imports.effect(context.office(), context.actor(), token, wanted, seal)
    return jsonify({"findings_moved": done.findings_moved, "bureaus_changed": done.bureaus_changed})


@blueprint.post("/<token>/publish")
def publish(token: str) -> ResponseReturnValue:
    """Put it in force."""
    wanted, seal, body = _sealed()
    done = area_imports.publish(context.office(), context.actor(), token, wanted, seal, body.get("note", ""))
    there = url_for("areas.list_")
    if done.id and "area_history.difference" in current_app.view_functions:
        there = url_for("area_history.difference", publication_id=done.id)
    return jsonify(
        {
            "url": there, "opened": len(done.opened), "changed": len(done.changed),
            "findings_moved": done.findings_moved,
            "text": _("Published: %(new)s new, %(changed)s changed", new=len(done.opened), changed=len(done.changed)),
        }
    )  # fmt: skip


@blueprint.post("/<token>/draft")
def draft(token: str) -> ResponseReturnValue:
    """Lay it into a draft to draw on."""
    wanted, seal, _body = _sealed()
    draft_id = area_imports.open_as_draft(context.office(), context.actor(), token, wanted, seal)
    return jsonify({"url": url_for("drafts.edit", draft_id=draft_id)})


@blueprint.post("/<token>/discard")
def discard(token: str) -> ResponseReturnValue:
    """Forget the file."""
    context.require(Act.IMPORT_AREAS)
    store.forget(context.office(), context.actor(), token)
    there = url_for("area_imports.show")
    return jsonify({"url": there}) if errors.wants_json() else redirect(there, HTTPStatus.SEE_OTHER)


def _sealed() -> tuple[Wanted, str, dict[str, Any]]:
    context.require(Act.IMPORT_AREAS)
    body = bodies.json_object()
    return read_wanted(body), str(body.get("seal", ""))[:64], body

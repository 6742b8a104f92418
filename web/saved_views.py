"""Saved filters: kept from the list and the map, shown on the desk and in their menus."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import saved_views
from casework.errors import Refused
from casework.policy import Act
from casework.saved_views import View
from web import context, i18n, security
from web.errors import wants_json

blueprint = Blueprint("saved_views", __name__)


@blueprint.get("/desk/views")
def list_() -> ResponseReturnValue:
    """The person's saved filters, for scripts; a browser is led to the desk, which lists them."""
    found = saved_views.list_views(context.office(), context.actor())
    if not wants_json():
        return redirect(_home(), HTTPStatus.SEE_OTHER)
    return jsonify(views=[_as_json(view) for view in found])


@blueprint.post("/desk/views")
def save() -> ResponseReturnValue:
    """Keep the filters of a page under a name."""
    given = request.form
    back = security.local_path(given.get("next"), _home())
    try:
        view = saved_views.save_view(
            context.office(), context.actor(), given.get("name"), given.get("query", "")
        )
    except Refused as error:
        if wants_json():
            raise
        flash(i18n.said(error), "error")
        return redirect(back, HTTPStatus.SEE_OTHER)
    said = _("Saved as “%(name)s”: it is on your desk", name=view.name)
    if wants_json():
        return jsonify(**_as_json(view), said=said)
    flash(said, "info")
    return redirect(back, HTTPStatus.SEE_OTHER)


@blueprint.post("/desk/views/<int:view_id>/rename")
def rename(view_id: int) -> ResponseReturnValue:
    """Call saved filters something else."""
    context.require(Act.VIEW_CASE)
    try:
        view = saved_views.rename_view(context.office(), context.actor(), view_id, request.form.get("name"))
    except Refused as error:
        flash(i18n.said(error), "error")
    else:
        flash(_("It is called “%(name)s” now", name=view.name), "info")
    return redirect(_home(), HTTPStatus.SEE_OTHER)


@blueprint.post("/desk/views/<int:view_id>/remove")
def remove(view_id: int) -> ResponseReturnValue:
    """Let saved filters go."""
    saved_views.remove_view(context.office(), context.actor(), view_id)
    flash(_("The saved filter is gone"), "info")
    return redirect(_home(), HTTPStatus.SEE_OTHER)


def _home() -> str:
    return url_for("desk.show", _anchor="saved")


def _as_json(view: View) -> dict[str, Any]:
    return {"id": view.id, "name": view.name, "query": view.query}

"""The signed-in person's start page, acts on several findings at once, and saved filters."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import reads, saved_views
from casework.acts import perform_many
from casework.desk import DESKS, SHOWN, desk
from casework.errors import Refused, mark
from casework.lifecycle import ACT_WORDS
from web import case_words, context, i18n, security

blueprint = Blueprint("desk", __name__)

MOST = 200


@blueprint.get("/desk")
def show() -> ResponseReturnValue:
    """What waits for the one who is signed in."""
    return _page()


@blueprint.post("/desk/acts")
def act() -> ResponseReturnValue:
    """One act on all ticked findings; each is done or refused on its own."""
    name, note = request.form.get("act", ""), request.form.get("note", "")
    who = context.actor()
    allowed = {one for place in DESKS.get(who.role or "", ()) for one in place.acts}
    if name not in allowed:
        raise Refused(mark("act: there is no act %(act)s"), {"act": name[:40]}, field="act")
    wanted = _ticked(request.form.getlist("finding"))
    if not wanted:
        flash(_("Tick the findings first"), "error")
        return redirect(url_for("desk.show"), HTTPStatus.SEE_OTHER)
    done, refused = perform_many(context.office(), who, wanted, name, note=note)
    if done:
        flash(
            _(
                "%(act)s: %(count)s",
                act=_(ACT_WORDS[name]),
                count=ngettext("%(num)s finding", "%(num)s findings", len(done)),
            ),
            "info",
        )
    if not refused:
        return redirect(url_for("desk.show"), HTTPStatus.SEE_OTHER)
    return _page(note=note, refused={finding_id: i18n.said(error) for finding_id, error in refused})


@blueprint.post("/desk/seen")
def seen() -> ResponseReturnValue:
    """Note that the rows of a section were seen."""
    ids = [finding_id for finding_id, _revision in _ticked(request.form.getlist("finding"))]
    reads.see(context.office(), context.actor(), ids)
    return redirect(url_for("desk.show"), HTTPStatus.SEE_OTHER)


@blueprint.post("/desk/views")
def save_view() -> ResponseReturnValue:
    """Keep the filters of a page under a name."""
    back = security.local_path(request.form.get("next"), url_for("desk.show"))
    try:
        view = saved_views.save_view(
            context.office(), context.actor(), request.form.get("name"), request.form.get("query", "")
        )
    except Refused as error:
        flash(i18n.said(error), "error")
    else:
        flash(_("Saved as “%(name)s”: it is on your desk", name=view.name), "info")
    return redirect(back, HTTPStatus.SEE_OTHER)


@blueprint.post("/desk/views/<int:view_id>/remove")
def remove_view(view_id: int) -> ResponseReturnValue:
    """Let saved filters go."""
    saved_views.remove_view(context.office(), context.actor(), view_id)
    flash(_("The saved filter is gone"), "info")
    return redirect(url_for("desk.show"), HTTPStatus.SEE_OTHER)


def _page(note: str = "", refused: dict[int, str] | None = None) -> ResponseReturnValue:
    found = desk(context.office(), context.actor())
    page = render_template(
        "desk/show.html", desk=found, words=case_words, shown=SHOWN, note=note, refused=refused or {}
    )
    return page, HTTPStatus.CONFLICT if refused else HTTPStatus.OK


def _ticked(values: list[str]) -> list[tuple[int, int | None]]:
    """Findings as `id` or `id.revision`; raises Refused for anything else."""
    found: list[tuple[int, int | None]] = []
    for value in values[:MOST]:
        number, _dot, revision = value.partition(".")
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise Refused(mark("finding must be a number"), field="finding")
        known = revision.isascii() and revision.isdecimal() and len(revision) < 16
        found.append((int(number), int(revision) if known else None))
    return found

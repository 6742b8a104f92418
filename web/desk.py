"""The signed-in person's start page, and acts on several findings at once."""

import secrets
from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import reads
from casework.acts import Done, perform_many
from casework.desk import DESKS, SHOWN, desk
from casework.errors import Refused, mark
from casework.lifecycle import ACT_WORDS
from casework.policy import Act
from web import case_words, context, i18n

blueprint = Blueprint("desk", __name__)

MOST = 200
_SPARK_W, _SPARK_H = 72.0, 24.0


@blueprint.get("/desk")
def show() -> ResponseReturnValue:
    """What waits for the one who is signed in."""
    return _page()


@blueprint.post("/desk/acts")
def act() -> ResponseReturnValue:
    """One act on all ticked findings, or on the one whose button was pressed; each is done or refused on its own."""
    context.require(Act.VIEW_CASE)
    name, note = request.form.get("act", ""), request.form.get("note", "")
    values = request.form.getlist("finding")
    if "now" in request.form:
        name, _colon, one = request.form["now"].partition(":")
        values = [one]
    who = context.actor()
    homes = {one: place.key for place in DESKS.get(who.role or "", ()) for one in place.acts}
    if name not in homes:
        raise Refused(mark("act: there is no act %(act)s"), {"act": name[:40]}, field="act")
    section = request.form.get("section") or homes[name]
    back = url_for("desk.show", _anchor=section)
    wanted = _ticked(values)
    if not wanted:
        flash(_("Tick the findings first"), "error")
        return redirect(back, HTTPStatus.SEE_OTHER)
    key = request.form.get("request_key", "")
    done, refused = perform_many(context.office(), who, wanted, name, note=note, request_key=key)
    if done:
        flash(_said(name, done), "info")
    if not refused:
        return redirect(back, HTTPStatus.SEE_OTHER)
    flash(
        ngettext(
            "%(num)s was not done: the reason stands with it",
            "%(num)s were not done: the reason stands with each",
            len(refused),
        ),
        "error",
    )
    return _page(section, note, {finding_id: i18n.said(error) for finding_id, error in refused})


@blueprint.post("/desk/seen")
def seen() -> ResponseReturnValue:
    """Note that the rows of a section were seen."""
    context.require(Act.VIEW_CASE)
    ids = [finding_id for finding_id, _revision in _ticked(request.form.getlist("finding"))]
    reads.see(context.office(), context.actor(), ids)
    return redirect(url_for("desk.show", _anchor=request.form.get("section")), HTTPStatus.SEE_OTHER)


def _said(act: str, done: Sequence[Done]) -> str:
    if len(done) == 1:
        return _("%(act)s: %(number)s", act=_(ACT_WORDS[act]), number=done[0].number)
    return _(
        "%(act)s: %(count)s",
        act=_(ACT_WORDS[act]),
        count=ngettext("%(num)s finding", "%(num)s findings", len(done)),
    )


def _page(section: str = "", note: str = "", refused: dict[int, str] | None = None) -> ResponseReturnValue:
    refused = refused or {}
    found = desk(context.office(), context.actor())
    shown = {row["id"] for one in found.sections if one.place.key == section for row in one.rows}
    page = render_template(
        "desk/show.html",
        desk=found,
        words=case_words,
        shown=SHOWN,
        section_key=section,
        note=note,
        refused=refused,
        gone={finding_id: why for finding_id, why in refused.items() if finding_id not in shown},
        spark=spark,
        moved=moved,
        request_key=secrets.token_urlsafe(16),
    )
    return page, HTTPStatus.CONFLICT if refused else HTTPStatus.OK


def spark(values: Sequence[int]) -> str:
    """A series as the points of a polyline, 72 by 24 units, the last one right."""
    low, high = min(values), max(values)
    step = _SPARK_W / max(len(values) - 1, 1)
    scale = (_SPARK_H - 4) / max(high - low, 1)
    return " ".join(
        f"{at * step:.1f},{_SPARK_H - 2 - (value - low) * scale:.1f}" for at, value in enumerate(values)
    )


def moved(series: Sequence[int]) -> str:
    """How the last number of a series differs from the one before, in words."""
    change = series[-1] - series[-2]
    if not change:
        return _("as yesterday")
    if change > 0:
        return _("%(n)s more than yesterday", n=change)
    return _("%(n)s fewer than yesterday", n=-change)


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

"""Recorded positions: for how long they are kept, of whom there are any, deleting somebody's."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from casework import tracks
from casework.policy import Act
from web import context
from web.settings.frame import blueprint, done, fresh, show


@blueprint.get("/tracks", endpoint="tracks")
def show_tracks() -> ResponseReturnValue:
    """Retention, and of whom something is kept."""
    context.require(Act.MANAGE_PEOPLE)
    return show(
        "tracks", fresh(), days=context.office().settings.track_days,
        holders=tracks.holders(context.office(), context.actor()),
    )  # fmt: skip


@blueprint.post("/tracks/<int:user_id>/delete", endpoint="tracks_delete")
def delete(user_id: int) -> ResponseReturnValue:
    """Delete everything of one person."""
    count = tracks.forget_person(context.office(), context.actor(), user_id)
    return done(
        url_for("settings.tracks"), ngettext("%(num)s position deleted", "%(num)s positions deleted", count)
    )

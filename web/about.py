"""What this is, in plain words, for whoever opens it the first time."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from casework.time_limits import WARN_SHARE
from web import context

blueprint = Blueprint("about", __name__)


@blueprint.get("/about")
def show() -> ResponseReturnValue:
    """The page that explains the map, the symbols, where the data comes from and how a place is decided."""
    return render_template(
        "about/show.html",
        near_m=f"{context.office().settings.near_m:g}",
        warn_percent=f"{100 * WARN_SHARE:g}",
    )

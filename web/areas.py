"""The areas of the city: who answers for each, and how each stands."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.area_history import area_moments
from casework.areas_view import AreaCard, area_page, areas_page
from casework.policy import Act
from casework.responsibility import area_people_page
from web import area_history, case_words, context, minimap, responsibility

blueprint = Blueprint("areas", __name__)

_OVERVIEW_PX, _AREA_PX = 440, 600
_STEPS = (1, 4, 7, 11)  # the map's shade: 0, 1-3, 4-6, 7-10, 11 and more


@blueprint.get("/areas")
def list_() -> ResponseReturnValue:
    """All areas as a tree, with a map of the finest level."""
    context.require(Act.VIEW_MAP)
    page = areas_page(context.office(), context.actor())
    cards = {card.area_id: card for card in page.cards}
    drawn = None
    if page.around is not None:
        drawn = minimap.sketch(
            page.around,
            _OVERVIEW_PX,
            look={one: _shade(card) for one, card in cards.items()},
            href=lambda one: url_for("areas.show", code=one.code, level=page.patch_level),
            streets=False,
        )
    return render_template("areas/list.html", page=page, map=drawn, words=case_words)


@blueprint.get("/areas/<code>")
def show(code: str) -> ResponseReturnValue:
    """One area: people, shape, neighbours, and what is open in it. ``level`` decides where two levels share a code."""
    page = area_page(context.office(), context.actor(), code, request.args.get("level", ""))
    drawn = minimap.sketch(
        page.around,
        _AREA_PX,
        look={page.card.area_id: "mark"},
        href=lambda one: url_for("areas.show", code=one.code, level=page.drawn_level),
        streets=page.around.box.width_m < 6000,
    )
    people = None
    if page.shows_people:
        people = area_people_page(context.office(), context.actor(), page.card.code, page.card.level)
    return render_template(
        "areas/show.html", page=page, card=page.card, map=drawn, people=people, phones=context.may(Act.VIEW_CASE),
        moments=area_moments(context.office(), context.actor(), page.card.area_id),
        square=area_history.square, change_words=area_history.change_words, **responsibility.words(),
    )  # fmt: skip


def _shade(card: AreaCard) -> str:
    return f"s{sum(card.open >= step for step in _STEPS)}"

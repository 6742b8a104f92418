"""Who may see and do what: the one place that decides it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from casework.errors import Forbidden, NotSignedIn, mark


class Act(StrEnum):
    """Something that a person may or may not do."""

    VIEW_MAP = "map.view"  # the map, findings and areas without persons, originals or history
    VIEW_CASE = "case.view"  # persons, history, photo originals
    BLUR_PHOTOS = "photos.blur"  # make faces and plates unrecognisable on a copy
    VIEW_ORIGINALS = "photos.originals"  # the original of a photo that has such a copy
    MAKE_PAPERS = "papers.make"  # notices, letters, orders and lists that the office sends; void them
    REPORT = "finding.report"
    CORRECT = "finding.correct"
    VIEW_TRIAGE = "triage.view"
    SETTLE = "triage.settle"
    DRAW_AREAS = "areas.draw"  # start drafts of boundaries and change them
    PUBLISH_AREAS = "areas.publish"
    IMPORT_AREAS = "areas.import"  # bring boundaries in from a file
    COMMENT_AREAS = "areas.comment"  # see shared drafts, say something about them
    VIEW_STATISTICS = "statistics.view"  # of the cases that the person sees
    VIEW_ROUTES = "routes.view"  # plans of rounds, and how they went
    PLAN_ROUTES = "routes.plan"
    WALK_ROUND = "round.walk"  # one's own round, on the phone
    MANAGE_PEOPLE = "people.manage"
    MANAGE_AREA_PEOPLE = "areas.people"  # who answers for an area, and whom to call about it
    MANAGE_KEYS = "keys.manage"
    JUDGE_TIES = "ties.judge"  # say that two findings are not the same one
    MANAGE_WEBHOOKS = "webhooks.manage"  # whom outside we tell, and how that went
    MANAGE_SETTINGS = "settings.manage"  # bureaus, categories, rules, levels, the city


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. ``role`` None is somebody not signed in."""

    role: str | None = None
    user_id: int | None = None
    username: str = ""
    name_zh: str = ""
    name_en: str = ""
    bureau_id: int | None = None
    area_ids: frozenset[int] = frozenset()
    key_id: int | None = None


ANONYMOUS: Final = Actor()
SYSTEM: Final = Actor(role="administrator", username="system")

# Opened by PUBLIC_MAP to people and programs that are not signed in.
PUBLIC: Final = frozenset({Act.VIEW_MAP})

_STAFF: Final = frozenset({"administrator", "leader", "supervisor", "inspector", "handler", "archivist"})
ALLOWED: Final[dict[Act, frozenset[str]]] = {
    Act.VIEW_MAP: _STAFF,
    Act.VIEW_CASE: _STAFF,
    Act.BLUR_PHOTOS: frozenset({"administrator", "supervisor", "inspector"}),
    Act.VIEW_ORIGINALS: frozenset({"administrator", "leader", "supervisor", "archivist"}),
    Act.MAKE_PAPERS: frozenset({"administrator", "leader", "supervisor"}),
    Act.REPORT: frozenset({"administrator", "leader", "supervisor", "inspector"}),
    Act.CORRECT: frozenset({"administrator", "supervisor", "inspector"}),
    Act.VIEW_TRIAGE: frozenset({"administrator", "leader", "supervisor"}),
    Act.SETTLE: frozenset({"administrator", "supervisor"}),
    Act.DRAW_AREAS: frozenset({"administrator", "supervisor"}),
    Act.PUBLISH_AREAS: frozenset({"administrator", "supervisor"}),
    Act.IMPORT_AREAS: frozenset({"administrator", "supervisor"}),
    Act.COMMENT_AREAS: frozenset({"administrator", "leader", "supervisor", "inspector"}),
    Act.VIEW_STATISTICS: _STAFF,
    Act.VIEW_ROUTES: frozenset({"administrator", "leader", "supervisor", "archivist"}),
    Act.PLAN_ROUTES: frozenset({"administrator", "supervisor"}),
    Act.WALK_ROUND: frozenset({"administrator", "supervisor", "inspector"}),
    Act.MANAGE_PEOPLE: frozenset({"administrator"}),
    Act.MANAGE_AREA_PEOPLE: frozenset({"administrator", "supervisor"}),
    Act.MANAGE_KEYS: frozenset({"administrator"}),
    Act.JUDGE_TIES: frozenset({"administrator", "supervisor"}),
    Act.MANAGE_WEBHOOKS: frozenset({"administrator"}),
    Act.MANAGE_SETTINGS: frozenset({"administrator"}),
}


class Reach(StrEnum):
    """Whose cases a role sees."""

    EVERYTHING = "everything"
    BUREAU = "bureau"  # the bureau's that the person belongs to
    PATCHES = "patches"  # those of the person's patches, and what the person reported


REACH: Final[dict[str, Reach]] = {
    "administrator": Reach.EVERYTHING,
    "leader": Reach.EVERYTHING,
    "supervisor": Reach.EVERYTHING,
    "archivist": Reach.EVERYTHING,
    "inspector": Reach.PATCHES,
    "handler": Reach.BUREAU,
}


def reach(actor: Actor) -> Reach:
    """Whose cases this person or key sees. Somebody not signed in sees no case as a whole, but all of a public map.

    A key has no patches of its own, so an inspector's key reaches everything.
    """
    if actor.role is None or (actor.key_id is not None and REACH[actor.role] is Reach.PATCHES):
        return Reach.EVERYTHING
    return REACH[actor.role]


def map_is_public(setting: bool | None, *, is_demo: bool) -> bool:
    """Whether people who are not signed in see the map: as PUBLIC_MAP says; unset, only the demo's."""
    return is_demo if setting is None else setting


def may(actor: Actor, act: Act, *, public_map: bool = False) -> bool:
    """Whether the actor may do this. ``public_map`` opens the map to everybody."""
    if public_map and act in PUBLIC:
        return True
    return actor.role is not None and actor.role in ALLOWED[act]


def require(actor: Actor, act: Act, *, public_map: bool = False) -> None:
    """Raise NotSignedIn or Forbidden unless the actor may do this."""
    if may(actor, act, public_map=public_map):
        return
    if actor.role is None:
        raise NotSignedIn(mark("Sign in first"))
    raise Forbidden(mark("Your role may not do this"))


def shows_persons(actor: Actor, *, is_demo: bool) -> bool:
    """Whether names of patch leaders are shown: to who may see cases, and in the demo, whose names are samples."""
    return is_demo or may(actor, Act.VIEW_CASE)

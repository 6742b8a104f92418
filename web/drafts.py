"""Drafts of boundaries: the list, the page that draws, and what it asks for and sends as JSON."""

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from casework import drafts, drafts_comments, drafts_view
from casework.drafts import Saved, StaleDraft
from casework.drafts_shapes import BadShape
from casework.policy import Act
from web import area_editor, bodies, case_words, context, errors, i18n

blueprint = Blueprint("drafts", __name__, url_prefix="/areas/drafts")

_FORMS: Final = {"multipart/form-data", "application/x-www-form-urlencoded"}


@blueprint.get("")
def list_() -> ResponseReturnValue:
    """The drafts that one may see, and the way to a new one."""
    page = drafts.drafts_page(context.office(), context.actor())
    return render_template("drafts/list.html", page=page, words=case_words)


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Begin a draft and go to its page."""
    context.require(Act.DRAW_AREAS)
    wanted = _fields()
    levels = wanted.getlist("levels") if isinstance(wanted, MultiDict) else wanted.get("levels")
    draft_id = drafts.create(
        context.office(),
        context.actor(),
        levels,
        wanted.get("title", ""),
        carry_on=str(wanted.get("continue", "")) in {"1", "true", "True"},
    )
    focus = wanted.get("focus")
    there = url_for(
        "drafts.edit", draft_id=draft_id, focus=focus if isinstance(focus, str) and focus else None
    )
    return redirect(there, HTTPStatus.SEE_OTHER)


@blueprint.get("/<int:draft_id>")
def edit(draft_id: int) -> ResponseReturnValue:
    """The page that draws; whoever may only look gets it without tools."""
    title = drafts.title_of(context.office(), context.actor(), draft_id)
    return render_template("drafts/edit.html", **area_editor.page(draft_id, title))


@blueprint.get("/<int:draft_id>/data")
def data(draft_id: int) -> ResponseReturnValue:
    """The draft's map."""
    return jsonify(drafts_view.draft_data(context.office(), context.actor(), draft_id))


@blueprint.put("/<int:draft_id>/shapes")
def save(draft_id: int) -> ResponseReturnValue:
    """Take what was drawn, all or none of it."""
    body = bodies.json_object()
    try:
        saved = drafts.save_shapes(
            context.office(), context.actor(), draft_id, drafts.seen_revision(body.get("revision")),
            body.get("changes"),
        )  # fmt: skip
    except StaleDraft as error:
        return _stale(error)
    except BadShape as error:
        return _bad_shape(error)
    return jsonify({**_saved(saved), "problems": [], "blocking": 0})


@blueprint.put("/<int:draft_id>")
def rename(draft_id: int) -> ResponseReturnValue:
    """Give the draft a title and a note."""
    body = bodies.json_object()
    try:
        saved = drafts.rename(
            context.office(), context.actor(), draft_id, drafts.seen_revision(body.get("revision")),
            body.get("title"), body.get("note"),
        )  # fmt: skip
    except StaleDraft as error:
        return _stale(error)
    return jsonify(_saved(saved))


@blueprint.post("/<int:draft_id>/share")
def share(draft_id: int) -> ResponseReturnValue:
    """Open the draft to everybody who may comment, or close it again."""
    saved = drafts.share(context.office(), context.actor(), draft_id, on=bool(_on(_fields().get("on"))))
    return jsonify(_saved(saved)) if errors.wants_json() else _back()


@blueprint.post("/<int:draft_id>/discard")
def discard(draft_id: int) -> ResponseReturnValue:
    """Put the draft away."""
    body = _fields()
    revision = body.get("revision")
    if isinstance(revision, str):
        revision = int(revision) if revision.isdecimal() and len(revision) < 10 else None
    try:
        drafts.discard(context.office(), context.actor(), draft_id, drafts.seen_revision(revision))
    except StaleDraft as error:
        if errors.wants_json():
            return _stale(error)
        raise
    return jsonify({"url": url_for("drafts.list_")}) if errors.wants_json() else _back()


@blueprint.get("/<int:draft_id>/comments")
def comments(draft_id: int) -> ResponseReturnValue:
    """What people say of the draft."""
    return jsonify({"comments": drafts_comments.comments(context.office(), context.actor(), draft_id)})


@blueprint.post("/<int:draft_id>/comments")
def comment(draft_id: int) -> ResponseReturnValue:
    """Say something about the draft, perhaps about one place."""
    found = drafts_comments.comment(context.office(), context.actor(), draft_id, bodies.json_object())
    return jsonify({"comments": found}), HTTPStatus.CREATED


@blueprint.post("/<int:draft_id>/comments/<int:comment_id>/resolve")
def resolve(draft_id: int, comment_id: int) -> ResponseReturnValue:
    """Mark a comment as dealt with, or as open again (``on`` false)."""
    on = _on(_fields().get("on", True))
    found = drafts_comments.resolve(context.office(), context.actor(), draft_id, comment_id, done=on)
    return jsonify({"comments": found})


def _fields() -> Any:
    return request.form if request.mimetype in _FORMS else bodies.json_object()


def _on(value: object) -> bool:
    return value not in {False, None, "", "0", "false"}


def _saved(saved: Saved) -> dict[str, Any]:
    moment = i18n.in_city(saved.saved_at).isoformat(timespec="seconds")
    return {"revision": saved.revision, "saved_at": moment}


def _stale(error: StaleDraft) -> ResponseReturnValue:
    return errors.problem(
        HTTPStatus.CONFLICT, i18n.said(error), who=error.who, revision=error.revision,
        when=i18n.in_city(error.when).isoformat(timespec="seconds"),
    )  # fmt: skip


def _bad_shape(error: BadShape) -> ResponseReturnValue:
    return errors.problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, i18n.said(error), field=error.field, key=error.key, at=error.at
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("drafts.list_"), HTTPStatus.SEE_OTHER)

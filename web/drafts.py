"""Drafts of boundaries: the list, the page that draws, and what it asks for and sends as JSON."""

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from casework import drafts, drafts_comments, drafts_fixes, drafts_list, drafts_publish, drafts_view
from casework.drafts import Saved, StaleDraft
from casework.drafts_fixes import ToolRefused
from casework.drafts_publish import Blocked, Clash, MapMoved
from casework.drafts_shapes import BadShape
from casework.errors import Refused, mark
from casework.policy import Act
from web import area_editor, bodies, case_words, context, draft_words, errors, i18n

blueprint = Blueprint("drafts", __name__, url_prefix="/areas/drafts")

_FORMS: Final = {"multipart/form-data", "application/x-www-form-urlencoded"}


@blueprint.get("")
def list_() -> ResponseReturnValue:
    """The drafts that one may see, and the way to a new one."""
    page = drafts_list.drafts_page(context.office(), context.actor())
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
    found = drafts_fixes.check(context.office(), context.actor(), draft_id, [])
    return jsonify({**_saved(saved), **draft_words.problems_json(found)})


@blueprint.post("/<int:draft_id>/check")
def check(draft_id: int) -> ResponseReturnValue:
    """What would be wrong if this were saved; nothing is."""
    changes = bodies.json_object().get("changes", [])
    try:
        found = drafts_fixes.check(context.office(), context.actor(), draft_id, changes)
    except BadShape as error:
        return _bad_shape(error)
    return jsonify(draft_words.problems_json(found))


@blueprint.post("/<int:draft_id>/fixes")
def fixes(draft_id: int) -> ResponseReturnValue:
    """A proposal that mends one problem or all that can be mended: to be accepted by saving it."""
    body, office, actor = bodies.json_object(), context.office(), context.actor()
    revision = drafts.seen_revision(body.get("revision"))
    try:
        if body.get("all") is True:
            found = drafts_fixes.fix_all(office, actor, draft_id, revision)
        else:
            found = drafts_fixes.fix(office, actor, draft_id, revision, body.get("problem"), body.get("fix"))
    except StaleDraft as error:
        return _stale(error)
    except ToolRefused as error:
        return _tool_refused(error)
    return jsonify({"differences": [draft_words.proposal_json(one) for one in found]})


@blueprint.post("/<int:draft_id>/tools/<tool>")
def tools(draft_id: int, tool: str) -> ResponseReturnValue:
    """Split, merge, trace or cut on the shapes that the page holds."""
    try:
        shapes = drafts_fixes.use_tool(
            context.office(), context.actor(), draft_id, tool, bodies.json_object()
        )
    except ToolRefused as error:
        return _tool_refused(error)
    except BadShape as error:
        return _bad_shape(error)
    drawn = {key: drafts_view.geojson(one) if one is not None else None for key, one in shapes.items()}
    return jsonify({"shapes": drawn})


@blueprint.post("/<int:draft_id>/preview")
def preview(draft_id: int) -> ResponseReturnValue:
    """What publishing would do to the findings."""
    revision = bodies.json_object().get("revision")
    try:
        return jsonify(drafts_publish.preview(context.office(), context.actor(), draft_id, revision))
    except StaleDraft as error:
        return _stale(error)


@blueprint.post("/<int:draft_id>/publish")
def publish(draft_id: int) -> ResponseReturnValue:
    """Put the draft in force."""
    body = bodies.json_object()
    try:
        done = drafts_publish.publish(
            context.office(), context.actor(), draft_id, body.get("revision"), body.get("note")
        )
    except StaleDraft as error:
        return _stale(error)
    except MapMoved as error:
        return _map_moved(error)
    except Blocked as error:
        return errors.problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, i18n.said(error), field="problems", blocking=error.count
        )
    return jsonify(
        {
            "publication": done.id, "findings_moved": done.findings_moved, "bureaus_changed": done.bureaus_changed,
            "url": _after(done.id),
        }
    )  # fmt: skip


@blueprint.post("/<int:draft_id>/rebase")
def rebase(draft_id: int) -> ResponseReturnValue:
    """Bring the draft up to date with the map in force; what clashes is listed until it is decided."""
    body = bodies.json_object()
    try:
        done = drafts_publish.rebase(
            context.office(), context.actor(), draft_id, body.get("revision"), _keys(body, "mine"),
            _keys(body, "theirs"),
        )  # fmt: skip
    except StaleDraft as error:
        return _stale(error)
    return jsonify(
        {**_saved(done.saved), "clashes": [_clash(one) for one in done.clashes], "dropped": done.dropped}
    )


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
    saved = drafts.share(context.office(), context.actor(), draft_id, on=_on(_fields().get("on")))
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


def _after(publication: int | None) -> str:
    """Where one goes once it is published: what it changed, where there is such a page, else the areas."""
    if publication is not None and "area_history.publication" in current_app.view_functions:
        return url_for("area_history.publication", publication_id=publication)
    return url_for("areas.list_")


def _keys(body: dict[str, Any], name: str) -> list[str]:
    given = body.get(name, [])
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise Refused(mark("%(field)s must be a list"), {"field": name}, field=name)
    return given


def _clash(one: Clash) -> dict[str, Any]:
    return {
        "key": one.key, "name_zh": one.name_zh, "name_en": one.name_en, "who": one.who,
        "when": i18n.in_city(one.when).isoformat(timespec="seconds") if one.when else None,
        "theirs": drafts_view.geojson(one.theirs) if one.theirs is not None else None,
        "mine": drafts_view.geojson(one.mine) if one.mine is not None else None,
    }  # fmt: skip


def _tool_refused(error: ToolRefused) -> ResponseReturnValue:
    return errors.problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, draft_words.refusal_text(error), field=error.field,
        why=str(error.why.kind), areas=[area.key for area in error.areas],
    )  # fmt: skip


def _map_moved(error: MapMoved) -> ResponseReturnValue:
    return errors.problem(
        HTTPStatus.CONFLICT, i18n.said(error), stale=True, who=error.who, publication=error.publication,
        when=i18n.in_city(error.when).isoformat(timespec="seconds") if error.when else None,
    )  # fmt: skip


def _fields() -> Any:
    return request.form if request.mimetype in _FORMS else bodies.json_object()


def _on(value: object) -> bool:
    return value not in (False, None, "", "0", "false")


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
        HTTPStatus.UNPROCESSABLE_ENTITY, draft_words.shape_text(error), field=error.field, key=error.key,
        at=error.at,
    )  # fmt: skip


def _back() -> ResponseReturnValue:
    return redirect(url_for("drafts.list_"), HTTPStatus.SEE_OTHER)

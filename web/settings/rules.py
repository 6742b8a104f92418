"""Routing rules on pages: what a change would do stands there before it is saved."""

import json
from typing import Any, Literal

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import rule_preview, rules
from casework.area_choices import area_choices
from casework.policy import Act
from casework.rule_preview import Preview
from casework.rules import RuleChange, RuleLine
from web import context
from web.settings import words
from web.settings.categories import category_options
from web.settings.frame import Tried, blueprint, bureau_options, done, fresh, named, show, tried, typed

_FIELDS = ("category", "area", "bureau", "note")


@blueprint.get("/rules", endpoint="rules")
def list_() -> ResponseReturnValue:
    """The rules, first asked first; with ``category`` and ``area`` which of them decides."""
    context.require(Act.MANAGE_SETTINGS)
    args = {name: request.args.get(name, "").strip() for name in ("q", "bureau", "state", "category", "area")}
    lines = rules.list_rules(context.office(), context.actor(), retired=args["state"] == "retired")
    found = [line for line in lines if _fits(line, args["q"].casefold(), args["bureau"])]
    verdict: Tried[rule_preview.Verdict] = fresh()
    if args["category"]:
        verdict = tried(
            lambda: rule_preview.which_rule(
                context.office(), context.actor(), args["category"], args["area"]
            ),
            fields=("category", "area"),
        )
    return show(
        "rules", verdict, lines=found, all=len(lines), args=args, categories=category_options(),
        levels=area_choices(context.office()), options=bureau_options(),
    )  # fmt: skip


@blueprint.get("/rules/new", endpoint="rule_new")
def new() -> ResponseReturnValue:
    """The form of a new rule."""
    context.require(Act.MANAGE_SETTINGS)
    return _page(None, {name: request.args.get(name, "") for name in _FIELDS}, fresh())


@blueprint.post("/rules/new", endpoint="rule_add")
def add() -> ResponseReturnValue:
    """Preview or save a new rule."""
    return _sent(None)


@blueprint.get("/rules/<int:rule_id>", endpoint="rule")
def edit(rule_id: int) -> ResponseReturnValue:
    """One rule."""
    context.require(Act.MANAGE_SETTINGS)
    line = rules.one_rule(context.office(), context.actor(), rule_id)
    return _page(line, _values(line), fresh())


@blueprint.post("/rules/<int:rule_id>", endpoint="rule_save")
def save(rule_id: int) -> ResponseReturnValue:
    """Preview or save a changed rule, its retirement or its return (``act``)."""
    return _sent(rules.one_rule(context.office(), context.actor(), rule_id))


def _sent(line: RuleLine | None) -> ResponseReturnValue:
    at_work, who = context.office(), context.actor()
    change = _change(line)
    values = typed(*_FIELDS) if change.act == "save" or line is None else _values(line)
    preview = tried(lambda: rule_preview.preview(at_work, who, change), fields=_FIELDS)
    what = _looked_at(change, preview.result)
    seen = request.form.get("previewed", "") if request.form.get("step") == "save" else ""
    # nothing is saved that was not looked at: other values or other numbers than the preview's are shown first
    if preview.ok and seen and seen != what:
        preview.said = _("It would no longer change what you saw. Look again, then save")
    if not preview.ok or seen != what:
        return _page(line, values, preview, preview=preview.result, previewed=what, act=change.act)
    trial = tried(lambda: rules.apply(at_work, who, change), fields=_FIELDS)
    if not trial.ok or trial.result is None:
        return _page(line, values, trial)
    return done(url_for("settings.rules"), _said(change.act, trial.result.moved))


def _looked_at(change: RuleChange, preview: Preview | None) -> str:
    flows = preview.flows if preview else ()
    sums = [
        [flow.before.code if flow.before else "", flow.after.code if flow.after else "", flow.count]
        for flow in flows
    ]
    return json.dumps([change.act, change.category, change.area, change.bureau, sums])


def _change(line: RuleLine | None) -> RuleChange:
    given = typed("act", *_FIELDS, "seen")
    act: Literal["save", "retire", "restore"] = "save"
    if line is not None and given["act"] == "retire":
        act = "retire"
    elif line is not None and given["act"] == "restore":
        act = "restore"
    return RuleChange(
        act=act, rule_id=line.id if line else None, category=given["category"], area=given["area"],
        bureau=given["bureau"], note=given["note"], seen=given["seen"],
    )  # fmt: skip


def _said(act: str, moved: int) -> str:
    first = {
        "save": _("The rule is saved"),
        "retire": _("The rule is retired"),
        "restore": _("The rule is in force again"),
    }[act]
    return _(
        "%(what)s. %(moved)s",
        what=first,
        moved=ngettext(
            "%(num)s finding went to another bureau", "%(num)s findings went to another bureau", moved
        ),
    )


def _page(
    line: RuleLine | None,
    values: dict[str, str],
    trial: Tried[Any],
    *,
    preview: Preview | None = None,
    previewed: str = "",
    act: str = "save",
) -> ResponseReturnValue:
    if trial.is_stale and line is not None:  # the next try is meant to go over theirs
        line = rules.one_rule(context.office(), context.actor(), line.id)
    return show(
        "rule", trial, line=line, values=values, preview=preview, previewed=previewed, act=act,
        categories=category_options(), levels=area_choices(context.office()), options=bureau_options(),
    )  # fmt: skip


def _values(line: RuleLine) -> dict[str, str]:
    return {
        "category": line.category.code if line.category else "", "area": line.area_key, "bureau": line.bureau.code,
        "note": line.note,
    }  # fmt: skip


def _fits(line: RuleLine, query: str, bureau: str) -> bool:
    if bureau and line.bureau.code != bureau:
        return False
    texts = [line.code, line.note, words.category(line), words.area(line), named(line.bureau)]
    texts += [line.category.code if line.category else "", line.area.code if line.area else ""]
    return query in "\n".join(texts).casefold()

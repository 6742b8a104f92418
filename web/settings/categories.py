"""The tree of categories on pages."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import categories
from casework.categories import UNITS, CategoryLine
from casework.policy import Act
from web import context, i18n
from web.settings.frame import Tried, blueprint, done, fresh, refused, show, tried, typed

_FIELDS = ("code", "parent", "name_zh", "name_en", "limit_value", "limit_unit")


@blueprint.get("/categories", endpoint="categories")
def list_() -> ResponseReturnValue:
    """The whole tree; ``q`` keeps what it finds and what stands above that."""
    context.require(Act.MANAGE_SETTINGS)
    lines = categories.list_categories(context.office(), context.actor())
    query = request.args.get("q", "").strip()
    return show("categories", lines=_found(lines, query.casefold()), all=len(lines), q=query)


@blueprint.get("/categories/new", endpoint="category_new")
def new() -> ResponseReturnValue:
    """The form of a new category, below ``parent``."""
    context.require(Act.MANAGE_SETTINGS)
    return _page(None, {"parent": request.args.get("parent", "")}, fresh())


@blueprint.post("/categories/new", endpoint="category_add")
def add() -> ResponseReturnValue:
    """Add a category."""
    values = typed(*_FIELDS)
    trial = tried(lambda: categories.add_category(context.office(), context.actor(), values), fields=_FIELDS)
    if not trial.ok:
        return _page(None, values, trial)
    return done(url_for("settings.categories"), _("%(name)s was added", name=values["name_zh"]))


@blueprint.get("/categories/<int:category_id>", endpoint="category")
def edit(category_id: int) -> ResponseReturnValue:
    """One category."""
    context.require(Act.MANAGE_SETTINGS)
    line = categories.one_category(context.office(), context.actor(), category_id)
    return _page(line, _values(line), fresh())


@blueprint.post("/categories/<int:category_id>", endpoint="category_save")
def save(category_id: int) -> ResponseReturnValue:
    """Change a category."""
    values, seen = typed(*_FIELDS), request.form.get("seen", "")
    at_work, who = context.office(), context.actor()
    trial = tried(lambda: categories.change_category(at_work, who, category_id, values, seen), fields=_FIELDS)
    if not trial.ok or trial.result is None:
        return _page(categories.one_category(at_work, who, category_id), values, trial)
    message = _("Saved")
    if trial.result:
        message += _(". ") + ngettext(
            "%(num)s finding went to another bureau", "%(num)s findings went to another bureau", trial.result
        )
    return done(url_for("settings.categories"), message)


@blueprint.post("/categories/<int:category_id>/retire", endpoint="category_retire")
def retire(category_id: int) -> ResponseReturnValue:
    """Offer a category no more."""
    seen = request.form.get("seen", "")
    trial = tried(lambda: categories.retire_category(context.office(), context.actor(), category_id, seen))
    back = url_for("settings.category", category_id=category_id)
    return done(back, _("It is offered no more")) if trial.ok else refused(back, trial)


@blueprint.post("/categories/<int:category_id>/restore", endpoint="category_restore")
def restore(category_id: int) -> ResponseReturnValue:
    """Offer a category again."""
    trial = tried(lambda: categories.restore_category(context.office(), context.actor(), category_id))
    back = url_for("settings.category", category_id=category_id)
    return done(back, _("It is in use again")) if trial.ok else refused(back, trial)


def category_options(*, but: str = "") -> list[tuple[str, str]]:
    """The categories in use as (code, name), indented by depth; ``but`` leaves one out with all below it."""
    lines = categories.list_categories(context.office(), context.actor())
    left_out = {but} if but else set()
    options = []
    for line in lines:
        if line.code in left_out or line.parent in left_out:
            left_out.add(line.code)
        elif line.retired_at is None:
            options.append((line.code, "\u3000" * line.depth + f"{line.code} {i18n.local(line, 'name')}"))
    return options


def _page(line: CategoryLine | None, values: dict[str, str], trial: Tried[Any]) -> ResponseReturnValue:
    options = category_options(but=line.code if line else "")
    return show("category", trial, line=line, values=values, options=options, units=UNITS)


def _values(line: CategoryLine) -> dict[str, str]:
    return {
        "parent": line.parent, "name_zh": line.name_zh, "name_en": line.name_en,
        "limit_value": str(line.limit_value or ""), "limit_unit": line.limit_unit or "",
    }  # fmt: skip


def _found(lines: list[CategoryLine], query: str) -> list[CategoryLine]:
    if not query:
        return lines
    kept: set[str] = set()
    for line in reversed(lines):  # children come after their parents
        hit = query in f"{line.code}\n{line.name_zh}\n{line.name_en}".casefold()
        if hit or line.code in kept:
            kept |= {line.code, line.parent}
    return [line for line in lines if line.code in kept]

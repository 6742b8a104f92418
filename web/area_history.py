"""The history of boundaries on pages: the map of any day, the difference of any two, bringing one back."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from casework import area_history, area_history_map
from casework.area_history import PublicationLine, history_page
from casework.area_history_difference import Difference, difference
from casework.area_timeline import VersionOf
from casework.errors import Refused
from casework.policy import Act
from web import case_words, compress, context, i18n, map_shell

blueprint = Blueprint("area_history", __name__)

KINDS: Final = {
    "import": _l("brought in from a file"), "draft": _l("drawn here"), "restore": _l("brought back"),
    "program": _l("by a program"),
}  # fmt: skip
CHANGES: Final = {
    "new": _l("new"), "ended": _l("no more"), "border": _l("other border"), "name": _l("other name"),
    "parent": _l("in another area"), "again": _l("there again"), "same": _l("published again"),
}  # fmt: skip


@blueprint.get("/areas/history")
def show() -> ResponseReturnValue:
    """Every published version, and the map as it was on a day (``on``) or after a publication (``p``)."""
    context.require(Act.VIEW_MAP)
    given = request.args
    page = history_page(
        context.office(), context.actor(), level=given.get("level", ""), area=given.get("area", "").strip(),
        on=given.get("on", ""), publication=given.get("p", ""),
    )  # fmt: skip
    return _rendered("show", page=page, marks=_marks(page.lines))


@blueprint.get("/areas/history/compare")
def compare() -> ResponseReturnValue:
    """The difference of any two versions (``from``, ``to``: ids) or days (``from_day``, ``to_day``)."""
    given = request.args
    earlier = given.get("from_day", "").strip() or given.get("from", "").strip()
    later = given.get("to_day", "").strip() or given.get("to", "").strip()
    return _difference(earlier, later)


@blueprint.get("/areas/history/<int:publication_id>")
def publication(publication_id: int) -> ResponseReturnValue:
    """One version: who, when, why, and its difference to the one before."""
    return _difference("", str(publication_id))


@blueprint.post("/areas/history/<int:publication_id>/restore")
def restore(publication_id: int) -> ResponseReturnValue:
    """Begin a draft with the shapes of then, and open it."""
    context.require(Act.DRAW_AREAS)
    number = request.form.get("number", "")[:8]
    title = _("As in v%(number)s", number=number) if number.isdecimal() else _("As it was")
    try:
        draft_id = area_history.restore(
            context.office(), context.actor(), publication_id, request.form.get("level", ""), title
        )
    except Refused as error:
        flash(i18n.said(error), "error")
        return redirect(url_for("area_history.publication", publication_id=publication_id), 303)
    return redirect(url_for("drafts.edit", draft_id=draft_id), 303)


@blueprint.get("/map/areas-then.json")
def then() -> ResponseReturnValue:
    """The areas of a day or after a publication, ready to draw."""
    given = request.args
    return compress.answer(
        area_history_map.map_then(
            context.office(), context.actor(), level=given.get("level", ""), on=given.get("on", ""),
            publication=given.get("p", ""),
        )
    )  # fmt: skip


@blueprint.get("/map/areas-difference.json")
def difference_layer() -> ResponseReturnValue:
    """The difference of two maps, ready to draw."""
    given = request.args
    return compress.answer(
        area_history_map.difference_layer(
            context.office(), context.actor(), earlier=given.get("from", ""), later=given.get("to", ""),
            level=given.get("level", ""),
        )
    )  # fmt: skip


def kind_word(kind: str) -> str:
    """How a publication came about."""
    return str(KINDS.get(kind, kind))


def change_words(kinds: tuple[str, ...]) -> str:
    """What changed about an area."""
    return (_(", ")).join(str(CHANGES[one]) for one in kinds)


def square(area_m2: float, *, sign: bool = False) -> str:
    """An area: 312 m², 4.5 ha are 0.045 km²; with a sign +0.045 km² or −312 m²."""
    size = abs(area_m2)
    lead = ("+" if area_m2 > 0 else "−" if area_m2 < 0 else "±") if sign else ""
    if size < 10_000:
        return f"{lead}{size:,.0f} m²"
    km2 = size / 1e6
    return f"{lead}{km2:,.3f} km²" if km2 < 1 else f"{lead}{km2:,.2f} km²"


def version_name(version: VersionOf | None) -> str:
    """An area's name at its time, in the page's language; nobody for none."""
    return i18n.local(version, "name") if version is not None else _("nobody")


def version_option(line: PublicationLine) -> str:
    """A version as a choice: v13 · 1 Jul 2026 · why."""
    note = f" · {line.note}" if line.note else ""
    return f"v{line.number} · {line.day.isoformat()}{note}"[:90]


def in_numbers(line: PublicationLine) -> str:
    """What a publication did, in numbers: 3 areas changed, 1 new · 12 findings moved."""
    opened = sum(len(change.opened) for _level, change in line.changes)
    changed = sum(len(change.changed) for _level, change in line.changes)
    ended = sum(len(change.ended) for _level, change in line.changes)
    parts = [
        ngettext("%(num)s area changed", "%(num)s areas changed", changed) if changed else "",
        ngettext("%(num)s new", "%(num)s new", opened) if opened else "",
        ngettext("%(num)s ended", "%(num)s ended", ended) if ended else "",
    ]
    done = (_(", ")).join(one for one in parts if one)
    moved = line.findings_moved
    told = ngettext("%(num)s finding moved", "%(num)s findings moved", moved) if moved else ""
    return " · ".join(one for one in (done, told) if one)


def _difference(earlier: str, later: str) -> ResponseReturnValue:
    context.require(Act.VIEW_MAP)
    found = difference(
        context.office(), context.actor(), earlier=earlier, later=later, level=request.args.get("level", "")
    )
    finest = found.moved_level.id if found.moved_level else 0
    named = {
        one.area_id: version_name(one.after or one.before)
        for level in found.levels
        if level.level.id == finest
        for one in level.areas
    }
    points = [[one.id, one.lon, one.lat, one.key, *one.category] for one in found.moved.rows]
    return _rendered(
        "difference",
        found=found,
        query=_query(found),
        points=points,
        area_of=lambda one: named.get(one, "–") if one else version_name(None),
        may_draw=context.may(Act.DRAW_AREAS),
    )


def _query(found: Difference) -> dict[str, str]:
    """What the map is asked with: the publications that were found, not the days that were typed."""
    asked = {"to": str(found.later.id), "level": found.level.code if found.level else ""}
    if found.earlier is not None:
        asked["from"] = str(found.earlier.id)
    return asked


def _marks(lines: list[PublicationLine]) -> list[dict[str, Any]]:
    """The versions of the slider, oldest first."""
    return [
        {
            "id": one.id, "number": one.number, "day": one.day.isoformat(), "note": one.note, "done": in_numbers(one),
            "latest": one.is_latest,
        }
        for one in reversed(lines)
    ]  # fmt: skip


def _rendered(template: str, **more: Any) -> ResponseReturnValue:
    language = i18n.lang()
    return render_template(
        f"area_history/{template}.html", words=case_words, shell=map_shell.shell(), config=map_shell.config(),
        texts=i18n.texts_for_js(language) if language != "en" else {}, kind_word=kind_word, square=square,
        change_words=change_words, in_numbers=in_numbers, version_name=version_name, version_option=version_option,
        **more,
    )  # fmt: skip

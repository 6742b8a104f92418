"""Findings as a list, and the whole file of one."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import reads, saved_views
from casework.case_file import case_file
from casework.findings_list import FindingsPage, findings_page
from casework.policy import Act
from casework.status import DISPLAY_KEYS, OPEN_KEYS
from web import case_words, clock_words, context, minimap

blueprint = Blueprint("findings", __name__)

_MAP_PX = 280


@blueprint.get("/findings")
def list_() -> ResponseReturnValue:
    """The list of findings under the map's filters."""
    context.require(Act.VIEW_MAP)
    who = context.actor()
    listed = findings_page(context.office(), who, request.args)
    tokens = _tokens(listed)
    return render_template(
        "findings/list.html",
        listed=listed,
        words=case_words,
        chips=_chips(listed),
        tokens=tokens,
        told={key: value for key, value, _href in tokens},
        address=lambda **changes: _address(listed, **changes),
        map_address="/" + _query({key: text for key, text in listed.query.items() if key != "sort"}),
        keys=DISPLAY_KEYS,
        sheet_query=listed.query if listed.sort == "deadline" else {**listed.query, "sort": listed.sort},
        query_text=_query(listed.query).lstrip("?"),
        views=saved_views.list_views(context.office(), who) if who.user_id is not None else [],
    )


@blueprint.get("/findings/<int:finding_id>")
def show(finding_id: int) -> ResponseReturnValue:
    """The whole file of one finding; it prints as one sheet."""
    file = case_file(context.office(), context.actor(), finding_id)
    case = file.case
    reads.see(context.office(), context.actor(), [finding_id])
    looks = {file.patch_id: "mark"} if file.patch_id else {}
    drawn = minimap.sketch(file.around, _MAP_PX, look=looks, point=(case["lon"], case["lat"]))
    return render_template(
        "findings/show.html",
        file=file,
        case=case,
        map=drawn,
        words=case_words,
        back=_back(),
        map_address=url_for(
            "problem_map.show", finding=finding_id, at=f"{case['lat']:.5f},{case['lon']:.5f},16.5"
        ),
        clocks=clock_words,
        steps=case_words.step_words(),
    )


def _query(texts: dict[str, str]) -> str:
    return f"?{urlencode(texts, safe=',')}" if texts else ""


def _address(listed: FindingsPage, **changes: str | None) -> str:
    """The list's address with some of its filters changed (None: dropped); it begins at the first page."""
    texts = dict(listed.query)
    if listed.sort != "deadline":
        texts["sort"] = listed.sort
    for key, text in changes.items():
        name = key.rstrip("_")
        if text:
            texts[name] = text
        else:
            texts.pop(name, None)
    return url_for("findings.list_") + _query(texts)


def _chips(listed: FindingsPage) -> list[tuple[str, int, bool, str]]:
    """For each display key: its count, whether it is shown, and the address that switches it."""
    asked = tuple(word for word in listed.query.get("status", "").split(",") if word)
    shown = [key for key in DISPLAY_KEYS if key in listed.shown] if not asked else list(asked)
    found = []
    for key in DISPLAY_KEYS:
        on = key in listed.shown
        wanted = [one for one in shown if one != key] if on else [*shown, key]
        same = set(wanted) == set(OPEN_KEYS)
        found.append(
            (key, listed.by_status[key], on, _address(listed, status=None if same else ",".join(wanted)))
        )
    return found


def _tokens(listed: FindingsPage) -> list[tuple[str, str, str]]:
    """What is filtered beside the status chips: (filter, its value in words, the address without it)."""
    named = {
        "category": {one.code: case_words.name(one) for one in listed.categories},
        "bureau": {one.code: case_words.name(one) for one in listed.bureaus},
        "area": {one.code: case_words.name(one) for _zh, _en, level in listed.levels for one in level},
    }
    found = []
    for key, text in listed.query.items():
        if key == "status":
            continue
        value = text
        if key in named:
            value = case_words.joined([named[key].get(code, code) for code in text.split(",")][:4])
        found.append((key, value, _address(listed, **{f"{key}_": None})))
    return found


def _back() -> str:
    """Where the page's way back leads: the list or map it was opened from, else the list."""
    origin = request.referrer or ""
    for path in (url_for("findings.list_"), url_for("triage.list_")):
        if origin.startswith(request.host_url.rstrip("/") + path) and "/findings/" not in origin:
            return origin.removeprefix(request.host_url.rstrip("/"))
    return url_for("findings.list_")

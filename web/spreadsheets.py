"""Lists of pages as Excel files, in the page's language and with what the page shows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import papers as paper_lists
from casework.areas_view import AreaCard, areas_page
from casework.desk import desk as desk_of
from casework.findings_sheet import findings_sheet
from casework.policy import Act
from casework.spreadsheets import MEDIA, MOST_ROWS, Sheet, Value, workbook
from casework.status import DISPLAY_KEYS
from web import case_words, context, i18n
from web.attachments import attachment
from web.papers import paper_word

blueprint = Blueprint("spreadsheets", __name__)

DESK_ROWS = 1000  # a section; the page shows its beginning only


@blueprint.get("/findings.xlsx")
def findings() -> ResponseReturnValue:
    """The findings under the list's filters."""
    context.require(Act.VIEW_MAP)
    found = findings_sheet(context.office(), context.actor(), request.args, MOST_ROWS)
    note = ""
    if found.total > len(found.rows):
        note = _("The first %(shown)s of %(total)s findings", shown=len(found.rows), total=found.total)
    sheet = Sheet(
        _("Findings"), [*_finding_heads(), _("Details"), _("Longitude"), _("Latitude")],
        ([*_finding(row), row["description"], row["lon"], row["lat"]] for row in found.rows), note=note,
    )  # fmt: skip
    return sent([sheet], _("Findings"))


@blueprint.get("/desk.xlsx")
def desk() -> ResponseReturnValue:
    """What waits on the signed-in person's desk, a sheet for each section."""
    mine = desk_of(context.office(), context.actor(), DESK_ROWS)
    sheets = []
    for section in mine.sections:
        note = ""
        if section.count > len(section.rows):
            note = _(
                "The first %(shown)s of %(total)s findings", shown=len(section.rows), total=section.count
            )
        sheets.append(Sheet(_(section.place.title), _finding_heads(), map(_finding, section.rows), note=note))
    return sent(sheets, _("My desk"))


@blueprint.get("/areas.xlsx")
def areas() -> ResponseReturnValue:
    """All areas with who answers for them and how they stand."""
    context.require(Act.VIEW_MAP)
    page = areas_page(context.office(), context.actor())
    cards = {card.area_id: card for tree in page.trees for top in tree.areas for card in _all(top)}
    heads = [_("Code"), _("Area"), _("Inside"), _("Leader"), _("Open"), _("Overdue"), _("Closed"), _("km²")]
    sheets = [
        Sheet(
            case_words.name(level),
            heads,
            [_area(one, cards) for one in cards.values() if one.level == level["code"]],
        )
        for level in page.levels
    ]
    return sent(sheets, _("Patches"))


@blueprint.get("/papers.xlsx")
def papers() -> ResponseReturnValue:
    """The papers that were made."""
    page = paper_lists.list_papers(
        context.office(), context.actor(), request.args.get("kind", ""), most=MOST_ROWS
    )
    heads = [
        _("Number"),
        _("Paper"),
        _("Case no."),
        _("About"),
        _("Bureau"),
        _("Made"),
        _("By"),
        _("Void since"),
    ]
    rows: list[list[Value]] = [
        [
            one.number, paper_word(one.kind), one.finding[1] if one.finding else "", one.about,
            case_words.name(one.bureau) if one.bureau else "", one.made_at, case_words.pick(one.made_by),
            one.voided_at,
        ]
        for one in page.rows
    ]  # fmt: skip
    return sent([Sheet(_("Papers"), heads, rows)], _("Papers"))


def _finding_heads() -> list[str]:
    return [
        _("Case no."), _("Status"), _("Category"), _("Shop, firm or thing"), _("Place"), _("Patch"), _("Leader"),
        _("Bureau"), _("Reported"), _("Deadline"), _("Closed"),
    ]  # fmt: skip


def _finding(row: Mapping[str, Any]) -> list[Value]:
    return [
        row["number"], status_word(row["s"]), case_words.pick(row["category"]), row["subject"] or "",
        row["place"] or "", case_words.name(row["patch"]) if row["patch"] else "", case_words.pick(row["leader"]),
        case_words.pick(row["bureau"]), case_words.moment(row["reported_at"]), case_words.moment(row["due_at"]),
        case_words.moment(row["closed_at"]),
    ]  # fmt: skip


def status_word(key: str) -> str:
    """The word of a display key."""
    words = (
        _("Overdue"), _("Due soon"), _("In progress"), _("To be filed"), _("To be checked"), _("Suspended"),
        _("Closed"),
    )  # fmt: skip
    return dict(zip(DISPLAY_KEYS, words, strict=True))[key]


def _all(card: AreaCard) -> Iterator[AreaCard]:
    yield card
    for below in card.below:
        yield from _all(below)


def _area(card: AreaCard, cards: Mapping[int, AreaCard]) -> list[Value]:
    above = cards.get(card.parent_id or 0)
    leaders = [i18n.local(one, "name") for one in card.people.get("leader", [])]
    return [
        card.code, i18n.local(card, "name"), i18n.local(above, "name") if above else "", ", ".join(leaders),
        card.open, card.over, card.counts["done"], round(card.km2, 3),
    ]  # fmt: skip


def sent(sheets: Sequence[Sheet], title: str) -> Response:
    """The answer with a workbook, named after its title and the day."""
    city = context.city()
    content = workbook(sheets, city.timezone if city else "UTC", title)
    day = i18n.in_city(context.office().now()).date().isoformat()
    return attachment(content, MEDIA, f"{title} {day}.xlsx")

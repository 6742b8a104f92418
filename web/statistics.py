"""Statistics of a period, the cases behind each number, and all of it as an Excel file."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.policy import Act
from casework.spreadsheets import MEDIA, Sheet, Value, workbook
from casework.statistics import Line, Statistics, cases, statistics
from casework.statistics_asked import GROUPS, PERIODS, SIZES
from casework.statistics_figures import COUNTS, RATES, STEPS, rate
from web import case_words, context
from web import statistics_words as words
from web.attachments import attachment

blueprint = Blueprint("statistics", __name__)

BARS = 14  # lines that a chart takes


@blueprint.get("/statistics")
def show() -> ResponseReturnValue:
    """Figures, rates, charts and tables of a period."""
    context.require(Act.VIEW_STATISTICS)
    found = statistics(context.office(), context.actor(), request.args)
    return render_template(
        "statistics/show.html", found=found, words=words, groups=GROUPS, periods=PERIODS, sizes=SIZES, steps=STEPS,
        columns=words.COLUMNS, counts=COUNTS, rates=RATES, rate=rate, charts=_charts(found), address=_address,
        number=_number, key_rates=words.KEY_RATES,
    )  # fmt: skip


@blueprint.get("/statistics/cases")
def listed() -> ResponseReturnValue:
    """The cases that one number counts."""
    context.require(Act.VIEW_STATISTICS)
    found = cases(context.office(), context.actor(), request.args)
    here = {
        name: value for name, value in request.args.items() if name in ("figure", "key")
    } | found.asked.query()
    pages = {
        step: _to("statistics.listed", here | {"page": str(found.page + step)})
        for step in (-1, 1)
        if 1 <= found.page + step <= found.pages
    }
    back = _to("statistics.show", found.asked.query())
    return render_template(
        "statistics/cases.html", found=found, words=case_words, told=words, pages=pages, back=back
    )


@blueprint.get("/statistics.xlsx")
def sheet() -> ResponseReturnValue:
    """The tables as an Excel file."""
    context.require(Act.VIEW_STATISTICS)
    found = statistics(context.office(), context.actor(), request.args)
    heads = [words.group(found.asked.group), *map(words.figure, COUNTS), *map(words.rate, RATES)]
    counted = [_counted(one, found) for one in (*found.lines, found.total)]
    spent = [
        words.group(found.asked.group), _("Step"), _("Cases"), _("Mean, working hours"), _("Median, working hours"),
        _("Mean, hours"), _("Median, hours"),
    ]  # fmt: skip
    explained = [[words.figure(one), words.explained(one)] for one in COUNTS]
    explained += [[words.rate(one), words.formula(one)] for one in RATES]
    sheets = [
        Sheet(_("Figures"), heads, counted, note=words.span(found.asked)),
        Sheet(_("Time by step"), spent, _spent(found)),
        Sheet(_("What they mean"), [_("Figure"), _("Meaning")], explained),
    ]
    city = context.city()
    name = f"{_('Statistics')} {found.asked.period.first} {found.asked.period.last}.xlsx"
    return attachment(workbook(sheets, city.timezone if city else "UTC", _("Statistics")), MEDIA, name)


def _counted(line: Line, found: Statistics) -> list[Value]:
    values: list[Value] = [words.line(line, found.asked)]
    values += [line.counts[name] for name in COUNTS]
    for name in RATES:
        value = rate(line.counts, name)
        values.append(None if value is None else round(value, 4))
    return values


def _spent(found: Statistics) -> list[list[Value]]:
    rows: list[list[Value]] = []
    for line in (*found.lines, found.total):
        for name in STEPS:
            time = line.times.get(name)
            if time is not None and time.count:
                lengths = (time.mean_h, time.median_h, time.wall_mean_h, time.wall_median_h)
                told = [None if one is None else round(one, 2) for one in lengths]
                rows.append([words.line(line, found.asked), words.step(name), time.count, *told])
    return rows


def _address(found: Statistics, **changes: str) -> str:
    return _to("statistics.show", found.asked.query() | changes)


def _number(found: Statistics, line: Line, figure: str) -> str:
    """The address of the cases that a number counts."""
    key = {} if line is found.total else {"key": line.key}
    return _to("statistics.listed", {"figure": figure, **key, **found.asked.query()})


def _to(endpoint: str, query: Mapping[str, str]) -> str:
    return f"{url_for(endpoint)}?{urlencode(query)}"


def _charts(found: Statistics) -> dict[str, Any]:
    """What the charts draw, with its words."""
    busiest = sorted(found.lines, key=lambda one: -one.counts["should_close"])[:BARS]
    if found.asked.group == "period":
        busiest = []
    whole = found.total.times
    return {
        "bars": {
            "names": [words.line(one, found.asked) for one in busiest],
            "on_time": [one.counts["on_time"] for one in busiest],
            "late": [one.counts["closed_of_due"] - one.counts["on_time"] for one in busiest],
            "open": [one.counts["should_close"] - one.counts["closed_of_due"] for one in busiest],
            "words": [_("Closed on time"), _("Closed late"), _("Still open")],
        },
        "trend": {
            "names": [words.piece(one.start, found.asked.size) for one in found.trend if one.start],
            "filed": [one.counts["filed"] for one in found.trend],
            "closed": [one.counts["closed"] for one in found.trend],
            "rate": [_rounded(rate(one.counts, "on_time")) for one in found.trend],
            "words": [_("Filed"), _("Closed"), _("On-time closing rate in percent")],
        },
        "steps": {
            "names": [words.step(one) for one in STEPS[:-1]],
            "mean": [_hours(whole[one].mean_h) if one in whole else None for one in STEPS[:-1]],
            "median": [_hours(whole[one].median_h) if one in whole else None for one in STEPS[:-1]],
            "words": [_("Mean, working hours"), _("Median, working hours")],
        },
    }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)


def _hours(value: float | None) -> float | None:
    return None if value is None else round(value, 2)

"""How settings are worded: time limits, how specific a rule is, duties, what uses a thing."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from casework.bureaus import BureauUse
from casework.rules import RuleLine
from web import case_words

UNITS = {
    "hour": _l("hours"),
    "working_hour": _l("working hours"),
    "working_day": _l("working days"),
    "calendar_day": _l("calendar days"),
}
DUTIES = {"leader": _l("Leader"), "member": _l("Member"), "director": _l("Director")}
DUTY_STATES = {"now": _l("now"), "later": _l("later"), "past": _l("past")}
LANGUAGES = {"zh": "中文", "en": "English"}


def limit(found: tuple[int, str] | None) -> str:
    """A time limit: 2 working days."""
    if found is None:
        return _("no time limit")
    return case_words.limit({"value": found[0], "unit": found[1]})


def duty(key: str) -> str:
    """A duty's name."""
    return str(DUTIES.get(key, key))


def category(rule: RuleLine) -> str:
    """What a rule is about."""
    return case_words.pick(rule.category.pair) if rule.category else _("Any category")


def area(rule: RuleLine) -> str:
    """Where a rule counts."""
    return case_words.pick(rule.area.pair) if rule.area else _("Any area")


def specific(rule: RuleLine) -> str:
    """How specific a rule is, in words."""
    level = case_words.pick(rule.level).lower() if rule.level else ""
    if rule.category is None:
        if rule.area is None:
            return _("Asked last, when nothing else fits")
        return _("Any category, in one %(level)s", level=level)
    kind = _("one class") if rule.depth == 1 else _("one category")
    if rule.area is None:
        return _("%(kind)s, everywhere", kind=kind)
    return _("%(kind)s, in one %(level)s", kind=kind, level=level)


def why(rule: RuleLine) -> str:
    """Why a rule decides a case, in one sentence."""
    if rule.category is None and rule.area is None:
        return _("No rule for this category or area fits, so the last one decides.")
    if rule.category is None:
        return _("No rule for this category fits; of those for any category, the finest area decides.")
    if rule.area is None:
        return _("It names the nearest category, and no rule names that category in this area.")
    return _("It names the nearest category and, of the rules for that, the finest area.")


def use(found: BureauUse) -> list[str]:
    """What a bureau is used by."""
    parts = [
        ngettext("%(num)s open finding", "%(num)s open findings", found.open) if found.open else "",
        ngettext("%(num)s rule", "%(num)s rules", found.rules) if found.rules else "",
        ngettext("a part of %(num)s case", "a part of %(num)s cases", found.parts) if found.parts else "",
        ngettext("%(num)s account", "%(num)s accounts", found.accounts) if found.accounts else "",
        ngettext("%(num)s key", "%(num)s keys", found.keys) if found.keys else "",
    ]
    return [part for part in parts if part]


def duties(counts: Any) -> str:
    """Someone's duties in a few words: Leader of 2."""
    return _(", ").join(
        _("%(duty)s of %(count)s", duty=duty(key), count=counts[key]) for key in DUTIES if counts.get(key)
    )

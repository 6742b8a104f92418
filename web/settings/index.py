"""The settings' first page: what there is to set, and how much of it."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import bureaus, categories, keys, levels, paper_templates, people, rules, webhooks
from casework.city_settings import city_settings
from casework.office import Office
from casework.office_hours import said_spans
from casework.policy import Act, Actor
from casework.street_networks import current_facts
from casework.time_settings_view import time_settings
from web import context, i18n
from web.settings import words
from web.settings.deadlines import weekdays_said
from web.settings.frame import SECTIONS, blueprint


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All sections with a line of how each stands."""
    context.require(Act.MANAGE_SETTINGS)
    return render_template("settings/index.html", sections=SECTIONS, lines=_lines(), trial=None)


def _lines() -> dict[str, str]:
    at_work, who = context.office(), context.actor()
    found_people = people.list_people(at_work, who)
    accounts = sum(account.is_active for one in found_people for account in one.accounts)
    persons = sum(one.id is not None and one.retired_at is None for one in found_people)
    in_use = sum(one.retired_at is None for one in bureaus.list_bureaus(at_work, who))
    kinds = sum(one.retired_at is None for one in categories.list_categories(at_work, who))
    rule_count = len(rules.list_rules(at_work, who))
    city = city_settings(at_work, who)
    counted = time_settings(at_work, who)
    hours = next((one.hours for one in counted.hours if one.is_now), counted.hours[0].hours)
    streets = current_facts(at_work)
    key_count = sum(one.revoked_at is None for one in keys.list_keys(at_work, who))
    return {
        "settings.people": _(
            "%(people)s, %(accounts)s",
            people=ngettext("%(num)s person", "%(num)s people", persons),
            accounts=ngettext("%(num)s account", "%(num)s accounts", accounts),
        ),
        "settings.bureaus": ngettext("%(num)s in use", "%(num)s in use", in_use),
        "settings.categories": ngettext("%(num)s in use", "%(num)s in use", kinds),
        "settings.deadlines": f"{weekdays_said(hours.weekdays)} · {said_spans(hours.spans)}",
        "settings.rules": ngettext("%(num)s in force", "%(num)s in force", rule_count),
        "settings.levels": " → ".join(i18n.local(one, "name") for one in levels.list_levels(at_work, who))
        or _("None yet"),
        "settings.city": f"{i18n.local(city, 'name')} · {city.timezone} · {words.LANGUAGES[city.default_lang]}",
        "settings.streets": streets.name if streets else _("None: rounds follow straight lines"),
        "settings.tracks": ngettext(
            "kept for %(num)s day", "kept for %(num)s days", at_work.settings.track_days
        ),
        "settings.papers": _templates(at_work, who),
        "settings.messages": _messages(at_work, who),
        "settings.keys": ngettext("%(num)s in use", "%(num)s in use", key_count),
    }


def _templates(at_work: Office, who: Actor) -> str:
    own = sum(one.template_id is not None for one in paper_templates.standings(at_work, who))
    if not own:
        return _("All by our own templates")
    return ngettext("%(num)s template of yours", "%(num)s templates of yours", own)


def _messages(at_work: Office, who: Actor) -> str:
    found = webhooks.overview(at_work, who)
    in_use = sum(one.retired_at is None for one in found.lines)
    mail = _("mail is set") if at_work.settings.mail.is_set else _("no mail server")
    return " · ".join([mail, ngettext("%(num)s webhook", "%(num)s webhooks", in_use)])

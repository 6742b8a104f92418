"""The page's language (zh, en), and how dates and spans of time are written in it."""

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import Babel, get_locale, ngettext
from flask_babel import gettext as _

from casework.errors import CaseworkError, Sentence, Word
from web import context

LANGUAGES = ("zh", "en")
DEFAULT = "zh"
COOKIE = "lang"
_COOKIE_S = 365 * 24 * 3600
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def init(app: Flask) -> None:
    """Choose the language of each request and keep a choice made by ``?lang=``."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT
    Babel(app, locale_selector=lang)

    @app.after_request
    def remember(response: Response) -> Response:
        if request.args.get("lang") in LANGUAGES and not context.is_api():
            remember_language(response, request.args["lang"])
        return response


def lang() -> str:
    """The request's language: ``?lang=``, the cookie, what the browser asks for, the city's own."""
    if not has_request_context():
        return str(get_locale() or DEFAULT)[:2]
    if "lang" not in g:
        g.lang = _chosen()
    return str(g.lang)


def remember_language(response: Response, language: str) -> None:
    """Keep the language in a cookie for a year."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(
        COOKIE, language, max_age=_COOKIE_S, secure=secure, httponly=True, samesite="Lax", path="/"
    )


def _chosen() -> str:
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return str(wanted)
    return request.accept_languages.best_match(LANGUAGES) or _of_the_city()


def _of_the_city() -> str:
    facts = context.city()
    return facts.default_lang if facts and facts.default_lang in LANGUAGES else DEFAULT


def said(error: CaseworkError) -> str:
    """A refusal's message in the language of the request."""
    return _(error.message, **{name: spoken(value) for name, value in error.params.items()})


def spoken(value: object) -> str:
    """A message's param as text: a ``Word``, or several, in the language of the request."""
    if isinstance(value, tuple | list):
        return _(", ").join(spoken(one) for one in value)
    if isinstance(value, Sentence):
        return _(value.message, **{name: spoken(one) for name, one in value.params.items()})
    return _(value) if isinstance(value, Word) else str(value)


def local(thing: object, name: str) -> str:
    """An object's ``name_zh`` or ``name_en`` by language, the other one where that is empty."""
    first, second = ("zh", "en") if lang() == "zh" else ("en", "zh")
    return str(getattr(thing, f"{name}_{first}", "") or getattr(thing, f"{name}_{second}", "") or "")


def texts_for_js(language: str) -> dict[str, str]:
    """The scripts' texts {English: translation} of a language; empty for English."""
    file = Path(current_app.static_folder or "") / "texts" / f"{language}.json"
    if language not in LANGUAGES or not file.exists():
        return {}
    return _texts(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _texts(file: Path, _changed_ns: int) -> dict[str, str]:
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return texts


def in_city(moment: datetime) -> datetime:
    """A moment in the city's time zone (UTC before there is a city)."""
    facts = context.city()
    return moment.astimezone(ZoneInfo(facts.timezone if facts else "UTC"))


def fmt_day(day: date | datetime | None) -> str:
    """A day as 9月2日 or 2 Sep, with the year when it is not this one; a moment counts in the city's zone."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = in_city(day).date()
    this_year = in_city(context.office().now()).year
    if lang() == "zh":
        return (f"{day.year}年" if day.year != this_year else "") + f"{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != this_year else "")


def fmt_datetime(moment: datetime | None) -> str:
    """A moment on the city's clock as 9月2日 10:24 or 2 Sep 10:24."""
    return f"{fmt_day(moment)} {in_city(moment):%H:%M}" if moment is not None else ""


def span(length: timedelta) -> str:
    """A span of time in its two largest useful units: 2 天, 5 时 20 分, 40 分."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days >= 2:
        return ngettext("%(num)s day", "%(num)s days", days)
    if minutes >= 600 or (minutes >= 60 and minutes % 60 == 0):
        return _("%(hours)s h", hours=days * 24 + hours)
    if minutes >= 60:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes % 60)
    return _("%(minutes)s min", minutes=minutes)


def time_left(due_at: datetime | None, now: datetime) -> str:
    """How far the deadline is: 超 2 天, 剩 3 时; empty without one."""
    if due_at is None:
        return ""
    length = due_at - now
    if length < timedelta(0):
        return _("%(span)s late", span=span(length))
    return _("%(span)s left", span=span(length))

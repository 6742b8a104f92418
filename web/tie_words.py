"""Why two findings may be the same thing, in words."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from casework.duplicates import Candidate
from web import case_words, i18n


def why(one: Candidate) -> str:
    """What speaks for it: 12 m away · same category · reported 2 h later."""
    return reasons(one.row["distance_m"], one.same, one.apart_s)


def reasons(distance_m: float, same: str, apart_s: float) -> str:
    """The same from its parts."""
    kind = {
        "category": _("same category"),
        "class": _("same class of categories"),
        "": _("another category"),
    }[same]
    span = i18n.span(timedelta(seconds=abs(apart_s)))
    if abs(apart_s) < 60:
        when = _("reported at the same time")
    else:
        when = (
            _("reported %(span)s later", span=span)
            if apart_s > 0
            else _("reported %(span)s earlier", span=span)
        )
    return " · ".join([_("%(m)s away", m=case_words.metres(distance_m)), kind, when])


def away(row: dict[str, Any]) -> str:
    """How far an earlier or later one lies, where that is known."""
    known = row.get("distance_m")
    return _("%(m)s away", m=case_words.metres(known)) if known is not None else ""

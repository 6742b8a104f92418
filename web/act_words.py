"""What stands on the buttons and forms of the acts, in the page's language."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _

from casework.act_sheet import BACKWARD, ActSheet
from casework.lifecycle import AFTER_PHOTO, BUREAU, REASON, Offer
from web import i18n

ICONS: Final[Mapping[str, str]] = {
    "file": "file-text", "decline": "ban", "dispatch": "send", "accept": "hand", "return": "undo-2",
    "handle": "circle-check", "verify": "badge-check", "rework": "rotate-ccw", "close": "archive",
    "reopen": "refresh-cw", "correct": "pencil",
}  # fmt: skip


def effect(act: str) -> str:
    """What an act will do, said before it is done."""
    return {
        "file": _("It becomes a case and waits to be dispatched."),
        "decline": _("It ends here. The reason stays on record."),
        "dispatch": _("The bureau sees it from now on and has to accept it."),
        "accept": _("Your bureau takes it on."),
        "return": _("It goes back to the supervision centre, to be dispatched again."),
        "handle": _("It goes to the check. A photo has to show the result."),
        "verify": _("The result is right; the case can be closed."),
        "rework": _("It goes back to the bureau, to be done again."),
        "close": _("The case ends here."),
        "reopen": _("It is open again and waits to be dispatched."),
    }.get(act, "")


def note_label(offer: Offer) -> str:
    """What the text field of an act asks for."""
    return _("Why") if REASON in offer.needs else _("Remark (may stay empty)")


def why_not(offer: Offer) -> str:
    """Why an act is not possible now."""
    if offer.possible:
        return ""
    return _(offer.why_not, **{name: i18n.spoken(value) for name, value in offer.params.items()})


def as_json(sheet: ActSheet) -> dict[str, Any]:
    """The sheet for scripts: words in the page's language, names as [zh, en]."""
    return {
        "id": sheet.finding_id,
        "number": sheet.number,
        "status": sheet.status,
        "revision": sheet.revision,
        "steps": sheet.steps,
        "offers": [_offer(one) for one in sheet.offers],
        "bureau": sheet.bureau,
        "bureaus": [[one.code, one.zh, one.en] for one in sheet.bureaus],
        "correct": {"possible": sheet.correct, "why": _(sheet.correct_not) if sheet.correct_not else ""},
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "act": offer.act,
        "word": _(offer.word),
        "icon": ICONS.get(offer.act, "circle"),
        "effect": effect(offer.act),
        "note": note_label(offer),
        "needs_reason": REASON in offer.needs,
        "needs_photo": AFTER_PHOTO in offer.needs,
        "needs_bureau": BUREAU in offer.needs,
        "backward": offer.act in BACKWARD,
        "possible": offer.possible,
        "why": why_not(offer),
    }

"""What stands on the buttons and forms of the acts, in the page's language."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _

from casework.act_extra import PUNISHMENTS
from casework.act_sheet import BACKWARD, ActSheet
from casework.lifecycle import AFTER_PHOTO, BUREAU, BY_ACT, REASON, REPORT, STATUS_WORDS, Offer
from web import act_fields, i18n

ICONS: Final[Mapping[str, str]] = {
    "confirm": "eye", "file": "file-text", "decline": "ban", "settle": "message-square",
    "dissuasion_failed": "circle-x", "refer": "gavel",
    "dispatch": "send", "accept": "hand", "return": "undo-2", "hand_on": "arrow-right",
    "add_joint": "users", "drop_joint": "minus", "part_done": "check", "handle": "circle-check",
    "verify": "badge-check", "rework": "rotate-ccw", "close": "archive", "reopen": "refresh-cw",
    "ask_extension": "calendar-clock",
    "approve_extension": "check", "refuse_extension": "x", "withdraw_extension": "undo-2",
    "suspend": "circle-pause", "resume": "play", "urge": "bell", "link_child": "link", "unlink_child": "minus",
    "merge": "squares-unite", "unmerge": "split", "cancel": "circle-x", "correct": "pencil",
}  # fmt: skip


def effect(act: str, sheet: ActSheet | None = None) -> str:
    """What an act will do, said before it is done."""
    if sheet is not None and act in {"resume", "unmerge"} and sheet.before:
        return _("It is %(status)s again, as before.", status=_(STATUS_WORDS[sheet.before]))
    if sheet is not None and act in {"approve_extension", "refuse_extension"} and sheet.asked:
        return _("The bureau gives this reason: %(reason)s", reason=sheet.asked)
    return {
        "confirm": _("The report is right: it can be filed."),
        "file": _("It becomes a case and waits to be dispatched."),
        "decline": _("It ends here. The reason stays on record."),
        "settle": _("Put right after a word on the spot: no bureau is needed. Somebody else checks it."),
        "dissuasion_failed": _("A word was of no use. The centre refers it for punishment."),
        "refer": _("The bureau that may punish gets it, and reports its decision."),
        "dispatch": _("The bureau sees it from now on and has to accept it."),
        "accept": _("Your bureau takes it on."),
        "return": _("It goes back to the supervision centre, to be dispatched again."),
        "hand_on": _("The other bureau gets it in your place and has to accept it."),
        "add_joint": _("This bureau gets a part of its own, beside the one that leads."),
        "drop_joint": _("Its part ends unfinished; the bureau that leads need not wait for it."),
        "part_done": _("The bureau that leads sees that your part is finished."),
        "handle": _("It goes to the check. A photo has to show the result."),
        "verify": _("The result is right; the case can be closed."),
        "rework": _("It goes back to be done again, and counts as a failed check."),
        "close": _("The case ends here."),
        "reopen": _("It is open again and waits to be dispatched."),
        "ask_extension": _(
            "A supervisor and a leader decide. At most two are granted, each as long as the limit."
        ),
        "approve_extension": _("The first approval goes on to a leader, the second grants it."),
        "refuse_extension": _("The deadline stays as it is."),
        "withdraw_extension": _("The deadline stays as it is."),
        "suspend": _("The clock stops until it is resumed."),
        "resume": _("The clock goes on."),
        "urge": _("Everybody who has it is told, and a supervision order is made."),
        "link_child": _("It becomes a part of a larger finding, which cannot be closed before it."),
        "unlink_child": _("It stands for itself again."),
        "merge": _("The other one stays. Both reporters stay on record, and this can be undone."),
        "unmerge": _("It is a finding of its own again."),
        "cancel": _("It ends here, as if it had been no case. The reason stays on record."),
    }.get(act, "")


def punishment(kind: str) -> str:
    """A kind of punishment in words."""
    return _(PUNISHMENTS[kind]) if kind in PUNISHMENTS else kind


def why_not(offer: Offer) -> str:
    """Why an act is not possible now."""
    if offer.possible:
        return ""
    return _(offer.why_not, **{name: i18n.spoken(value) for name, value in offer.params.items()})


def now_and_later(sheet: ActSheet) -> tuple[list[Offer], list[Offer]]:
    """Of what is not possible: what fits the status but for something else, and what belongs to another status."""
    refused = [offer for offer in sheet.offers if not offer.possible]
    now = [offer for offer in refused if sheet.status in BY_ACT[offer.act].before]
    return now, [offer for offer in refused if offer not in now]


def later_words(sheet: ActSheet, later: list[Offer]) -> str:
    """One line for all that belongs to another status."""
    return _(
        "Not while the finding is %(status)s: %(acts)s", status=_(STATUS_WORDS[sheet.status]),
        acts=_(", ").join(_(offer.word) for offer in later),
    )  # fmt: skip


def as_json(sheet: ActSheet) -> dict[str, Any]:
    """The sheet for scripts: words in the page's language, names as [zh, en]."""
    _now, later = now_and_later(sheet)
    return {
        "id": sheet.finding_id,
        "number": sheet.number,
        "status": sheet.status,
        "revision": sheet.revision,
        "steps": sheet.steps,
        "offers": [_offer(one, sheet) for one in sheet.offers],
        "later": later_words(sheet, later) if later else "",
        "bureau": sheet.bureau,
        "bureaus": [[one.code, one.zh, one.en] for one in sheet.bureaus],
        "correct": {"possible": sheet.correct, "why": _(sheet.correct_not) if sheet.correct_not else ""},
    }


def _offer(offer: Offer, sheet: ActSheet) -> dict[str, Any]:
    return {
        "act": offer.act,
        "word": _(offer.word),
        "icon": ICONS.get(offer.act, "circle"),
        "effect": effect(offer.act, sheet),
        "note": act_fields.note_label(offer),
        "photo": act_fields.photo_label(offer),
        "photo_kind": act_fields.photo_kind(offer),
        "needs_reason": REASON in offer.needs,
        "needs_photo": AFTER_PHOTO in offer.needs,
        "needs_bureau": BUREAU in offer.needs,
        "needs_report": REPORT in offer.needs,
        "fields": act_fields.fields(offer, sheet) if offer.possible else [],
        "fits": sheet.status in BY_ACT[offer.act].before,
        "backward": offer.act in BACKWARD,
        "possible": offer.possible,
        "why": why_not(offer),
    }

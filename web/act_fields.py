"""What the form of an act asks for, field by field: the same list for the plain form, the dialog and scripts."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _

from casework.act_extra import PUNISHMENTS
from casework.act_sheet import ActSheet
from casework.errors import Refused, mark
from casework.lifecycle import AFTER_PHOTO, BUREAU, JOINT, OTHER, PUNISHMENT, REASON, REPORT, Offer
from web import case_words

# Acts whose bureau must be another than those that have the case.
_ELSEWHERE: Final = frozenset({"hand_on", "add_joint"})
_OTHER_LABEL: Final = {"merge": mark("The finding that stays"), "link_child": mark("The parent")}


def fields(offer: Offer, sheet: ActSheet) -> list[dict[str, Any]]:
    """The fields of an act beside remark and photos: ``name``, ``kind`` (choice, checks, text, finding), ``label``."""
    found: list[dict[str, Any]] = []
    if BUREAU in offer.needs:
        found.append(_bureau(offer, sheet))
    if JOINT in offer.needs:
        found.append(
            {"name": "joint", "kind": "checks", "label": _("Bureaus that take part"), "required": False,
             "options": _bureaus(sheet, ())}
        )  # fmt: skip
    if PUNISHMENT in offer.needs:
        found.append(
            {
                "name": "punishment_number",
                "kind": "text",
                "label": _("Number of the decision"),
                "required": True,
            }
        )
        kinds = [[code, _(word)] for code, word in PUNISHMENTS.items()]
        found.append(
            {"name": "punishment_kind", "kind": "choice", "label": _("Kind of punishment"), "required": True,
             "options": kinds, "value": ""}
        )  # fmt: skip
    if OTHER in offer.needs:
        found.append(
            {"name": "other", "kind": "finding", "label": _(_OTHER_LABEL[offer.act]), "required": True,
             "near": [_near(one) for one in sheet.near]}
        )  # fmt: skip
    return found


def _bureau(offer: Offer, sheet: ActSheet) -> dict[str, Any]:
    if offer.act == "drop_joint":
        taking_part = [
            one.code for one in sheet.bureaus if one.code not in sheet.parts or one.code == sheet.bureau
        ]
        return {"name": "bureau", "kind": "choice", "label": _("Bureau"), "required": True,
                "options": _bureaus(sheet, tuple(taking_part)), "value": ""}  # fmt: skip
    own = None if offer.act in _ELSEWHERE else sheet.bureau
    options = _bureaus(sheet, sheet.parts if offer.act in _ELSEWHERE else ())
    if own:
        options = [
            [code, _("%(name)s (in charge)", name=name) if code == own else name] for code, name in options
        ]
    return {"name": "bureau", "kind": "choice", "label": _("Bureau"), "required": True, "options": options,
            "value": own or ""}  # fmt: skip


def _bureaus(sheet: ActSheet, without: tuple[str, ...]) -> list[list[str]]:
    return [[one.code, case_words.name(one)] for one in sheet.bureaus if one.code not in without]


def _near(one: Any) -> dict[str, Any]:
    words = [case_words.pick(one.category), one.subject, one.place]
    return {
        "number": one.number, "words": " · ".join(word for word in words if word), "s": one.status_key,
        "away": case_words.metres(one.distance_m),
    }  # fmt: skip


def extra_of(given: Any) -> dict[str, Any]:
    """What a form says beside remark, bureau and photos, as ``casework.acts.perform`` takes it."""
    extra: dict[str, Any] = {}
    joint = [code for code in given.getlist("joint") if code]
    if joint:
        extra["joint"] = joint if len(joint) > 1 else joint[0]
    if given.get("punishment_number") or given.get("punishment_kind"):
        extra["punishment"] = {
            "number": given.get("punishment_number", ""), "kind": given.get("punishment_kind", ""),
        }  # fmt: skip
    if other := (given.get("other", "").strip() or given.get("other_near", "")):
        extra["other"] = other
    if given.get("where"):
        extra["where"] = given["where"]
    return extra


def extra_of_json(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a JSON body."""
    known = ("joint", "punishment", "other", "where")
    return {name: given[name] for name in known if given.get(name) is not None}


def photo_kind(offer: Offer) -> str:
    """What a photo of this act shows unless somebody says otherwise."""
    shows_result = AFTER_PHOTO in offer.needs or REPORT in offer.needs or offer.act == "verify"
    return "after" if shows_result else "near"


def note_label(offer: Offer) -> str:
    """What the text field of an act asks for."""
    if REASON in offer.needs:
        return _("Why")
    if REPORT in offer.needs:
        return _("What was done")
    return _("Remark (may stay empty)")


def photo_label(offer: Offer) -> str:
    """What the photo field of an act asks for."""
    if AFTER_PHOTO in offer.needs:
        return _("Photo of the result")
    if REPORT in offer.needs:
        return _("Photo of the result (or say it in words)")
    return _("Photos (may stay empty)")


def require_text(value: object, field: str) -> str:
    """A text of a JSON body; raises Refused for anything else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(mark("%(field)s must be text"), {"field": field}, field=field)
    return value

"""What an act may bring beside its remark: further bureaus, a decision, another finding, where the person stood."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from casework import fields
from casework.errors import Refused, mark
from casework.policy import Actor

MOST_JOINT: Final = 8
KNOWN: Final = frozenset({"joint", "punishment", "other", "where"})
PUNISHMENTS: Final[dict[str, str]] = {
    "warning": mark("Warning"),
    "fine": mark("Fine"),
    "confiscation": mark("Confiscation"),
    "order": mark("Order to put it right"),
    "suspension": mark("Business suspended"),
    "other": mark("Other"),
}


@dataclass(frozen=True, slots=True)
class Extra:
    """Checked: ``joint`` bureau codes, ``punishment`` {number, kind}, ``other`` a case number, ``where`` lon, lat."""

    joint: tuple[str, ...] = ()
    punishment: Mapping[str, str] | None = None
    other: str = ""
    where: tuple[float, float] | None = None


def checked(extra: Mapping[str, Any]) -> Extra:
    """Read what came from outside. Raises Refused naming the field."""
    unknown = sorted(set(extra) - KNOWN)
    if unknown:
        name = str(unknown[0])[:40]
        raise Refused(mark("There is no field %(field)s"), {"field": name}, field=name)
    return Extra(
        joint=_codes(extra.get("joint")),
        punishment=_punishment(extra.get("punishment")),
        other=fields.text(extra.get("other"), "other", limit=32),
        where=_where(extra.get("where")),
    )


def key_digest(actor: Actor, act: str, request_key: object) -> str:
    """What is kept of a sender's key: it tells one click from another, and nothing about who clicked."""
    key = fields.text(request_key, "request_key", limit=200)
    if not key:
        return ""
    return hashlib.sha256(f"{actor.user_id}:{actor.key_id}:{act}:{key}".encode()).hexdigest()[:24]


def _codes(value: object) -> tuple[str, ...]:
    given: Sequence[object] = value.split(",") if isinstance(value, str) else value or ()  # type: ignore[assignment]
    if not isinstance(given, Sequence):
        raise Refused(mark("joint must be a list of bureau codes"), field="joint")
    codes = tuple(dict.fromkeys(code for one in given if (code := fields.text(one, "joint", limit=64))))
    if len(codes) > MOST_JOINT:
        raise Refused(
            mark("joint names %(count)s bureaus: at most %(most)s take part"),
            {"count": len(codes), "most": MOST_JOINT}, field="joint",
        )  # fmt: skip
    return codes


def _punishment(value: object) -> Mapping[str, str] | None:
    if value is None or value == {}:
        return None
    if not isinstance(value, Mapping):
        raise Refused(mark("punishment must have number and kind"), field="punishment_number")
    number = fields.text(value.get("number"), "punishment_number", limit=80)
    kind = fields.text(value.get("kind"), "punishment_kind", limit=20)
    if not number and not kind:
        return None
    if not number:
        raise Refused(mark("Give the number of the decision"), field="punishment_number")
    if kind not in PUNISHMENTS:
        raise Refused(
            mark("punishment_kind is one of %(kinds)s"),
            {"kinds": tuple(PUNISHMENTS)},
            field="punishment_kind",
        )
    return {"number": number, "kind": kind}


def _where(value: object) -> tuple[float, float] | None:
    if value is None or value in ("", [], ()):
        return None
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or len(parts) != 2:
        raise Refused(mark("where must be lon, lat in degrees (WGS 84)"), field="where")
    return fields.location(parts[0], parts[1])

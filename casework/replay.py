"""What a history says how its finding must stand: the steps played again, one after the other.

``casework.verify`` compares it with what is on record; findings that come with their history (the demo, imports) get
their parts from it. It knows the acts of the table and those of the first lifecycle, and reads nothing but the steps.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from casework.bureau_tasks import PART_OF


@dataclass(slots=True)
class Part:
    """A bureau's part; ``bureau`` is a code, None for the bureau that the finding itself names."""

    bureau: str | None
    role: str
    begun_at: datetime
    begun_by: int | None
    status: str = "dispatched"
    is_punishment: bool = False
    accepted_at: datetime | None = None
    handled_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def told(self) -> tuple[str | None, str, str, bool]:
        """What can be compared with a row: a joint part's bureau, role, status, whether it is a punishment."""
        return (self.bureau if self.role == "joint" else None, self.role, self.status, self.is_punishment)


@dataclass(slots=True)
class Request:
    """An extension that was asked for, as the table ``extensions`` keeps it."""

    reason: str
    asked_by: int | None
    asked_at: datetime
    status: str = "asked"
    first_by: int | None = None
    first_at: datetime | None = None
    second_by: int | None = None
    second_at: datetime | None = None
    ended_by: int | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class Replayed:
    """How a finding stands after its steps. ``parts`` and ``requests`` hold ended ones too."""

    status: str = ""
    before: str = ""
    confirmed_at: datetime | None = None
    dissuasion: str | None = None
    reworks: int = 0
    extensions: int = 0
    parts: list[Part] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    aside: list[Part] = field(default_factory=list)

    @property
    def open_parts(self) -> list[Part]:
        """Those that are not ended."""
        return [part for part in self.parts if part.ended_at is None]

    @property
    def lead(self) -> Part | None:
        """The leading bureau's open part."""
        return next((part for part in self.parts if part.role == "lead" and part.ended_at is None), None)

    @property
    def waiting(self) -> Request | None:
        """The extension that waits."""
        return next((one for one in self.requests if one.status in {"asked", "approved_once"}), None)

    def joint(self, bureau: object) -> Part | None:
        """A joint bureau's open part, by its code."""
        return next(
            (part for part in self.open_parts if part.role == "joint" and part.bureau == bureau), None
        )


class _Step(NamedTuple):
    act: str
    at: datetime
    user_id: int | None
    to_status: str | None
    note: str
    payload: Mapping[str, Any]


def replay(steps: Iterable[Any]) -> Replayed:
    """Play steps again: rows or mappings with act, at, user_id, from_status, to_status, payload (and note)."""
    state = Replayed()
    for one in steps:
        step = _read(one)
        before = state.status
        if step.to_status:
            if step.to_status in {"suspended", "duplicate"} and before not in {step.to_status, "duplicate"}:
                state.before = before
            state.status = step.to_status
        _ACTS.get(step.act, _other)(state, step)
        if state.status not in {"dispatched", "accepted"}:
            _lapse(state, step)
    return state


def _read(one: Any) -> _Step:
    if isinstance(one, Mapping):
        note = one.get("note") or ""
        return _Step(one["act"], one["at"], one["user_id"], one["to_status"], note, one["payload"] or {})
    note = getattr(one, "note", None) or ""
    return _Step(one.act, one.at, one.user_id, one.to_status, note, one.payload or {})


def _end(parts: Iterable[Part], at: datetime, status: str = "ended") -> None:
    for part in parts:
        part.ended_at, part.status = at, status or part.status


def _begin(
    state: Replayed, step: _Step, bureau: str | None, role: str, *, is_punishment: bool = False
) -> Part:
    part = Part(bureau, role, step.at, step.user_id, is_punishment=is_punishment)
    state.parts.append(part)
    return part


def _code(payload: Mapping[str, Any]) -> str | None:
    code = payload.get("bureau")
    return code if isinstance(code, str) else None


def _lead_by(state: Replayed, step: _Step, *, is_punishment: bool) -> None:
    code, lead = _code(step.payload), state.lead
    if lead:
        _end([lead], step.at)
    if code and (joint := state.joint(code)):
        _end([joint], step.at)
    _begin(state, step, code, "lead", is_punishment=is_punishment)


def _dispatch(state: Replayed, step: _Step) -> None:
    _end(state.open_parts, step.at)
    _lead_by(state, step, is_punishment=step.act == "refer")
    for code in step.payload.get("joint") or ():
        _begin(state, step, code, "joint")


def _own(state: Replayed, step: _Step) -> Part | None:
    if step.payload.get("role") == "joint":
        return state.joint(step.payload.get("bureau"))
    return state.lead


def _accept(state: Replayed, step: _Step) -> None:
    part = _own(state, step) or _begin(state, step, _code(step.payload), "lead")
    part.status, part.accepted_at = "accepted", step.at


def _handle(state: Replayed, step: _Step) -> None:
    part = _own(state, step)
    if part is None and step.payload.get("role") != "joint":
        part = _begin(state, step, _code(step.payload), "lead")
    if part is not None:
        part.status, part.handled_at = "handled", step.at


def _return(state: Replayed, step: _Step) -> None:
    part = _own(state, step)
    if part is not None:
        _end([part], step.at, "returned")
    if step.payload.get("role") != "joint":
        _end(state.open_parts, step.at)


def _hand_on(state: Replayed, step: _Step) -> None:
    lead = state.lead
    _lead_by(state, step, is_punishment=lead is not None and lead.is_punishment)


def _add_joint(state: Replayed, step: _Step) -> None:
    code = _code(step.payload)
    if part := state.joint(code):
        _end([part], step.at)
    _begin(state, step, code, "joint")


def _drop_joint(state: Replayed, step: _Step) -> None:
    if part := state.joint(_code(step.payload)):
        _end([part], step.at)


def _rework(state: Replayed, step: _Step) -> None:
    state.reworks += 1
    if state.status == "filed":
        state.dissuasion = "failed"
    else:
        _hand_on(state, step)


def _close(state: Replayed, step: _Step) -> None:
    _end(state.open_parts, step.at, "")


def _cancel(state: Replayed, step: _Step) -> None:
    _end(state.open_parts, step.at)


def _confirm(state: Replayed, step: _Step) -> None:
    state.confirmed_at = step.at


def _dissuaded(state: Replayed, step: _Step) -> None:
    state.dissuasion = "settled" if step.act == "settle" else "failed"
    state.confirmed_at = state.confirmed_at or step.at


def _settle(state: Replayed, step: _Step) -> None:
    """Two acts have this name: settled on the spot, and (without a status) a location settled by hand."""
    if step.to_status:
        _dissuaded(state, step)
    else:
        _follow(state, step)


def _follow(state: Replayed, step: _Step) -> None:
    """Boundaries, rules or a person gave the finding another bureau: it takes the lead over as far as it had come."""
    change = step.payload.get("bureau")
    if not (isinstance(change, list) and len(change) == 2 and change[0] != change[1]):
        return
    lead = state.lead
    if lead is None:
        return
    if change[1] is None:
        _end(state.open_parts, step.at)
        return
    if joint := state.joint(change[1]):
        _end([joint], step.at)
    new = _begin(state, step, change[1], "lead", is_punishment=lead.is_punishment)
    new.status, new.accepted_at, new.handled_at = lead.status, lead.accepted_at, lead.handled_at
    _end([lead], step.at)


def _ask(state: Replayed, step: _Step) -> None:
    state.requests.append(Request(step.note, step.user_id, step.at))


def _approve(state: Replayed, step: _Step) -> None:
    one = state.waiting
    if one is None:
        return
    if one.status == "asked":
        one.status, one.first_by, one.first_at = "approved_once", step.user_id, step.at
    else:
        one.status, one.second_by, one.second_at, one.ended_at = "approved", step.user_id, step.at, step.at
        state.extensions += 1


def _refuse(state: Replayed, step: _Step) -> None:
    _finish(state, step, "refused" if step.act == "refuse_extension" else "withdrawn")


def _lapse(state: Replayed, step: _Step) -> None:
    _finish(state, step, "withdrawn")


def _finish(state: Replayed, step: _Step, status: str) -> None:
    if one := state.waiting:
        one.status, one.ended_by, one.ended_at = status, step.user_id, step.at


def _merge(state: Replayed, step: _Step) -> None:
    state.aside = [
        Part(part.bureau, part.role, part.begun_at, part.begun_by, part.status, part.is_punishment)
        for part in state.open_parts
    ]
    _end(state.open_parts, step.at)


def _unmerge(state: Replayed, step: _Step) -> None:
    for kept in state.aside:
        part = _begin(state, step, kept.bureau, kept.role, is_punishment=kept.is_punishment)
        part.status = kept.status
        part.accepted_at = step.at if kept.status in {"accepted", "handled"} else None
        part.handled_at = step.at if kept.status == "handled" else None
    state.aside = []


def _other(state: Replayed, step: _Step) -> None:
    """An act that only says which status it led to: imports, and the first lifecycle."""
    if step.to_status and state.status not in {"suspended", "duplicate"}:
        wanted = PART_OF.get(state.status)
        if wanted is None or (state.dissuasion == "settled" and state.lead is None):
            _end(state.open_parts, step.at)
            return
        part = state.lead or _begin(state, step, None, "lead")
        part.status = wanted
    elif step.to_status == "duplicate":
        _merge(state, step)


def _nothing(_state: Replayed, _step: _Step) -> None:
    """Nothing that stands in columns or parts."""


_ACTS: Final[dict[str, Callable[[Replayed, _Step], None]]] = {
    "confirm": _confirm, "settle": _settle, "dissuasion_failed": _dissuaded, "dispatch": _dispatch,
    "refer": _dispatch, "accept": _accept, "handle": _handle, "part_done": _handle, "return": _return,
    "hand_on": _hand_on, "add_joint": _add_joint, "drop_joint": _drop_joint, "rework": _rework,
    "close": _close, "cancel": _cancel,
    "reassign": _follow, "correct": _follow, "release": _follow, "ask_extension": _ask,
    "approve_extension": _approve, "refuse_extension": _refuse, "withdraw_extension": _refuse,
    "merge": _merge, "unmerge": _unmerge, "resume": _nothing, "suspend": _nothing, "verify": _nothing,
}  # fmt: skip

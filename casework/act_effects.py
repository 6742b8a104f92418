"""What each act writes beside the status: columns of the finding, parts, ties, and what the history keeps of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import bureau_tasks, case_ties, extensions
from casework.act_extra import Extra
from casework.dispatching import BureauChoice, bureau_in_use, chosen_bureau, record_bureau
from casework.errors import Refused, mark
from casework.policy import Actor
from casework.reassignment import code_of
from casework.standing import Standing
from db.models import Bureau, BureauTask, Finding, HistoryEntry


@dataclass(frozen=True, slots=True)
class Doing:
    """An act at the moment of writing: everything checked that the table asks for."""

    session: Session
    actor: Actor
    finding: Finding
    standing: Standing
    note: str
    bureau: str
    extra: Extra
    at: datetime

    @property
    def by(self) -> int | None:
        """Who acts, as a user id."""
        return self.actor.user_id


@dataclass(slots=True)
class Effect:
    """``columns`` of the finding, ``payload`` of its step, and the step of another finding (it, act, payload)."""

    columns: dict[str, Any] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)
    other: tuple[Finding, str, dict[str, Any]] | None = None


def effect_of(act: str, doing: Doing) -> Effect:
    """Write what the act means, inside the caller's transaction. Raises Refused naming the field."""
    return EFFECTS.get(act, _nothing)(doing)


def _nothing(_doing: Doing) -> Effect:
    return Effect()


def _confirm(doing: Doing) -> Effect:
    return Effect({"confirmed_at": doing.at})


def _seen(doing: Doing) -> dict[str, Any]:
    """Who talks to the offender has seen it: that confirms the report too."""
    return {} if doing.standing.is_confirmed else {"confirmed_at": doing.at}


def _settle(doing: Doing) -> Effect:
    return Effect({"dissuasion": "settled", **_seen(doing)})


def _dissuasion_failed(doing: Doing) -> Effect:
    return Effect({"dissuasion": "failed", **_seen(doing)})


def _dispatch(doing: Doing) -> Effect:
    return _send(doing, is_punishment=False)


def _refer(doing: Doing) -> Effect:
    return _send(doing, is_punishment=True)


def _send(doing: Doing, *, is_punishment: bool) -> Effect:
    choice = chosen_bureau(doing.session, doing.finding, doing.bureau)
    joint = _joint_ids(doing, choice)
    payload = record_bureau(doing.session, doing.finding, choice, doing.actor, doing.at, doing.note)
    bureau_tasks.lead_by(
        doing.session, doing.finding.id, choice.bureau_id, doing.at, doing.by, is_punishment=is_punishment
    )
    for bureau_id in joint.values():
        bureau_tasks.begin(doing.session, doing.finding.id, bureau_id, "joint", doing.at, doing.by)
    if joint:
        payload = {**payload, "joint": sorted(joint)}
    return Effect(payload=payload)


def _joint_ids(doing: Doing, lead: BureauChoice) -> dict[str, int]:
    found = {}
    for code in doing.extra.joint:
        bureau = bureau_in_use(doing.session, code, "joint")
        if bureau.id == lead.bureau_id:
            raise Refused(
                mark("%(code)s leads already: it cannot take part too"), {"code": code}, field="joint"
            )
        found[code] = bureau.id
    return found


def _own(doing: Doing) -> BureauTask:
    """The part of the actor's bureau, which the guards have seen."""
    return next(
        task
        for task in bureau_tasks.open_tasks(doing.session, doing.finding.id)
        if task.bureau_id == doing.actor.bureau_id
    )


def _of(doing: Doing, task: BureauTask) -> dict[str, Any]:
    payload: dict[str, Any] = {"bureau": code_of(doing.session, Bureau, task.bureau_id)}
    return payload | ({"role": "joint"} if task.role == "joint" else {})


def _come_to(doing: Doing, status: str) -> BureauTask:
    """The part of the actor's bureau, now accepted or handled."""
    task = _own(doing)
    task.status = status
    setattr(task, f"{status}_at", doing.at)
    doing.session.flush()
    return task


def _accept(doing: Doing) -> Effect:
    return Effect(payload=_of(doing, _come_to(doing, "accepted")))


def _handle(doing: Doing) -> Effect:
    task = _come_to(doing, "handled")
    payload = _of(doing, task)
    if task.is_punishment and doing.extra.punishment:
        payload["punishment"] = dict(doing.extra.punishment)
    return Effect(payload=payload)


def _part_done(doing: Doing) -> Effect:
    return Effect(payload=_of(doing, _come_to(doing, "handled")))


def _return(doing: Doing) -> Effect:
    task = _own(doing)
    payload = _of(doing, task)
    if task.role == "joint":
        bureau_tasks.end(doing.session, task, doing.at, "returned")
    else:
        bureau_tasks.end_all(doing.session, doing.finding.id, doing.at, lead="returned")
    return Effect(payload=payload)


def _hand_on(doing: Doing) -> Effect:
    if not doing.bureau:
        raise Refused(mark("Choose a bureau"), field="bureau")
    choice = chosen_bureau(doing.session, doing.finding, doing.bureau)
    lead = doing.standing.lead
    if lead is not None and lead.bureau_id == choice.bureau_id:
        raise Refused(mark("It is with this bureau already: choose another"), field="bureau")
    payload = record_bureau(doing.session, doing.finding, choice, doing.actor, doing.at, doing.note)
    bureau_tasks.lead_by(
        doing.session, doing.finding.id, choice.bureau_id, doing.at, doing.by,
        is_punishment=lead is not None and lead.is_punishment,
    )  # fmt: skip
    return Effect(payload=payload)


def _add_joint(doing: Doing) -> Effect:
    if not doing.bureau:
        raise Refused(mark("Choose a bureau"), field="bureau")
    bureau = bureau_in_use(doing.session, doing.bureau, "bureau")
    task = next(
        (
            one
            for one in bureau_tasks.open_tasks(doing.session, doing.finding.id)
            if one.bureau_id == bureau.id
        ),
        None,
    )
    if task is not None and (task.role == "lead" or task.status != "handled"):
        raise Refused(mark("This bureau has a part in it already: choose another"), field="bureau")
    if task is not None:  # its part was done; it is asked again
        bureau_tasks.end(doing.session, task, doing.at)
    bureau_tasks.begin(doing.session, doing.finding.id, bureau.id, "joint", doing.at, doing.by)
    return Effect(payload={"bureau": bureau.code, "role": "joint"})


def _drop_joint(doing: Doing) -> Effect:
    tasks = bureau_tasks.open_tasks(doing.session, doing.finding.id)
    code_of_task = {
        code_of(doing.session, Bureau, task.bureau_id): task for task in tasks if task.role == "joint"
    }
    task = code_of_task.get(doing.bureau)
    if task is None:
        raise Refused(mark("Choose one of the bureaus that take part"), field="bureau")
    bureau_tasks.end(doing.session, task, doing.at)
    return Effect(payload={"bureau": doing.bureau, "role": "joint"})


def _rework(doing: Doing) -> Effect:
    columns: dict[str, Any] = {"reworks": doing.finding.reworks + 1}
    lead = doing.standing.lead
    if lead is None and doing.standing.dissuasion == "settled":
        return Effect({**columns, "dissuasion": "failed"})
    if doing.finding.bureau_id is not None:
        bureau_tasks.lead_by(
            doing.session, doing.finding.id, doing.finding.bureau_id, doing.at, doing.by,
            is_punishment=lead is not None and lead.is_punishment,
        )  # fmt: skip
    return Effect(columns, {"bureau": code_of(doing.session, Bureau, doing.finding.bureau_id)})


def _close(doing: Doing) -> Effect:
    bureau_tasks.end_all(doing.session, doing.finding.id, doing.at, lead="", joint="")
    return Effect({"closed_at": doing.at})


def _decline(doing: Doing) -> Effect:
    return Effect({"closed_at": doing.at})


def _cancel(doing: Doing) -> Effect:
    bureau_tasks.end_all(doing.session, doing.finding.id, doing.at)
    return Effect({"closed_at": doing.at, "paused_at": None})


def _reopen(_doing: Doing) -> Effect:
    return Effect({"closed_at": None})


def _suspend(doing: Doing) -> Effect:
    return Effect({"paused_at": doing.at})


def _resume(_doing: Doing) -> Effect:
    return Effect({"paused_at": None})


def _ask_extension(doing: Doing) -> Effect:
    return Effect(payload=extensions.ask(doing.session, doing.finding, doing.note, doing.at, doing.by))


def _approve_extension(doing: Doing) -> Effect:
    granted, payload = extensions.approve(doing.session, doing.finding, doing.at, doing.by)
    return Effect({"extensions": doing.finding.extensions + 1} if granted else {}, payload)


def _refuse_extension(doing: Doing) -> Effect:
    return Effect(payload=extensions.finish(doing.session, doing.finding, "refused", doing.at, doing.by))


def _withdraw_extension(doing: Doing) -> Effect:
    return Effect(payload=extensions.finish(doing.session, doing.finding, "withdrawn", doing.at, doing.by))


def _merge(doing: Doing) -> Effect:
    stays = case_ties.other_finding(doing.session, doing.finding, doing.extra.other)
    case_ties.tie(doing.session, "duplicate", doing.finding, stays, doing.note, doing.at, doing.by)
    payload: dict[str, Any] = {"other": stays.number}
    if parts := case_ties.put_aside(doing.session, doing.finding.id, doing.at):
        payload["parts"] = parts
    columns = {"closed_at": doing.at, "paused_at": None}
    return Effect(columns, payload, (stays, "took_in", {"other": doing.finding.number}))


def _unmerge(doing: Doing) -> Effect:
    stays = case_ties.untie(doing.session, "duplicate", doing.finding, doing.at, doing.by)
    payload: dict[str, Any] = {}
    if merged := _last_payload(doing, ("merge",)):
        case_ties.bring_back(doing.session, doing.finding, merged.get("parts") or [], doing.at, doing.by)
    other = None
    if stays is not None:
        payload["other"] = stays.number
        other = (stays, "let_go", {"other": doing.finding.number})
    paused = doing.at if doing.standing.before == "suspended" else None
    return Effect({"closed_at": None, "paused_at": paused}, payload, other)


def _last_payload(doing: Doing, acts: Sequence[str]) -> dict[str, Any]:
    return (
        doing.session.scalars(
            select(HistoryEntry.payload)
            .where(HistoryEntry.finding_id == doing.finding.id, HistoryEntry.act.in_(acts))
            .order_by(HistoryEntry.seq.desc())
            .limit(1)
        ).first()
        or {}
    )


def _link_child(doing: Doing) -> Effect:
    parent = case_ties.other_finding(doing.session, doing.finding, doing.extra.other)
    case_ties.check_parent(doing.session, parent)
    case_ties.tie(doing.session, "child", doing.finding, parent, doing.note, doing.at, doing.by)
    return Effect({}, {"other": parent.number}, (parent, "child_added", {"other": doing.finding.number}))


def _unlink_child(doing: Doing) -> Effect:
    parent = case_ties.untie(doing.session, "child", doing.finding, doing.at, doing.by)
    if parent is None:
        return Effect()
    return Effect({}, {"other": parent.number}, (parent, "child_removed", {"other": doing.finding.number}))


EFFECTS: Final[dict[str, Callable[[Doing], Effect]]] = {
    "confirm": _confirm, "settle": _settle, "dissuasion_failed": _dissuasion_failed, "decline": _decline,
    "dispatch": _dispatch, "refer": _refer, "accept": _accept, "handle": _handle, "part_done": _part_done,
    "return": _return, "hand_on": _hand_on, "add_joint": _add_joint,
    "drop_joint": _drop_joint, "rework": _rework, "close": _close,
    "cancel": _cancel, "reopen": _reopen, "suspend": _suspend, "resume": _resume,
    "ask_extension": _ask_extension, "approve_extension": _approve_extension,
    "refuse_extension": _refuse_extension, "withdraw_extension": _withdraw_extension,
    "merge": _merge, "unmerge": _unmerge, "link_child": _link_child, "unlink_child": _unlink_child,
}  # fmt: skip

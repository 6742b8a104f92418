"""The guards that the table of transitions names: each says why not, in words, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from casework.errors import mark
from casework.standing import MOST_EXTENSIONS, Asker, Standing


@dataclass(frozen=True, slots=True)
class Why:
    """Why an act is not possible (English msgid, params); ``of_person``: somebody else might."""

    message: str
    params: dict[str, object] = field(default_factory=dict)
    of_person: bool = False


Guard = Callable[[Asker, Standing], Why | None]


def owns(asker: Asker, standing: Standing) -> Why | None:
    """Whether the finding is this person's where the role has its own: the bureau's, the patches'."""
    if asker.role == "handler" and (asker.bureau_id is None or standing.task_of(asker.bureau_id) is None):
        return Why(mark("It is another bureau's"), of_person=True)
    if asker.role == "inspector" and not asker.area_ids & standing.area_ids:
        return Why(mark("It lies outside your patches"), of_person=True)
    return None


def _unconfirmed(_asker: Asker, standing: Standing) -> Why | None:
    return Why(mark("It is confirmed already")) if standing.is_confirmed else None


def _confirmed_or_own(_asker: Asker, standing: Standing) -> Why | None:
    if standing.is_confirmed or standing.by_staff:
        return None
    return Why(mark("Somebody has to confirm it first: it was not reported by our own staff"))


def _not_reporter(asker: Asker, standing: Standing) -> Why | None:
    if asker.user_id is None or asker.user_id != standing.reporter_id:
        return None
    return Why(mark("Whoever reported it may not confirm it: ask somebody else"), of_person=True)


def _not_failed_yet(_asker: Asker, standing: Standing) -> Why | None:
    if standing.dissuasion != "failed":
        return None
    return Why(mark("It is on record already that dissuasion failed: it waits for the referral"))


def _may_refer(_asker: Asker, standing: Standing) -> Why | None:
    if standing.status != "filed" or standing.dissuasion == "failed":
        return None
    return Why(mark("First somebody has to try dissuasion and put on record that it failed"))


def _lead(asker: Asker, standing: Standing) -> Why | None:
    if asker.role != "handler":
        return None
    task = standing.task_of(asker.bureau_id)
    if task is not None and task.role == "lead":
        return None
    return Why(mark("Only the leading bureau may do this: yours takes part"), of_person=True)


def _joint(asker: Asker, standing: Standing) -> Why | None:
    task = standing.task_of(asker.bureau_id)
    if task is not None and task.role == "joint":
        return None
    return Why(mark("Your bureau leads: it reports the whole as handled"), of_person=True)


def _task_new(asker: Asker, standing: Standing) -> Why | None:
    task = standing.task_of(asker.bureau_id)
    if task is None or task.status == "dispatched":
        return None
    return Why(mark("Your bureau has accepted it already"), of_person=True)


def _task_accepted(asker: Asker, standing: Standing) -> Why | None:
    task = standing.task_of(asker.bureau_id)
    if task is None or task.status != "dispatched":
        return _task_open(asker, standing)
    return Why(mark("Your bureau has to accept its part first"), of_person=True)


def _task_open(asker: Asker, standing: Standing) -> Why | None:
    task = standing.task_of(asker.bureau_id)
    if task is None or task.status != "handled":
        return None
    return Why(mark("Your bureau's part is done already"), of_person=True)


def _parts_done(_asker: Asker, standing: Standing) -> Why | None:
    waiting = sum(task.status != "handled" for task in standing.joint)
    if not waiting:
        return None
    return Why(mark("%(count)s joint bureaus have not finished their part"), {"count": waiting})


def _has_joint(_asker: Asker, standing: Standing) -> Why | None:
    return None if standing.joint else Why(mark("No joint bureau takes part"))


def _not_doer(asker: Asker, standing: Standing) -> Why | None:
    doers = {standing.done_by.get(act) for act in ("handle", "settle", "part_done")} - {None}
    if asker.user_id is None or asker.user_id not in doers:
        return None
    return Why(mark("Whoever handled it may not check it: ask somebody else"), of_person=True)


def _few_extensions(_asker: Asker, standing: Standing) -> Why | None:
    if standing.asked is not None:
        return Why(mark("An extension waits for approval already"))
    if standing.extensions >= MOST_EXTENSIONS:
        return Why(mark("Two extensions were granted: there is no third"))
    return None


def _waiting(_asker: Asker, standing: Standing) -> Why | None:
    return None if standing.asked else Why(mark("No extension waits for approval"))


def _approver(asker: Asker, standing: Standing) -> Why | None:
    asked = standing.asked
    if asked is None:
        return _waiting(asker, standing)
    if asker.user_id is not None and asker.user_id in {asked.asked_by, asked.first_by}:
        return Why(
            mark("Who asked for it or approved it first may not approve it: ask somebody else"),
            of_person=True,
        )
    if not asked.is_approved_once and asker.role != "supervisor":
        return Why(mark("The first approval is a supervisor's"), of_person=True)
    if asked.is_approved_once and asker.role == "supervisor":
        return Why(mark("The second approval is a leader's or an administrator's"), of_person=True)
    return None


def _is_child(_asker: Asker, standing: Standing) -> Why | None:
    return None if standing.ties.parent_id else Why(mark("It belongs to no parent"))


def _may_be_child(_asker: Asker, standing: Standing) -> Why | None:
    if standing.ties.parent_id:
        return Why(mark("It belongs to a parent already: take it out of that first"))
    return _childless(_asker, standing)


def _childless(_asker: Asker, standing: Standing) -> Why | None:
    if not standing.ties.children:
        return None
    return Why(
        mark("%(count)s findings belong to it: take them out first"), {"count": standing.ties.children}
    )


def _no_duplicates(_asker: Asker, standing: Standing) -> Why | None:
    if not standing.ties.duplicates:
        return None
    return Why(
        mark("%(count)s reports were merged into it: undo those first"), {"count": standing.ties.duplicates}
    )


def _children_done(_asker: Asker, standing: Standing) -> Why | None:
    if not standing.ties.open_children:
        return None
    return Why(
        mark("%(count)s findings that belong to it are still open"), {"count": standing.ties.open_children}
    )


def _known_before(_asker: Asker, standing: Standing) -> Why | None:
    return None if standing.before else Why(mark("Its history does not say how it stood before"))


GUARDS: Final[dict[str, Guard]] = {
    "unconfirmed": _unconfirmed,
    "confirmed or own": _confirmed_or_own,
    "not the reporter": _not_reporter,
    "dissuasion not failed yet": _not_failed_yet,
    "dissuasion failed": _may_refer,
    "leading bureau": _lead,
    "joint bureau": _joint,
    "part not accepted yet": _task_new,
    "part accepted": _task_accepted,
    "part not done yet": _task_open,
    "joint parts done": _parts_done,
    "has joint bureaus": _has_joint,
    "not who handled it": _not_doer,
    "fewer than two extensions": _few_extensions,
    "extension waits": _waiting,
    "next approver": _approver,
    "is a child": _is_child,
    "may be a child": _may_be_child,
    "no children": _childless,
    "nothing merged into it": _no_duplicates,
    "children done": _children_done,
    "status before known": _known_before,
}

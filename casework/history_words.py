"""The steps of a history in words, Chinese and English, and the seven steps that a case goes through."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from db.models import HistoryEntry

# act -> (Chinese, English, whether it is bad news)
ACTS: Final[dict[str, tuple[str, str, bool]]] = {
    "report": ("上报", "Reported", False),
    "import": ("从外部数据导入", "Imported from a file", False),
    "confirm": ("核实，情况属实", "Confirmed", False),
    "file": ("立案", "Filed", False),
    "dissuasion_failed": ("现场劝阻无效", "Dissuasion failed", True),
    "refer": ("移交处罚", "Referred for punishment", False),
    "dispatch": ("派遣", "Dispatched", False),
    "accept": ("受理", "Accepted", False),
    "progress": ("办理中", "Work under way", False),
    "part_done": ("本部门部分办完", "Part of the case done", False),
    "hand_on": ("转办", "Handed on", False),
    "add_joint": ("增加会办", "Joint bureau added", False),
    "drop_joint": ("结束会办", "A joint bureau's part ended", False),
    "handle": ("处置完成，待核查", "Handled, to be checked", False),
    "verify": ("现场核查", "Checked on site", False),
    "close": ("结案", "Closed", False),
    "decline": ("不予立案", "Declined", False),
    "return": ("部门退单，要重新派遣", "Returned by the bureau, to be dispatched again", True),
    "rework": ("核查不通过，退回重办", "The check failed, to be done again", True),
    "correct": ("更正", "Corrected", False),
    "former_text": ("更正前的文字", "What it said before", False),
    "suspend": ("挂账，停表", "Suspended, clock stopped", False),
    "resume": ("恢复办理", "Resumed", False),
    "cancel": ("撤销", "Cancelled", False),
    "merge": ("与另一件是同一件，并案", "Merged into another finding", False),
    "unmerge": ("撤销并案", "Merging undone", False),
    "took_in": ("并入一件重复上报", "Another report of it merged in", False),
    "let_go": ("一件并案被撤销", "A merged report stands for itself again", False),
    "link_child": ("归入上级案件", "Put under a parent", False),
    "unlink_child": ("从上级案件移出", "Taken out of its parent", False),
    "child_added": ("归入一件下级案件", "A finding put under it", False),
    "child_removed": ("移出一件下级案件", "A finding taken out of it", False),
    "ask_extension": ("申请延期", "Extension asked for", False),
    "approve_extension": ("延期审批", "Extension approved", False),
    "refuse_extension": ("不同意延期", "Extension refused", False),
    "withdraw_extension": ("撤回延期申请", "Request for an extension withdrawn", False),
    "duplicate": ("与另一件是同一件，并案", "Joined with another case", False),
    "reopen": ("重新打开", "Reopened", True),
    "reassign": ("重新分派", "Assigned again", False),
    "settle": ("人工定位", "Location settled by hand", False),
    "release": ("取消人工定位", "Location released", False),
    "dissuade": ("现场劝阻", "Dissuaded on site", False),
    "urge": ("督办", "Urged", True),
    "remind": ("催办", "Reminded", True),
    "extend": ("延期", "Extended", False),
    "update": ("更新", "Updated", False),
    "overdue": ("超过期限", "Deadline passed", True),
}
PUNISHMENT_WORDS: Final[dict[str, tuple[str, str]]] = {
    "warning": ("警告", "warning"),
    "fine": ("罚款", "fine"),
    "confiscation": ("没收", "confiscation"),
    "order": ("责令改正", "order to put it right"),
    "suspension": ("责令停业", "business suspended"),
    "other": ("其他处罚", "other punishment"),
}
_TO_BUREAU: Final = frozenset({"dispatch", "refer", "hand_on"})
STEP_KEYS: Final = ("collect", "file", "dispatch", "handle", "feedback", "close", "evaluate")
_DONE_BY: Final[dict[str, tuple[str, ...]]] = {
    "collect": ("report",), "file": ("file", "dissuasion_failed", "settle"), "dispatch": ("dispatch", "refer"),
    "handle": ("handle", "settle"), "feedback": ("verify",), "close": ("close",), "evaluate": ("evaluate",),
}  # fmt: skip
# Which step is being worked on, by stored status; a status that is not here has no current step.
_CURRENT: Final = {
    "reported": "file", "filed": "dispatch", "dispatched": "handle", "accepted": "handle", "returned": "dispatch",
    "reopened": "dispatch", "suspended": "handle", "handled": "feedback", "verified": "close",
}  # fmt: skip

NamesByCode = Mapping[str, Sequence[str]]
# The texts that a correction may change, as they are called.
_FIELDS: Final = {
    "subject": ("名称", "name"),
    "place": ("地点", "place in words"),
    "description": ("说明", "details"),
}


def words(
    act: str,
    payload: Mapping[str, Any],
    bureaus: NamesByCode,
    areas: NamesByCode,
    categories: NamesByCode | None = None,
) -> tuple[str, str, bool]:
    """What happened in Chinese and in English, and whether it is bad news.

    ``bureaus``, ``areas`` and ``categories`` give the names [zh, en] of the codes that a payload may hold.
    """
    zh, en, hot = ACTS.get(act, (act, act, False))
    if act == "settle" and "levels" not in payload:  # the other act of this name settles a location
        return "当场劝阻，已经整改", "Settled on the spot", False
    if act in _TO_BUREAU:
        more_zh, more_en = _dispatched(payload, bureaus)
    elif act in {"reassign", "settle", "correct"}:
        more_zh, more_en = _moved(payload, bureaus, areas, categories or {})
    elif act == "former_text":
        more_zh, more_en = _in_field(payload)
    else:
        more_zh, more_en = _more(act, payload, bureaus)
    return zh + more_zh, en + more_en, hot


def _more(act: str, payload: Mapping[str, Any], bureaus: NamesByCode) -> tuple[str, str]:
    """What a step says beyond its act: which finding, whose part, which decision, which extension."""
    if isinstance(other := payload.get("other"), str):
        return f"：{other}", f": {other}"
    if payload.get("role") == "joint" and isinstance(code := payload.get("bureau"), str):
        name = bureaus.get(code, (code, code))
        return f"（会办：{name[0]}）", f" ({name[1]}, taking part)"
    if isinstance(told := payload.get("punishment"), Mapping):
        kind = PUNISHMENT_WORDS.get(str(told.get("kind")), ("处罚", "punishment"))
        number = told.get("number", "")
        return f"：{kind[0]}，决定书 {number}", f": {kind[1]}, decision {number}"
    if act == "approve_extension":
        level = payload.get("level")
        return (
            ("，第二级，准予延期", ", second level: granted")
            if level == 2
            else ("，第一级同意", ", first level")
        )
    return "", ""


def _dispatched(payload: Mapping[str, Any], bureaus: NamesByCode) -> tuple[str, str]:
    code, rule = payload.get("bureau"), payload.get("rule")
    zh = en = ""
    if isinstance(code, str):
        name = bureaus.get(code, (code, code))
        zh, en = f"给{name[0]}", f" to {name[1]}"
    instead = payload.get("instead_of")
    if isinstance(instead, str):
        name = bureaus.get(instead, (instead, instead))
        zh, en = f"{zh}（原为{name[0]}）", f"{en} (was {name[1]})"
    if isinstance(rule, str):
        zh, en = f"{zh}（规则 {rule}）", f"{en} (rule {rule})"
    joint = payload.get("joint")
    if isinstance(joint, list) and joint:
        names = [bureaus.get(one, (one, one)) for one in joint]
        zh = f"{zh}，会办：{'、'.join(name[0] for name in names)}"
        en = f"{en}, with {', '.join(name[1] for name in names)}"
    return zh, en


def _in_field(payload: Mapping[str, Any]) -> tuple[str, str]:
    words = _FIELDS.get(str(payload.get("field")))
    return (f"（{words[0]}）", f" ({words[1]})") if words else ("", "")


def _moved(
    payload: Mapping[str, Any], bureaus: NamesByCode, areas: NamesByCode, categories: NamesByCode
) -> tuple[str, str]:
    zh, en = [], []
    fields = payload.get("fields")
    for name in fields if isinstance(fields, list) else ():
        if name in _FIELDS:
            zh.append(_FIELDS[name][0])
            en.append(_FIELDS[name][1])
    if isinstance(payload.get("lon"), list):
        zh.append("位置")
        en.append("place")
    for field, names, word_zh, word_en in (
        ("category", categories, "类别", "category"),
        ("area", areas, "片区", "patch"),
        ("bureau", bureaus, "责任部门", "bureau"),
    ):
        change = payload.get(field)
        if isinstance(change, list) and len(change) == 2 and change[0] != change[1]:
            old, new = (names.get(code, (code, code)) if code else ("无", "none") for code in change)
            zh.append(f"{word_zh} {old[0]} → {new[0]}")
            en.append(f"{word_en} {old[1]} → {new[1]}")
    return ("：" + "，".join(zh) if zh else ""), (": " + ", ".join(en) if en else "")


def steps(status: str, entries: Sequence[HistoryEntry], reported_at: datetime) -> list[dict[str, Any]]:
    """The seven steps of GB/T 30428: ``key``, ``at`` (the last time it was done), ``state`` ok, now or todo."""
    last = {entry.act: entry.at for entry in entries if entry.act != "settle" or entry.to_status}
    current = _CURRENT.get(status)
    reached = STEP_KEYS.index(current) if current else len(STEP_KEYS)
    done: list[dict[str, Any]] = []
    for position, key in enumerate(STEP_KEYS):
        done_at = [last[act] for act in _DONE_BY[key] if act in last]
        at = reported_at if key == "collect" else max(done_at, default=None)
        if key == "feedback" and at is None and position < reached:
            at = last.get("handle") or last.get("settle")
        if key == current:
            done.append({"key": key, "at": None, "state": "now"})
        elif position < reached and at is not None:
            done.append({"key": key, "at": at, "state": "ok"})
        else:
            done.append({"key": key, "at": None, "state": "todo"})
    return done

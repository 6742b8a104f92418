"""Draw the life of a finding from the table of transitions into docs/lifecycle.md: diagram and table.

``python -m tools.lifecycle_diagram`` writes the page; ``--check`` says whether it is up to date.
"""

import sys
from pathlib import Path
from typing import Final

from casework.lifecycle import ACT_WORDS, BEFORE, OPEN, SAME, STATUS_WORDS, TABLE, Transition

# The terms of GB/T 30428 and of the office.
ACTS_ZH: Final = {
    "confirm": "核实", "file": "立案", "decline": "不予立案", "settle": "当场劝阻", "dissuasion_failed": "劝阻无效",
    "refer": "移交处罚", "dispatch": "派遣", "accept": "受理", "handle": "处置反馈", "part_done": "会办部分办完",
    "return": "退回", "hand_on": "转办", "add_joint": "增加会办", "drop_joint": "结束会办",
    "verify": "核查通过", "rework": "核查不通过",
    "close": "结案", "reopen": "重新打开", "ask_extension": "申请延期", "approve_extension": "同意延期",
    "refuse_extension": "不同意延期", "withdraw_extension": "撤回延期申请", "suspend": "挂账", "resume": "恢复办理",
    "urge": "督办", "link_child": "归入上级案件", "unlink_child": "移出上级案件", "merge": "并案",
    "unmerge": "撤销并案", "cancel": "撤销",
}  # fmt: skip
STATUSES_ZH: Final = {
    "reported": "已上报", "filed": "已立案", "dispatched": "已派遣", "accepted": "已受理", "handled": "已处置",
    "verified": "已核查", "closed": "已结案", "declined": "不予立案", "returned": "已退回", "suspended": "挂账",
    "cancelled": "已撤销", "duplicate": "重复", "reopened": "重新打开",
}  # fmt: skip
PAGE: Final = Path(__file__).parent.parent / "docs" / "lifecycle.md"
BEGIN: Final = "<!-- drawn by tools/lifecycle_diagram.py: do not edit below -->"
_ROLES: Final = ("administrator", "leader", "supervisor", "inspector", "handler", "archivist")
_FINAL: Final = ("closed", "declined", "cancelled", "duplicate")
_WHERE: Final = {SAME: "as it was", BEFORE: "as before"}
_UNLESS: Final = {
    "joint": "a joint bureau does it", "settled": "it was settled on the spot",
}  # fmt: skip
_NEEDS: Final = {
    "reason": "reason", "after_photo": "after photo", "bureau": "bureau", "joint": "joint bureaus (may be none)",
    "other": "the other finding", "report": "after photo or remark", "punishment": "decision",
}  # fmt: skip


def diagram() -> str:
    """The states and what leads from one to the next, in Mermaid's language."""
    lines = ["stateDiagram-v2", "    direction TB", "    [*] --> reported: report"]
    for (before, after), acts in _edges().items():
        lines.append(f"    {before} --> {after}: {', '.join(acts)}")
    lines += [f"    {status} --> [*]" for status in _FINAL]
    return "\n".join(lines)


def _edges() -> dict[tuple[str, str], list[str]]:
    """Acts by (status before, status after). What may be done to every open finding is told beside the diagram."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in TABLE:
        if row.before == OPEN:
            continue
        for before in row.before:
            for after in (row.after, *((row.unless[1],) if row.unless else ())):
                if after == SAME:
                    continue
                for to in _back_to(row) if after == BEFORE else (after,):
                    found.setdefault((before, to), []).append(row.act)
    return found


def _back_to(row: Transition) -> tuple[str, ...]:
    """The statuses that resuming leads back to; undoing a merge may lead to any open one, and is not drawn."""
    if row.act != "resume":
        return ()
    return next(one.before for one in TABLE if one.act == "suspend")


def table() -> str:
    """One line for each act: from, to, who, what it needs, guards."""
    lines = [
        "| act | 中文 | on the button | from | to | who | needs | only if |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in TABLE:
        to = _WHERE.get(row.after, row.after)
        if row.unless:
            condition, instead = row.unless
            to += f"; {_WHERE.get(instead, instead)} when {_UNLESS[condition]}"
        before = "every open one" if row.before == OPEN else ", ".join(row.before)
        needs = ", ".join(_NEEDS[one] for one in sorted(row.needs)) or "–"
        roles = ", ".join(role for role in _ROLES if role in row.roles)
        guards = "; ".join(row.guards) or "–"
        cells = (f"`{row.act}`", ACTS_ZH[row.act], ACT_WORDS[row.act], before, to, roles, needs, guards)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def statuses() -> str:
    """The stored statuses in both languages."""
    lines = ["| status | 中文 |", "|---|---|"]
    lines += [f"| `{status}` | {STATUSES_ZH[status]} |" for status in STATUS_WORDS]
    return "\n".join(lines)


def drawn() -> str:
    """What stands below the mark in the page."""
    everywhere = ", ".join(f"`{row.act}`" for row in TABLE if row.before == OPEN)
    return "\n".join(
        [
            BEGIN, "", "## Diagram", "", "```mermaid", diagram(), "```", "",
            f"From every open status, too: {everywhere}. `unmerge` leads from duplicate back to the status before.",
            "", "## Table", "", table(), "", "## Statuses", "", statuses(), "",
        ]
    )  # fmt: skip


def page() -> str:
    """The whole page as it should be: what people wrote, and what is drawn."""
    written = PAGE.read_text(encoding="utf-8").split(BEGIN)[0]
    return written + drawn()


def main() -> int:
    """Write or check the page; returns the exit status."""
    wanted = page()
    if "--check" in sys.argv:
        return int(PAGE.read_text(encoding="utf-8") != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The demo's findings: plans given a place, a text, a bureau and a history."""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from casework.assignment import Placement, place_all
from casework.demo_plans import MINUTE, Plan
from casework.demo_seeds import Seeds
from casework.demo_streets import Spot, Streets
from casework.demo_time import at_work, in_city, worked_s
from casework.history import step
from casework.registration import Entry, Register
from db.models import RoutingRule

# The acts that lead to each status, and who does them: i inspector, s supervision centre, h handler of the bureau.
_FILED = (("report", "reported", "i"), ("file", "filed", "s"))
_DISPATCHED = (*_FILED, ("dispatch", "dispatched", "s"))
_ACCEPTED = (*_DISPATCHED, ("accept", "accepted", "h"))
_HANDLED = (*_ACCEPTED, ("handle", "handled", "h"))
_VERIFIED = (*_HANDLED, ("verify", "verified", "i"))
WAYS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "reported": _FILED[:1],
    "filed": _FILED,
    "dispatched": _DISPATCHED,
    "accepted": _ACCEPTED,
    "returned": (*_DISPATCHED, ("return", "returned", "h")),
    "handled": _HANDLED,
    "reopened": (*_HANDLED, ("reopen", "reopened", "s")),
    "verified": _VERIFIED,
    "closed": (*_VERIFIED, ("close", "closed", "s")),
    "suspended": (*_ACCEPTED, ("suspend", "suspended", "s")),
    "declined": (*_FILED[:1], ("decline", "declined", "s")),
    "cancelled": (*_FILED[:1], ("cancel", "cancelled", "s")),
    "duplicate": (*_FILED[:1], ("duplicate", "duplicate", "s")),
}
# Minutes that each act takes after the one before, from and to.
_PAUSES = {
    "confirm": (6, 40), "file": (4, 45), "dispatch": (3, 20), "accept": (8, 90), "return": (20, 120),
    "verify": (8, 70), "close": (3, 15), "decline": (5, 60), "cancel": (5, 90), "duplicate": (4, 40),
    "reopen": (30, 240), "suspend": (120, 900),
}  # fmt: skip


# How much of the rest of the time until the limit begins passes before an act.
_UNTIL = {
    "dispatched": {"confirm": 0.3, "file": 0.5, "dispatch": 1.0},
    "reopened": {
        "confirm": 0.01,
        "file": 0.01,
        "dispatch": 0.01,
        "accept": 0.05,
        "handle": 0.5,
        "reopen": 1.0,
    },
}


@dataclass(slots=True)
class Desk:
    """What turning plans into findings needs at hand."""

    register: Register
    seeds: Seeds
    streets: Streets
    texts: dict[str, Any]
    rng: random.Random
    last_moment: datetime
    beats: dict[str, str] = field(default_factory=dict)
    _rules: dict[int, str] = field(default_factory=dict)
    _bureaus: dict[int, str] = field(default_factory=dict)
    _categories: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the codes of rules, and turn the seeds' ids round."""
        rows = self.register.session.query(RoutingRule.id, RoutingRule.code)
        self._rules = {row.id: row.code for row in rows}
        self._bureaus = {identity: code for code, identity in self.seeds.bureaus.items()}
        self._categories = {identity: code for code, identity in self.seeds.categories.items()}

    def spots(self, count: int) -> list[Spot]:
        """Draw places along the streets that lie inside one patch and near no border."""
        edges = np.cumsum(self.streets.weight).tolist()
        found: list[Spot] = []
        while len(found) < count:
            drawn = [
                self.streets.spot(
                    bisect(edges, self.rng.random() * edges[-1]),
                    self.rng.uniform(-6, 6),
                    self.rng.choice((-1, 1)) * self.rng.uniform(10, 23),
                )
                for _ in range(count - len(found) + 20)
            ]
            placements = place_all(
                self.register.levels, [s.lon for s in drawn], [s.lat for s in drawn], self.register.near_m
            )
            found += [s for s, p in zip(drawn, placements, strict=True) if not p.needs_triage]
        return found[:count]

    def entries(self, plans: Sequence[Plan], spots: Sequence[Spot]) -> list[Entry]:
        """Return one finding for each plan and place."""
        placements = place_all(
            self.register.levels, [s.lon for s in spots], [s.lat for s in spots], self.register.near_m
        )
        return [self._entry(plan, spot, at) for plan, spot, at in zip(plans, spots, placements, strict=True)]

    def _entry(self, plan: Plan, spot: Spot, at: Placement) -> Entry:
        category_id = self.seeds.categories[plan.category]
        hotline = self.rng.random() < 0.12
        steps = self._steps(plan, spot, at, None if hotline else self.inspector_of(at))
        text = self.texts["categories"][plan.category]
        return Entry(
            category_id=category_id,
            lon=spot.lon,
            lat=spot.lat,
            reported_at=steps[0]["at"],
            found_at=steps[0]["at"] - timedelta(minutes=self.rng.randint(1, 9)),
            steps=steps,
            status=plan.status,
            subject=self.rng.choice(text["subjects"]),
            place=spot.place,
            description=self._text(text["texts"]),
            closed_at=steps[-1]["at"]
            if plan.status in ("closed", "declined", "cancelled", "duplicate")
            else None,
            reporter_id=steps[0]["user_id"],
            source="hotline" if hotline else "web",
        )

    def _text(self, templates: Sequence[str]) -> str:
        text: str = self.rng.choice(templates).format(
            n=self.rng.randint(2, 15), m=self.rng.randint(2, 4), w=self.rng.choice(self.texts["where"])
        )
        return text

    def inspector_of(self, at: Placement) -> int:
        """Return the account of the inspector whose beat the place lies in."""
        for answer in at.answers:
            name = self.beats.get(str(answer.area_id))
            if name:
                return self.seeds.users[name]
        return self.seeds.users["inspector"]

    def dispatch_payload(self, category_id: int, at: Placement) -> dict[str, Any]:
        """Return what the dispatch step records: the bureau and the rule that chose it, by code."""
        referral = self.register.routing.refer(category_id, at.area_ids)
        bureau = self._bureaus.get(referral.bureau_id or 0)
        return {"bureau": bureau, "rule": self._rules.get(referral.rule_id or 0)}

    def handler_of(self, bureau: str | None) -> int:
        """Return the account of the bureau's handler."""
        return self.seeds.users.get(f"handler-{bureau}", self.seeds.users["handler"])

    def salt(self) -> str:
        """Draw the salt of a note: the demo must come out the same again."""
        return f"{self.rng.getrandbits(128):032x}"

    def _steps(self, plan: Plan, spot: Spot, at: Placement, inspector: int | None) -> list[dict[str, Any]]:
        category_id = self.seeds.categories[plan.category]
        referral = self.dispatch_payload(category_id, at)
        who = {
            "i": inspector,
            "s": self.seeds.users["supervisor"],
            "h": self.handler_of(referral["bureau"]),
            "b": None,
        }
        steps: list[dict[str, Any]] = []
        before: str | None = None
        for act, status, role in self._way(plan, inspector):
            payload = referral if act == "dispatch" else {}
            if act == "report":
                payload = {"category": plan.category, "lon": spot.lon, "lat": spot.lat}
            # What a caller reported is checked on the spot by the inspector of the beat.
            user = self.inspector_of(at) if act in ("verify", "confirm") else who[role]
            steps.append(
                step(
                    act,
                    in_city(self._moment(act, plan, steps)),
                    from_status=before if status else None,
                    to_status=status,
                    user_id=user,
                    note=self._note(act, plan),
                    payload=payload,
                    salt=self.salt(),
                )
            )
            before = status or before
        return steps

    def _way(self, plan: Plan, inspector: int | None) -> Sequence[tuple[str, str | None, str]]:
        """The acts that led to a status; what a caller reported is confirmed on site before it is filed."""
        way = WAYS[plan.status]
        if inspector is not None or len(way) < 2 or way[1][0] != "file":
            return way
        return (way[0], ("confirm", None, "b"), *way[1:])

    def _note(self, act: str, plan: Plan) -> str | None:
        key = "close_late" if act == "close" and plan.closed_late else act
        if key in ("confirm", "file", "dispatch") or key not in self.texts["notes"]:
            return None
        note: str = self.rng.choice(self.texts["notes"][key])
        return note or None

    def _moment(self, act: str, plan: Plan, steps: Sequence[dict[str, Any]]) -> datetime:
        """Draw when an act happens (city time): after the one before, handled before or after the deadline."""
        if not steps:
            return plan.reported
        before: datetime = steps[-1]["at"].replace(tzinfo=None)
        shares = _UNTIL["reopened" if plan.status == "reopened" else "dispatched"]
        if plan.counts_from is not None and before < plan.counts_from and act in shares:
            moment = before + (plan.counts_from - before) * shares[act]
            return moment.replace(second=0, microsecond=0)
        if act == "handle":
            due = plan.due or before + timedelta(hours=8)
            ahead = max(worked_s(before, due) * self.rng.uniform(0.1, 0.6), 20 * 60)
            late = self.rng.uniform(2, 10) * 3600
            moment = at_work(max(due, before), late) if plan.closed_late else at_work(before, ahead)
        else:
            moment = at_work(before, self.rng.randint(*_PAUSES[act]) * 60)
        # Nothing has happened yet on the day that the demo is loaded for, nor after the office closed the day before.
        latest = self.last_moment - (8 - len(steps)) * 2 * MINUTE
        return max(min(moment, latest), before + MINUTE).replace(second=0, microsecond=0)

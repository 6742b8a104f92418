"""Statistics against an independent count of the raw history with pandas; sums, cases behind numbers, who sees what."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select, text

from casework.demo import load_demo
from casework.errors import NotSignedIn, Refused
from casework.history import append, step
from casework.office import Office
from casework.policy import ANONYMOUS, SYSTEM, Actor
from casework.statistics import Line, cases, statistics
from casework.statistics_asked import GROUPS, PERIODS, SIZES
from casework.statistics_figures import COUNTS, RATES, STEPS, rate
from casework.time_limits import calendar_in_force
from casework.working_time import WorkCalendar
from db.models import Area, Bureau, Finding, User
from tests.factories.offices import office_at

ZONE = ZoneInfo("Asia/Shanghai")
DROPPED = ("declined", "cancelled", "duplicate")
QUERIES = [
    {"period": "all"},
    {"period": "own", "from": "2026-08-01", "to": "2026-08-20"},
    {"period": "own", "from": "2026-08-31", "to": "2026-08-31"},
    {"period": "last_month"},
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office_at(tmp_path_factory.mktemp("statistics")) as office:
        load_demo(office, date(2026, 9, 2), findings=300)
        _more_happens(office)
        yield office


def _more_happens(office: Office) -> None:
    """Reworks, returns, extensions and suspensions of some cases, as their histories would have them."""
    with office.database.write() as session:
        found = session.scalars(select(Finding).where(Finding.status == "closed").order_by(Finding.id)).all()
        for n, finding in enumerate(found[:60]):
            at = (finding.closed_at or datetime.now(UTC)) + timedelta(minutes=1)
            again = [
                step("reopen", at, from_status="closed", to_status="reopened"),
                step("dispatch", at + timedelta(minutes=9), from_status="reopened", to_status="dispatched"),
                step("accept", at + timedelta(hours=2), from_status="dispatched", to_status="accepted"),
                step("approve_extension", at + timedelta(hours=3), from_status="accepted", to_status="accepted",
                     payload={"extension": 1, "level": 1 + n % 2, "granted": bool(n % 2)}),
                step("handle", at + timedelta(hours=4), from_status="accepted", to_status="handled"),
                step("rework", at + timedelta(hours=5), from_status="handled", to_status="dispatched"),
                step("return", at + timedelta(hours=6), from_status="dispatched", to_status="returned"),
            ][: 1 + n % 7]  # fmt: skip
            append(session, finding.id, *again)
            finding.status = again[-1]["to_status"]
            finding.closed_at = None
            finding.revision += 1_000_000


class Raw:
    """The database's rows in pandas, and every figure counted from them in the plainest way."""

    def __init__(self, office: Office) -> None:
        with office.database.engine.connect() as connection:
            findings = pd.read_sql(text("SELECT * FROM findings"), connection, index_col="id")
            history = pd.read_sql(text("SELECT * FROM history ORDER BY finding_id, seq"), connection)
        with office.database.read() as session:
            self.calendar: WorkCalendar = calendar_in_force(session)
        for column in ("reported_at", "due_at", "closed_at"):
            findings[column] = pd.to_datetime(findings[column], utc=True, format="ISO8601")
        history["at"] = pd.to_datetime(history["at"], utc=True, format="ISO8601")
        self.now = pd.Timestamp(office.now())
        self.table = pd.DataFrame(
            [self._of(findings.loc[one], rows) for one, rows in history.groupby("finding_id")]
        ).set_index("id")

    def _of(self, finding: Any, rows: pd.DataFrame) -> dict[str, Any]:
        acts: list[tuple[Any, ...]] = [
            (row.act, row.from_status, row.to_status, row.at, row.payload or "") for row in rows.itertuples()
        ]
        turned = [(to, at) for _, before, to, at, _ in acts if to and to != before]
        sent = [at for act, *_, at, _ in acts if act in ("dispatch", "refer")]
        filed = [at for act, before, to, at, _ in acts if act == "file" or (to == "filed" and before != to)]
        accepted = [
            at for act, before, to, at, _ in acts if act == "accept" or (to == "accepted" and before != to)
        ]
        last: dict[str, Any] = dict(turned)
        granted = any(act == "approve_extension" and '"granted": true' in said for act, *_, said in acts)
        reworks = sum(act == "rework" for act, *_ in acts)
        status, due, closed = finding["status"], finding["due_at"], finding["closed_at"]
        became = bool(filed) or status not in (*DROPPED, "reported")
        at = filed[0] if filed else finding["reported_at"]
        handled = last.get("handled")
        should = became and status not in DROPPED and not (handled is not None and not sent)
        in_due = became and status not in (*DROPPED, "suspended") and pd.notna(due) and due <= self.now
        own = became and pd.notna(finding["reporter_id"])

        def lasted(start: Any, end: Any) -> Any:
            known = (
                start is not None and end is not None and pd.notna(start) and pd.notna(end) and end >= start
            )
            return (start, end) if known else None

        counted = {
            "reported": finding["reported_at"], "filed": at if became else None, "own": at if own else None,
            "missed": at if became and not own else None, "should_dispatch": at if should else None,
            "dispatched": at if should and sent else None, "accurate": at if should and sent and not reworks else None,
            "returned": at if should and any(act == "return" for act, *_ in acts) else None,
            "handled": handled,
            "handled_on_time": handled if handled is not None and pd.notna(due) and handled <= due else None,
            "reworked": handled if reworks else None,
            "extended": at if became and granted else None,
            "suspended": at if became and any(to == "suspended" for to, _ in turned) else None,
            "should_close": due if in_due else None,
            "closed_of_due": due if in_due and status == "closed" else None,
            "on_time": due if in_due and status == "closed" and closed <= due else None,
            "closed": closed if status == "closed" else None,
        }  # fmt: skip
        spans = {
            "file": lasted(finding["reported_at"], filed[0] if filed else None),
            "dispatch": lasted(filed[0] if filed else None, sent[0] if sent else None),
            "accept": lasted(sent[-1] if sent else None, accepted[-1] if accepted else None),
            "handle": lasted(accepted[-1] if accepted else None, handled),
            "check": lasted(handled, last.get("verified")),
            "close": lasted(last.get("verified"), closed),
            "whole": lasted(finding["reported_at"], closed),
        }
        of = {"id": finding.name, "bureau": finding["bureau_id"], "patch": finding["area_id"]}
        return of | counted | {f"span_{name}": span for name, span in spans.items()}

    def within(self, figure: str, first: date, last: date) -> pd.DataFrame:
        days = pd.to_datetime(self.table[figure], utc=True).dt.tz_convert(ZONE).dt.date
        known = self.table[figure].notna()
        return self.table[known & (days >= first) & (days <= last)]

    def hours(self, rows: pd.DataFrame, name: str) -> tuple[list[float], list[float]]:
        spans = [one for one in rows[f"span_{name}"] if isinstance(one, tuple)]
        worked = [
            self.calendar.between(a.to_pydatetime(), b.to_pydatetime(), "working_hour") for a, b in spans
        ]
        return worked, [(b - a).total_seconds() / 3600 for a, b in spans]


@pytest.fixture(scope="module")
def raw(demo: Office) -> Raw:
    return Raw(demo)


@pytest.mark.parametrize("query", QUERIES, ids=["all", "days", "one day", "last month"])
def test_every_number_is_the_one_that_pandas_counts_from_raw_history(
    demo: Office, raw: Raw, query: dict[str, str]
) -> None:
    with demo.database.read() as session:
        bureaus = {row.id: row.code for row in session.scalars(select(Bureau))}
        areas = {row.id: row.code for row in session.scalars(select(Area))}
    for group, codes, column in (("bureau", bureaus, "bureau"), ("patch", areas, "patch")):
        found = statistics(demo, SYSTEM, {**query, "group": group})
        period = found.asked.period
        counted = {name: raw.within(name, period.first, period.last) for name in COUNTS}
        assert found.total.counts == {name: len(rows) for name, rows in counted.items()}
        for line in found.lines:
            mine = {
                name: int((rows[column].map(codes).fillna("-") == line.key).sum())
                for name, rows in counted.items()
            }
            assert line.counts == mine, (group, line.key)
        _same_times(raw, found.total, counted["closed"])
    busiest = max(found.lines, key=lambda one: one.counts["closed"])
    _same_times(
        raw, busiest, counted["closed"][counted["closed"]["patch"].map(areas).fillna("-") == busiest.key]
    )


def _same_times(raw: Raw, line: Line, closed: pd.DataFrame) -> None:
    for name in STEPS:
        worked, wall = raw.hours(closed, name)
        told = line.times.get(name)
        if not worked:
            assert told is None or told.count == 0
            continue
        assert told is not None
        assert told.count == len(worked)
        assert told.mean_h == pytest.approx(np.mean(worked))
        assert told.median_h == pytest.approx(pd.Series(worked).median())
        assert (told.wall_mean_h, told.wall_median_h) == pytest.approx((np.mean(wall), np.median(wall)))


def test_something_of_everything_is_counted(demo: Office) -> None:
    total = statistics(demo, SYSTEM, {"period": "all"}).total
    assert all(total.counts[name] for name in COUNTS), total.counts
    assert all(0 < (rate(total.counts, name) or 0) <= 1 for name in RATES)


def test_tables_add_up_however_they_are_cut(demo: Office) -> None:
    totals = set()
    for period in (one for one in PERIODS if one != "own"):
        for group in GROUPS:
            for size in SIZES if group == "period" else SIZES[:1]:
                found = statistics(demo, SYSTEM, {"period": period, "group": group, "size": size})
                for lines in (found.lines, found.trend):
                    for name in COUNTS:
                        assert sum(one.counts[name] for one in lines) == found.total.counts[name], (
                            period,
                            group,
                            name,
                        )
                totals.add((period, tuple(found.total.counts.items())))
    assert len(totals) == len(PERIODS) - 1  # the same total whatever the lines


def test_a_part_is_never_more_than_its_whole(demo: Office) -> None:
    for group in GROUPS:
        for line in statistics(demo, SYSTEM, {"period": "all", "group": group}).lines:
            for part, whole in RATES.values():
                assert line.counts[part] <= line.counts[whole]


def test_behind_each_number_are_its_cases(demo: Office) -> None:
    query = {"period": "own", "from": "2026-08-01", "to": "2026-09-02"}
    for group in GROUPS:
        found = statistics(demo, SYSTEM, {**query, "group": group})
        for line in (found.lines[0], found.lines[-1]):
            for name in COUNTS:
                behind = cases(demo, SYSTEM, {**found.asked.query(), "figure": name, "key": line.key})
                assert behind.total == line.counts[name], (group, line.key, name)
                assert len(behind.rows) == min(behind.total, 50)
    everything = cases(demo, SYSTEM, {**query, "figure": "reported"})
    second = cases(demo, SYSTEM, {**query, "figure": "reported", "page": "2"})
    assert everything.pages > 1
    assert not {row["id"] for row in everything.rows} & {row["id"] for row in second.rows}


def test_each_sees_the_cases_that_are_theirs(demo: Office) -> None:
    with demo.database.read() as session:
        handler = session.scalars(select(User).where(User.username == "handler")).one()
        actor = Actor("handler", handler.id, "handler", bureau_id=handler.bureau_id)
        own = session.get_one(Bureau, handler.bureau_id).code
    whole, mine = statistics(demo, SYSTEM, {"period": "all"}), statistics(demo, actor, {"period": "all"})
    assert mine.is_limited
    [line] = [one for one in whole.lines if one.key == own]
    assert [(one.key, one.counts) for one in mine.lines if one.key == own] == [(own, line.counts)]
    assert mine.total.counts["reported"] < whole.total.counts["reported"]
    nobody = statistics(demo, Actor("inspector", 10**6), {"period": "all"})
    assert nobody.total.counts == dict.fromkeys(COUNTS, 0)
    with pytest.raises(NotSignedIn):
        statistics(demo, ANONYMOUS, {})
    with pytest.raises(NotSignedIn):
        cases(demo, ANONYMOUS, {"figure": "filed"})


def test_an_empty_period_has_no_rates(demo: Office) -> None:
    found = statistics(demo, SYSTEM, {"period": "own", "from": "2020-01-01", "to": "2020-01-31"})
    assert found.total.counts == dict.fromkeys(COUNTS, 0)
    assert [rate(found.total.counts, name) for name in RATES] == [None] * len(RATES)


def test_what_is_no_question_is_refused_by_field(demo: Office) -> None:
    for query, field in (
        ({"period": "ever"}, "period"), ({"group": "street"}, "group"), ({"size": "hour"}, "size"),
        ({"period": "own", "from": "2026-09-02"}, "to"), ({"period": "own", "to": "2026-09-02"}, "from"),
        ({"period": "own", "from": "2026-09-02", "to": "2026-09-01"}, "to"),
        ({"period": "own", "from": "\u0662026-09-02", "to": "2026-09-01"}, "from"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            statistics(demo, SYSTEM, query)
        assert refused.value.field == field
    for query, field in (({"figure": "x"}, "figure"), ({"figure": "filed", "key": "no"}, "key")):
        with pytest.raises(Refused) as refused:
            cases(demo, SYSTEM, query)
        assert refused.value.field == field


def test_a_step_that_is_taken_now_is_counted_at_once(demo: Office) -> None:
    before = statistics(demo, SYSTEM, {"period": "all"}).total.counts["returned"]
    with demo.database.write() as session:
        finding = session.scalars(
            select(Finding).where(Finding.status == "accepted").order_by(Finding.id)
        ).first()
        assert finding is not None
        append(session, finding.id, step("return", demo.now(), from_status="accepted", to_status="returned"))
    assert statistics(demo, SYSTEM, {"period": "all"}).total.counts["returned"] == before + 1

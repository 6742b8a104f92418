"""How long statistics take, beside pandas on the same rows; and working out all open cases' deadlines anew.

`python -m benchmarks.statistics --findings 1000000 --folder /tmp/million` uses (and keeps) the city of
`benchmarks.problem_map`. The counts of both are compared before any time is
printed. Times are seconds of CPU of this process, so that a busy machine does not change the ratios.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import text

from benchmarks.problem_map import _city, _options
from casework.clock_bulk import reckon_many
from casework.clock_reckoning import reckon
from casework.deadline_updates import _open_cases, recompute_all
from casework.office import Office
from casework.policy import SYSTEM
from casework.statistics import statistics
from casework.time_limits import time_rules

QUERY = {"period": "all", "group": "bureau"}
ROUNDS = 5
DROPPED = ("declined", "cancelled", "duplicate")


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options(argv)
    with _city(options.findings, options.folder) as office:
        print(
            f"{options.findings:,} findings. Statistics of all time by bureau: 17 figures, 7 steps, by month"
        )
        _statistics(office)
        _deadlines(office)


def _statistics(office: Office) -> None:
    first_s, found = _timed(lambda: statistics(office, SYSTEM, QUERY))
    again_s = _median(lambda: statistics(office, SYSTEM, QUERY))
    load_s, (findings, history) = _timed(lambda: _rows(office))
    group_s, counted = _timed(lambda: _by_pandas(findings, history, office))
    ours = {name: found.total.counts[name] for name in counted}
    if ours != counted:
        raise SystemExit(f"the counts differ: {ours} and {counted}")
    print(
        f"first question of a process    {first_s:7.2f} s   pandas, rows and counts {load_s + group_s:7.2f} s"
    )
    print(f"each further one               {again_s:7.2f} s   pandas, counts alone    {group_s:7.2f} s")
    print(
        f"ratio first {(load_s + group_s) / first_s:.1f} x, further {group_s / again_s:.1f} x (of pandas, 5 figures)"
    )


def _rows(office: Office) -> tuple[pd.DataFrame, pd.DataFrame]:
    with office.database.engine.connect() as connection:
        findings = pd.read_sql(
            text("SELECT id, status, bureau_id, reported_at, due_at, closed_at FROM findings"), connection
        )
        history = pd.read_sql(text("SELECT finding_id, act, to_status, at FROM history"), connection)
    for column in ("reported_at", "due_at", "closed_at"):
        findings[column] = pd.to_datetime(findings[column], format="ISO8601")
    history["at"] = pd.to_datetime(history["at"], format="ISO8601")
    return findings, history


def _by_pandas(findings: pd.DataFrame, history: pd.DataFrame, office: Office) -> dict[str, int]:
    """Five of the figures by bureau, and the mean and median time to closing, as an analyst would."""
    now = pd.Timestamp(office.now()).tz_localize(None)
    filed = history[(history["act"] == "file") | (history["to_status"] == "filed")]
    table = findings.set_index("id").join(filed.groupby("finding_id")["at"].min().rename("filed"))
    became = table["filed"].notna() | ~table["status"].isin([*DROPPED, "reported"])
    should = became & ~table["status"].isin([*DROPPED, "suspended"]) & (table["due_at"] <= now)
    closed = table["status"] == "closed"
    table = table.assign(
        became=became, should_close=should, closed_of_due=should & closed, closed=closed,
        on_time=should & closed & (table["closed_at"] <= table["due_at"]),
        hours=(table["closed_at"] - table["reported_at"]).where(closed).dt.total_seconds() / 3600,
    )  # fmt: skip
    groups = table.groupby("bureau_id", dropna=False)
    sums = groups[["became", "should_close", "closed_of_due", "closed", "on_time"]].sum()
    groups["hours"].agg(["mean", "median"])
    return {"filed" if name == "became" else str(name): int(sums[name].sum()) for name in sums}


def _deadlines(office: Office) -> None:
    recompute_s, moved = _timed(lambda: recompute_all(office))
    with office.database.read() as session:
        rules, cases = time_rules(session), [one.case for one in _open_cases(session)]
    many_s, _ = _timed(lambda: reckon_many(cases, rules))
    alone_s, _ = _timed(lambda: [reckon(one.course, one.category_id, one.due_before, rules) for one in cases])
    print(f"deadlines of {moved.open:,} open cases read, worked out and compared: {recompute_s:.2f} s")
    per = len(cases) or 1
    print(
        f"working out alone: {many_s / per * 1e6:.1f} us a case in columns, {alone_s / per * 1e6:.1f} us one by one"
    )
    starts = np.random.default_rng(1).uniform(1.7e9, 1.78e9, 100_000)
    add_s, ends = _timed(
        lambda: rules.calendar.add_many(starts, np.full(len(starts), 8 * 3600.0), "working_hour")
    )
    busday_s, _ = _timed(lambda: _busday(starts))
    print(f"100,000 starts + 8 working hours: {add_s * 1e3:.1f} ms")
    print(f"  numpy's busday_offset, which knows whole days only: {busday_s * 1e3:.1f} ms")
    assert np.isfinite(ends).all()


def _busday(starts: Any) -> Any:
    return np.busday_offset(starts.astype("datetime64[s]").astype("datetime64[D]"), 1, roll="forward")


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    found = act()
    return time.process_time() - started, found


def _median(act: Callable[[], Any]) -> float:
    return sorted(_timed(act)[0] for _ in range(ROUNDS))[ROUNDS // 2]


if __name__ == "__main__":
    main()

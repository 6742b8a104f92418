"""Recorded positions: only with consent, bounded and thinned, shown to few, and gone when their days are over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from casework import accounts, backup, tracks
from casework.errors import Forbidden, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.restore import restore
from db.models import RoutePlan, TrackConsent, TrackPoint, User
from settings import Settings
from tests.factories.rounds import Walking, walking

SENT = "2026-09-02T10:24:00+08:00"


@pytest.fixture
def walk(sqlite_office: Office) -> Walking:
    made = walking(sqlite_office)
    tracks.agree(made.office, made.who)
    made.later(hours=2)
    return made


def at(minute: float, lon: float = 101.201, lat: float = 36.501, **more: Any) -> dict[str, Any]:
    """A position so many minutes before it is sent."""
    hour, left = divmod(24 - minute, 60)
    return {
        "at": f"2026-09-02T{10 + int(hour):02d}:{int(left):02d}:{int(left % 1 * 60):02d}+08:00",
        "lon": lon,
        "lat": lat,
        **more,
    }


def send(walk: Walking, *points: dict[str, Any], **more: Any) -> tracks.Recorded:
    return tracks.record(walk.office, walk.who, {"points": list(points), "sent_at": SENT, **more})


def rows(office: Office) -> list[TrackPoint]:
    with office.database.read() as session:
        return session.query(TrackPoint).order_by("at").all()


def test_nothing_is_recorded_without_consent(sqlite_office: Office) -> None:
    walk = walking(sqlite_office)
    with pytest.raises(Forbidden, match="did not agree"):
        send(walk, at(0))
    tracks.agree(walk.office, walk.who)
    tracks.agree(walk.office, walk.who)
    with walk.office.database.read() as session:
        assert session.query(TrackConsent).count() == 1
    agreed = walk.office.now()
    walk.later(minutes=10)
    recorded = send(walk, at(15), at(14, lon=101.2015), at(5, lon=101.202), at(0, lon=101.203))
    assert (recorded.kept, recorded.left_out) == (2, 2)  # what lies before the consent is left out
    assert all(row.at >= agreed for row in rows(walk.office))
    tracks.withdraw(walk.office, walk.who)
    with pytest.raises(Forbidden):
        send(walk, at(0, lon=101.204))
    assert len(rows(walk.office)) == 2  # what is there stays until it is deleted
    assert tracks.keeping(walk.office, walk.who).agreed_at is None


def test_only_on_a_round(walk: Walking) -> None:
    with walk.office.database.write() as session:
        session.get_one(RoutePlan, walk.plan_id).sent_at = None
    with pytest.raises(Forbidden, match="none today"):
        send(walk, at(0))
    assert rows(walk.office) == []


def test_a_batch_that_comes_twice_adds_nothing(walk: Walking) -> None:
    batch = [at(10), at(8, lon=101.2015), at(6, lon=101.202)]
    assert send(walk, *batch).kept == 3
    walk.later(seconds=2)  # it was slower the second time
    assert send(walk, *batch).kept == 0
    assert len(rows(walk.office)) == 3


def test_positions_are_thinned(walk: Walking) -> None:
    close = [at(10 - k / 60, lon=101.201 + k * 1e-4) for k in range(30)]  # one a second
    assert send(walk, *close).kept == 6
    still = [at(8 - k / 6, lon=101.204) for k in range(30)]  # five minutes at one place
    assert 5 <= send(walk, *still).kept <= 6


def test_positions_in_any_order_are_kept_in_order(walk: Walking) -> None:
    send(walk, at(2, lon=101.203), at(6), at(4, lon=101.202))
    found = tracks.walked(walk.office, walk.who, walk.plan_id, walk.who.user_id or 0)
    assert [one.lon for one in found] == [101.201, 101.202, 101.203]
    assert [one.at for one in found] == sorted(one.at for one in found)


def test_impossible_positions_are_left_out(walk: Walking) -> None:
    sent = send(
        walk, at(10), at(9.9, lon=101.4),  # 18 km in six seconds
        at(5, lon=-0.1, lat=51.5),  # London
        at(4, lon=101.2012, accuracy_m=12.34),
    )  # fmt: skip
    assert (sent.kept, sent.left_out) == (2, 2)
    assert [row.accuracy_m for row in rows(walk.office)] == [None, 12.34]


def test_what_cannot_be_read_is_refused_whole(walk: Walking) -> None:
    good = at(5)
    for points in (
        [], "x", None, [good] * (tracks.MOST_POINTS + 1), [good, 7], [good, {**good, "lon": 181}],
        [good, {**good, "lat": float("nan")}], [good, {**good, "at": "2026-09-02T11:30:00+08:00"}],
        [good, {**good, "at": None}], [good, {**good, "accuracy_m": "far"}], [{**good, "at": "2026-08-01T10:00:00Z"}],
    ):  # fmt: skip
        with pytest.raises(Refused):
            tracks.record(walk.office, walk.who, {"points": points, "sent_at": SENT})
    with pytest.raises(Refused):
        send(walk, good, sent_at=None)
    assert rows(walk.office) == []


def test_a_day_holds_only_so_many(walk: Walking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "MOST_A_DAY", 4)
    assert send(walk, *(at(20 - k, lon=101.201 + k * 1e-3) for k in range(10))).kept == 4
    assert send(walk, at(1, lon=101.3)).kept == 0


def test_ones_own_are_deleted_on_request_and_nobody_elses(walk: Walking) -> None:
    send(walk, at(5))
    with walk.office.database.write() as session:
        session.add(
            TrackPoint(
                plan_id=walk.plan_id, user_id=walk.world.second.user_id, at=walk.office.now(), lon=101, lat=36,
                accuracy_m=None,
            )
        )  # fmt: skip
    assert tracks.delete_own(walk.office, walk.who) == 1
    assert [row.user_id for row in rows(walk.office)] == [walk.world.second.user_id]
    assert tracks.keeping(walk.office, walk.who).points == 0


def test_old_positions_are_shown_to_nobody_and_deleted(walk: Walking) -> None:
    send(walk, at(5))
    assert tracks.forget_old(walk.office) == 0
    walk.later(days=29, hours=23)
    assert tracks.keeping(walk.office, walk.who).points == 1
    walk.later(hours=2)
    assert tracks.keeping(walk.office, walk.who).points == 0
    assert tracks.walked(walk.office, walk.who, walk.plan_id, walk.who.user_id or 0) == []
    assert len(rows(walk.office)) == 1
    assert tracks.forget_old(walk.office) == 1
    assert rows(walk.office) == []


def test_recording_deletes_what_is_old(walk: Walking) -> None:
    with walk.office.database.write() as session:
        session.add(
            TrackPoint(
                plan_id=walk.plan_id, user_id=walk.who.user_id, at=walk.office.now() - timedelta(days=31),
                lon=101, lat=36, accuracy_m=None,
            )
        )  # fmt: skip
    send(walk, at(5))
    assert [row.lon for row in rows(walk.office)] == [101.201]


def test_the_setting_says_for_how_long(walk: Walking) -> None:
    send(walk, at(5))
    short = Office(walk.office.database, replace(walk.office.settings, track_days=0), walk.office.clock)
    assert tracks.keeping(short, walk.who).days == 0
    assert tracks.forget_old(short) == 1


def test_positions_of_a_closed_account_go_and_its_consent_ends(walk: Walking) -> None:
    send(walk, at(5))
    with walk.office.database.write() as session:
        session.get_one(User, walk.who.user_id).is_active = False
    assert tracks.forget_old(walk.office) == 1
    with walk.office.database.read() as session:
        assert session.query(TrackConsent).one().withdrawn_at == walk.office.now()


def test_few_see_where_somebody_walked(walk: Walking) -> None:
    send(walk, at(5))
    user = walk.who.user_id or 0
    assert len(tracks.walked(walk.office, walk.world.supervisor, walk.plan_id, user)) == 1
    assert len(tracks.walked(walk.office, walk.who, walk.plan_id, user)) == 1
    other = accounts.create_user(walk.office, SYSTEM, "ins9", "inspector", "correct horse 9")
    for who in (Actor("inspector", other), walk.world.handler):
        with pytest.raises(Forbidden):
            tracks.walked(walk.office, who, walk.plan_id, user)


def test_the_administrator_sees_of_whom_something_is_kept_and_deletes_it(walk: Walking) -> None:
    send(walk, at(5))
    (holder,) = tracks.holders(walk.office, SYSTEM)
    assert (holder.name_zh, holder.agrees, holder.points) == ("ins", True, 1)
    with pytest.raises(Forbidden):
        tracks.holders(walk.office, walk.world.supervisor)
    with pytest.raises(Forbidden):
        tracks.forget_person(walk.office, walk.world.supervisor, holder.user_id)
    assert tracks.forget_person(walk.office, SYSTEM, holder.user_id) == 1


def test_rounds_and_tracks_on_each_database(office: Office) -> None:
    walk = walking(office)
    first = walk.stops[0]
    tracks.agree(walk.office, walk.who)
    walk.later(minutes=30)
    walk.act(first, "arrive", key="a", **walk.there(first))
    assert walk.act(first, "done", key="b", result="fixed").state == "done"
    assert walk.act(first, "done", key="b").repeated
    assert walk.round()["stops"][0]["result"] == "fixed"
    assert send(walk, at(5), at(3, lon=101.202)).kept == 2
    assert len(tracks.walked(walk.office, walk.who, walk.plan_id, walk.who.user_id or 0)) == 2
    walk.later(days=40)
    assert tracks.forget_old(walk.office) == 2
    assert tracks.holders(walk.office, SYSTEM)[0].points == 0


def test_a_backup_has_them_and_a_restore_brings_them_back(walk: Walking, tmp_path: Any) -> None:
    send(walk, at(5), at(3, lon=101.202))
    file = tmp_path / "all.zip"
    backup.make_backup(walk.office, file)
    settings = Settings(instance=tmp_path / "restored", now=walk.office.now())
    restore(settings, file)
    there = Office.open(settings)
    try:
        assert [(row.lon, row.lat, row.at) for row in rows(there)] == [
            (row.lon, row.lat, row.at) for row in rows(walk.office)
        ]
        assert tracks.keeping(there, walk.who).agreed_at is not None
    finally:
        there.database.close()

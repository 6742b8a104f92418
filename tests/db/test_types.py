"""Moments and geometries come back as they went in, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import shapely
from sqlalchemy.exc import StatementError

from casework.office import Office
from db.models import Backdrop, City, UserSession
from db.models.accounts import User


def test_a_geometry_comes_back_exactly(office: Office) -> None:
    ring = shapely.Polygon([(101.1234567, 36.1), (101.2, 36.1), (101.2, 36.3), (101.1234567, 36.1)])
    shapes = [
        ring,
        shapely.MultiPolygon([ring]),
        shapely.LineString([(0, 0), (1e-7, 1)]),
        shapely.Point(1, 2),
    ]
    with office.database.write() as session:
        session.add_all([Backdrop(kind="street", geometry=shape) for shape in shapes])
    with office.database.read() as session:
        stored = [row.geometry for row in session.query(Backdrop).order_by(Backdrop.id)]
    assert [shapely.to_wkb(shape) for shape in stored] == [shapely.to_wkb(shape) for shape in shapes]


def test_a_moment_comes_back_aware_and_equal(office: Office) -> None:
    moment = datetime(2026, 9, 2, 10, 24, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with office.database.write() as session:
        user = User(username="a", password_hash="x", role="leader", created_at=moment)
        session.add(user)
        session.flush()
        session.add(
            UserSession(
                token_hash="t", user_id=user.id, created_at=moment, last_seen_at=moment, expires_at=moment
            )
        )
    with office.database.read() as session:
        stored = session.query(User).one().created_at
    assert stored == moment
    assert stored.tzinfo is UTC


def test_a_naive_moment_is_refused(office: Office) -> None:
    naive = datetime(2026, 9, 2)  # noqa: DTZ001 - the mistake this guards against
    with pytest.raises(StatementError, match="time zone"), office.database.write() as session:
        session.add(User(username="a", password_hash="x", role="leader", created_at=naive))


def test_text_beyond_the_basic_plane_survives(office: Office) -> None:
    with office.database.write() as session:
        session.add(City(name_zh="西宁𠮷😀", name_en="{{ 7*7 }}</script>", extent=shapely.box(0, 0, 1, 1)))
    with office.database.read() as session:
        city = session.query(City).one()
    assert (city.name_zh, city.name_en) == ("西宁𠮷😀", "{{ 7*7 }}</script>")

"""Several people at once: boundaries published while findings are corrected and dispatched."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import shapely
from sqlalchemy import select

from casework import areas, corrections
from casework.office import Office
from casework.verify import verify
from db.models import Level
from tests.factories.everyday import Everyday, everyday

ROUNDS = 4


def test_publications_at_the_same_moment_come_one_after_the_other(office: Office) -> None:
    people, start = everyday(office), Barrier(3)

    def publish(name: str) -> None:
        start.wait(30)
        for i in range(ROUNDS):
            with office.database.write() as session:
                level = session.scalars(select(Level).order_by(Level.position.desc())).first()
                assert level is not None
                shape = shapely.box(101.1, 36.4, 101.19 + 0.01 * i, 36.6)
                areas.publish(session, level, [areas.NewArea("A", name, name, shape)], office.now(), near_m=5)

    def correct() -> None:
        start.wait(30)
        for i, finding in enumerate(findings):
            corrections.correct(
                office, people.supervisor, finding, {"lon": 101.1805 + 0.005 * i, "lat": 36.5}, "Wrong pin"
            )

    findings = [people.report(lon=101.18 + 0.001 * i) for i in range(8)]
    with ThreadPoolExecutor(3) as hands:
        running = [hands.submit(publish, "One"), hands.submit(publish, "Two"), hands.submit(correct)]
        for one in running:
            one.result(60)
    assert _whole(people)


def _whole(people: Everyday) -> bool:
    return all(check.broken == 0 for check in verify(people.office))

"""Several people at once, in threads of one process: nobody's work is lost, nobody's report falls between two maps."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import shapely

from casework.drafts import StaleDraft, share
from casework.drafts_publish import MapMoved, rebase
from casework.errors import CaseworkError, Refused
from casework.office import Office
from casework.triage import settle
from tests.casework.test_areas import in_step
from tests.factories.drafts import SQUARES, DrawnCity, drawn_city, within_street


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returns or raises, all begun at the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(30)
        try:
            return act()
        except CaseworkError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as hands:
        return [one.result(60) for one in [hands.submit(run, act) for act in acts]]


def _drawn(city: DrawnCity, **shapes: Any) -> tuple[int, int]:
    draft = city.draft()
    return draft, city.save(draft, 1, **shapes).revision


def test_two_save_the_same_draft_and_one_is_told_who_was_quicker(office: Office) -> None:
    city = drawn_city(office)
    draft = city.draft()
    seen = share(office, city.supervisor, draft, on=True).revision
    wide, narrow = within_street(36.525), within_street(36.515)
    done = together(
        lambda: city.save(draft, seen, **wide), lambda: city.save(draft, seen, city.second, **narrow)
    )
    failed = [one for one in done if isinstance(one, StaleDraft)]
    assert len(failed) == 1
    kept = wide if done[1] is failed[0] else narrow
    stored = {area["code"]: area for area in city.data(draft)["areas"] if area["changed"]}
    assert shapely.equals(shapely.from_geojson(_text(stored["P1"]["geometry"])), kept["P1"])
    assert failed[0].revision == city.data(draft)["draft"]["revision"] == seen + 1
    assert failed[0].who[0] in {"sup", "second"}


def test_two_publish_the_same_draft_and_it_is_published_once(office: Office) -> None:
    city = drawn_city(office)
    draft, revision = _drawn(city, **within_street())
    done = together(*[lambda: city.publish(draft, revision)] * 2)
    assert [isinstance(one, Refused) for one in done].count(True) == 1
    assert len(city.data(draft)["publications"]) == 2


def test_two_drafts_are_published_at_once_and_the_second_must_look_again(office: Office) -> None:
    city = drawn_city(office)
    finding = city.report(101.003, 36.5212)
    one = _drawn(city, **within_street(36.525))
    other = _drawn(city, **within_street(36.523))
    done = together(lambda: city.publish(*one), lambda: city.publish(*other))
    moved = [error for error in done if isinstance(error, MapMoved)]
    assert len(moved) == 1
    assert moved[0].who[0] == "sup"
    assert city.patch_of(finding) == "P1"
    late = other if done[1] is moved[0] else one
    behind = rebase(office, city.supervisor, *late)
    assert {clash.key for clash in behind.clashes} == {city.key("P1"), city.key("P2")}
    settled = rebase(
        office, city.supervisor, late[0], behind.saved.revision, mine=[city.key("P1"), city.key("P2")]
    )
    assert not settled.clashes
    assert city.publish(late[0], settled.saved.revision).changed == ("P1", "P2")
    assert in_step(office)


def test_reports_that_come_in_while_a_map_is_published_lie_in_one_of_the_two(office: Office) -> None:
    city = drawn_city(office)
    first = _drawn(city, **within_street(36.525))

    def report() -> None:
        for i in range(12):
            city.report(101.002, 36.5183 + 0.0006 * i)

    def publish() -> None:
        revision = first[1]
        city.publish(first[0], revision)
        for at in (36.522, 36.519):
            city.publish(*_drawn(city, **within_street(at)))

    failed = [one for one in together(report, report, publish) if one is not None]
    assert failed == []
    assert in_step(office)


def test_a_patch_ends_while_somebody_pins_a_finding_to_it(office: Office) -> None:
    city = drawn_city(office)
    finding = city.report(101.025, 36.535)
    draft, revision = _drawn(city, P1=shapely.union(SQUARES["P1"], SQUARES["P2"]), P2=None)
    together(
        lambda: settle(office, city.second, finding, "patch", "P2", "seen"),
        lambda: city.publish(draft, revision),
    )
    assert city.patch_of(finding) == "P4"
    assert in_step(office)


def _text(geometry: dict[str, Any]) -> str:
    return json.dumps(geometry)

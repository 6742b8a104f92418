import pytest

from geo.road_tags import is_closed, is_street, speeds_kmh


def way(highway: str = "residential", **tags: str) -> dict[str, str]:
    return {"highway": highway, **{key.replace("__", ":"): value for key, value in tags.items()}}


@pytest.mark.parametrize(
    ("tags", "foot", "bike", "car"),
    [
        (way(), (True, True), (True, True), (True, True)),
        (way(oneway="yes"), (True, True), (True, False), (True, False)),
        (way(oneway="-1"), (True, True), (False, True), (False, True)),
        (way(oneway="yes", oneway__bicycle="no"), (True, True), (True, True), (True, False)),
        (way(oneway="yes", cycleway="opposite_lane"), (True, True), (True, True), (True, False)),
        (way(junction="roundabout"), (True, True), (True, False), (True, False)),
        (way("motorway"), (False, False), (False, False), (True, False)),
        (way("footway"), (True, True), (True, True), (False, False)),
        (way("steps"), (True, True), (False, False), (False, False)),
        (way(access="private"), (False, False), (False, False), (False, False)),
        (way(access="private", foot="yes"), (True, True), (False, False), (False, False)),
        (way(motor_vehicle="no"), (True, True), (True, True), (False, False)),
        (way(motor_vehicle="no", motorcar="yes"), (True, True), (True, True), (True, True)),
        (way(foot="no"), (False, False), (True, True), (True, True)),
        (way(access="destination"), (True, True), (True, True), (True, True)),
    ],
)
def test_who_may_go_which_way(
    tags: dict[str, str], foot: tuple[bool, bool], bike: tuple[bool, bool], car: tuple[bool, bool]
) -> None:
    found = {mode: tuple(speed > 0 for speed in speeds_kmh(tags, mode)) for mode in ("foot", "bike", "car")}
    assert found == {"foot": foot, "bike": bike, "car": car}


def test_signs_slow_cars_down_and_do_not_make_alleys_fast() -> None:
    assert speeds_kmh(way("primary", maxspeed="30"), "car")[0] == pytest.approx(22.5)
    assert speeds_kmh(way("service", maxspeed="120"), "car")[0] < 20
    assert speeds_kmh(way("primary", maxspeed="20 mph"), "car")[0] == pytest.approx(20 * 1.609344 * 0.75)
    assert speeds_kmh(way("primary", maxspeed="walk"), "car") == speeds_kmh(way("primary"), "car")


def test_a_bicycle_is_pushed_along_a_footway_unless_it_may_ride() -> None:
    pushed, ridden = (
        speeds_kmh(way("footway"), "bike")[0],
        speeds_kmh(way("footway", bicycle="yes"), "bike")[0],
    )
    assert pushed < 6 < ridden


def test_steps_are_slower_than_a_street() -> None:
    assert speeds_kmh(way("steps"), "foot")[0] < speeds_kmh(way(), "foot")[0]


@pytest.mark.parametrize("tags", [way("proposed"), way("construction"), {}, way("pedestrian", area="yes")])
def test_what_is_no_street(tags: dict[str, str]) -> None:
    assert not is_street(tags)


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ({"barrier": "bollard"}, {"car"}),
        ({"barrier": "stile"}, {"car", "bike"}),
        ({"barrier": "gate"}, set()),
        ({"barrier": "gate", "access": "private"}, {"foot", "bike", "car"}),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, {"bike", "car"}),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, set()),
        ({"barrier": "wall"}, {"foot", "bike", "car"}),
        ({}, set()),
    ],
)
def test_what_a_barrier_stops(tags: dict[str, str], closed: set[str]) -> None:
    assert {mode for mode in ("foot", "bike", "car") if is_closed(tags, mode)} == closed

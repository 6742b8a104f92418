from hypothesis import given, settings
from hypothesis import strategies as st

from geo.boundary_grid import edges_of
from geo.boundary_invalid import usable
from geo.boundary_leftovers import Leftovers, Level
from tests.factories.coverages import Town, disturbed, sound_towns


def level_of(town: Town) -> Level:
    shapes = [usable(area) for area in town.areas]
    return Level(
        shapes,
        [edges_of([shape], [at]) for at, shape in enumerate(shapes)],
        town.parents,
        [edges_of([parent], [-1 - at]) for at, parent in enumerate(town.parents)],
        town.parent_of,
    )


@settings(max_examples=50)
@given(sound_towns(), st.data())
def test_what_is_left_after_a_change_is_what_is_left_of_the_whole(town: Town, data: st.DataObject) -> None:
    before = level_of(town)
    changed = data.draw(st.sets(st.integers(0, len(town.areas) - 1), max_size=3))
    for position in changed:
        area = town.areas[position]
        town.areas[position] = (
            None if area is None or data.draw(st.booleans()) else data.draw(disturbed(area))
        )
    after = level_of(town)
    found, wanted = Leftovers.of(before).changed(before, after, changed), Leftovers.of(after)
    assert found.edges.ends.tolist() == wanted.edges.ends.tolist()
    assert found.edges.owner.tolist() == wanted.edges.owner.tolist()
    assert found.chains.tolist() == wanted.chains.tolist()


@given(sound_towns())
def test_of_a_sound_town_only_the_outline_is_left_and_of_its_districts_nothing(town: Town) -> None:
    left = Leftovers.of(level_of(town))
    assert not left.chains.any()
    assert sum(one.length for one in town.parents) > 0

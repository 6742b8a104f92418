"""How areas lie in the level above, and where they overlap."""

import shapely
from shapely.geometry.base import BaseGeometry

from casework.area_features import Candidate
from casework.coverage import coverages
from casework.nesting import Held, overlaps, place_in
from casework.office import Office
from tests.factories.city import EAST, WEST, two_patches


def _candidate(geometry: BaseGeometry) -> Candidate:
    return Candidate(1, "x", "x", "x", "", geometry)


def test_most_of_it_decides_and_the_lower_code_when_equal(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with sqlite_office.database.read() as session:
        patches = coverages(session)[-1]
    ids = {area.code: area.id for area in patches.areas}
    shapes = [
        shapely.box(101.4, 36, 101.9, 37),
        shapely.box(101.4, 36, 101.6, 37),
        shapely.box(120, 30, 121, 31),
    ]
    held = place_in([_candidate(shape) for shape in shapes], patches)
    assert [one.area_id for one in held] == [ids["B"], ids["A"], None]
    assert [round(one.share, 6) for one in held] == [0.8, 0.5, 0]


def test_without_a_level_above_nothing_holds() -> None:
    assert place_in([_candidate(WEST)], None) == [Held(None, 0.0)]


def test_only_overlaps_of_a_square_metre_count() -> None:
    metre = 1 / 100_000  # degrees, about
    touching = [WEST, EAST]
    crumb = [WEST, shapely.box(101.5 - metre / 10, 36, 102, 36 + metre)]
    strip = [WEST, shapely.box(101.5 - 10 * metre, 36, 102, 36 + 10 * metre)]
    assert list(overlaps(touching)) == []
    assert list(overlaps(crumb)) == []
    [(first, second, m2)] = overlaps(strip)
    assert (first, second) == (0, 1)
    assert 80 < m2 < 120

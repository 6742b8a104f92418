import numpy as np
import pytest
import shapely

from geo.assignment import AreaIndex
from geo.locations import Kind, Location


def test_kinds_are_their_words() -> None:
    assert [str(kind) for kind in Kind] == ["inside", "border", "overlap", "outside", "no_location"]
    assert Kind("border") is Kind.BORDER


def test_many_answers_can_be_taken_one_by_one(west: shapely.Polygon, east: shapely.Polygon) -> None:
    answers = AreaIndex.build([west, east]).describe([101.795, np.nan, 101.805], [36.605, 1, 36.605])
    assert [answer.position for answer in answers] == [0, -1, 1]
    assert answers[-1] == Location(1, Kind.INSIDE, False, (), -1, None)
    assert not answers[1].needs_triage
    with pytest.raises(IndexError):
        answers[3]


def test_what_needs_a_second_look() -> None:
    inside = Location(0, Kind.INSIDE, False, (), -1, None)
    assert not inside.needs_triage
    assert Location(0, Kind.INSIDE, True, (), -1, None).needs_triage
    assert Location(-1, Kind.OUTSIDE, False, (), 2, 7.0).needs_triage
    assert AreaIndex.build([shapely.box(0, 0, 1, 1)]).describe_one(0.5, 0.5) == inside

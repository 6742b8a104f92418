import numpy as np
import pytest
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from shapely.geometry.base import BaseGeometry

from geo.border_edits import (
    Edit,
    EditRefused,
    Refusal,
    cut,
    delete_vertex,
    insert_vertex,
    merge,
    move_vertex,
    split,
)
from geo.boundaries import check
from tests.factories.coverages import Town, sound_towns

W, S, D = 101.70, 36.50, 0.01
Spot = tuple[float, float]


def at(x: float, y: float) -> Spot:
    return round(W + x * D, 7), round(S + y * D, 7)


def polygon(*points: Spot) -> shapely.Polygon:
    return shapely.Polygon([at(x, y) for x, y in points])


WEST = polygon((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1))
EAST = polygon((1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5))
NORTH = polygon((0, 1), (1, 1), (2, 1), (2, 2), (0, 2))
WHOLE = polygon((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (0, 2), (0, 1))
TOWN: list[BaseGeometry | None] = [WEST, EAST, NORTH, WHOLE]
NESTED = {"levels": [1, 1, 1, 0], "parent_of": [3, 3, 3, -1]}


def corners(area: BaseGeometry) -> set[Spot]:
    return {(x, y) for x, y in shapely.get_coordinates(area).tolist()}


def refusal(work: object) -> EditRefused:
    with pytest.raises(EditRefused) as refused:
        work()  # type: ignore[operator]
    return refused.value


def test_a_shared_vertex_moves_in_every_area_that_has_it() -> None:
    edit = move_vertex(TOWN, at(1, 1), at(1.1, 1.2), **NESTED)
    assert sorted(edit.changed) == [0, 1, 2]
    assert all(
        at(1.1, 1.2) in corners(area) and at(1, 1) not in corners(area) for area in edit.changed.values()
    )
    assert check(edit.applied(TOWN)[:3], parents=[WHOLE], parent_of=[0, 0, 0]) == []


def test_on_the_parents_border_the_parent_moves_along() -> None:
    edit = move_vertex(TOWN, at(1, 0), at(1.1, -0.3), **NESTED)
    assert sorted(edit.changed) == [0, 1, 3]


def test_a_vertex_that_the_parent_lacks_cannot_leave_it() -> None:
    bare = [WEST, EAST, NORTH, polygon((0, 0), (2, 0), (2, 2), (0, 2))]
    assert refusal(lambda: move_vertex(bare, at(1, 0), at(1, -0.3), **NESTED)).kind == Refusal.SPILL
    assert refusal(lambda: move_vertex(bare, at(1, 0), at(1, 0.3), **NESTED)).kind == Refusal.GAP


def test_an_area_that_would_cross_itself_is_refused_and_where_is_said() -> None:
    refused = refusal(lambda: move_vertex(TOWN, at(1, 0.5), at(2.5, 0.5)))
    assert refused.kind == Refusal.INVALID
    assert refused.data["reason"] == "self_intersection"
    assert refused.data["position"] == 1
    assert refused.data["lon"] == pytest.approx(W + 2 * D)


def test_a_vertex_cannot_be_dragged_into_somebody_else() -> None:
    apart: list[BaseGeometry | None] = [WEST, polygon((1.2, 0), (2, 0), (2, 1), (1.2, 1))]
    refused = refusal(lambda: move_vertex(apart, at(1, 0.5), at(1.6, 0.5)))
    assert (refused.kind, refused.data["positions"]) == (Refusal.OVERLAP, (0, 1))
    assert move_vertex(apart, at(1, 0.5), at(1.1, 0.5)).changed.keys() == {0}


def test_what_was_wrong_before_may_stay_wrong_but_not_grow() -> None:
    overlapping: list[BaseGeometry | None] = [WEST, polygon((0.8, 0), (2, 0), (2, 1), (0.8, 1))]
    assert move_vertex(overlapping, at(1, 0.5), at(0.9, 0.5)).changed.keys() == {0}
    assert refusal(lambda: move_vertex(overlapping, at(1, 0.5), at(1.1, 0.5))).kind == Refusal.OVERLAP


def test_a_vertex_is_inserted_into_an_edge_of_both_neighbours() -> None:
    edit = insert_vertex(TOWN, (at(1, 0.5), at(1, 1)), at(1.05, 0.7), **NESTED)
    assert sorted(edit.changed) == [0, 1]
    assert check(edit.applied(TOWN)[:3]) == []
    assert (
        refusal(lambda: insert_vertex(TOWN, (at(0, 0), at(1, 1)), at(0.5, 0.5))).kind == Refusal.NO_SUCH_EDGE
    )


def test_a_vertex_is_inserted_into_the_closing_edge_too() -> None:
    edit = insert_vertex([WEST], (at(0, 1), at(0, 0)), at(-0.1, 0.5))
    assert edit.changed[0].area > WEST.area


def test_a_vertex_disappears_from_both_neighbours() -> None:
    edit = delete_vertex(TOWN, at(1, 0.5), **NESTED)
    assert sorted(edit.changed) == [0, 1]
    assert check(edit.applied(TOWN)[:3]) == []


def test_where_three_areas_meet_a_vertex_cannot_go() -> None:
    bent = move_vertex(TOWN, at(1, 1), at(1.2, 1.2), **NESTED).applied(TOWN)
    assert refusal(lambda: delete_vertex(bent, at(1.2, 1.2), **NESTED)).kind in (Refusal.GAP, Refusal.OVERLAP)


def test_a_triangle_keeps_its_vertices() -> None:
    refused = refusal(lambda: delete_vertex([polygon((0, 0), (1, 0), (0, 1))], at(0, 0)))
    assert (refused.kind, refused.data) == (Refusal.TOO_FEW_VERTICES, {"position": 0})


@pytest.mark.parametrize("place", [at(0.3, 0.3), at(1, 0.6)])
def test_there_has_to_be_a_vertex(place: Spot) -> None:
    assert refusal(lambda: move_vertex(TOWN, place, at(1, 1))).kind == Refusal.NO_SUCH_VERTEX
    assert refusal(lambda: delete_vertex(TOWN, place)).kind == Refusal.NO_SUCH_VERTEX


@pytest.mark.parametrize("place", [(), (1.0,), (np.nan, 1.0), (np.inf, 1.0), (181.0, 0.0), (0.0, 91.0)])
def test_a_place_has_to_be_one(place: tuple[float, ...]) -> None:
    assert refusal(lambda: move_vertex(TOWN, at(1, 1), place)).kind == Refusal.BAD_SHAPE


def test_levels_have_to_fit() -> None:
    with pytest.raises(ValueError, match="an entry for each area"):
        move_vertex(TOWN, at(1, 1), at(1.1, 1.1), levels=[0])


class Drawing(RuleBasedStateMachine):
    """A person draws whatever comes to mind: every edit leaves the coverage sound or is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.areas: list[BaseGeometry | None] = []
        self.levels: list[int] = []
        self.parent_of: list[int] = []
        self.faults: list[object] = []

    @initialize(town=sound_towns(most=7))
    def begin(self, town: Town) -> None:
        count = len(town.areas)
        self.areas = [*town.areas, *town.parents]
        self.levels = [1] * count + [0] * len(town.parents)
        self.parent_of = [count + parent for parent in town.parent_of] + [-1] * len(town.parents)
        self.faults = self.found()

    @rule(data=st.data(), steps=st.sampled_from([1, 30, 1000, 20_000]))
    def move(self, data: st.DataObject, steps: int) -> None:
        vertex = self.vertex(data)
        to = (
            vertex
            + np.array([data.draw(st.integers(-steps, steps)), data.draw(st.integers(-steps, steps))]) * 1e-7
        )
        self.attempt(
            lambda: move_vertex(self.areas, vertex, to, levels=self.levels, parent_of=self.parent_of)
        )

    @rule(data=st.data(), steps=st.sampled_from([0, 1, 30, 1000]))
    def insert(self, data: st.DataObject, steps: int) -> None:
        points = self.ring(data)
        k = data.draw(st.integers(0, len(points) - 1))
        middle = (points[k] + points[k - 1]) / 2 + data.draw(st.integers(-steps, steps)) * 1e-7
        edge = (points[k - 1], points[k])
        self.attempt(
            lambda: insert_vertex(self.areas, edge, middle, levels=self.levels, parent_of=self.parent_of)
        )

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        vertex = self.vertex(data)
        self.attempt(lambda: delete_vertex(self.areas, vertex, levels=self.levels, parent_of=self.parent_of))

    @rule(data=st.data(), angle=st.floats(0, np.pi), bend=st.floats(-0.3, 0.3))
    def split(self, data: st.DataObject, angle: float, bend: float) -> None:
        position = self.patch(data)
        area = self.area(position)
        middle = np.array(area.representative_point().coords[0])
        along = (
            np.array([np.cos(angle), np.sin(angle)])
            * 2
            * max(np.ptp(area.bounds[::2]), np.ptp(area.bounds[1::2]))
        )
        aside = np.array([-along[1], along[0]]) * bend / 4
        line = shapely.LineString([middle - along, middle + aside, middle + along])
        self.attempt(
            lambda: split(self.areas, position, line, levels=self.levels, parent_of=self.parent_of), position
        )

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        one, other = self.patch(data), self.patch(data)
        if self.parent_of[one] == self.parent_of[other]:
            both = [one, other]
            self.attempt(lambda: merge(self.areas, both, levels=self.levels, parent_of=self.parent_of), one)

    @rule(data=st.data(), share=st.floats(0.1, 1.5))
    def cut_out(self, data: st.DataObject, share: float) -> None:
        position = self.patch(data)
        middle = self.area(position).representative_point()
        hole = middle.buffer(share * middle.distance(self.area(position).boundary), quad_segs=3)
        self.attempt(
            lambda: cut(
                self.areas, position, hole, as_area=True, levels=self.levels, parent_of=self.parent_of
            ),
            position,
        )

    @invariant()
    def every_area_is_valid_and_on_the_grid(self) -> None:
        for area in self.areas:
            if area is not None:
                assert area.is_valid
                coordinates = shapely.get_coordinates(area)
                assert (np.round(coordinates, 7) == coordinates).all()

    def attempt(self, work: object, like: int = 0) -> None:
        try:
            edit = work()  # type: ignore[operator]
        except EditRefused:
            return
        assert isinstance(edit, Edit)
        self.areas = edit.applied(self.areas)
        self.levels += [self.levels[like]] * len(edit.new)
        self.parent_of += [self.parent_of[like]] * len(edit.new)
        assert self.found() == self.faults

    def found(self) -> list[object]:
        """What is wrong, without thin areas: an edit may make an area thin, and a random town may have one."""
        upper = [at for at, level in enumerate(self.levels) if level == 0]
        lower = [at for at, level in enumerate(self.levels) if level == 1]
        problems = check(
            [self.areas[at] for at in lower],
            parents=[self.areas[at] for at in upper],
            parent_of=[upper.index(self.parent_of[at]) for at in lower],
        ) + check([self.areas[at] for at in upper])
        return [(one.kind, one.detail) for one in problems if (one.kind, one.detail) != ("sliver", "area")]

    def patch(self, data: st.DataObject) -> int:
        there = [at for at, area in enumerate(self.areas) if area is not None and self.levels[at] == 1]
        return data.draw(st.sampled_from(there))

    def area(self, position: int) -> BaseGeometry:
        area = self.areas[position]
        assert area is not None
        return area

    def ring(self, data: st.DataObject) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        there = [area for area in self.areas if area is not None]
        rings = shapely.get_rings(shapely.get_parts(data.draw(st.sampled_from(there))))
        return shapely.get_coordinates(rings[data.draw(st.integers(0, len(rings) - 1))])[:-1]

    def vertex(self, data: st.DataObject) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        points = self.ring(data)
        vertex: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = points[
            data.draw(st.integers(0, len(points) - 1))
        ]
        return vertex


TestDrawing = Drawing.TestCase
TestDrawing.settings = settings(max_examples=30, stateful_step_count=12)

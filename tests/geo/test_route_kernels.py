"""What the search knows about times agrees with a schedule worked out step by step."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.route_board import Board
from geo.route_schedule import Infeasible, timed_route
from geo.routing import RouteRequest, solve
from tests.geo.route_fixtures import city


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 10_000))
def test_a_stop_fits_where_its_schedule_works_out_and_nowhere_else(seed: int) -> None:
    """Windows (several), breaks and shifts: the constant-time test against walking through the whole round."""
    request = city(24, 2, seed)
    people = tuple(replace(person, max_distance_m=None) for person in request.inspectors)
    request = request.changed(distance_m=None, inspectors=people)
    plan = solve(request, steps=100, seed=seed)
    board = Board(request)
    order = {key: stops[::2] for key, stops in plan.order().items()}
    assert board.load(order) == []
    for stop in [name for name in board.ids if not any(name in stops for stops in order.values())][:6]:
        for r, (who, day) in enumerate(board.rounds):
            node, stops = len(board.ids) + 2 * r, order[who, day]
            for position in range(len(stops) + 1):
                told = board.takes(r, node, board.position[stop])
                assert told == _works(request, who, day, [*stops[:position], stop, *stops[position:]])
                node = int(board.state.after[node])


def _works(request: RouteRequest, who: str, day: int, stops: list[str]) -> bool:
    person = next(one for one in request.inspectors if one.id == who)
    if not all(stop.skills <= person.skills for stop in request.stops if stop.id in stops):
        return False
    try:
        timed_route(request, person, day, stops)
    except Infeasible:
        return False
    return True

"""Small requests for the tests of routes: stops on a line or scattered, walking 1 m/s in straight lines."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from geo.route_types import Floats
from geo.routing import Break, Inspector, RouteRequest, Stop

HOUR = 3600.0
LUNCH = Break(11.5 * HOUR, 13 * HOUR, 30 * 60.0)


def request_of(
    stops: Sequence[Stop],
    inspectors: Sequence[Inspector],
    places_m: Sequence[tuple[float, float]],
    bases_m: Sequence[tuple[float, float]] = (),
    **options: Any,
) -> RouteRequest:
    """A request whose stops lie at these metres; inspectors start and end at theirs (none: the origin)."""
    bases = list(bases_m) or [(0.0, 0.0)] * len(inspectors)
    durations = matrix_of([*places_m, *(base for base in bases for _ in range(2))])
    return RouteRequest(tuple(stops), tuple(inspectors), durations, durations.copy(), **options)


def matrix_of(places_m: Sequence[tuple[float, float]]) -> Floats:
    """Metres, and at 1 m/s seconds, between all places."""
    points = np.array(places_m, dtype=float)
    apart = points[:, None, :] - points[None, :, :]
    found: Floats = np.hypot(apart[..., 0], apart[..., 1])
    return found


def inspector(name: str = "wang", **changes: Any) -> Inspector:
    """Eight to five from the office and back, no lunch."""
    return replace(Inspector(name, start=(0.0, 0.0), end=(0.0, 0.0)), **changes)


def line(count: int, gap_m: float = 600.0, service_s: float = 600.0) -> RouteRequest:
    """Stops s0, s1, … on a line from the office, one inspector."""
    stops = [Stop(f"s{k}", lon=0.01 * (k + 1), service_s=service_s) for k in range(count)]
    return request_of(stops, [inspector()], [(gap_m * (k + 1), 0.0) for k in range(count)])


def city(stops: int, inspectors: int, seed: int = 0, days: tuple[int, ...] = (0,)) -> RouteRequest:
    """Scattered stops with windows (some two), skills, patches, priorities; lunch; more work than fits when large."""
    rng = np.random.default_rng(seed)
    people = [
        inspector(
            f"i{k}",
            end=None if k == 1 else (0.0, 0.0),
            breaks=(LUNCH,),
            skills=frozenset({"audit", "punish"} if k % 2 else {"audit"}),
            patches=frozenset({f"p{k}"}),
            days=days,
            max_distance_m=25_000.0,
        )
        for k in range(inspectors)
    ]
    places = [(float(x), float(y)) for x, y in rng.uniform(-3000, 3000, (stops, 2))]
    found = [_scattered(k, places[k], inspectors, rng) for k in range(stops)]
    return request_of(found, people, places)


def _scattered(k: int, place: tuple[float, float], patches: int, rng: np.random.Generator) -> Stop:
    windows: tuple[tuple[float, float], ...] = ()
    if rng.random() < 0.3:
        opens = float(rng.integers(8, 15)) * HOUR
        windows = ((opens, opens + 2 * HOUR),)
    elif rng.random() < 0.2:
        windows = ((8 * HOUR, 9.5 * HOUR), (14 * HOUR, 16 * HOUR))
    return Stop(
        f"s{k}",
        lon=place[0] / 111_000,
        lat=place[1] / 111_000,
        service_s=60.0 * int(rng.integers(3, 12)),
        windows=windows,
        priority=int(rng.integers(0, 4)),
        must_see=bool(rng.random() < 0.1),
        skills=frozenset({"punish"}) if rng.random() < 0.1 else frozenset(),
        patch=f"p{k % patches}",
    )

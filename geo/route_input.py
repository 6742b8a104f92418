"""From a request in people's terms to the arrays of the search; every fault in the request is named."""

import math
from collections.abc import Sequence

import numpy as np

from geo.route_kernels import FAR, Ints
from geo.route_problem import Problem, RouteFacts, StopFacts
from geo.route_types import DAY_S, BadRouteInput, Break, Floats, Inspector, RouteRequest, Stop

MAX_STOPS = 5_000
MAX_ROUNDS = 500
TICKS_S = 10  # ticks of the search in a second: durations are rounded up to them, windows inwards
NO_WAY = FAR // 1024  # ticks: longer than any shift
PATCH_S = 900.0  # what a stop in another's patch costs where the own patch is preferred
PRIORITIES = 10
MUST_SEE_WORTH = 1 << 16  # times a stop's own
BALANCE_WEIGHT = 20.0  # at balance 1: a second of work moved is worth up to so many seconds of travel


def checked(request: RouteRequest) -> RouteRequest:
    """The request, its matrices as float arrays. Raises `BadRouteInput`, which names the field."""
    stops, inspectors = request.stops, request.inspectors
    if len(stops) > MAX_STOPS:
        raise BadRouteInput(
            "stops", "%(count)s stops; a plan takes %(most)s", count=len(stops), most=MAX_STOPS
        )
    if not inspectors:
        raise BadRouteInput("inspectors", "nobody to make a round")
    if len(request.rounds) > MAX_ROUNDS:
        raise BadRouteInput(
            "inspectors",
            "%(count)s rounds; a plan takes %(most)s",
            count=len(request.rounds),
            most=MAX_ROUNDS,
        )
    _unique("stops", [stop.id for stop in stops])
    _unique("inspectors", [inspector.id for inspector in inspectors])
    for stop in stops:
        _check_stop(stop)
    for inspector in inspectors:
        _check_inspector(inspector)
    _check_options(request)
    size = len(stops) + 2 * len(inspectors)
    durations = _matrix("durations_s", request.durations_s, size)
    distance = None if request.distance_m is None else _matrix("distance_m", request.distance_m, size)
    if distance is None and any(inspector.max_distance_m is not None for inspector in inspectors):
        raise BadRouteInput("distance_m", "is needed where an inspector's distance is limited")
    return request.changed(durations_s=durations, distance_m=distance)


def _check_options(request: RouteRequest) -> None:
    if not 0.0 <= request.balance <= 1.0:
        raise BadRouteInput("balance", "must be between 0 and 1")
    if request.own_patch not in ("no", "preferred", "only"):
        raise BadRouteInput("own_patch", "must be no, preferred or only")
    known = {stop.id for stop in request.stops}
    for field, named in (("locked", request.locked), ("reached_from", _walks(request.stops))):
        for stop_id in named:
            if stop_id not in known:
                raise BadRouteInput(field, "there is no stop %(stop)s", stop=stop_id)


def _walks(stops: Sequence[Stop]) -> list[str]:
    return [stop.reached_from for stop in stops if stop.reached_from]


def _unique(field: str, ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise BadRouteInput(field, "%(id)s is there twice", id=name)
        seen.add(name)


def _check_stop(stop: Stop) -> None:
    field = f"stop {stop.id}"
    numbers = [
        stop.lon,
        stop.lat,
        stop.service_s,
        stop.walk_s,
        *(moment for pair in stop.windows for moment in pair),
    ]
    if not all(math.isfinite(number) for number in numbers):
        raise BadRouteInput(field, "has a value that is not a number")
    if not 0 <= stop.service_s <= DAY_S or stop.walk_s < 0:
        raise BadRouteInput(field, "service and walk must be between 0 and a day")
    for opens, closes in stop.windows:
        if closes < opens:
            raise BadRouteInput(field, "a window ends before it starts")
        if opens < 0 or closes > DAY_S:
            raise BadRouteInput(field, "windows must lie within a day, 0 to 86400 s")
    if not 0 <= stop.priority < PRIORITIES:
        raise BadRouteInput(field, "priority must be 0 to 9")
    if stop.deadline_s is not None and not math.isfinite(stop.deadline_s):
        raise BadRouteInput(field, "deadline_s must be a number")


def _check_inspector(inspector: Inspector) -> None:
    field = f"inspector {inspector.id}"
    begins, ends = inspector.shift
    pauses = [
        value for rest in inspector.breaks for value in (rest.earliest_s, rest.latest_s, rest.duration_s)
    ]
    if not all(math.isfinite(number) for number in (begins, ends, *pauses)):
        raise BadRouteInput(field, "has a value that is not a number")
    if ends <= begins:
        raise BadRouteInput(field, "has no hours: the shift must end after it begins")
    if begins < 0 or ends > DAY_S:
        raise BadRouteInput(field, "the shift must lie within a day, 0 to 86400 s")
    if not inspector.days or min(inspector.days) < 0 or len(set(inspector.days)) < len(inspector.days):
        raise BadRouteInput(field, "days must be different numbers from 0")
    for rest in inspector.breaks:
        if rest.latest_s < rest.earliest_s or rest.duration_s < 0:
            raise BadRouteInput(field, "a break must begin between its earliest and its latest moment")
    limit = inspector.max_distance_m
    if limit is not None and not limit >= 0:
        raise BadRouteInput(field, "max_distance_m must be a number from 0")


def _matrix(field: str, values: Floats, size: int) -> Floats:
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.shape != (size, size):
        raise BadRouteInput(
            field, "is %(shape)s; stops and two places an inspector make it %(size)s x %(size)s",
            shape=" x ".join(map(str, matrix.shape)), size=size,
        )  # fmt: skip
    if np.isnan(matrix).any() or (matrix < 0).any():
        raise BadRouteInput(field, "has a value that is no number or below 0 (no way: infinite)")
    return matrix


def effective(request: RouteRequest, matrix: Floats, timed: bool = True) -> Floats:
    """The matrix with the rows of stops that are reached on foot from another one (in distances: as far as that)."""
    walks = [(k, stop) for k, stop in enumerate(request.stops) if stop.reached_from]
    if not walks:
        return matrix
    index = {stop.id: k for k, stop in enumerate(request.stops)}
    found = matrix.copy()
    for k, stop in walks:
        other = index[stop.reached_from]
        walk = stop.walk_s if timed else 0.0
        found[k], found[:, k] = found[other] + walk, found[:, other] + walk
        found[k, other] = found[other, k] = walk
        found[k, k] = 0.0
    return found


def problem_of(
    request: RouteRequest,
    active: Sequence[int],
    balance_scale_s: float | None = None,
    like: Problem | None = None,
) -> Problem:
    """The request as arrays, in ticks, with the stops at these positions.

    `balance_scale_s`: mean work of a round; none: evenness does not count. `like`: a problem of the same request,
    whose matrices are used again (5,000 stops: 200 MB each).
    """
    n = len(request.stops)
    ticks, distance = (like.duration, like.distance) if like is not None else _tables(request)
    horizon = sorted({day for inspector in request.inspectors for day in inspector.days})
    stops = [_stop_facts(request.stops[k], k, horizon, request) for k in active]
    routes = [
        _route_facts(request, inspector, day, n, k)
        for k, inspector in enumerate(request.inspectors)
        for day in inspector.days
    ]
    extra = _extras(request, active)
    kinds, kind = np.unique(extra, axis=0, return_inverse=True)
    for route, number in zip(routes, np.ravel(kind).tolist(), strict=True):
        route.kind = number
    balance = (0, 1)
    if balance_scale_s is not None and request.balance > 0:
        weight = BALANCE_WEIGHT * request.balance**2
        balance = (max(1, round(1000 * weight)), max(1, round(2 * 1000 * balance_scale_s * TICKS_S)))
    return Problem(stops, routes, ticks, ticks, distance, kinds, balance)


def _tables(request: RouteRequest) -> tuple[Ints, Ints]:
    """Travel times in ticks and ways in metres (the same object where no way is limited), with the ghost's row."""
    durations = effective(request, request.durations_s)
    ticks = _with_ghost(
        np.minimum(np.ceil(np.where(np.isinf(durations), 0, durations) * TICKS_S - 1e-6), NO_WAY)
    )
    ticks[: len(durations), : len(durations)][np.isinf(durations)] = NO_WAY
    distance = ticks
    if any(inspector.max_distance_m is not None for inspector in request.inspectors):
        assert request.distance_m is not None  # noqa: S101 - `checked` saw to it
        finite = np.minimum(effective(request, request.distance_m, timed=False), NO_WAY)
        distance = _with_ghost(np.ceil(finite - 1e-6))
    return ticks, distance


def _with_ghost(values: Floats) -> Ints:
    """Whole numbers, and a last row and column of zeros: the place of a start or end that is left open."""
    size = len(values)
    found = np.zeros((size + 1, size + 1), dtype=np.int64)
    found[:size, :size] = values
    return found


def _stop_facts(stop: Stop, row: int, horizon: Sequence[int], request: RouteRequest) -> StopFacts:
    lock = request.locked.get(stop.id)
    worth = 2**stop.priority * (MUST_SEE_WORTH if stop.must_see else 1)
    return StopFacts(
        place=row,
        service=math.ceil(stop.service_s * TICKS_S - 1e-6),
        windows=windows_of(stop, horizon),
        prize=worth,
        fixed=lock is not None and lock.order is not None,
    )


def windows_of(stop: Stop, horizon: Sequence[int]) -> list[tuple[int, int]]:
    """When service may begin, in ticks after midnight of day 0, over all days; one that never opens when none does."""
    if not stop.windows and stop.deadline_s is None and stop.day is None:
        return [(0, FAR)]
    found = []
    last = FAR if stop.deadline_s is None else math.floor(stop.deadline_s * TICKS_S + 1e-6)
    for day in horizon if stop.day is None else [stop.day]:
        for opens, closes in stop.windows or ((0.0, float(DAY_S)),):
            first = math.ceil((opens + day * DAY_S) * TICKS_S - 1e-6)
            until = min(last, math.floor((closes + day * DAY_S) * TICKS_S + 1e-6))
            if first <= until:
                found.append((first, until))
    return _merged(found) or [(-2, -1)]


def _merged(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for opens, closes in sorted(windows):
        if found and opens <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return found


def _route_facts(request: RouteRequest, inspector: Inspector, day: int, stops: int, k: int) -> RouteFacts:
    ghost = stops + 2 * len(request.inspectors)
    start = ghost if inspector.start is None else stops + 2 * k
    begins, ends = inspector.shift
    breaks: Sequence[Break] = sorted(inspector.breaks, key=lambda rest: rest.earliest_s)
    gone = 0.0
    standing = request.standing.get((inspector.id, day))
    if standing is not None:
        begins = max(begins, standing.free_s)
        breaks = breaks[len(standing.rests) :]
        if standing.visits:
            index = {stop.id: row for row, stop in enumerate(request.stops)}
            start = index[standing.visits[-1].stop]
            gone = way_m(request, inspector, k, [visit.stop for visit in standing.visits], ends_there=True)
    limit = inspector.max_distance_m
    return RouteFacts(
        start=start,
        end=ghost if inspector.end is None else stops + 2 * k + 1,
        shift=(
            math.ceil((begins + day * DAY_S) * TICKS_S - 1e-6),
            math.floor((ends + day * DAY_S) * TICKS_S + 1e-6),
        ),
        breaks=[_break_ticks(rest, day) for rest in breaks],
        max_distance=FAR if limit is None else math.floor(limit - gone + 1e-6),
    )


def _break_ticks(rest: Break, day: int) -> tuple[int, int, int]:
    return (
        math.ceil((rest.earliest_s + day * DAY_S) * TICKS_S - 1e-6),
        math.floor((rest.latest_s + day * DAY_S) * TICKS_S + 1e-6),
        math.ceil(rest.duration_s * TICKS_S - 1e-6),
    )


def rows(request: RouteRequest, k: int, stops: Sequence[str], ends_there: bool = False) -> list[int]:
    """Rows of the matrix that inspector number k passes, start and end included where there are any."""
    index = {stop.id: row for row, stop in enumerate(request.stops)}
    inspector, n = request.inspectors[k], len(request.stops)
    found = [index[stop] for stop in stops]
    if inspector.start is not None:
        found.insert(0, n + 2 * k)
    if inspector.end is not None and not ends_there:
        found.append(n + 2 * k + 1)
    return found


def way_m(
    request: RouteRequest, inspector: Inspector, k: int, stops: Sequence[str], ends_there: bool = False
) -> float:
    """Distance of a round along these stops; 0 without distances or stops."""
    if request.distance_m is None or not stops:
        return 0.0
    passed = rows(request, k, stops, ends_there)
    return float(effective(request, request.distance_m, timed=False)[passed[:-1], passed[1:]].sum())


def _extras(request: RouteRequest, active: Sequence[int]) -> Ints:
    """What a stop costs beside the way in each round, in ticks; -1: not allowed."""
    found = np.zeros((len(request.rounds), len(active)), dtype=np.int64)
    by_id = {inspector.id: inspector for inspector in request.inspectors}
    for r, (name, day) in enumerate(request.rounds):
        inspector = by_id[name]
        for position, k in enumerate(active):
            stop = request.stops[k]
            foreign = is_foreign(stop, inspector)
            if not may_serve(request, stop, inspector, day):
                found[r, position] = -1
            elif foreign and request.own_patch == "preferred":
                found[r, position] = round(PATCH_S * TICKS_S)
    return found


def is_foreign(stop: Stop, inspector: Inspector) -> bool:
    """Whether the stop lies in a patch that is not the inspector's."""
    return bool(stop.patch) and stop.patch not in inspector.patches


def may_serve(request: RouteRequest, stop: Stop, inspector: Inspector, day: int) -> bool:
    """Whether skill, patch and what was agreed let the inspector see the stop on that day."""
    lock = request.locked.get(stop.id)
    if (inspector.id, day) in request.closed:
        return False
    if not stop.skills <= inspector.skills or (request.own_patch == "only" and is_foreign(stop, inspector)):
        return False
    return lock is None or (lock.inspector, lock.day) == (inspector.id, day)

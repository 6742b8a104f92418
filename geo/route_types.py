"""What a route plan is made of: stops, inspectors, rounds with times, and what is left out with its reason.

Times are seconds after midnight of the day of the round, durations are seconds, distances metres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LonLat = tuple[float, float]
OwnPatch = Literal["no", "preferred", "only"]
RoundKey = tuple[str, int]  # inspector's id, day

DAY_S = 86_400


class BadRouteInput(ValueError):
    """Something that no plan can be made from; `field` names it, `problem` (with `params`) says what is wrong.

    `problem` is an English text with ``%(name)s`` places, for whoever puts it before a person.
    """

    def __init__(self, field: str, problem: str, **params: object) -> None:
        super().__init__(f"{field}: {problem % params if params else problem}")
        self.field, self.problem, self.params = field, problem, params


@dataclass(frozen=True)
class Break:
    """A rest of `duration_s` that begins between two moments; not needed on a round that is over before `latest_s`."""

    earliest_s: float
    latest_s: float
    duration_s: float


@dataclass(frozen=True)
class Stop:
    """A place to see. Service begins within one of the windows (none: at any time of day)."""

    id: str
    lon: float = 0.0
    lat: float = 0.0
    service_s: float = 0.0
    windows: tuple[tuple[float, float], ...] = ()
    priority: int = 1  # 0 … 9, each worth twice the one below
    must_see: bool = False  # before everything that is not, whatever the priority
    skills: frozenset[str] = frozenset()
    patch: str = ""  # none: anybody's
    deadline_s: float | None = None  # seconds after midnight of day 0; service begins by then
    day: int | None = None  # only on this day
    reached_from: str = ""  # id of a stop from which the last bit is walked, where no street leads here
    walk_s: float = 0.0  # one way


@dataclass(frozen=True)
class Inspector:
    """Somebody who makes a round on each of `days`. No start or end: the round begins or ends at a stop."""

    id: str
    name: str = ""
    start: LonLat | None = None
    end: LonLat | None = None
    shift: tuple[float, float] = (8 * 3600.0, 17 * 3600.0)
    breaks: tuple[Break, ...] = ()
    skills: frozenset[str] = frozenset()
    patches: frozenset[str] = frozenset()
    max_distance_m: float | None = None
    days: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Lock:
    """A stop that was agreed for a round; with `order` its place among the others with an order, too."""

    inspector: str
    day: int = 0
    order: float | None = None


@dataclass(frozen=True)
class Visit:
    """One stop of a round."""

    stop: str
    arrive_s: float
    start_s: float
    leave_s: float


@dataclass(frozen=True)
class Rest:
    """A break as it is planned; `after` is the number of visits made before it."""

    start_s: float
    end_s: float
    after: int


@dataclass(frozen=True)
class Standing:
    """How far a round has come: what was visited (never moved again) and when the inspector is free to go on."""

    visits: tuple[Visit, ...] = ()
    rests: tuple[Rest, ...] = ()
    free_s: float = 0.0


@dataclass(frozen=True)
class Route:
    """One inspector's round on one day; without visits nobody sets out."""

    inspector: str
    day: int
    visits: tuple[Visit, ...] = ()
    rests: tuple[Rest, ...] = ()
    depart_s: float = 0.0
    end_s: float = 0.0
    travel_s: float = 0.0
    service_s: float = 0.0
    distance_m: float = 0.0

    @property
    def key(self) -> RoundKey:
        """Who, and on which day."""
        return self.inspector, self.day

    @property
    def stops(self) -> tuple[str, ...]:
        """Ids of the stops in order."""
        return tuple(visit.stop for visit in self.visits)

    @property
    def duration_s(self) -> float:
        """From setting out to the end, breaks and waiting included."""
        return self.end_s - self.depart_s

    @property
    def wait_s(self) -> float:
        """Time spent neither on the way nor at a stop nor at rest."""
        rest_s = sum(rest.end_s - rest.start_s for rest in self.rests if rest.start_s >= self.depart_s - 1e-6)
        return max(0.0, self.duration_s - self.travel_s - self.service_s - rest_s)


class Reason(StrEnum):
    """Why a stop is not served; the first that holds."""

    NO_SKILL = "no_skill"  # nobody has the skill
    OWN_PATCH = "own_patch"  # who has the skill does not have the patch
    LOCKED = "locked"  # agreed for somebody who may not or does not work that day
    UNREACHABLE = "unreachable"  # no street leads there from those who may
    OUTSIDE_HOURS = "outside_hours"  # its windows and their hours do not meet, even if they did nothing else
    TOO_FAR = "too_far"  # further than they may go, even if they did nothing else
    NO_TIME = "no_time"  # there is no room left beside the others
    NOT_TRIED = "not_tried"  # it would fit; the search ended too early


@dataclass(frozen=True)
class Remedy:
    """What would make room for a stop: it then fits into the round of `inspector` on `day`, all others kept."""

    stop: str
    inspector: str
    day: int
    earlier_s: float = 0.0  # the shift begins so much earlier
    later_s: float = 0.0  # and ends so much later
    further_m: float = 0.0
    skills: frozenset[str] = frozenset()  # that the inspector would need
    patch: str = ""  # that would have to be the inspector's
    any_time: bool = False  # windows, day and deadline dropped
    any_inspector: bool = False  # what was agreed dropped
    reached_from: str = ""
    walk_s: float = 0.0

    @property
    def minutes(self) -> int:
        """Working time to add, in whole minutes, rounded up."""
        return int(-(-(self.earlier_s + self.later_s) // 60))


@dataclass(frozen=True)
class Unserved:
    """A stop that is in no round, why, and what would help (none: nothing that is known)."""

    stop: str
    reason: Reason
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Evenness:
    """What balancing the rounds costs: work is travel and service; `even_travel_s` the travel of this plan."""

    shortest_travel_s: float
    even_travel_s: float
    spread_before: float  # (longest work - shortest work) / mean work of those who are free
    spread_after: float

    @property
    def extra_s(self) -> float:
        """Travel that evenness adds."""
        return self.even_travel_s - self.shortest_travel_s

    @property
    def extra_percent(self) -> float:
        """The same in percent."""
        return 100.0 * self.extra_s / self.shortest_travel_s if self.shortest_travel_s else 0.0


@dataclass(frozen=True)
class RouteRequest:
    """Everything a plan is made from. Rows of the matrices: the stops, then each inspector's start and end."""

    stops: tuple[Stop, ...]
    inspectors: tuple[Inspector, ...]
    durations_s: Floats  # [n + 2k, n + 2k] inf: no way
    distance_m: Floats | None = None
    own_patch: OwnPatch = "no"
    balance: float = 0.0
    locked: Mapping[str, Lock] = field(default_factory=dict)
    standing: Mapping[RoundKey, Standing] = field(default_factory=dict)
    closed: frozenset[RoundKey] = frozenset()  # rounds that take nothing more: somebody fell ill

    @property
    def rounds(self) -> list[RoundKey]:
        """Every round that may be made."""
        return [(inspector.id, day) for inspector in self.inspectors for day in inspector.days]

    def changed(self, **changes: object) -> Self:
        """The same with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_stop(self, stop: Stop, durations_s: Floats, distance_m: Floats | None = None) -> Self:
        """One stop more, the last of the stops; the matrices must have its row and column there."""
        return self.changed(stops=(*self.stops, stop), durations_s=durations_s, distance_m=distance_m)


@dataclass(frozen=True)
class Plan:
    """Rounds, what is left out, and what they were made from."""

    request: RouteRequest
    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...] = ()
    evenness: Evenness | None = None

    @property
    def travel_s(self) -> float:
        """Travel of all rounds."""
        return sum(route.travel_s for route in self.routes)

    @property
    def distance_m(self) -> float:
        """Way of all rounds."""
        return sum(route.distance_m for route in self.routes)

    @property
    def served(self) -> dict[str, tuple[str, int, int]]:
        """Each served stop's inspector, day and position."""
        return {
            visit.stop: (route.inspector, route.day, position)
            for route in self.routes
            for position, visit in enumerate(route.visits)
        }

    def order(self) -> dict[RoundKey, list[str]]:
        """Ids of the stops of each round, in order."""
        return {route.key: list(route.stops) for route in self.routes}


def places(stops: Sequence[Stop], inspectors: Sequence[Inspector]) -> list[LonLat]:
    """Where the rows of the matrices lie: the stops, then each inspector's start and end.

    A start or end that is left open has a row all the same, which nobody looks at.
    """
    anywhere = (stops[0].lon, stops[0].lat) if stops else (0.0, 0.0)
    found = [(stop.lon, stop.lat) for stop in stops]
    for inspector in inspectors:
        start, end = inspector.start, inspector.end
        found += [start or end or anywhere, end or start or anywhere]
    return found

"""What is left from now: times follow, what does not fit is missed with why, breaks count once."""

import numpy as np
import pytest

from casework.round_forecast import forecast, standing_now
from geo.route_types import Break, Inspector, Rest, RouteRequest, Standing, Stop, Visit

HOUR = 3600.0
KEY = ("a", 0)


def request(*stops: Stop, standing: Standing | None = None, breaks: tuple[Break, ...] = ()) -> RouteRequest:
    """Stops ten minutes from each other and from where the inspector begins and ends; working hours 8 to 12."""
    n = len(stops) + 2
    ways = np.full((n, n), 600.0)
    np.fill_diagonal(ways, 0.0)
    person = Inspector("a", start=(0.0, 0.0), end=(0.0, 0.0), shift=(8 * HOUR, 12 * HOUR), breaks=breaks)
    return RouteRequest(stops, (person,), ways, standing={KEY: standing} if standing else {})


def stop(name: str, **more: object) -> Stop:
    return Stop(name, 0.0, 0.0, 300.0, **more)  # type: ignore[arg-type]


def test_times_begin_now() -> None:
    told = forecast(request(stop("1"), stop("2")), KEY, ["1", "2"], 9 * HOUR)
    assert [visit.arrive_s for visit in told.visits] == [9 * HOUR + 600, 9 * HOUR + 1500]
    assert told.end_s == 9 * HOUR + 2400
    early = forecast(request(stop("1")), KEY, ["1"], 7 * HOUR)
    assert early.visits[0].arrive_s == 8 * HOUR + 600  # nobody sets out before the working day


def test_what_does_not_fit_is_missed_and_the_rest_goes_on() -> None:
    late = request(
        stop("1"), stop("2", windows=((8 * HOUR, 9 * HOUR),)), stop("3", deadline_s=9 * HOUR), stop("4")
    )
    told = forecast(late, KEY, ["1", "2", "3", "4"], 10 * HOUR)
    assert [visit.stop for visit in told.visits] == ["1", "4"]
    assert told.missed == {"2": "window", "3": "deadline"}
    over = forecast(late, KEY, ["1", "4"], 11 * HOUR + 2300)
    assert over.missed == {"1": "shift", "4": "shift"}
    assert over.visits == ()


def test_what_no_street_leads_to_says_so() -> None:
    cut = request(stop("1"), stop("2"))
    cut.durations_s[:, 1] = np.inf
    cut.durations_s[1, 1] = 0.0
    assert forecast(cut, KEY, ["1", "2"], 9 * HOUR).missed == {"2": "unreachable"}


def test_a_break_that_is_still_to_come_is_counted_and_one_that_passed_is_not() -> None:
    lunch = (Break(10 * HOUR, 10.5 * HOUR, 1800.0),)
    three = request(stop("1"), stop("2"), stop("3"), breaks=lunch)
    before = forecast(three, KEY, ["1", "2", "3"], 10 * HOUR)
    assert before.end_s == 10 * HOUR + 1800 + 3 * 900 + 600
    assert len(before.rests) == 1
    after = forecast(request(stop("1"), breaks=lunch), KEY, ["1"], 10.6 * HOUR)
    assert after.rests == ()
    assert after.end_s == 10.6 * HOUR + 1500


def test_what_was_done_stays_and_the_way_goes_on_from_there() -> None:
    done = Standing((Visit("1", 8.5 * HOUR, 8.5 * HOUR, 8.6 * HOUR),), (), 8.6 * HOUR)
    told = forecast(request(stop("1"), stop("2"), standing=done), KEY, ["2"], 9 * HOUR)
    assert [visit.stop for visit in told.visits] == ["2"]
    assert told.visits[0].arrive_s == 9 * HOUR + 600


def test_nobody_is_free_before_the_last_stop_is_left() -> None:
    person = request().inspectors[0]
    ahead = Standing((), (), 9.5 * HOUR)
    assert standing_now(ahead, person, 9 * HOUR).free_s == 9.5 * HOUR
    known = Standing((), (Rest(8 * HOUR, 8.5 * HOUR, 0),), 0.0)
    assert standing_now(known, person, 9 * HOUR).rests == known.rests


@pytest.mark.parametrize("now", [0.0, 8 * HOUR, 13 * HOUR, 30 * HOUR])
def test_an_empty_round_is_over_at_once(now: float) -> None:
    told = forecast(request(), KEY, [], now)
    assert (told.visits, told.missed, told.end_s) == ((), {}, now)

"""Words of cases: deadlines, spans, distances, why a place is uncertain."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from casework.office import Office
from tests.factories.city import NOW, two_patches
from tests.web.pages import WholeSite
from web import case_words


@pytest.fixture
def _english(sqlite_office: Office) -> Iterator[None]:
    two_patches(sqlite_office)
    with WholeSite(sqlite_office).app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.mark.usefixtures("_english")
@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "0 min"),
        (40, "40 min"),
        (60, "1 h"),
        (144, "2 h 24 min"),
        (250, "4 h"),
        (1439, "23 h"),
        (1440, "1 day"),
        (2900, "2 days"),
    ],
)
def test_spans(minutes: int, told: str) -> None:
    assert case_words.span(timedelta(minutes=minutes)) == told


@pytest.mark.usefixtures("_english")
@pytest.mark.parametrize(
    ("shown", "due_h", "told"),
    [
        ("over", -2.4, ("2 h 24 min late", True)), ("prog", 5, ("5 h left", False)), ("new", 5, ("1 h ago", False)),
        ("susp", 5, ("clock stopped", False)), ("done", 5, ("closed 2 Sep", False)), ("prog", None, ("1 h ago", False)),
    ],
)  # fmt: skip
def test_what_a_row_says_about_time(shown: str, due_h: float | None, told: tuple[str, bool]) -> None:
    row = {
        "s": shown,
        "due_at": (NOW + timedelta(hours=due_h)).isoformat() if due_h is not None else None,
        "reported_at": (NOW - timedelta(hours=1)).isoformat(),
        "closed_at": NOW.isoformat(),
    }
    assert case_words.deadline(row, NOW) == told


@pytest.mark.parametrize(("metres", "told"), [(3.2, "3.2 m"), (410.4, "410 m"), (2400, "2.4 km"), (None, "")])
def test_distances(metres: float | None, told: str) -> None:
    assert case_words.metres(metres) == told


@pytest.mark.usefixtures("_english")
def test_why_a_place_is_uncertain() -> None:
    assert case_words.why("near", "A", [("B", 3.2)]) == "It lies in A, 3.2 m from B."
    assert case_words.why("border", "A", [("B", 0)]) == "It lies on the border of A and B."
    assert case_words.why("overlap", "A", [("B", 0), ("C", 0)]) == "A, B and C both claim this place."
    assert (
        case_words.why("outside", "", [("A", 410)])
        == "It lies outside every area; the nearest is A, 410 m away."
    )
    assert case_words.why("outside", "", []) == "It lies outside every area."

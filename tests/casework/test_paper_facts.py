"""What a paper says: covered copies instead of originals, sizes of pictures, steps, lists that do not fit."""

from io import BytesIO
from typing import cast

import pytest
from PIL import Image

from casework import paper_facts, photo_copies
from casework.errors import NotFound
from casework.findings import report
from casework.office import Office
from casework.paper_worker import PICTURE
from casework.photo_uploads import Upload, check
from casework.policy import SYSTEM, Actor
from tests.factories.city import two_patches
from tests.factories.photos import encoded, picture


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    """A finding with an upright photo from before and a wide one from after."""
    two_patches(sqlite_office)
    sizes = (("before", (300, 600)), ("after", (600, 300)))
    photos = [Upload(kind, check(encoded(picture(*size)))) for kind, size in sizes]
    report(sqlite_office, SYSTEM, {"category": "0102", "lon": 101.2, "lat": 36.5}, photos=photos)
    return sqlite_office


def test_pictures_are_small_enough_and_upright_ones_narrower(office: Office) -> None:
    contents = paper_facts.of_case(office, SYSTEM, 1, "en")
    before, after = contents.context["photo_before"], contents.context["photo_after"]
    assert (before["width_mm"], after["width_mm"]) == (35.0, 73)
    assert contents.context["map"]["width_mm"] == paper_facts.MAP_MM
    assert [one["kind"] for one in contents.context["photos"]] == ["Before", "After"]
    assert len(contents.images) == 3
    for image in contents.images:
        assert max(Image.open(BytesIO(image)).size) <= 1200


def test_a_covered_photo_is_covered_on_the_paper_too(office: Office) -> None:
    def before() -> Image.Image:
        contents = paper_facts.of_case(office, SYSTEM, 1, "zh")
        return Image.open(BytesIO(contents.images[contents.context["photo_before"][PICTURE]])).convert("L")

    low, high = cast("tuple[int, int]", before().crop((20, 20, 120, 200)).getextrema())
    assert high - low < 8
    photo_copies.make(office, SYSTEM, 1, [[0, 0, 0.5, 0.5]])
    low, high = cast("tuple[int, int]", before().crop((20, 20, 120, 200)).getextrema())
    assert high - low > 12


def test_steps_limits_and_positions_are_in_the_papers_language(office: Office) -> None:
    zh = paper_facts.of_case(office, SYSTEM, 1, "zh").context
    en = paper_facts.of_case(office, SYSTEM, 1, "en").context
    assert zh["position"] == "东经 101.20000°，北纬 36.50000°"
    assert en["position"] == "101.20000 E, 36.50000 N"
    assert paper_facts.position(-0.5, -1.25, "en") == "0.50000 W, 1.25000 S"
    assert (zh["limit"], en["limit"]) == ("2 个工作日", "2 working days")
    assert (zh["steps"][0]["what"], en["steps"][0]["what"]) == ("上报", "Reported")
    assert (zh["patch"], en["patch"]) == ("西片", "West")


def test_a_list_that_is_too_long_says_how_many_are_left_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        report(office, SYSTEM, {"category": "0105", "lon": 101.6, "lat": 36.5, "place": f"place {n}"})
    monkeypatch.setattr(paper_facts, "MOST_ROWS", 2)
    context = paper_facts.of_list(office, SYSTEM, {}, "en").context
    assert (context["total"], len(context["rows"]), context["left_out"]) == (4, 2, 2)
    of_east = paper_facts.of_list(office, SYSTEM, {"area": "B", "bureau": "CG"}, "en")
    assert of_east.context["for_whom"] == "Bureau CG, East"
    assert of_east.bureau_id is not None
    assert [row["n"] for row in of_east.context["rows"]] == [1, 2]


def test_nobody_gets_the_facts_of_anothers_case(office: Office) -> None:
    with pytest.raises(NotFound):
        paper_facts.of_case(office, Actor(role="handler", bureau_id=99), 1, "zh")
    assert paper_facts.of_list(office, Actor(role="handler", bureau_id=99), {}, "zh").context["total"] == 0

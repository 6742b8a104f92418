"""The page that explains."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from casework.office import Office
from db.models import City
from tests.web.sites import Site


def page(site: Site) -> str:
    answer = site.client().get("/about")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_every_symbol_and_every_kind_of_place_is_explained(site: Site) -> None:
    text = page(site)
    for word in ("Overdue", "Due soon", "In progress", "To be filed", "To be checked", "Suspended", "Closed"):
        assert word in text
    for word in ("Inside", "On a border", "Near a border", "In an overlap", "Outside"):
        assert f"<h3>{word}</h3>" in text


def test_the_distance_is_the_one_that_is_set(site: Site) -> None:
    assert "Less than 5 m from another patch" in page(site)
    wider = replace(site.office, settings=replace(site.office.settings, near_m=12.5))
    assert "Less than 12.5 m from another patch" in page(Site(wider))


@pytest.mark.parametrize("demo", [True, False])
def test_sample_data_is_called_so_and_one_s_own_is_not(site: Site, demo: bool) -> None:
    with site.office.database.write() as session:
        session.execute(update(City).values(is_demo=demo))
    text = page(site)
    assert ("This is sample data" in text) is demo
    assert ("are those of Xining" in text) is not demo


def test_who_sees_what_follows_the_setting(site: Site) -> None:
    assert "for staff who have signed in" in page(site)
    opened = replace(site.office, settings=replace(site.office.settings, public_map=True))
    assert "Everybody may read the map" in page(Site(opened))


def test_the_page_is_there_before_there_is_a_city(sqlite_office: Office) -> None:

    assert "kept by whoever runs this server" in page(Site(sqlite_office))

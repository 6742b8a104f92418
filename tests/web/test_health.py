"""Whether the server says that it can work."""

from dataclasses import replace
from pathlib import Path

from casework.office import Office
from db.session import Database
from tests.web.sites import Site


def test_all_is_well(site: Site) -> None:
    answer = site.client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": True, "schema": True, "city": True}


def test_without_a_city_it_is_not_ready(sqlite_office: Office) -> None:
    answer = Site(sqlite_office).client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": True, "schema": True, "city": False}


def test_a_database_that_does_not_answer_is_told_and_shows_no_address(site: Site, tmp_path: Path) -> None:
    gone = Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'x.sqlite'}")
    broken = Site(replace(site.office, database=gone))
    answer = broken.client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "database": False, "schema": False, "city": False}
    assert "folder" not in answer.get_data(as_text=True)


def test_an_empty_database_has_no_schema(site: Site, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    answer = Site(replace(site.office, database=empty)).client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["schema"] is False
    empty.close()

"""An import in a process of its own: its state is seen by everybody, and it harms nothing when it dies."""

import io
import time
from pathlib import Path

import pytest

from casework import background_jobs, street_imports
from casework.errors import Conflict, Forbidden, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.street_imports import ImportState, start, state
from casework.street_networks import current_facts
from tests.casework.test_street_networks import blocks
from tests.factories.city import two_patches


def finished(office: Office) -> ImportState:
    """The state once the process is over: asked for again and again, as the page does."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        now = state(office)
        if now is not None and not now.is_running:
            return now
        time.sleep(0.05)  # between two looks, like the page
    raise AssertionError("the import did not end")


def test_an_upload_becomes_the_network_in_use(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    assert state(office) is None
    start(office, SYSTEM, io.BytesIO(blocks(tmp_path / "town.osm").read_bytes()), "城东.osm")
    assert finished(office).stage == "done"
    facts = current_facts(office)
    assert facts is not None
    assert facts.name == "城东.osm"
    assert list((office.settings.instance / "streets").glob("upload-*")) == []


def test_why_it_was_refused_is_told(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    start(sqlite_office, SYSTEM, io.BytesIO(b"hello"), "x.osm.pbf")
    now = finished(sqlite_office)
    assert now.stage == "refused"
    assert "OpenStreetMap" in now.message % now.params
    assert current_facts(sqlite_office) is None


def test_a_process_that_died_is_called_broken(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    start(sqlite_office, SYSTEM, io.BytesIO(blocks(tmp_path / "town.osm").read_bytes()), "town.osm")
    process = background_jobs._children[-1]
    process.kill()
    process.wait()
    assert finished(sqlite_office).stage in ("broken", "done")
    street_imports._write(sqlite_office.settings, ImportState("reading", "town.osm", process=process.pid))
    now = state(sqlite_office)
    assert now is not None
    assert now.stage == "broken"


def test_one_at_a_time(sqlite_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_patches(sqlite_office)
    monkeypatch.setattr(background_jobs, "lives", lambda process: True)
    street_imports._write(sqlite_office.settings, ImportState("reading", "a.osm", process=1))
    with pytest.raises(Conflict, match=r"a\.osm"):
        start(sqlite_office, SYSTEM, io.BytesIO(b"x"), "b.osm")


@pytest.mark.parametrize(
    ("name", "content"), [("map.pdf", b"x"), ("", b"x"), ("empty.osm.pbf", b""), ("large.osm", b"x" * 2000)]
)
def test_what_cannot_be_an_extract_is_refused_at_once(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    two_patches(sqlite_office)
    monkeypatch.setattr(street_imports, "MAX_BYTES", 1000)
    with pytest.raises(Refused) as refused:
        start(sqlite_office, SYSTEM, io.BytesIO(content), name)
    assert refused.value.field == "file"
    assert list((sqlite_office.settings.instance / "streets").glob("upload-*")) == []


def test_only_an_administrator_may(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Forbidden):
        start(sqlite_office, Actor(role="supervisor"), io.BytesIO(b"x"), "town.osm")


@pytest.mark.parametrize("said", ["", "{}", "[]", '{"stage": "reading"}', "nonsense"])
def test_a_damaged_state_is_none(sqlite_office: Office, said: str) -> None:
    folder = sqlite_office.settings.instance / "streets"
    folder.mkdir(parents=True)
    (folder / "import.json").write_text(said)
    assert state(sqlite_office) is None

"""The street network: taken in, kept in the database, handed out; what cannot be one changes nothing."""

from pathlib import Path

import pytest

from casework import backup, restore, street_networks
from casework.errors import Forbidden, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from casework.street_networks import current_facts, current_network, import_network, retire, sketch
from settings import Settings
from tests.factories.city import two_patches
from tests.factories.streets import Town, at


def blocks(path: Path, columns: int = 3) -> Path:
    """A small town around the two patches."""
    town = Town()
    for row in range(3):
        town.street([(column, row) for column in range(columns)], name=f"row {row}")
    for column in range(columns):
        town.street([(column, row) for row in range(3)])
    return town.write(path)


def test_an_extract_is_used_from_then_on(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_patches(office)
    assert current_network(office) is None
    monkeypatch.setattr(street_networks, "PART_BYTES", 500)  # several parts
    import_network(office, SYSTEM, blocks(tmp_path / "town.osm"))
    found = current_network(office)
    assert found is not None
    facts, network = found
    assert (facts.name, facts.junctions, facts.is_schematic) == ("town.osm", 9, False)
    lon, lat = zip(at(0, 0), at(2, 2), strict=True)
    assert network.matrix(lon, lat, "foot").distance_m[0, 1] == pytest.approx(400, abs=5)


def test_the_next_one_takes_its_place_and_old_plans_keep_theirs(
    sqlite_office: Office, tmp_path: Path
) -> None:
    two_patches(sqlite_office)
    first = import_network(sqlite_office, SYSTEM, blocks(tmp_path / "a.osm"))
    second = import_network(sqlite_office, SYSTEM, blocks(tmp_path / "b.osm", columns=5))
    assert current_facts(sqlite_office) == second
    with sqlite_office.database.read() as session:
        kept = street_networks.network_of_id(session, first.id)
    assert kept is not None
    assert len(kept.node_lon) == 9
    retire(sqlite_office, SYSTEM)
    assert current_facts(sqlite_office) is None


@pytest.mark.parametrize("content", [b"", b"hello", b"<osm version='0.6'></osm>"])
def test_what_is_no_extract_changes_nothing(sqlite_office: Office, tmp_path: Path, content: bytes) -> None:
    two_patches(sqlite_office)
    before = import_network(sqlite_office, SYSTEM, blocks(tmp_path / "town.osm"))
    bad = tmp_path / "bad.osm"
    bad.write_bytes(content)
    with pytest.raises(Refused) as refused:
        import_network(sqlite_office, SYSTEM, bad)
    assert refused.value.field == "file"
    assert current_facts(sqlite_office) == before


def test_another_citys_streets_are_refused(
    sqlite_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_patches(sqlite_office)
    monkeypatch.setattr("tests.factories.streets.WEST", -8.6)
    with pytest.raises(Refused, match="not in this city"):
        import_network(sqlite_office, SYSTEM, blocks(tmp_path / "porto.osm"))


@pytest.mark.parametrize("role", ["leader", "supervisor", "inspector", "handler", "archivist"])
def test_only_an_administrator_may(sqlite_office: Office, tmp_path: Path, role: str) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Forbidden):
        import_network(sqlite_office, Actor(role=role), blocks(tmp_path / "town.osm"))
    with pytest.raises(Forbidden):
        retire(sqlite_office, Actor(role=role))


def test_a_backup_has_the_streets(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    facts = import_network(sqlite_office, SYSTEM, blocks(tmp_path / "town.osm"))
    backup.make_backup(sqlite_office, tmp_path / "all.zip")
    settings = Settings(instance=tmp_path / "elsewhere")
    restore.restore(settings, tmp_path / "all.zip")
    there = Office.open(settings)
    try:
        found = current_network(there)
        assert found is not None
        assert found[0] == facts
        assert len(found[1].node_lon) == 9
    finally:
        there.database.close()


def test_the_picture_shows_the_most_important_streets(sqlite_office: Office, tmp_path: Path) -> None:
    two_patches(sqlite_office)
    import_network(sqlite_office, SYSTEM, blocks(tmp_path / "town.osm"))
    found = current_network(sqlite_office)
    assert found is not None
    path, width, height = sketch(found[1], 300, most=4)
    assert path.count("M") == 4
    assert width == 300
    assert height > 0

"""Restoring: nothing of a bad archive is used, nothing that stands is lost, and a failure leaves all as it was."""

import hashlib
import json
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import inspect, text

from casework import backup_aside, backup_check
from casework.backup import MANIFEST, SECRET, make_backup
from casework.backup_check import Unusable
from casework.errors import Conflict
from casework.findings import report
from casework.office import Office
from casework.photos import photo_path, store_bytes
from casework.restore import restore
from casework.verify import verify
from db.models import Photo
from db.session import Database
from settings import Settings
from tests.factories.city import INSPECTOR, NOW, two_patches
from tests.factories.offices import office_at

PICTURE = b"\xff\xd8 kept byte for byte \xff\xd9"
DIGEST = hashlib.sha256(PICTURE).hexdigest()


def fill(office: Office) -> None:
    """A city with one finding and its photo."""
    two_patches(office)
    report(office, INSPECTOR, {"category": "0105", "lon": 101.2, "lat": 36.5, "description": "堆放"})
    store_bytes(office, PICTURE)
    with office.database.write() as session:
        session.add(
            Photo(finding_id=1, kind="before", media_type="image/jpeg", size_bytes=len(PICTURE), sha256=DIGEST,
                  width=1, height=1, created_at=NOW)
        )  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a small city, with the secret key."""
    folder = tmp_path_factory.mktemp("kept")
    with office_at(folder) as office:
        fill(office)
        (folder / SECRET).write_bytes(b"s" * 32)
        return make_backup(office, folder / "backup.zip", with_secret=True).path


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """An installation on SQLite that is not there yet."""
    return Settings(instance=tmp_path / "there")


@pytest.fixture
def server(postgis_url: str, tmp_path: Path) -> Settings:
    """An installation on PostGIS that is not there yet."""
    return Settings(instance=tmp_path / "there", database_url=postgis_url)


@pytest.fixture(params=["empty", "server"])
def place(request: pytest.FixtureRequest) -> Settings:
    """Either."""
    settings: Settings = request.getfixturevalue(request.param)
    return settings


def remade(source: Path, target: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """An archive whose sums are right although its contents were changed: somebody made it by hand."""
    with zipfile.ZipFile(source) as old:
        manifest = json.loads(old.read(MANIFEST))
        files = {name: old.read(name) for name in old.namelist() if name != MANIFEST}
    before = dict(files)
    change(manifest, files)
    for name, content in files.items():
        if before.get(name) != content:
            manifest["members"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in files.items():
            new.writestr(name, content)
        new.writestr(MANIFEST, json.dumps(manifest))
    return target


def is_untouched(settings: Settings) -> bool:
    """Whether nothing but an empty folder and harmless photos is there."""
    if not settings.database_url:
        return not settings.instance.exists() or not list(settings.instance.iterdir())
    database = Database(settings.url)
    try:
        return not inspect(database.engine).has_table("alembic_version")
    finally:
        database.close()


def _lines(
    change: Callable[[list[Any]], object], table: str
) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    def apply(_manifest: dict[str, Any], files: dict[str, bytes]) -> None:
        rows = [json.loads(line) for line in files[f"tables/{table}.jsonl"].splitlines()]
        change(rows)
        files[f"tables/{table}.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    return apply


def _without(at: int, rows: list[Any]) -> None:
    for row in rows:
        row.pop(at)


def _without_photo(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
    del files[f"photos/{DIGEST}"], manifest["members"][f"photos/{DIGEST}"]


BY_HAND: dict[str, Callable[[dict[str, Any], dict[str, bytes]], None]] = {
    "a column that is not there": lambda m, f: m["tables"][0]["columns"][0].__setitem__(0, "colour"),
    "a column that is SQL": lambda m, f: m["tables"][0]["columns"][0].__setitem__(0, "id); DROP TABLE city; --"),
    "an unknown kind": lambda m, f: m["tables"][0]["columns"][0].__setitem__(1, "pickle"),
    "no columns": lambda m, f: m["tables"][0].__setitem__("columns", None),
    "a table twice": lambda m, f: m["tables"].append(m["tables"][0]),
    "tables of another kind": lambda m, f: m.__setitem__("tables", 5),
    "members of another kind": lambda m, f: m.__setitem__("members", []),
    "a schema of another kind": lambda m, f: m.__setitem__("schema", ["0002"]),
    "a size that is none": lambda m, f: m["members"]["tables/city.jsonl"].__setitem__("size", -1),
    "no JSON": lambda m, f: f.__setitem__("tables/city.jsonl", b"{oops\n"),
    "rows that are no lists": lambda m, f: f.__setitem__("tables/city.jsonl", b"5\n"),
    "deep nesting": lambda m, f: f.__setitem__("tables/city.jsonl", b"[" * 200_000 + b"\n"),
    "a row less": _lines(lambda rows: rows.pop(), "history"),
    "a finding less": _lines(lambda rows: rows.pop(), "findings"),
    "a row twice": _lines(lambda rows: rows.append(rows[0]), "bureaus"),
    "a row too short": _lines(lambda rows: rows[0].pop(), "findings"),
    "a moment that is none": _lines(lambda rows: rows[0].__setitem__(12, "yesterday"), "findings"),
    "a naive moment": _lines(lambda rows: rows[0].__setitem__(12, "2026-01-01"), "findings"),
    "a list for a word": _lines(lambda rows: rows[0].__setitem__(1, {"a": [1]}), "findings"),
    "a status that is none": _lines(lambda rows: rows[0].__setitem__(5, "flown"), "findings"),
    "a photo that is missing": _without_photo,
    "a photo under another's name": lambda m, f: f.__setitem__(f"photos/{'0' * 64}", b"x"),
    "a program": lambda m, f: f.__setitem__("app.py", b"x"),
    "a way out": lambda m, f: f.__setitem__("photos/../../x", b"x"),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_an_archive_made_by_hand_changes_nothing(
    archive: Path, empty: Settings, tmp_path: Path, name: str
) -> None:
    bad = remade(archive, tmp_path / "bad.zip", BY_HAND[name])
    with pytest.raises(Unusable):
        restore(empty, bad)
    assert is_untouched(empty)


@pytest.mark.parametrize("name", ["a row twice", "a finding less", "a photo that is missing", "no JSON"])
def test_a_failure_half_way_leaves_postgis_as_it_was(
    archive: Path, server: Settings, tmp_path: Path, name: str
) -> None:
    bad = remade(archive, tmp_path / "bad.zip", BY_HAND[name])
    with pytest.raises(Unusable):
        restore(server, bad)
    assert is_untouched(server)
    assert restore(server, archive).photos == 1


def test_whichever_byte_is_wrong_it_is_refused_or_harmless(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    dice = random.Random(5)
    refused = 0
    for n in range(150):
        broken = bytearray(whole)
        if n % 3:
            broken[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        else:
            del broken[dice.randrange(len(whole)) :]
        bad = tmp_path / "bad.zip"
        bad.write_bytes(broken)
        try:
            with backup_check.opened(bad) as opened:
                backup_check.checked(opened, bad.name, lambda done, total: None)
        except Unusable:
            refused += 1
    assert refused > 100  # the rest: a file's date, say


def test_a_bomb_is_refused_before_it_is_unpacked(
    archive: Path, empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_check, "_BOMB_BYTES", 1024 * 1024)
    bad = remade(
        archive,
        tmp_path / "bad.zip",
        lambda m, f: f.__setitem__("tables/history.jsonl", b"[" + b" " * 4_000_000),
    )
    with pytest.raises(Unusable, match="times its size"):
        restore(empty, bad)


def test_a_disk_without_room_is_named(
    archive: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=10))
    with pytest.raises(Conflict, match="has room for 0 MB, and the backup needs 1 MB"):
        restore(empty, archive)
    assert is_untouched(empty)


def test_the_manifest_may_be_as_long_as_there_are_photos(
    archive: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_check, "_MANIFEST_BASE", 0)
    assert restore(empty, archive).photos == 1


def test_the_secret_comes_back_where_it_was_taken_along(archive: Path, place: Settings) -> None:
    restore(place, archive)
    assert (place.instance / SECRET).read_bytes() == b"s" * 32
    assert (place.instance / SECRET).stat().st_mode & 0o077 == 0


def test_the_archive_is_its_owners_and_has_no_secret_unless_asked(
    sqlite_office: Office, tmp_path: Path
) -> None:
    (sqlite_office.settings.instance / SECRET).write_bytes(b"s" * 32)
    made = make_backup(sqlite_office, tmp_path / "plain.zip")
    assert made.path.stat().st_mode & 0o077 == 0
    assert SECRET not in zipfile.ZipFile(made.path).namelist()


def test_what_stands_there_is_moved_aside(archive: Path, place: Settings) -> None:
    restore(place, archive)
    with pytest.raises(Conflict, match="--force"):
        restore(place, archive)
    there = Office.open(place)
    report(there, INSPECTOR, {"category": "0105", "lon": 101.3, "lat": 36.5})
    there.database.close()
    aside = restore(place, archive, overwrite=True).set_aside
    again = Office.open(place)
    try:
        assert not [check.what for check in verify(again) if check.broken]
        assert photo_path(again, DIGEST).read_bytes() == PICTURE
        with again.database.engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM findings")) == 1
            if place.database_url:
                assert connection.scalar(text(f"SELECT count(*) FROM {aside.split()[1]}.findings")) == 2  # noqa: S608
                return
    finally:
        again.database.close()
    with sqlite3.connect(Path(aside) / "baopian.sqlite") as old:
        assert old.execute("SELECT count(*) FROM findings").fetchone() == (2,)
    old.close()


@pytest.fixture
def at_work(archive: Path, place: Settings) -> Iterator[Office]:
    """An installation that a server has open."""
    restore(place, archive)
    office = Office.open(place)
    with office.database.read() as session:
        session.execute(text("SELECT count(*) FROM city"))
    yield office
    office.database.close()


def test_nothing_is_moved_from_under_a_server_that_runs(archive: Path, at_work: Office) -> None:
    with pytest.raises(Conflict, match="stop the server"):
        restore(at_work.settings, archive, overwrite=True)
    report(at_work, INSPECTOR, {"category": "0105", "lon": 101.3, "lat": 36.5})
    assert not [check.what for check in verify(at_work) if check.broken]


def test_without_a_city_nothing_has_to_be_forced(archive: Path, place: Settings) -> None:
    from db import schema

    place.instance.mkdir(parents=True, exist_ok=True)
    database = Database(place.url)
    schema.upgrade(database)
    database.close()
    assert restore(place, archive).set_aside


def test_a_move_that_fails_is_taken_back(
    archive: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore(empty, archive)
    before = sorted(path.name for path in empty.instance.iterdir())

    def full(_folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "iterdir", full)
        with pytest.raises(OSError, match="No space"):
            backup_aside.swap(empty.instance, empty.instance / "x", ["baopian.sqlite", "photos"])
    after = {path.name for path in empty.instance.iterdir() if not path.name.startswith("before-restore")}
    assert after == set(before)


# What the first schema did not have yet.
LATER_TABLES = {
    "saved_views", "finding_reads", "publications", "area_drafts", "area_draft_levels", "area_draft_shapes",
    "area_draft_comments", "area_contacts",
    "street_networks", "street_network_parts", "route_plans", "route_inspectors", "route_stops", "route_events",
    "track_consents", "track_points",
    "bureau_tasks", "finding_links", "not_duplicates", "time_limits", "calendar_days", "working_hours",
    "extensions", "paper_templates", "papers", "photo_copies", "notices", "notice_choices", "mail_addresses",
    "webhooks", "deliveries",
}  # fmt: skip
LATER_COLUMNS = {
    "findings": [
        "client_key", "step_due_at", "paused_at", "confirmed_at", "dissuasion", "extensions", "reworks",
    ], "photos": ["history_seq"], "people": ["retired_at"], "city": ["default_lang"],
    "area_versions": ["publication_id", "ended_by_id"], "area_people": ["given_by", "ended_by"],
}  # fmt: skip


def test_an_old_backup_is_brought_to_the_newest_form(archive: Path, place: Settings, tmp_path: Path) -> None:
    def as_before(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
        manifest["schema"] = "0001"
        for name in LATER_TABLES:
            del files[f"tables/{name}.jsonl"], manifest["members"][f"tables/{name}.jsonl"]
        manifest["tables"] = [t for t in manifest["tables"] if t["name"] not in LATER_TABLES]
        for table in manifest["tables"]:
            for later in LATER_COLUMNS.get(table["name"], ()):
                at = [column for column, _ in table["columns"]].index(later)
                table["columns"].pop(at)
                _lines(partial(_without, at), table["name"])(manifest, files)

    restore(place, remade(archive, tmp_path / "old.zip", as_before))
    there = Office.open(place)
    try:
        assert not [check.what for check in verify(there) if check.broken]
        with there.database.engine.connect() as connection:
            assert connection.scalar(text("SELECT default_lang FROM city")) == "zh"
            bare = text("SELECT count(*) FROM area_versions WHERE publication_id IS NULL")
            assert connection.scalar(bare) == 0
    finally:
        there.database.close()


def test_nothing_is_null_and_not_the_word_null(archive: Path, place: Settings) -> None:
    restore(place, archive)
    there = Office.open(place)
    try:
        with there.database.engine.connect() as connection:
            inside = text("SELECT count(*) FROM assignments WHERE candidates IS NULL")
            assert connection.scalar(inside) == 2
    finally:
        there.database.close()

"""What is backed up comes back: every row and every photo, from either database into either."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from casework.backup import MANIFEST, Damaged, make_backup
from casework.backup_check import Unusable
from casework.counters import advance
from casework.errors import Conflict
from casework.findings import report
from casework.office import Office
from casework.photos import photo_path, store_bytes
from casework.restore import restore
from casework.tables import TableShape, rows_of, shapes
from casework.verify import verify
from db.models import Category, Finding, Paper, PaperTemplate, Photo, PhotoCopy
from settings import Settings
from tests.factories.city import INSPECTOR, NOW, two_patches

PICTURE = b"\xff\xd8 not a real picture, but kept byte for byte \x00\xff\xd9"
COVERED = b"\xff\xd8 the same with a face covered \xff\xd9"
DOCUMENT = b"PK\x03\x04 a paper \x00 as it was sent"


@pytest.fixture
def kept(office: Office) -> Office:
    """Two findings, one with a photo; a category that was moved under a younger one."""
    made = two_patches(office)
    for lon in (101.2, 101.5):
        report(
            office, INSPECTOR, {"category": "0105", "lon": lon, "lat": 36.5, "description": "堆放 😀 {{ x }}"}
        )
    digest = store_bytes(office, PICTURE)
    with office.database.write() as session:
        session.add(
            Photo(finding_id=1, kind="before", media_type="image/jpeg", size_bytes=len(PICTURE), sha256=digest,
                  width=1, height=1, created_at=NOW)
        )  # fmt: skip
        session.flush()
        # the covered copy's picture, a paper and the office's own template go along
        copy = store_bytes(office, COVERED)
        session.add(
            PhotoCopy(photo_id=1, regions=[[0.1, 0.1, 0.2, 0.2]], sha256=copy, media_type="image/jpeg",
                      size_bytes=len(COVERED), width=1, height=1, made_at=NOW)
        )  # fmt: skip
        facts = {
            "content": DOCUMENT,
            "sha256": hashlib.sha256(DOCUMENT).hexdigest(),
            "size_bytes": len(DOCUMENT),
        }
        session.add(
            PaperTemplate(kind="weekly_list", lang="zh", file_name="我们的.docx", uploaded_at=NOW, **facts)
        )
        session.flush()
        session.add(
            Paper(
                kind="weekly_list",
                number="2026-0001",
                lang="zh",
                template_id=1,
                facts={"total": 2},
                made_at=NOW,
                **facts,
            )
        )
        advance(session, "paper:weekly_list:2026")
        young = Category(code="09", name_zh="新", name_en="New")
        session.add(young)
        session.flush()
        session.execute(
            update(Category).where(Category.id == made.categories["01"]).values(parent_id=young.id)
        )
    return office


@pytest.fixture(params=["sqlite", "postgis"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty installation to restore into, on each database."""
    if request.param == "sqlite":
        yield Settings(instance=tmp_path / "elsewhere")
        return
    with request.getfixturevalue("postgis").database() as url:
        yield Settings(instance=tmp_path / "elsewhere", database_url=url)


def _everything(office: Office) -> dict[str, list[Any]]:
    with office.database.engine.connect() as connection:
        return {shape.name: list(rows_of(connection, shape)) for shape in shapes()}


def test_everything_comes_back(kept: Office, elsewhere: Settings, tmp_path: Path) -> None:
    made = make_backup(kept, tmp_path / "backup.zip")
    restored = restore(elsewhere, made.path)
    there = Office.open(elsewhere)
    try:
        assert _everything(there) == _everything(kept)
        assert (restored.rows, restored.photos) == (made.rows, 2)
        with there.database.read() as session:
            digest = session.scalars(select(Photo.sha256)).one()
            covered = session.scalars(select(PhotoCopy.sha256)).one()
            assert session.scalars(select(Paper)).one().content == DOCUMENT
            assert session.scalars(select(PaperTemplate)).one().content == DOCUMENT
        assert photo_path(there, covered).read_bytes() == COVERED
        assert photo_path(there, digest).read_bytes() == PICTURE
        assert not [check.what for check in verify(there) if check.broken]
        new = report(there, INSPECTOR, {"category": "0105", "lon": 101.7, "lat": 36.5}).finding_id
        assert new == 3
    finally:
        there.database.close()


def test_what_is_reported_meanwhile_is_in_it_whole_or_not_at_all(
    kept: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Office.open(kept.settings)

    def while_others_report(connection: Connection, shape: TableShape) -> Iterator[list[Any]]:
        record = report(server, INSPECTOR, {"category": "0105", "lon": 101.3, "lat": 36.5})
        digest = store_bytes(server, shape.name.encode())
        with server.database.write() as session:
            session.add(
                Photo(finding_id=record.finding_id, kind="after", media_type="image/jpeg", size_bytes=len(shape.name),
                      sha256=digest, width=1, height=1, created_at=NOW)
            )  # fmt: skip
        yield from rows_of(connection, shape)

    with monkeypatch.context() as busy:
        busy.setattr("casework.backup.rows_of", while_others_report)
        made = make_backup(kept, tmp_path / "backup.zip")
    server.database.close()
    elsewhere = Settings(instance=tmp_path / "elsewhere")
    restore(elsewhere, made.path)
    there = Office.open(elsewhere)
    try:
        assert not [check.what for check in verify(there) if check.broken]
        with there.database.read() as session:
            assert session.scalar(select(func.count()).select_from(Finding)) == 2
        with kept.database.read() as session:
            assert (session.scalar(select(func.count()).select_from(Finding)) or 0) > 15
    finally:
        there.database.close()


def test_a_backup_is_never_overwritten_by_accident(kept: Office, tmp_path: Path) -> None:
    target = tmp_path / "backup.zip"
    target.write_text("mine")
    with pytest.raises(Conflict):
        make_backup(kept, target)
    assert target.read_text() == "mine"
    make_backup(kept, target, overwrite=True)
    assert zipfile.is_zipfile(target)
    assert [path.name for path in tmp_path.glob(".*part")] == []


def test_a_missing_photo_stops_the_backup(kept: Office, tmp_path: Path) -> None:
    with kept.database.read() as session:
        photo_path(kept, session.scalars(select(Photo.sha256)).one()).unlink()
    with pytest.raises(Damaged):
        make_backup(kept, tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def test_an_installation_is_moved_aside_never_lost(kept: Office, tmp_path: Path) -> None:
    made = make_backup(kept, tmp_path / "backup.zip")
    there = Settings(instance=tmp_path / "there")
    restore(there, made.path)
    with pytest.raises(Conflict):
        restore(there, made.path)
    aside = restore(there, made.path, overwrite=True).set_aside
    assert (Path(aside) / "baopian.sqlite").is_file()
    assert (Path(aside) / "photos").is_dir()


def _altered(source: Path, target: Path, **changes: bytes | None) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = changes.get(name.replace("/", "_").replace(".", "_"), old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in changes.items():
            if name.startswith("extra") and content is not None:
                new.writestr("../outside.txt", content)
    return target


@pytest.mark.parametrize(
    "changes",
    [
        {"tables_findings_jsonl": b"[]\n"},
        {"tables_history_jsonl": None},
        {"manifest_json": None},
        {"manifest_json": b"[" * 100_000},
        {"manifest_json": b'{"product": "other"}'},
        {"extra": b"x"},
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_archive_changes_nothing(
    kept: Office, tmp_path: Path, changes: dict[str, bytes | None]
) -> None:
    made = make_backup(kept, tmp_path / "backup.zip")
    bad = _altered(made.path, tmp_path / "bad.zip", **changes)
    there = Settings(instance=tmp_path / "there")
    with pytest.raises(Unusable):
        restore(there, bad)
    assert not (there.instance / "baopian.sqlite").exists()
    assert not (tmp_path / "outside.txt").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"nonsense" * 50])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(Unusable):
        restore(Settings(instance=tmp_path / "there"), tmp_path / "x.zip")


def test_a_cut_off_archive_is_refused(kept: Office, tmp_path: Path) -> None:
    made = make_backup(kept, tmp_path / "backup.zip")
    made.path.write_bytes(made.path.read_bytes()[:-200])
    with pytest.raises(Unusable):
        restore(Settings(instance=tmp_path / "there"), made.path)


def test_a_newer_schema_says_so(kept: Office, tmp_path: Path) -> None:
    made = make_backup(kept, tmp_path / "backup.zip")
    with zipfile.ZipFile(made.path) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    manifest["schema"] = "9999"
    newer = _altered(made.path, tmp_path / "newer.zip", manifest_json=json.dumps(manifest).encode())
    with pytest.raises(Unusable, match="newer version"):
        restore(Settings(instance=tmp_path / "there"), newer)

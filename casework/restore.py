"""Restoring a backup: the whole archive is checked first, then everything is put in place at once, or nothing."""

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, inspect, text

from casework.backup import FORMAT, MANIFEST, Progress
from casework.errors import CaseworkError, Conflict, mark
from casework.tables import BATCH, TableShape, insert_rows, mend_sequences, parents_first, shapes
from db import schema
from db.session import Database
from settings import Settings

_CHUNK: Final = 1024 * 1024
_MANIFEST_LIMIT: Final = 64 * 1024 * 1024
_PHOTO: Final = re.compile(r"photos/[0-9a-f]{64}")
_TABLE: Final = re.compile(r"tables/[a-z_]+\.jsonl")
_SQLITE_FILES: Final = ("baopian.sqlite", "baopian.sqlite-wal", "baopian.sqlite-shm")
_FOLDERS: Final = ("photos", "derived")


class Unusable(CaseworkError):
    """The file is no whole backup of ours."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where what stood there before is kept (None: there was nothing)."""

    rows: int
    photos: int
    made_at: str
    set_aside: Path | None


def restore(
    settings: Settings, source: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> Restored:
    """Put a backup back. Raises Unusable for a damaged or foreign file, Conflict when an installation is there.

    With ``overwrite`` what is there is moved aside (embedded database only), never deleted. Stop the server first.
    """
    tell = progress or (lambda done, total: None)
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _checked(archive, tell)
            if settings.database_url:
                _require_empty(settings)
                rows = _into_server(settings, archive, manifest)
                aside = None
            else:
                rows, aside = _into_folder(settings, archive, manifest, overwrite=overwrite)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unusable(
            mark("%(file)s is no backup, or it is damaged: %(why)s"), {"file": source.name, "why": error}
        ) from None
    return Restored(rows, int(manifest["photos"]), str(manifest["made_at"]), aside)


def _checked(archive: zipfile.ZipFile, tell: Progress) -> dict[str, Any]:
    """The manifest, once every member has been read and is what it says."""
    manifest = _manifest(archive)
    members: dict[str, Any] = manifest["members"]
    names = [info.filename for info in archive.infolist()]
    if sorted(names) != sorted([*members, MANIFEST]) or not all(map(_is_ours, members)):
        raise Unusable(mark("The backup holds other files than it lists"))
    for done, (name, facts) in enumerate(members.items()):
        digest, size = hashlib.sha256(), 0
        with archive.open(name) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > facts["size"]:
                    break
                digest.update(chunk)
        if size != facts["size"] or digest.hexdigest() != facts["sha256"]:
            raise Unusable(mark("%(name)s in the backup is damaged"), {"name": name})
        tell(done + 1, len(members))
    return manifest


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > _MANIFEST_LIMIT:
            raise ValueError("too large")
        manifest: dict[str, Any] = json.loads(archive.read(info))
        ours = manifest["product"] == "baopian" and manifest["format"] == FORMAT
        known = {shape.name for shape in shapes()}
        ours = ours and all(one["name"] in known for one in manifest["tables"])
    except (KeyError, ValueError, TypeError, RecursionError):
        ours = False
        manifest = {}
    if not ours:
        raise Unusable(mark("This is no backup that `baopian backup` of this version can have made"))
    if manifest["schema"] not in schema.known_revisions():
        raise Unusable(
            mark("The backup comes from a newer version (schema %(schema)s): install that version first"),
            {"schema": manifest["schema"]},
        )
    return manifest


def _is_ours(name: str) -> bool:
    return bool(_PHOTO.fullmatch(name) or _TABLE.fullmatch(name))


def _require_empty(settings: Settings) -> None:
    database = Database(settings.url)
    try:
        if inspect(database.engine).has_table("city"):
            raise Conflict(mark("The database holds an installation already: restore into an empty one"))
    finally:
        database.close()


def _into_server(settings: Settings, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> int:
    """Into an empty PostgreSQL database: photos first (they harm nobody), then all rows in one transaction."""
    _unpack_photos(archive, manifest, settings.photo_folder)
    database = Database(settings.url)
    try:
        return _load(database, archive, manifest)
    finally:
        database.close()


def _into_folder(
    settings: Settings, archive: zipfile.ZipFile, manifest: dict[str, Any], *, overwrite: bool
) -> tuple[int, Path | None]:
    """Into the instance folder: built beside it, then moved into place."""
    instance = settings.instance
    there = [name for name in (*_SQLITE_FILES, *_FOLDERS) if (instance / name).exists()]
    if there and not overwrite:
        raise Conflict(
            mark("%(folder)s holds an installation already: --force moves it aside"),
            {"folder": str(instance)},
        )
    instance.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".restoring-", dir=instance))
    try:
        database = Database(f"sqlite:///{building / 'baopian.sqlite'}")
        try:
            rows = _load(database, archive, manifest)
        finally:
            database.close()
        _unpack_photos(archive, manifest, building / "photos")
        aside = _move_aside(instance, there) if there else None
        for made in building.iterdir():
            made.replace(instance / made.name)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return rows, aside


def _move_aside(instance: Path, names: list[str]) -> Path:
    aside = instance / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside.mkdir()
    for name in names:
        (instance / name).replace(aside / name)
    return aside


def _load(database: Database, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> int:
    """Build the schema that the backup had, put its rows in, and bring it to the newest form."""
    schema.upgrade(database, str(manifest["schema"]))
    rows = 0
    with database.engine.execution_options(baopian_write=True).begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in manifest["tables"]:
            shape = TableShape(table["name"], tuple((name, kind) for name, kind in table["columns"]))
            rows += _load_table(connection, archive, shape)
        mend_sequences(connection, [table["name"] for table in manifest["tables"]])
    schema.upgrade(database)
    return rows


def _load_table(connection: Connection, archive: zipfile.ZipFile, shape: TableShape) -> int:
    count = 0
    for batch in _batches(archive, shape):
        insert_rows(connection, shape, batch)
        count += len(batch)
    return count


def _batches(archive: zipfile.ZipFile, shape: TableShape) -> Iterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    small = shape.name in ("levels", "categories")  # these are sorted as a whole
    with archive.open(f"tables/{shape.name}.jsonl") as file:
        for line in file:
            batch.append(json.loads(line))
            if len(batch) >= BATCH and not small:
                yield batch
                batch = []
    if batch:
        yield parents_first(shape, batch)


def _unpack_photos(archive: zipfile.ZipFile, manifest: dict[str, Any], folder: Path) -> None:
    for name in manifest["members"]:
        if not name.startswith("photos/"):
            continue
        digest = name.removeprefix("photos/")
        target = folder / digest[:2] / digest
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())

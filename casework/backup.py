"""A backup: one archive with every row and every photo, taken while the server runs.

The rows are written as JSON lines, so that a backup of SQLite can be restored into PostGIS and the other way round.
Sessions and sign-in attempts are left out: they are of no use anywhere else. The secret key is not in it.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, select, text

from casework.errors import CaseworkError, Conflict, mark
from casework.office import Office
from casework.photos import photo_path
from casework.tables import TableShape, rows_of, shapes
from db import schema
from db.models import Photo

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
LEFT_OUT: Final = frozenset({"user_sessions", "sign_in_attempts"})
_CHUNK: Final = 1024 * 1024

Progress = Callable[[int, int], None]


class Damaged(CaseworkError):
    """Something that was kept is missing or has changed."""


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What went into an archive."""

    path: Path
    size_bytes: int
    rows: int
    photos: int


def make_backup(
    office: Office, target: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> BackupMade:
    """Write the whole installation into ``target`` (a .zip); it appears whole or not at all.

    Raises Conflict when the file exists, Damaged when a photo on record is missing or has changed.
    """
    if target.exists() and not overwrite:
        raise Conflict(mark("%(file)s exists: name another file, or add --force"), {"file": str(target)})
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(draft, "x", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            counts, photos = _fill(office, archive, progress or (lambda done, total: None))
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return BackupMade(target, target.stat().st_size, sum(counts.values()), photos)


def _fill(office: Office, archive: zipfile.ZipFile, tell: Progress) -> tuple[dict[str, int], int]:
    members: dict[str, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    described = []
    with _one_moment(office) as connection:
        for shape in shapes():
            if shape.name in LEFT_OUT:
                continue
            name = f"tables/{shape.name}.jsonl"
            with _member(archive, name, members) as out:
                counts[shape.name] = _write_rows(connection, shape, out)
            described.append({"name": shape.name, "columns": shape.columns, "rows": counts[shape.name]})
        digests = sorted(set(connection.scalars(select(Photo.sha256))))
        revision = schema.revision_of(connection)
        dialect = connection.dialect.name
    for done, digest in enumerate(digests):
        _copy_photo(office, archive, digest, members)
        tell(done + 1, len(digests))
    manifest = {
        "product": "baopian", "format": FORMAT, "schema": revision, "database": dialect,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "tables": described, "photos": len(digests),
        "members": members,
    }  # fmt: skip
    archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return counts, len(digests)


@contextmanager
def _one_moment(office: Office) -> Iterator[Connection]:
    """A connection that sees the database as it is at one moment, whatever is written meanwhile."""
    with office.database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield connection


def _write_rows(connection: Connection, shape: TableShape, out: "_Hashed") -> int:
    count = 0
    for row in rows_of(connection, shape):
        out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count


class _Hashed:
    """A member of the archive that is measured while it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.digest.update(content)
        self.size += len(content)


@contextmanager
def _member(archive: zipfile.ZipFile, name: str, members: dict[str, dict[str, Any]]) -> Iterator[_Hashed]:
    with archive.open(name, "w", force_zip64=True) as file:
        out = _Hashed(file)
        yield out
    members[name] = {"sha256": out.digest.hexdigest(), "size": out.size}


def _copy_photo(
    office: Office, archive: zipfile.ZipFile, digest: str, members: dict[str, dict[str, Any]]
) -> None:
    path, name = photo_path(office, digest), f"photos/{digest}"
    if not path.is_file():
        raise Damaged(
            mark("The photo %(sha)s is on record but its file is missing: run `baopian verify`"),
            {"sha": digest},
        )
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_STORED  # photos are compressed already
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as file:
        out = _Hashed(file)
        while chunk := source.read(_CHUNK):
            out.write(chunk)
    if out.digest.hexdigest() != digest:
        raise Damaged(
            mark("The file of the photo %(sha)s has changed: run `baopian verify`"), {"sha": digest}
        )
    members[name] = {"sha256": digest, "size": out.size}

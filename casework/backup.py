"""A backup: one archive with every row and every photo, taken while the server runs.

The rows are written as JSON lines, so that a backup of SQLite can be restored into PostGIS and the other way round.
Sessions and sign-in attempts are left out: they are of no use anywhere else. The secret key is in it only when asked
for: who has it can forge the forms of those who are signed in, and a new one is made where it is missing.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, func, select, text

from casework.errors import Conflict, Refused, mark
from casework.office import Office
from casework.photos import photo_path
from casework.tables import BATCH, TableShape, rows_of, shapes
from db import schema
from db.models import Base, Photo, PhotoCopy

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SECRET: Final = "secret.key"  # noqa: S105 - the file's name, in the instance and in the archive
LEFT_OUT: Final = frozenset({"user_sessions", "sign_in_attempts"})
_CHUNK: Final = 1024 * 1024

Progress = Callable[[int, int], None]


class Damaged(Refused):
    """Something that was kept is missing or has changed."""


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What went into an archive."""

    path: Path
    size_bytes: int
    rows: int
    photos: int


def make_backup(
    office: Office,
    target: Path,
    *,
    overwrite: bool = False,
    with_secret: bool = False,
    progress: Progress | None = None,
) -> BackupMade:
    """Write the whole installation into ``target`` (a .zip); it appears whole or not at all.

    The file is readable by its owner only: it holds people's names, texts and password hashes.
    Raises Conflict when the file exists, Damaged when a photo on record is missing or has changed.
    """
    _require_absent(target, overwrite)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
                filling = _Filling(office, archive, progress or (lambda done, total: None))
                filling.fill(with_secret=with_secret)
            file.flush()
            os.fsync(file.fileno())
        _require_absent(target, overwrite)  # a large backup takes minutes: somebody may have come between
        draft.replace(target)
        sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    return BackupMade(target, target.stat().st_size, sum(filling.counts.values()), filling.photos)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _require_absent(target: Path, overwrite: bool) -> None:
    if target.exists() and not overwrite:
        raise Conflict(mark("%(file)s exists: name another file, or add --force"), {"file": str(target)})


@dataclass(slots=True)
class _Filling:
    """One archive while it is filled; ``members`` is what its manifest will list."""

    office: Office
    archive: zipfile.ZipFile
    tell: Progress
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    photos: int = 0
    done: int = 0
    total: int = 0

    def fill(self, *, with_secret: bool) -> None:
        """Write rows, then photos (those that the rows name are there for good), then the manifest."""
        kept = [shape for shape in shapes() if shape.name not in LEFT_OUT]
        with _one_moment(self.office) as connection:
            digests = sorted(kept_digests(connection))
            self.total = len(digests) + sum(_count(connection, shape.name) for shape in kept)
            for shape in kept:
                self.counts[shape.name] = self._write_rows(connection, shape)
            revision = schema.revision_of(connection)
            dialect = connection.dialect.name
        for digest in digests:
            self._copy_photo(digest)
        self.photos = len(digests)
        if with_secret:
            self._copy_secret()
        manifest = {
            "product": "baopian", "format": FORMAT, "schema": revision, "database": dialect,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "tables": [
                {"name": shape.name, "columns": shape.columns, "rows": self.counts[shape.name]} for shape in kept
            ],
            "photos": self.photos,
            "members": self.members,
        }  # fmt: skip
        self.archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))

    def _write_rows(self, connection: Connection, shape: TableShape) -> int:
        before = self.done
        with self._member(zipfile.ZipInfo(f"tables/{shape.name}.jsonl"), zipfile.ZIP_DEFLATED) as out:
            for row in rows_of(connection, shape):
                out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
                self.done += 1
                if self.done % BATCH == 0:
                    self.tell(self.done, self.total)
        return self.done - before

    def _copy_photo(self, digest: str) -> None:
        path = photo_path(self.office, digest)
        if not path.is_file():
            raise Damaged(
                mark("The photo %(sha)s is on record but its file is missing: run `baopian verify`"),
                {"sha": digest},
            )
        # photos are compressed already
        with path.open("rb") as source, self._member(zipfile.ZipInfo(f"photos/{digest}")) as out:
            while chunk := source.read(_CHUNK):
                out.write(chunk)
        if out.digest.hexdigest() != digest:
            raise Damaged(
                mark("The file of the photo %(sha)s has changed: run `baopian verify`"), {"sha": digest}
            )
        self.done += 1
        self.tell(self.done, self.total)

    def _copy_secret(self) -> None:
        file = self.office.settings.instance / SECRET
        if file.is_file():  # made by the first `serve`
            with self._member(zipfile.ZipInfo(SECRET)) as out:
                out.write(file.read_bytes())

    @contextmanager
    def _member(self, info: zipfile.ZipInfo, method: int = zipfile.ZIP_STORED) -> Iterator["_Hashed"]:
        info.compress_type = method
        info.external_attr = 0o600 << 16
        with self.archive.open(info, "w", force_zip64=True) as file:
            out = _Hashed(file)
            yield out
        self.members[info.filename] = {"sha256": out.digest.hexdigest(), "size": out.size}


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


def kept_digests(connection: Connection) -> set[str]:
    """The SHA-256 (hex) of every file in the photo folder that a row names: photos, and their covered copies."""
    return {*connection.scalars(select(Photo.sha256)), *connection.scalars(select(PhotoCopy.sha256))}


@contextmanager
def _one_moment(office: Office) -> Iterator[Connection]:
    """A connection that sees the database as it is at one moment, whatever is written meanwhile."""
    with office.database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield connection


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(Base.metadata.tables[name])) or 0

"""Restoring a backup: the whole archive is checked first, then everything is put in place at once, or nothing.

What stands there already is moved aside, never deleted: files into a folder ``before-restore-…`` of the instance,
PostgreSQL's tables into a schema of that name.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, ProgrammingError, StatementError

from casework import backup_aside
from casework.backup import SECRET, Progress, kept_digests, sync_folder
from casework.backup_check import CHUNK, Contents, Unusable, checked, opened
from casework.errors import Conflict, mark
from casework.tables import BATCH, TableShape, insert_rows, mend_sequences, parents_first
from db import schema
from db.session import Database
from settings import Settings

_LONGEST_ROW: Final = 256 * 1024 * 1024  # a city's outline has a hundredth of this


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where what stood there before is kept (empty: there was nothing)."""

    rows: int
    photos: int
    made_at: str
    set_aside: str = ""


def restore(
    settings: Settings, source: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> Restored:
    """Put a backup back: all of it or nothing.

    Raises Unusable for a damaged or foreign file; Conflict where a city is there already (``overwrite`` moves it
    aside), where the disk has no room, or where a server is still at work on what would be moved aside.
    """
    tell = progress or (lambda done, total: None)
    with opened(source) as archive:
        contents = checked(archive, source.name, tell)
        settings.instance.mkdir(parents=True, exist_ok=True)
        _require_room(settings.instance, contents)
        work = _Putting(settings, archive, contents, tell)
        rows, aside = work.into_server(overwrite) if settings.database_url else work.into_folder(overwrite)
    return Restored(rows, len(contents.photos), contents.made_at, aside)


def _require_room(folder: Path, contents: Contents) -> None:
    free = shutil.disk_usage(folder).free
    if contents.size_bytes > free:
        raise Conflict(
            mark("%(folder)s has room for %(free)d MB, and the backup needs %(needed)d MB"),
            {"folder": str(folder), "free": free // 10**6, "needed": -(-contents.size_bytes // 10**6)},
        )


@dataclass(slots=True)
class _Putting:
    """One backup on its way into one installation."""

    settings: Settings
    archive: zipfile.ZipFile
    contents: Contents
    tell: Progress
    done: int = field(init=False)

    def __post_init__(self) -> None:
        self.done = self.contents.size_bytes

    def into_folder(self, overwrite: bool) -> tuple[int, str]:
        """Into the instance folder: built beside what is there, then moved into place."""
        instance = self.settings.instance
        there = backup_aside.found_in(instance, overwrite=overwrite)
        building = Path(tempfile.mkdtemp(prefix=".restoring-", dir=instance))
        try:
            with (
                _database(f"sqlite:///{building / backup_aside.DATABASE}") as database,
                _transaction(database) as connection,
            ):
                rows = self._load(connection)
            (building / "photos").mkdir()
            self._unpack_photos(building / "photos")
            self._unpack_secret(building / SECRET)
            sync_folder(building)
            if (building / SECRET).exists() and (instance / SECRET).exists():
                there.append(SECRET)
            aside = backup_aside.swap(instance, building, there)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return rows, str(aside or "")

    def into_server(self, overwrite: bool) -> tuple[int, str]:
        """Into PostgreSQL, in one transaction; photos are named after their bytes and come before its end."""
        with _database(self.settings.url) as database, _transaction(database) as connection:
            aside = backup_aside.clear_the_way(connection, overwrite=overwrite)
            rows = self._load(connection)
            self._unpack_photos(self.settings.photo_folder)
        with suppress(FileExistsError):
            self._unpack_secret(self.settings.instance / SECRET)
        return rows, aside

    def _load(self, connection: Connection) -> int:
        """Build the schema that the backup had, put its rows in, and bring it to the newest form."""
        schema.upgrade_on(connection, self.contents.revision)
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        _require_columns(connection, self.contents)
        rows = sum(self._load_table(connection, shape) for shape in self.contents.tables)
        mend_sequences(connection, [shape.name for shape in self.contents.tables])
        schema.upgrade_on(connection)
        if missing := kept_digests(connection) - set(self.contents.photos):
            raise Unusable(mark("The backup lacks the photo %(sha)s"), {"sha": min(missing)})
        return rows

    def _load_table(self, connection: Connection, shape: TableShape) -> int:
        count = 0
        for batch in self._batches(shape):
            try:
                insert_rows(connection, shape, batch)
            except (ValueError, TypeError, AttributeError) as error:
                raise _bad_rows(shape, count, error) from None
            count += len(batch)
            self.tell(self.done, 2 * self.contents.size_bytes)
        if count != self.contents.rows[shape.name]:
            raise Unusable(mark("The table %(table)s of the backup lacks rows"), {"table": shape.name})
        return count

    def _batches(self, shape: TableShape) -> Iterator[list[list[Any]]]:
        batch: list[list[Any]] = []
        small = shape.name in ("levels", "categories")  # these are sorted as a whole
        with self.archive.open(f"tables/{shape.name}.jsonl") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_ROW), b""), start=1):
                try:
                    batch.append(json.loads(line))
                except (ValueError, RecursionError) as error:
                    raise _bad_rows(shape, number, error) from None
                self.done += len(line)
                if len(batch) >= BATCH and not small:
                    yield batch
                    batch = []
        if batch:
            yield parents_first(shape, batch) if small else batch

    def _unpack_photos(self, folder: Path) -> None:
        folders = {folder}
        for digest in self.contents.photos:
            target = folder / digest[:2] / digest
            target.parent.mkdir(parents=True, exist_ok=True)
            folders.add(target.parent)
            draft = target.with_name(f".part-{digest}")  # one of these bytes may be in use
            with self.archive.open(f"photos/{digest}") as source, draft.open("wb") as file:
                shutil.copyfileobj(source, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
            self.done += target.stat().st_size
            self.tell(self.done, 2 * self.contents.size_bytes)
        for one in folders:
            if one.is_dir():
                sync_folder(one)

    def _unpack_secret(self, target: Path) -> None:
        if SECRET in self.contents.members:
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(self.archive.read(SECRET))


def _require_columns(connection: Connection, contents: Contents) -> None:
    there = inspect(connection)
    for shape in contents.tables:
        known = (
            {one["name"] for one in there.get_columns(shape.name)} if there.has_table(shape.name) else set()
        )
        if unknown := [name for name, _ in shape.columns if name not in known]:
            raise Unusable(
                mark("The backup's list of contents is damaged: %(table)s has no %(column)s"),
                {"table": shape.name, "column": unknown[0]},
            )


def _bad_rows(shape: TableShape, number: int, why: object) -> Unusable:
    return Unusable(
        mark("The table %(table)s of the backup, row %(row)d or after, cannot be taken: %(why)s"),
        {
            "table": shape.name,
            "row": number,
            "why": str(why).splitlines()[0] if str(why) else type(why).__name__,
        },
    )


@contextmanager
def _database(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    """Everything or nothing; rows that do not fit the tables are the backup's fault, not ours."""
    try:
        with database.engine.execution_options(baopian_write=True).begin() as connection:
            yield connection
    except (IntegrityError, DataError, InterfaceError, ProgrammingError) as error:
        raise Unusable(
            mark("The rows of the backup do not fit together: %(why)s"),
            {"why": str(error.orig).splitlines()[0]},
        ) from None
    except StatementError as error:
        if error.__class__ is not StatementError:
            raise  # the database's own trouble: a full disk, say
        raise Unusable(
            mark("The rows of the backup do not fit together: %(why)s"), {"why": str(error.orig)}
        ) from None

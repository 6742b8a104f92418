"""Looking at a whole backup before any of it is used: is it ours, is it complete, does it fit on the disk."""

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from casework.backup import FORMAT, MANIFEST, SECRET, Progress
from casework.errors import Refused, mark
from casework.tables import KINDS, TableShape, shapes
from db import schema

CHUNK: Final = 1024 * 1024
_PHOTO: Final = re.compile(r"photos/[0-9a-f]{64}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
# A manifest names each photo twice, in some 200 bytes.
_MANIFEST_BASE, _MANIFEST_EACH = 1024 * 1024, 1024
# Rows shrink to a tenth or a thirtieth; what unpacks to hundreds of times its size was made to fill a disk.
_BOMB_BYTES, _BOMB_RATIO = 64 * 1024 * 1024, 300
# What reading a damaged archive can raise, whichever byte of it is wrong.
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


class Unusable(Refused):
    """The file is no whole backup of ours."""


@dataclass(frozen=True, slots=True)
class Member:
    """What the manifest says of one file in the archive."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds. ``rows`` counts by table, in the order in which they are to be put back."""

    made_at: str
    revision: str
    tables: tuple[TableShape, ...]
    rows: dict[str, int]
    members: dict[str, Member]

    @property
    def photos(self) -> list[str]:
        """The photos' SHA-256 (hex)."""
        return [name.removeprefix("photos/") for name in self.members if name.startswith("photos/")]

    @property
    def size_bytes(self) -> int:
        """How large it is unpacked."""
        return sum(member.size for member in self.members.values())


@contextmanager
def opened(source: Path) -> Iterator[zipfile.ZipFile]:
    """The archive in a file; raises Unusable for what is none."""
    with _readable(source.name):
        archive = zipfile.ZipFile(source)
    with archive:
        yield archive


def checked(archive: zipfile.ZipFile, name: str, tell: Progress) -> Contents:
    """What is in an archive, once every byte of it was read and is what its manifest says. Raises Unusable."""
    with _readable(name):
        contents = _contents(_manifest(archive))
        infos = archive.infolist()
        if sorted(info.filename for info in infos) != sorted([*contents.members, MANIFEST]):
            raise Unusable(mark("The backup holds other files than it lists"))
        for info in infos:
            _require_sane(info, contents.members.get(info.filename))
        done, total = 0, 2 * contents.size_bytes  # the other half is putting it back
        for member, said in contents.members.items():
            _require_whole(archive, member, said)
            done += said.size
            tell(done, total)
        return contents


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Unusable(
            mark("%(file)s is no backup, or it is damaged: %(why)s"), {"file": name, "why": error}
        ) from None


def _require_sane(info: zipfile.ZipInfo, said: Member | None) -> None:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unusable(mark("%(name)s in the backup is damaged"), {"name": info.filename})
    if said is not None and info.file_size != said.size:
        raise Unusable(mark("%(name)s in the backup is damaged"), {"name": info.filename})
    if info.file_size > max(_BOMB_BYTES, _BOMB_RATIO * info.compress_size):
        raise Unusable(
            mark("%(name)s would unpack to %(times)d times its size: no backup of ours does"),
            {"name": info.filename, "times": info.file_size // max(1, info.compress_size)},
        )


def _require_whole(archive: zipfile.ZipFile, name: str, said: Member) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > said.size:
                break
            digest.update(chunk)
    if size != said.size or digest.hexdigest() != said.sha256:
        raise Unusable(mark("%(name)s in the backup is damaged"), {"name": name})


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > _MANIFEST_BASE + _MANIFEST_EACH * len(archive.infolist()):
            raise ValueError("too large")
        _require_sane(info, None)
        manifest: dict[str, Any] = json.loads(archive.read(info))
        ours = manifest["product"] == "baopian" and manifest["format"] == FORMAT
    except (KeyError, ValueError, TypeError, RecursionError):
        ours = False
    if not ours:
        raise Unusable(mark("This is no backup that `baopian backup` of this version can have made"))
    if str(manifest.get("schema")) not in schema.known_revisions():
        raise Unusable(
            mark("The backup comes from a newer version (schema %(schema)s): install that version first"),
            {"schema": manifest.get("schema")},
        )
    return manifest


def _contents(manifest: dict[str, Any]) -> Contents:
    try:
        tables = tuple(_table(one) for one in manifest["tables"])
        members = {name: _member(name, facts) for name, facts in manifest["members"].items()}
        rows = {one["name"]: int(one["rows"]) for one in manifest["tables"]}
        made_at = str(manifest["made_at"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Unusable(mark("The backup's list of contents is damaged")) from None
    wanted = {f"tables/{shape.name}.jsonl" for shape in tables}
    others = {name for name in members if not _PHOTO.fullmatch(name) and name != SECRET}
    if others != wanted or len(wanted) != len(tables):
        raise Unusable(mark("The backup holds other files than it lists"))
    return Contents(made_at, str(manifest["schema"]), tables, rows, members)


def _table(said: dict[str, Any]) -> TableShape:
    known = {shape.name for shape in shapes()}
    columns = tuple((str(name), str(kind)) for name, kind in said["columns"])
    if said["name"] not in known or not all(
        _NAME.fullmatch(name) and kind in KINDS for name, kind in columns
    ):
        raise ValueError(said["name"])
    return TableShape(said["name"], columns)


def _member(name: str, facts: dict[str, Any]) -> Member:
    member = Member(facts["sha256"], facts["size"])
    if not _DIGEST.fullmatch(member.sha256) or type(member.size) is not int or member.size < 0:
        raise ValueError(name)
    if name.startswith("photos/") and name != f"photos/{member.sha256}":
        raise ValueError(name)
    return member

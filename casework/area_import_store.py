"""Files that wait for their import: a folder each in the instance, for one person, until it is done or too old."""

import contextlib
import json
import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

from casework.errors import NotFound, Refused, mark
from casework.office import Office
from casework.policy import Actor

MAX_BYTES: Final = 200 * 1024 * 1024
MAX_FILES: Final = 40
KEPT: Final = timedelta(hours=12)
_OF_ONE_PERSON: Final = 5
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,40}")
_ABOUT: Final = "about.json"
_CHUNK: Final = 1 << 20
_GONE: Final = mark("This file is no longer here (files are kept for %(hours)s hours): bring it again")
_UNWANTED: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """Files brought together: ``folder`` holds them alone. ``name`` is what they are called."""

    token: str
    folder: Path
    name: str
    bytes: int
    names: tuple[str, ...]
    started_at: datetime


def keep(office: Office, actor: Actor, files: Iterable[tuple[IO[bytes], str]]) -> WaitingFile:
    """Store files for one import, and forget what is too old. Raises Refused for none, too many or too large ones."""
    root = _root(office)
    _sweep(office, root)
    token = secrets.token_urlsafe(18)
    folder = root / token
    target = folder / "files"
    target.mkdir(parents=True, mode=0o700)
    try:
        names, size = _stored(files, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    about = {"user": _whose(actor), "names": names, "bytes": size, "at": office.now().isoformat()}
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
    for old in _of(office, actor)[_OF_ONE_PERSON:]:
        shutil.rmtree(old.folder.parent, ignore_errors=True)
    return _waiting(token, target, about)


def waiting(office: Office, actor: Actor, token: str) -> WaitingFile:
    """What this person brought under this token. Raises NotFound."""
    folder = _root(office) / token
    if _TOKEN.fullmatch(token):
        about = _about(folder)
        if about is not None and about["user"] == _whose(actor) and not _old(office, about):
            return _waiting(token, folder / "files", about)
    raise NotFound(_GONE, {"hours": KEPT // timedelta(hours=1)})


def unfinished(office: Office, actor: Actor) -> list[WaitingFile]:
    """What this person brought and has not imported yet, the latest first."""
    return _of(office, actor)


def forget(office: Office, actor: Actor, token: str) -> None:
    """Remove the files of an import that is done or given up."""
    shutil.rmtree(waiting(office, actor, token).folder.parent, ignore_errors=True)


def clean_name(name: str) -> str:
    """A file name without folders and without what confuses file systems or readers."""
    base = re.split(r"[/\\]", name)[-1]
    stem, dot, ending = _UNWANTED.sub("_", base).strip(". ").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    cut = stem.encode(errors="replace")[:150].decode(errors="ignore") or "file"
    ending = "".join(letter for letter in ending if letter.isalnum())[:12]
    return f"{cut}.{ending}" if ending else cut


def _stored(files: Iterable[tuple[IO[bytes], str]], target: Path) -> tuple[list[str], int]:
    names: list[str] = []
    left = MAX_BYTES
    for source, given in files:
        name = clean_name(given)
        if len(names) >= MAX_FILES:
            raise Refused(mark("files: at most %(limit)s at once"), {"limit": MAX_FILES}, field="files")
        if name.lower() in (other.lower() for other in names):
            raise Refused(mark("files: %(name)s is there twice"), {"name": name}, field="files")
        with (target / name).open("wb") as sink:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise too_large()
                sink.write(chunk)
        names.append(name)
    if not names:
        raise Refused(mark("files: choose a map file"), field="files")
    return names, MAX_BYTES - left


def too_large() -> Refused:
    """The refusal of more than is taken at once."""
    return Refused(
        mark("files: more than %(mb)s MB. Bring fewer areas at once, or use baopian import areas"),
        {"mb": MAX_BYTES >> 20}, field="files",
    )  # fmt: skip


def _root(office: Office) -> Path:
    return office.settings.instance / "imports"


def _whose(actor: Actor) -> str:
    return f"{actor.user_id or 0}:{actor.key_id or 0}"


def _about(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _old(office: Office, about: dict[str, Any]) -> bool:
    return office.now() - datetime.fromisoformat(about["at"]) > KEPT


def _waiting(token: str, folder: Path, about: dict[str, Any]) -> WaitingFile:
    names = tuple(about["names"])
    main = next((name for name in names if name.lower().endswith(".shp")), names[0])
    return WaitingFile(token, folder, main, int(about["bytes"]), names, datetime.fromisoformat(about["at"]))


def _of(office: Office, actor: Actor) -> list[WaitingFile]:
    root, found = _root(office), []
    for folder in root.iterdir() if root.is_dir() else ():
        about = _about(folder)
        if about is not None and about["user"] == _whose(actor) and not _old(office, about):
            found.append(_waiting(folder.name, folder / "files", about))
    return sorted(found, key=lambda one: one.started_at, reverse=True)


def _sweep(office: Office, root: Path) -> None:
    """Forget what is too old, and folders that were never finished."""
    with contextlib.suppress(OSError):
        for folder in list(root.iterdir()) if root.is_dir() else ():
            about = _about(folder)
            age = datetime.now(UTC) - datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            if (about is None and age > KEPT) or (about is not None and _old(office, about)):
                shutil.rmtree(folder, ignore_errors=True)

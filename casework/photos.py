"""Photo bytes: kept once under their SHA-256, exactly as they came; and the copies that are shown."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from casework.errors import NotFound, mark
from casework.office import Office
from casework.photo_worker import POOL, SIZES

DISPLAY, THUMB = SIZES
_UNFINISHED: Final = ".incoming"  # beside the photos' own folders, on the same disk
_OLD_S: Final = 24 * 3600


def photo_path(office: Office, sha256: str) -> Path:
    """Where the bytes with this SHA-256 (hex) are kept."""
    return office.settings.photo_folder / sha256[:2] / sha256


def copy_path(office: Office, sha256: str, size: int) -> Path:
    """Where the copy with this longest side (DISPLAY or THUMB) is kept; it can be made again from the original."""
    return office.settings.instance / "derived" / sha256[:2] / f"{sha256}-{size}.jpg"


def store_bytes(office: Office, content: bytes) -> str:
    """Write bytes durably to the photo folder and return their SHA-256 (hex)."""
    return store_all(office, [content])[0]


def store_all(office: Office, contents: Sequence[bytes]) -> list[str]:
    """Write photos durably: all or none; returns their SHA-256 (hex) in the same order.

    On return the files and their folders' entries are on disk. Raises OSError (a full disk), leaving nothing behind.
    """
    folder = office.settings.photo_folder
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    waiting: dict[Path, Path] = {}
    try:
        for digest, content in zip(digests, contents, strict=True):
            target = folder / digest[:2] / digest
            if target not in waiting and not _is_whole(target, content):
                waiting[target] = _write(folder / _UNFINISHED, content)
        # From here on no more room is needed. A photo of the same bytes may be stored meanwhile: it is the same.
        for target, written in waiting.items():
            target.parent.mkdir(exist_ok=True)
            written.replace(target)
    except BaseException:
        for written in waiting.values():
            written.unlink(missing_ok=True)
        raise
    # Also where a file was there already: whoever wrote it may not have come to this point yet.
    _sync_folders({folder / digest[:2] for digest in digests} | {folder, folder.parent})
    return digests


def store_copies(office: Office, sha256: str, copies: Sequence[bytes]) -> None:
    """Keep the copies to be shown (in the order of ``SIZES``); they appear whole or not at all."""
    for size, content in zip(SIZES, copies, strict=True):
        target = copy_path(office, sha256, size)
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target.parent, content, durable=False).replace(target)


def shown(office: Office, sha256: str, size: int) -> Path:
    """The copy to be shown: upright, without metadata, always JPEG; made from the original when it is missing.

    Raises NotFound for an original that is missing or cannot be decoded.
    """
    path = copy_path(office, sha256, size)
    if path.is_file():
        return path
    try:
        content = photo_path(office, sha256).read_bytes()
    except FileNotFoundError:
        raise NotFound(mark("The photo's file is missing")) from None
    facts, copies = POOL.decode(content)
    if "fault" in facts:
        raise NotFound(mark("This photo cannot be shown; its original can be saved"))
    store_copies(office, sha256, copies)
    return path


def _is_whole(path: Path, content: bytes) -> bool:
    """Whether the file is there with these very bytes; one that has rotted is written again."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _write(folder: Path, content: bytes, *, durable: bool = True) -> Path:
    """Write bytes to a new file in a folder; what is left of a write that a crash broke off is swept up."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".part-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if durable:
        _sweep(folder)
    return path


def _sweep(folder: Path) -> None:
    """Delete what a killed process left half written a day ago or longer."""
    before = time.time() - _OLD_S
    for left in folder.glob(".part-*"):
        with suppress(FileNotFoundError):  # another process sweeps too
            if left.stat().st_mtime < before:
                left.unlink()


def _sync_folders(folders: Iterable[Path]) -> None:
    """Make the entries of folders durable: a file that is on disk but in no folder is lost."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

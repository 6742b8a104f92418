"""Photo bytes on disk: all or none, byte for byte, and copies that can be made again."""

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from casework import photos
from casework.errors import NotFound
from casework.office import Office
from casework.photos import DISPLAY, THUMB, copy_path, photo_path, shown, store_all, store_bytes
from tests.factories.photos import photo


def files(office: Office) -> list[Path]:
    return [path for path in office.settings.instance.glob("photos/**/*") if path.is_file()]


def test_bytes_come_back_as_they_came(sqlite_office: Office) -> None:
    content = photo()
    digest = store_bytes(sqlite_office, content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert photo_path(sqlite_office, digest).read_bytes() == content
    assert store_all(sqlite_office, [content, content, b"other"])[:2] == [digest, digest]
    assert len(files(sqlite_office)) == 2


def test_a_file_that_has_rotted_is_written_again(sqlite_office: Office) -> None:
    path = photo_path(sqlite_office, store_bytes(sqlite_office, b"whole"))
    path.write_bytes(b"wholf")
    store_bytes(sqlite_office, b"whole")
    assert path.read_bytes() == b"whole"


def test_files_and_folders_are_on_disk_before_it_returns(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    really = os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").resolve().name)
        really(handle)

    monkeypatch.setattr(os, "fsync", noted)
    digest = store_bytes(sqlite_office, b"bytes")
    assert synced[0].startswith(".part-")
    if Path("/proc/self/fd").exists():
        assert {digest[:2], "photos", sqlite_office.settings.instance.name} <= set(synced[1:])


@pytest.mark.parametrize("at", [1, 2])
def test_a_full_disk_leaves_nothing(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) >= at:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store_all(sqlite_office, [b"one", b"two", b"three"])
    assert files(sqlite_office) == []


def test_what_a_killed_process_left_is_swept_up_after_a_day(sqlite_office: Office) -> None:
    folder = sqlite_office.settings.photo_folder / ".incoming"
    folder.mkdir(parents=True)
    old, young = folder / ".part-old", folder / ".part-young"
    for path in (old, young):
        path.write_bytes(b"half")
    day_before = time.time() - 25 * 3600
    os.utime(old, (day_before, day_before))
    store_bytes(sqlite_office, b"bytes")
    assert not old.exists()
    assert young.exists()


def test_copies_are_made_once_and_again_when_they_are_gone(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store_bytes(sqlite_office, photo("PNG"))
    large = shown(sqlite_office, digest, DISPLAY)
    assert large == copy_path(sqlite_office, digest, DISPLAY)
    assert large == sqlite_office.settings.instance / "derived" / digest[:2] / f"{digest}-1600.jpg"
    first = large.read_bytes()
    assert first.startswith(b"\xff\xd8")
    large.unlink()
    assert shown(sqlite_office, digest, DISPLAY).read_bytes() == first
    monkeypatch.setattr(photos, "POOL", None)  # nothing is decoded any more
    assert shown(sqlite_office, digest, THUMB).read_bytes().startswith(b"\xff\xd8")
    assert not list(large.parent.glob(".part-*"))


def test_what_cannot_be_shown_is_said(sqlite_office: Office) -> None:
    with pytest.raises(NotFound, match="missing"):
        shown(sqlite_office, "0" * 64, DISPLAY)
    digest = store_bytes(sqlite_office, b"<script>alert(1)</script>")
    with pytest.raises(NotFound, match="cannot be shown"):
        shown(sqlite_office, digest, DISPLAY)

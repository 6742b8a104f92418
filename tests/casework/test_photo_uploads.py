"""Photos as people send them: what is taken, what is refused in which words, and what is on record then."""

import errno
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from casework import photo_uploads
from casework.errors import Refusals, Refused
from casework.findings import Reported, report, reported_before
from casework.history import first_broken
from casework.office import Office
from casework.photo_uploads import MAX_BYTES, Upload, check, check_all, inspect, km_between, km_outside
from casework.photos import DISPLAY, copy_path, photo_path
from casework.policy import Actor
from db.models import Finding, HistoryEntry, Photo
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.photos import encoded, exif, laden, photo, picture

GOOD: dict[str, object] = {"category": "0102", "lon": 101.2, "lat": 36.5}


def uploads(*contents: bytes, kinds: Sequence[str] = ("before",)) -> list[Upload]:
    return [Upload(kind, check(content)) for content, kind in zip(contents, kinds, strict=True)]


def test_a_photo_is_checked_and_says_when_and_where(sqlite_office: Office) -> None:
    content = photo(orientation=6, taken="2026:09:01 08:30:00", lon=101.2, lat=-36.5)
    checked = check(BytesIO(content), "C:\\fakepath\\IMG_1\u202e.jpg")
    assert checked.content == content
    assert (checked.media_type, checked.width, checked.height) == ("image/jpeg", 48, 64)
    assert checked.taken_at == datetime(2026, 9, 1, 0, 30, tzinfo=UTC)
    assert (checked.lon, checked.lat) == pytest.approx((101.2, -36.5))
    assert checked.name == "IMG_1.jpg"
    assert len(checked.sha256) == 64
    assert "content" not in repr(checked)


def test_the_declared_name_counts_for_nothing() -> None:
    assert check(photo("PNG"), "photo.exe").media_type == "image/png"
    assert check(photo("HEIF"), "photo.jpg").media_type == "image/heic"


OTHERS = [
    (b"GIF89a" + b"\0" * 50, "GIF"),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><svg onload='alert(1)'/>", "SVG"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
    (b"<!DOCTYPE html><script>alert(1)</script>", "HTML"),
    (b"%PDF-1.7\n", "PDF"),
    (b"PK\x03\x04" + b"\0" * 50, "ZIP"),
    (b"MZ\x90\x00" + b"\0" * 200, "EXE"),
    (b"\x7fELF\x02\x01\x01", "EXE"),
    (b"#!/bin/sh\nrm -rf /\n", "EXE"),
    (b"BM" + b"\0" * 50, "BMP"),
    (b"II*\x00" + b"\0" * 50, "TIFF"),
    (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1", "AVIF"),
    (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", "MP4"),
    (b"just words", ""),
    (b"\x00", ""),
]


@pytest.mark.parametrize(("content", "found"), OTHERS, ids=lambda value: str(value)[:20])
def test_what_is_no_photo_is_refused_saying_what_it_is(content: bytes, found: str) -> None:
    with pytest.raises(Refused) as refused:
        check(content, "holiday.jpg", position=3)
    assert refused.value.field == "photos"
    assert "3 (holiday.jpg)" in str(refused.value)
    assert f"no photo but {found}:" in str(refused.value) if found else "no photo:" in str(refused.value)
    assert "send JPEG, PNG, WebP or HEIC" in str(refused.value)


def test_an_empty_or_too_large_file_is_refused() -> None:
    with pytest.raises(Refused, match="empty"):
        check(b"")
    with pytest.raises(Refused, match="more than 20 MB"):
        check(BytesIO(b"\xff\xd8\xff" + bytes(MAX_BYTES)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.9, 0.99])
def test_a_file_that_is_cut_off_is_refused(kind: str, part: float) -> None:
    whole = encoded(picture(300, 200), kind)
    with pytest.raises(Refused, match=r"damaged or cut off|no photo"):
        check(whole[: max(13, int(len(whole) * part))])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_that_lacks_its_last_bytes_is_refused(kind: str) -> None:
    with pytest.raises(Refused, match="damaged or cut off"):
        check(encoded(picture(300, 200), kind)[:-10])


def test_a_small_picture_within_the_cameras_part_is_no_end() -> None:
    camera = exif()
    camera[0x010E] = photo()  # a whole JPEG, as a thumbnail would be
    with pytest.raises(Refused, match="damaged or cut off"):
        check(encoded(picture(300, 200), exif=camera)[:-2])


def test_what_phones_put_after_a_jpeg_does_not_matter() -> None:
    content = photo() + b"\x00\x00\x00\x18ftypmp42 a film" + b"\xff\xda" * 9
    assert check(content).content == content


def test_a_progressive_jpeg_that_is_cut_off_is_refused() -> None:
    whole = encoded(picture(300, 200), progressive=True)
    with pytest.raises(Refused, match="damaged"):
        check(whole[: len(whole) * 2 // 3])


def test_every_photos_fault_is_named_with_its_place(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refusals) as refused:
        check_all(sqlite_office, [(photo(), "a.jpg"), (b"", "b.jpg"), (photo(), "c.jpg"), (b"MZ", "d.jpg")])
    assert [str(fault).split(":")[1].split(" is ")[0] for fault in refused.value.errors] == [
        " no. 2 (b.jpg)",
        " no. 4 (d.jpg)",
    ]


def test_kinds_belong_to_photos_in_their_order(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    pair = [(photo(), "a"), (photo("PNG"), "b")]
    assert [one.kind for one in check_all(sqlite_office, pair, ["far"])] == ["far", "before"]
    with pytest.raises(Refused, match="'sideways' is none; there are before, during, after, near, far"):
        check_all(sqlite_office, pair, ["sideways"])
    with pytest.raises(Refused, match="3 for 2 photos"):
        check_all(sqlite_office, pair, ["far", "near", "before"])
    with pytest.raises(Refused, match="at most 10"):
        check_all(sqlite_office, [(b"", "")] * 11)
    assert check_all(sqlite_office, []) == []


def test_a_report_keeps_its_photos_byte_for_byte(office: Office) -> None:
    two_patches(office)
    contents = [laden(), photo("HEIF", lon=101.21, lat=36.5)]
    done = report(office, INSPECTOR, GOOD, photos=uploads(*contents, kinds=["near", "far"]))
    with office.database.read() as session:
        stored = list(
            session.scalars(select(Photo).where(Photo.finding_id == done.finding_id).order_by(Photo.id))
        )
        entries = list(
            session.scalars(select(HistoryEntry).where(HistoryEntry.finding_id == done.finding_id))
        )
    assert [one.kind for one in stored] == ["near", "far"]
    assert [one.media_type for one in stored] == ["image/jpeg", "image/heic"]
    assert [one.history_seq for one in stored] == [1, 1]
    assert (stored[0].width, stored[0].height, stored[0].size_bytes) == (2000, 1500, len(contents[0]))
    assert (stored[1].lon, stored[1].lat) == pytest.approx((101.21, 36.5))
    assert entries[0].payload["photos"] == 2
    assert first_broken(entries) is None
    for one, content in zip(stored, contents, strict=True):
        assert photo_path(office, one.sha256).read_bytes() == content
        assert copy_path(office, one.sha256, DISPLAY).read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize(("lon", "told"), [(101.2001, False), (101.3, True), (-0.1, True)])
def test_a_photo_from_elsewhere_is_taken_with_a_warning(
    sqlite_office: Office, lon: float, told: bool
) -> None:
    two_patches(sqlite_office)
    done = report(sqlite_office, INSPECTOR, GOOD, photos=uploads(photo(lon=lon, lat=36.5)))
    assert any("photo" in warning for warning in done.warnings) is told


def counted(office: Office) -> tuple[int, int, int]:
    with office.database.read() as session:
        found = [
            session.scalar(select(func.count()).select_from(t)) or 0 for t in (Finding, HistoryEntry, Photo)
        ]
    return found[0], found[1], found[2]


def test_a_full_disk_leaves_nothing_of_a_report(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    two_patches(office)
    ready = uploads(photo(), photo("PNG"), kinds=["before", "near"])

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            report(office, INSPECTOR, GOOD, photos=ready, client_key="k")
    assert counted(office) == (0, 0, 0)
    assert not [path for path in office.settings.instance.glob("photos/**/*") if path.is_file()]
    assert not report(office, INSPECTOR, GOOD, photos=ready, client_key="k").repeated


def test_a_wrong_field_leaves_no_photo(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refusals):
        report(sqlite_office, INSPECTOR, {**GOOD, "lon": "x"}, photos=uploads(photo()))
    assert counted(sqlite_office) == (0, 0, 0)
    assert not sqlite_office.settings.photo_folder.exists()


def test_the_same_key_files_once(office: Office) -> None:
    two_patches(office)
    first = report(office, INSPECTOR, GOOD, photos=uploads(photo()), client_key="tap")
    again = report(office, INSPECTOR, {"category": "no such"}, photos=uploads(photo("PNG")), client_key="tap")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.finding_id == first.finding_id
    assert counted(office) == (1, 1, 1)
    assert reported_before(office, INSPECTOR, "tap") == again
    assert reported_before(office, INSPECTOR, None) is None
    assert reported_before(office, INSPECTOR, "other") is None


def test_nobody_meets_anothers_finding_by_a_key(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    first = report(sqlite_office, INSPECTOR, GOOD, client_key="tap")
    other = report(sqlite_office, Actor(role="inspector", key_id=7), GOOD, client_key="tap")
    assert first.finding_id != other.finding_id
    assert (
        report(sqlite_office, INSPECTOR, GOOD).finding_id != report(sqlite_office, INSPECTOR, GOOD).finding_id
    )


def test_a_key_that_is_none_is_refused(sqlite_office: Office) -> None:
    two_patches(sqlite_office)
    for wrong in (5, "x" * 201, ["k"]):
        with pytest.raises(Refused) as refused:
            report(sqlite_office, INSPECTOR, GOOD, client_key=wrong)
        assert refused.value.field == "client_key"


def test_many_taps_at_one_moment_file_once(office: Office) -> None:
    two_patches(office)
    ready = uploads(photo(), photo("WEBP"), kinds=["before", "near"])
    start = threading.Barrier(6)

    def tap(_number: int) -> Reported:
        start.wait()
        return report(office, INSPECTOR, GOOD, photos=ready, client_key="tap")

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(tap, range(6)))
    assert len({one.finding_id for one in answers}) == 1
    assert [one.repeated for one in answers].count(False) == 1
    assert counted(office) == (1, 1, 2)


@pytest.mark.parametrize(
    ("camera", "words"),
    [
        ({"lon": -0.1276, "lat": 51.5072}, "another part of the world"),
        ({"lon": 103.0, "lat": 36.5}, "outside the city"),
        ({"lon": 101.2, "lat": 36.5}, ""),
        ({"taken": "2026:07:01 08:00:00"}, "63 days ago"),
        ({}, ""),
    ],
    ids=str,
)
def test_a_look_at_a_photo_before_it_is_sent(
    sqlite_office: Office, camera: dict[str, Any], words: str
) -> None:
    two_patches(sqlite_office)
    seen = inspect(sqlite_office, photo(**camera), "a.jpg")
    said = [message % params for message, params in seen.warnings]
    assert len(said) == bool(words)
    assert all(words in one for one in said)
    assert not (sqlite_office.settings.instance / "photos").exists()


def test_distances_on_the_globe() -> None:
    assert km_between(101.8, 36.6, 101.8, 37.6) == pytest.approx(111.2, abs=0.1)
    assert km_outside((101, 36, 102, 37), 101.5, 36.5) == 0
    assert km_outside((101, 36, 102, 37), 101.5, 38) == pytest.approx(111.2, abs=0.1)


def test_kinds_are_those_of_the_table() -> None:
    assert photo_uploads.KINDS == ("before", "during", "after", "near", "far")

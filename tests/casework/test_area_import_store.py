import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework import area_import_store as store
from casework.clock import Clock
from casework.errors import NotFound, Refused
from casework.office import Office
from casework.policy import Actor

ANNA, BEN = Actor(role="supervisor", user_id=1), Actor(role="supervisor", user_id=2)


def keep(office: Office, **files: bytes) -> store.WaitingFile:
    return store.keep(office, ANNA, [(io.BytesIO(content), name) for name, content in files.items()])


def folders(office: Office) -> list[Path]:
    root = office.settings.instance / "imports"
    return list(root.iterdir()) if root.is_dir() else []


def test_files_wait_for_who_brought_them_only(sqlite_office: Office) -> None:
    kept = keep(sqlite_office, **{"a.dbf": b"xy", "片区.shp": b"z"})
    found = store.waiting(sqlite_office, ANNA, kept.token)
    assert (found.name, found.bytes, found.names) == ("片区.shp", 3, ("a.dbf", "片区.shp"))
    assert (found.folder / "片区.shp").read_bytes() == b"z"
    assert [one.token for one in store.unfinished(sqlite_office, ANNA)] == [kept.token]
    assert store.unfinished(sqlite_office, BEN) == []
    with pytest.raises(NotFound):
        store.waiting(sqlite_office, BEN, kept.token)


@pytest.mark.parametrize("token", ["", "..", "../../etc", "x" * 24, "a/b", "."])
def test_a_token_that_is_none_finds_nothing(sqlite_office: Office, token: str) -> None:
    keep(sqlite_office, a=b"x")
    with pytest.raises(NotFound):
        store.waiting(sqlite_office, ANNA, token)


def test_files_are_gone_when_done_or_too_old(sqlite_office: Office) -> None:
    kept = keep(sqlite_office, a=b"x")
    store.forget(sqlite_office, ANNA, kept.token)
    assert folders(sqlite_office) == []
    old = keep(sqlite_office, a=b"x")
    later = replace(sqlite_office, clock=Clock(sqlite_office.now() + store.KEPT + timedelta(minutes=1)))
    with pytest.raises(NotFound):
        store.waiting(later, ANNA, old.token)
    new = keep(later, b=b"x")
    assert [folder.name for folder in folders(later)] == [new.token]


def test_one_person_has_at_most_five(sqlite_office: Office) -> None:
    for number in range(7):
        later = replace(sqlite_office, clock=Clock(sqlite_office.now() + timedelta(minutes=number)))
        keep(later, a=b"x")
    assert len(folders(sqlite_office)) == 5


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "choose a map file"),
        ({f"{n}.x": b"" for n in range(41)}, "at most 40"),
        ({"a.x": b"1", "b/A.X": b"2"}, "twice"),
    ],
)
def test_what_is_refused_leaves_nothing(sqlite_office: Office, files: dict[str, bytes], words: str) -> None:
    with pytest.raises(Refused, match=words):
        keep(sqlite_office, **files)
    assert folders(sqlite_office) == []


def test_too_much_is_refused_while_it_comes(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_BYTES", 3 * 1024 * 1024)
    with pytest.raises(Refused, match="more than 3 MB"):
        keep(sqlite_office, **{"a.json": bytes(4 * 1024 * 1024)})
    assert folders(sqlite_office) == []


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\data\\片区.SHP", "片区.SHP"), ("a\x00b\u202e.gpkg", "a_b_.gpkg"),
        ("…" * 200 + ".zip", "…" * 50 + ".zip"), ("", "file"), (".hidden", "hidden"), ("a.g/e.o", "e.o"),
        ("x?.shp", "x_.shp"),
    ],
)  # fmt: skip
def test_names_lose_what_confuses_file_systems(name: str, clean: str) -> None:
    assert store.clean_name(name) == clean

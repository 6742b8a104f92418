"""Covered copies: everybody sees them in the photo's place, few the original, and nothing comes to light again."""

from io import BytesIO
from typing import cast

import pytest
from PIL import Image
from sqlalchemy import select, update

from casework import case_view, photo_copies
from casework.case_photos import case_photos
from casework.errors import Forbidden, NotFound, Refused
from casework.findings import report
from casework.office import Office
from casework.photo_uploads import Upload, check
from casework.photos import DISPLAY, THUMB, photo_path, shown
from casework.policy import SYSTEM, Actor
from casework.verify import verify
from db.models import City, Finding, Photo, PhotoCopy
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.photos import encoded, exif, picture

LEFT_HALF = [[0.0, 0.0, 0.5, 1.0]]
LEADER = Actor(role="leader")


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    """A finding with one photo that says where it was taken and by which camera."""
    two_patches(sqlite_office)
    content = encoded(picture(640, 480), exif=exif(taken="2026:08:30 08:30:00", lon=101.2, lat=36.50018))
    fields = {"category": "0102", "lon": 101.2, "lat": 36.5}
    report(sqlite_office, SYSTEM, fields, photos=[Upload("before", check(content))])
    return sqlite_office


def seen(office: Office, actor: Actor, size: int = DISPLAY) -> Image.Image:
    _path, _type, digest = case_view.photo(office, actor, 1)
    return Image.open(BytesIO(shown(office, digest, size).read_bytes()))


def is_covered(image: Image.Image) -> bool:
    """Whether the top left, all of one colour in the photo, is a mosaic."""
    part = image.convert("L").crop((10, 10, image.width * 2 // 5, image.height * 2 // 5))
    low, high = cast("tuple[int, int]", part.getextrema())
    return high - low > 12


def test_the_copy_is_shown_in_every_size_and_the_original_stays(office: Office) -> None:
    with office.database.read() as session:
        original = session.get_one(Photo, 1).sha256
    before = photo_path(office, original).read_bytes()
    assert not is_covered(seen(office, SYSTEM))
    photo_copies.make(office, SYSTEM, 1, [[0.2, 0.2, 0.2, 0.2]])
    for size in (DISPLAY, THUMB):
        image = seen(office, SYSTEM, size)
        assert is_covered(image)
        assert not image.getexif()
        assert "icc_profile" not in image.info
        assert image.size == ((640, 480) if size == DISPLAY else (400, 300))
    assert case_view.photo(office, SYSTEM, 1, original=True)[2] == original
    assert photo_path(office, original).read_bytes() == before
    with office.database.read() as session:
        copy = session.scalars(select(PhotoCopy)).one()
        assert (copy.width, copy.height, copy.regions) == (640, 480, [[0.2, 0.2, 0.2, 0.2]])
    assert not [check.what for check in verify(office) if check.broken]


def test_derived_pictures_are_made_from_the_copy_again(office: Office) -> None:
    photo_copies.make(office, SYSTEM, 1, LEFT_HALF)
    covered = seen(office, SYSTEM).convert("RGB").tobytes()
    for path in (office.settings.instance / "derived").glob("??/*"):
        path.unlink()
    again = seen(office, SYSTEM).convert("RGB")
    assert len(again.tobytes()) == len(covered)
    assert len({again.getpixel((x, 100)) for x in range(20, 300, 20)}) <= 8


def test_who_may_cover_and_who_sees_originals(office: Office) -> None:
    for role in ("handler", "archivist", "leader"):
        with pytest.raises(Forbidden):
            photo_copies.make(office, Actor(role=role), 1, LEFT_HALF)
    with pytest.raises(NotFound):  # an inspector of other patches
        photo_copies.make(office, INSPECTOR, 1, LEFT_HALF)
    photo_copies.make(office, Actor(role="supervisor"), 1, LEFT_HALF)
    assert case_view.photo(office, LEADER, 1, original=True)
    with office.database.read() as session:
        bureau = session.get_one(Finding, 1).bureau_id
        patch = session.get_one(Finding, 1).area_id
    assert patch is not None
    for actor in (
        Actor(role="handler", bureau_id=bureau),
        Actor(role="inspector", area_ids=frozenset({patch})),
    ):
        assert case_view.photo(office, actor, 1)
        with pytest.raises(Forbidden):
            case_view.photo(office, actor, 1, original=True)


def test_who_may_not_see_the_original_cannot_uncover(office: Office) -> None:
    with office.database.read() as session:
        patch = session.get_one(Finding, 1).area_id
    assert patch is not None
    inspector = Actor(role="inspector", area_ids=frozenset({patch}))
    photo_copies.make(office, SYSTEM, 1, [[0.1, 0.1, 0.1, 0.1], [0.5, 0.5, 0.2, 0.2]])
    photo_copies.make(office, inspector, 1, [[0.8, 0.8, 0.1, 0.1]])
    sheet = photo_copies.sheet(office, inspector, 1)
    assert sheet.regions == [[0.8, 0.8, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1], [0.5, 0.5, 0.2, 0.2]]
    with pytest.raises(Forbidden):
        photo_copies.retire(office, inspector, 1)
    photo_copies.make(office, SYSTEM, 1, [[0.1, 0.1, 0.1, 0.1]])
    assert photo_copies.sheet(office, SYSTEM, 1).regions == [[0.1, 0.1, 0.1, 0.1]]
    photo_copies.retire(office, SYSTEM, 1)
    assert not is_covered(seen(office, SYSTEM))
    with pytest.raises(NotFound):
        photo_copies.retire(office, SYSTEM, 1)


def test_the_same_bytes_sent_twice_are_covered_together(office: Office) -> None:
    with office.database.write() as session:
        row = session.get_one(Photo, 1)
        facts = {c.key: getattr(row, c.key) for c in Photo.__mapper__.column_attrs if c.key != "id"}
        session.add(Photo(**{**facts, "kind": "near"}))
    photo_copies.make(office, SYSTEM, 2, LEFT_HALF)
    assert case_view.photo(office, SYSTEM, 1)[2] == case_view.photo(office, SYSTEM, 2)[2]
    photo_copies.retire(office, SYSTEM, 1)
    assert not is_covered(seen(office, SYSTEM))


def test_in_the_demo_too_nobody_gets_the_original_of_a_covered_photo(office: Office) -> None:
    with office.database.write() as session:
        session.execute(update(City).values(is_demo=True))
    photo_copies.make(office, SYSTEM, 1, LEFT_HALF)
    with office.database.read() as session:
        copy = session.scalars(select(PhotoCopy.sha256)).one()
    assert case_view.photo(office, Actor(), 1)[2] == copy


def test_regions_that_are_none_are_refused(office: Office) -> None:
    for given in (
        None, [], "x", [[0, 0, 1]], [["a", 0, 1, 1]], [[0, 0, float("nan"), 1]], [[0, 0, 1e300, 1]], [[2, 0, 1, 1]],
        [[0.1, 0.1, 0, 0.5]], [[True, 0, 1, 1]], [[0.1, 0.1, 0.1, 0.1]] * 41, [[0, 0, 10**400, 1]], {"a": 1},
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            photo_copies.make(office, SYSTEM, 1, given)
        assert caught.value.field == "regions"
    with pytest.raises(NotFound):
        photo_copies.make(office, SYSTEM, 99, LEFT_HALF)
    assert photo_copies.checked([[-0.5, -0.5, 0.9, 3.0]]) == [[0.0, 0.0, 0.4, 1.0]]


def test_a_copy_whose_file_is_gone_is_told_and_the_original_is_not_shown_instead(office: Office) -> None:
    photo_copies.make(office, SYSTEM, 1, LEFT_HALF)
    with office.database.read() as session:
        copy = session.scalars(select(PhotoCopy.sha256)).one()
    photo_path(office, copy).unlink()
    with pytest.raises(NotFound):
        case_view.photo(office, SYSTEM, 1)
    [check] = [one for one in verify(office) if one.what == "covered copies of photos"]
    assert check.broken == 1


def test_what_photos_say_of_themselves(office: Office) -> None:
    [photo] = case_photos(office, SYSTEM, 1).photos
    assert photo.facts == (("taken %(metres)s m away", {"metres": 20}),)
    assert photo.warnings == (("taken %(days)s days before it was reported", {"days": 3}),)
    for changes, told in (
        ({"lon": None}, "no position"),
        ({"lon": 101.21}, "taken %(metres)s m away"),
        ({"lon": 102.0}, "taken %(km)s km away"),
        ({"kind": "after"}, "taken before the case was reported"),
        ({"taken_at": None}, "no time"),
    ):
        with office.database.write() as session:
            session.execute(update(Photo).values(**changes))
        [photo] = case_photos(office, SYSTEM, 1).photos
        assert told in [message for message, _params in photo.warnings], told
    with pytest.raises(NotFound):
        case_photos(office, SYSTEM, 99)

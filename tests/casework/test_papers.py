"""Papers: what they say, their numbers, who may make and see them, void and again."""

import io
import threading
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import func, select, update

from casework import counters, paper_templates, papers
from casework.errors import CaseworkError, Conflict, Forbidden, NotFound, Refused
from casework.findings import report
from casework.office import Office
from casework.photo_uploads import Upload, check
from casework.policy import SYSTEM, Actor
from casework.verify import verify
from db.models import PAPER_KINDS, Finding, Paper, Person, User
from tests.factories.city import INSPECTOR, two_patches
from tests.factories.papers import docx, text_of
from tests.factories.photos import encoded, picture

HOSTILE = "店 {{ 7*7 }} <b>&amp;</b> {% raw %} 😀"


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    """Numbers and rows mean the same on both databases; ``test_backup`` carries papers from one to the other."""
    return sqlite_office


@pytest.fixture
def finding_id(office: Office) -> int:
    """A finding in the west patch with a hostile text and a photo; 0102 goes to the bureau HW."""
    two_patches(office)
    photo = Upload("before", check(encoded(picture(320, 240))))
    said = {"subject": HOSTILE, "description": "行一\n行二"}
    return report(
        office, INSPECTOR, {"category": "0102", "lon": 101.2, "lat": 36.5, **said}, photos=[photo]
    ).finding_id


def supervisor(office: Office) -> Actor:
    with office.database.write() as session:
        person = Person(name_zh="王芳", name_en="Wang Fang")
        session.add(person)
        session.flush()
        user = User(
            username="wang",
            role="supervisor",
            password_hash="x",
            person_id=person.id,
            created_at=office.now(),
        )
        session.add(user)
        session.flush()
        return Actor(role="supervisor", user_id=user.id, name_zh="王芳", name_en="Wang Fang")


def test_every_kind_says_the_facts_in_both_languages(office: Office, finding_id: int) -> None:
    for kind in PAPER_KINDS:
        for lang in ("zh", "en"):
            about: int | dict[str, str] = {} if kind == "weekly_list" else finding_id
            made = papers.make(office, SYSTEM, kind, about, lang)
            said = text_of(made.content)
            assert HOSTILE in said, kind
            assert "{{" not in said.replace(HOSTILE, ""), said
            assert ("西片" if lang == "zh" else "West") in said
            assert ("HW局" if lang == "zh" else "Bureau HW") in said or kind == "weekly_list"
            number = "〔2026〕" if lang == "zh" else "No. "
            assert number in said
            pictures = len(Document(io.BytesIO(made.content)).inline_shapes)
            assert pictures == (0 if kind == "weekly_list" else 2), kind  # the map, the photo from before


def test_numbers_have_no_holes_by_kind_and_year(office: Office, finding_id: int) -> None:
    made = [
        papers.make(office, SYSTEM, kind, finding_id).number for kind in PAPER_KINDS[:2] for _ in range(2)
    ]
    assert made == ["2026-0001", "2026-0002", "2026-0001", "2026-0002"]
    with pytest.raises(Refused):
        papers.make(office, SYSTEM, PAPER_KINDS[0], {"status": "nonsense"})
    with pytest.raises(NotFound):
        papers.make(office, SYSTEM, PAPER_KINDS[0], 999)
    assert papers.make(office, SYSTEM, PAPER_KINDS[0], finding_id).number == "2026-0003"
    assert not [check.what for check in verify(office) if check.broken]


def test_two_at_once_get_two_numbers(office: Office, finding_id: int) -> None:
    results: list[str] = []
    faults: list[CaseworkError] = []

    def one() -> None:
        try:
            results.append(papers.make(office, SYSTEM, PAPER_KINDS[0], finding_id).number)
        except Conflict as fault:
            faults.append(fault)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert sorted(results) == ["2026-0001", "2026-0002", "2026-0003"]


def test_a_broken_template_of_the_offices_own_takes_no_number(office: Office, finding_id: int) -> None:
    kind = PAPER_KINDS[0]
    good_for_the_sample = (
        "{% if subject == '小杨超市' %}好{% else %}{{ 1 / (subject|length - N) }}{% endif %}"
    )
    own = docx(good_for_the_sample.replace("N", str(len(HOSTILE))))
    paper_templates.take(office, SYSTEM, kind, "zh", "我们的.docx", own)
    with pytest.raises(Refused):
        papers.make(office, SYSTEM, kind, finding_id)
    with office.database.read() as session:
        assert counters.current(session, f"paper:{kind}:2026") == 0
        assert session.scalar(select(func.count()).select_from(Paper)) == 0


def test_void_keeps_number_and_file_and_again_takes_the_next(office: Office, finding_id: int) -> None:
    first = papers.make(office, SYSTEM, PAPER_KINDS[1], finding_id, "en")
    with office.database.write() as session:
        session.execute(update(Finding).values(place="moved"))
    second = papers.again(office, SYSTEM, first.id)
    assert (first.number, second.number) == ("2026-0001", "2026-0002")
    assert "This replaces no. 2026-0001" in text_of(second.content)
    assert "moved" in text_of(second.content)
    listed = papers.of_finding(office, SYSTEM, finding_id)
    assert [(one.number, one.voided_at is None) for one in listed] == [
        ("2026-0002", True),
        ("2026-0001", False),
    ]
    assert papers.file(office, SYSTEM, first.id) == (first.content, "Referral letter 2026-0001.docx")
    with pytest.raises(Conflict):
        papers.void(office, SYSTEM, first.id)
    weekly = papers.make(office, SYSTEM, "weekly_list", {"bureau": "HW", "csrf_token": "x"}, "zh")
    assert weekly.facts["query"] == {"bureau": "HW"}
    assert "HW局：" in text_of(weekly.content)
    assert papers.again(office, SYSTEM, weekly.id).bureau_id == weekly.bureau_id


def test_who_may_make_and_see(office: Office, finding_id: int) -> None:
    makers = {"administrator", "leader", "supervisor"}
    with office.database.read() as session:
        bureau_id = session.get_one(Finding, finding_id).bureau_id
    for role in ("administrator", "leader", "supervisor", "inspector", "handler", "archivist"):
        actor = Actor(role=role, bureau_id=bureau_id)
        if role in makers:
            papers.make(office, actor, PAPER_KINDS[0], finding_id)
        else:
            with pytest.raises(Forbidden):
                papers.make(office, actor, PAPER_KINDS[0], finding_id)
    paper_id = papers.of_finding(office, SYSTEM, finding_id)[0].id
    weekly = papers.make(office, SYSTEM, "weekly_list", {}, "zh")
    theirs, others = Actor(role="handler", bureau_id=bureau_id), Actor(role="handler", bureau_id=99)
    assert papers.list_papers(office, theirs).total == 3
    assert papers.file(office, theirs, paper_id)
    for one in (paper_id, weekly.id):
        with pytest.raises(NotFound):
            papers.file(office, others, one)
    with pytest.raises(NotFound):
        papers.file(office, theirs, weekly.id)
    assert papers.list_papers(office, others).total == 0
    assert papers.list_papers(office, Actor(role="archivist")).total == 4


def test_a_case_without_a_bureau_has_nobody_to_write_to(office: Office, finding_id: int) -> None:
    with office.database.write() as session:
        session.execute(update(Finding).values(bureau_id=None))
    with pytest.raises(Refused, match="no bureau"):
        papers.make(office, SYSTEM, PAPER_KINDS[0], finding_id)


def test_a_photo_whose_file_is_gone_is_left_out(office: Office, finding_id: int) -> None:
    folder: Path = office.settings.photo_folder
    for path in (*folder.glob("??/*"), *(office.settings.instance / "derived").glob("??/*")):
        path.unlink()
    made = papers.make(office, supervisor(office), PAPER_KINDS[0], finding_id, "zh")
    assert len(Document(io.BytesIO(made.content)).inline_shapes) == 1
    assert made.facts["made_by"] == "王芳"


def test_verify_tells_a_changed_paper_and_a_lost_number(office: Office, finding_id: int) -> None:
    for _ in range(3):
        papers.make(office, SYSTEM, PAPER_KINDS[0], finding_id)
    with office.database.write() as session:
        session.execute(update(Paper).where(Paper.number == "2026-0001").values(content=b"forged"))
        session.delete(session.scalars(select(Paper).where(Paper.number == "2026-0002")).one())
    [check] = [one for one in verify(office) if one.what == "papers"]
    assert check.faults == [
        "rectification_notice 2026-0001: its file has changed",
        "rectification_notice 2026-0002: was given out, but there is no such paper",
    ]

"""Templates: ours until the office has its own; what is refused changes nothing; papers keep the template they had."""

import pytest
from sqlalchemy import select

from casework import paper_templates
from casework.errors import Conflict, Forbidden, NotFound, Refused
from casework.office import Office
from casework.policy import SYSTEM, Actor
from db.models import PaperTemplate
from tests.factories.city import two_patches
from tests.factories.papers import docx, text_of

KIND = "supervision_order"


@pytest.fixture
def office(sqlite_office: Office) -> Office:
    two_patches(sqlite_office)
    return sqlite_office


def in_force(office: Office, lang: str = "zh") -> bytes:
    return paper_templates.content(office, SYSTEM, KIND, lang)[0]


def test_the_newest_own_one_counts_for_its_kind_and_language_only(office: Office) -> None:
    ours = in_force(office)
    assert ours == paper_templates.ours(KIND, "zh")
    first, second = docx("one {{ case_number }}"), docx("two {{ case_number }}")
    paper_templates.take(office, SYSTEM, KIND, "zh", "a/b\\一.docx", first)
    paper_templates.take(office, SYSTEM, KIND, "zh", "二.docx", second)
    assert in_force(office) == second
    assert in_force(office, "en") == paper_templates.ours(KIND, "en")
    [standing] = [one for one in paper_templates.standings(office, SYSTEM) if one.template_id]
    assert (standing.kind, standing.lang, standing.file_name) == (KIND, "zh", "二.docx")
    assert "two 2026-0417" in text_of(paper_templates.try_out(office, SYSTEM, KIND, "zh"))
    paper_templates.back_to_ours(office, SYSTEM, KIND, "zh")
    assert in_force(office) == ours
    with pytest.raises(Conflict):
        paper_templates.back_to_ours(office, SYSTEM, KIND, "zh")
    with office.database.read() as session:
        kept = session.scalars(select(PaperTemplate).order_by(PaperTemplate.id)).all()
        assert [(one.file_name, one.content, one.retired_at is None) for one in kept] == [
            ("一.docx", first, False), ("二.docx", second, False),
        ]  # fmt: skip


def test_what_is_refused_changes_nothing(office: Office) -> None:
    for template in (b"", b"no", docx("{{ nothing }}"), b"x" * (paper_templates.MAX_BYTES + 1)):
        with pytest.raises(Refused) as caught:
            paper_templates.take(office, SYSTEM, KIND, "zh", "x.docx", template)
        assert caught.value.field == "template"
    assert in_force(office) == paper_templates.ours(KIND, "zh")
    with pytest.raises(Refused):  # a field of another kind of paper
        paper_templates.take(office, SYSTEM, KIND, "zh", "x.docx", docx("{{ rows }}"))


def test_templates_are_the_administrators(office: Office) -> None:
    for role in ("leader", "supervisor", "inspector", "handler", "archivist"):
        with pytest.raises(Forbidden):
            paper_templates.take(office, Actor(role=role), KIND, "zh", "x.docx", docx("x"))
        with pytest.raises(Forbidden):
            paper_templates.standings(office, Actor(role=role))
    for kind, lang in (("letter", "zh"), (KIND, "fr")):
        with pytest.raises(NotFound):
            paper_templates.content(office, SYSTEM, kind, lang)

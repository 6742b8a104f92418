"""Bureaus, categories and rules from CSV."""

from pathlib import Path

import pytest

from casework.errors import Refused
from casework.import_findings import FindingImport, import_findings
from casework.import_lists import Kind, ListReport, import_list
from casework.office import Office
from db.models import Bureau, Category, Finding, RoutingRule
from tests.factories.city import two_patches


def run(office: Office, folder: Path, kind: Kind, text: str, *, commit: bool = True) -> ListReport:
    """Import a CSV text."""
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return import_list(office, kind, path, commit=commit)


def test_bureaus_come_and_change_by_their_code(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    text = "code,name,short\nCG,城管局,城管\nSZ,市政局,\n"
    assert run(office, tmp_path, "bureaus", text, commit=False).outcomes == {"changed": 1, "new": 1}
    assert run(office, tmp_path, "bureaus", text).outcomes == {"changed": 1, "new": 1}
    assert run(office, tmp_path, "bureaus", text).outcomes == {"unchanged": 2}
    with office.database.read() as session:
        made = session.query(Bureau).filter_by(code="SZ").one()
        assert (made.name_zh, made.name_en, made.short_zh) == ("市政局", "市政局", "市政局")


def test_categories_under_their_parents(office: Office, tmp_path: Path) -> None:
    two_patches(office)
    text = (
        "code,parent,name,name_en,limit_value,limit_unit\n"
        "09,,其他,Other,10,working_day\n0901,09,咨询,Question,,\n0902,xx,a,,,\n0903,09,b,,soon,hour\n0904,09,c,,3,moon\n"
    )
    report = run(office, tmp_path, "categories", text)
    assert report.outcomes == {"new": 2}
    assert [note.feature for note in report.notes] == [3, 4, 5]
    with office.database.read() as session:
        child = session.query(Category).filter_by(code="0901").one()
        assert session.get_one(Category, child.parent_id).code == "09"


def test_a_new_rule_sends_open_findings_elsewhere(office: Office, tmp_path: Path) -> None:
    made = two_patches(office)
    table = tmp_path / "findings.csv"
    table.write_text("id,lon,lat,category\n1,101.2,36.5,0105\n2,101.7,36.5,0105\n", encoding="utf-8")
    import_findings(office, FindingImport(table), commit=True)
    text = "code,category,area,bureau,note\nX-1,0105,patch:A,HW,\nX-2,0105,,XX,\n,0105,B,HW,东片\nX-3,0105,A,CG,\n"
    dry = run(office, tmp_path, "rules", text, commit=False)
    report = run(office, tmp_path, "rules", text)
    assert dry.outcomes == report.outcomes == {"new": 2}
    assert dry.moved == report.moved == 2
    assert [note.text for note in report.notes] == [
        "There is no bureau with the code XX",
        "The rule X-1 already says who receives this category in this area",
    ]
    with office.database.read() as session:
        assert {row.bureau_id for row in session.query(Finding)} == {made.bureaus["HW"]}
        assert session.query(RoutingRule).filter_by(code="0105/B").one().note == "东片"


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("bureaus", "code,short\nA,b\n", "The column name is missing"),
        ("rules", "code,bureau\nR,XX\n", "None of the 1 rows can be taken"),
    ],
)
def test_what_is_refused_whole(
    sqlite_office: Office, tmp_path: Path, kind: Kind, text: str, reason: str
) -> None:
    two_patches(sqlite_office)
    with pytest.raises(Refused, match=reason):
        run(sqlite_office, tmp_path, kind, text)

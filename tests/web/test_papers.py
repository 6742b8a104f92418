"""Papers over HTTP: made, saved, voided, made again; templates brought in and refused in words."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from casework.findings import report
from casework.office import Office
from casework.photo_uploads import Upload, check
from casework.policy import SYSTEM
from tests.factories.city import two_patches
from tests.factories.papers import docx, text_of
from tests.factories.photos import encoded, picture
from tests.web.pages import WholeSite, whole_site
from tests.web.sites import Browser

ONE = "/settings/papers/rectification_notice/en"


@pytest.fixture
def site(sqlite_office: Office) -> WholeSite:
    two_patches(sqlite_office)
    photos = [
        Upload(kind, check(encoded(picture(320, 240 + n)))) for n, kind in enumerate(("before", "after"))
    ]
    fields = {"category": "0102", "lon": 101.2, "lat": 36.5, "subject": "=1+1 {{ 7*7 }}", "place": "<b>"}
    report(sqlite_office, SYSTEM, fields, photos=photos)
    return whole_site(sqlite_office)


def send(browser: Browser, path: str, at: str, **data: object) -> str:
    answer = browser.client.post(
        path, data={**data, "csrf_token": browser.csrf_token(at)}, headers=browser.headers, follow_redirects=True,
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code in {200, 422}, answer.text
    return answer.text


def test_a_paper_is_made_saved_made_again_and_voided(site: WholeSite) -> None:
    browser = site.signed_in("supervisor")
    page = send(browser, "/findings/1/papers", "/findings/1", kind="rectification_notice", lang="en")
    assert "Rectification notice 2026-0001 is made" in page
    [address] = set(re.findall(r"/papers/\d+/file", page))
    answer = browser.get(address)
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="Rectification notice 2026-0001.docx"'
    )
    assert "=1+1 {{ 7*7 }}" in text_of(answer.data)
    page = send(browser, "/papers/1/again", "/papers")
    assert "2026-0002 is made" in page
    assert "void" in page
    page = send(browser, "/papers/2/void", "/papers")
    assert "2026-0002 is void; its number is not given out again" in page
    assert "Make again" not in page
    assert site.client().get(address).status_code == 401


def test_only_those_who_may_make_papers_are_offered_it(site: WholeSite) -> None:
    for role, offered in (("archivist", False), ("leader", True)):
        page = site.signed_in(role).get("/findings/1").text
        assert ("Make the paper" in page) is offered
    browser = site.signed_in("inspector")
    token = browser.csrf_token("/me")
    answer = browser.client.post("/findings/1/papers", data={"kind": "referral_letter", "csrf_token": token})
    assert answer.status_code == 403


def test_the_weekly_list_is_of_what_the_list_shows(site: WholeSite) -> None:
    browser = site.signed_in("supervisor")
    assert "Weekly list, numbered" in browser.get("/findings?bureau=HW").text
    page = send(browser, "/papers/weekly", "/papers", bureau="HW", lang="en")
    assert "Weekly list 2026-0001 is made" in page
    assert "Bureau HW" in text_of(browser.get("/papers/1/file").data)
    assert "There is none with the code" in page or browser.get("/papers").status_code == 200


def test_templates_are_brought_in_tried_and_taken_back(site: WholeSite) -> None:
    browser = site.signed_in("administrator")
    ours = browser.get(f"{ONE}/template").data
    assert "{{ deadline }}" in text_of(ours)
    assert "Xiao Yang supermarket" in text_of(browser.get(f"{ONE}/sample").data)
    bad = send(browser, ONE, ONE, template=(BytesIO(docx("{{ deadlin }}")), "bad.docx"))
    assert "did you mean deadline" in bad
    assert "ours" in browser.get("/settings/papers").text
    own = docx("OUR OWN {{ case_number }} {{ subject }}")
    tried = browser.client.post(
        ONE, data={"do": "try", "template": (BytesIO(own), "own.docx"), "csrf_token": browser.csrf_token(ONE)},
        headers=browser.headers, content_type="multipart/form-data",
    )  # fmt: skip
    assert "OUR OWN 2026-0417" in text_of(tried.data)
    page = send(browser, ONE, ONE, template=(BytesIO(own), "我们的.docx"), do="take")
    assert "Your template is in force" in page
    assert "我们的.docx" in page
    send(browser, "/findings/1/papers", "/findings/1", kind="rectification_notice", lang="en")
    assert "OUR OWN 2026-" in text_of(browser.get("/papers/1/file").data)
    assert "Our own template is in force again" in send(browser, f"{ONE}/ours", ONE)
    assert "already" in send(browser, f"{ONE}/ours", ONE)
    for path in ("/settings/papers/nonsense/en", "/settings/papers/weekly_list/fr", "/papers/99/file"):
        assert browser.get(path).status_code == 404
    assert "Choose a Word document" in send(browser, ONE, ONE)


def test_templates_are_for_administrators(site: WholeSite) -> None:
    browser = site.signed_in("supervisor")
    for path in ("/settings/papers", ONE, f"{ONE}/template", f"{ONE}/sample"):
        assert browser.get(path).status_code == 403


def test_every_list_has_its_workbook(site: WholeSite) -> None:
    browser = site.signed_in("supervisor")
    send(browser, "/findings/1/papers", "/findings/1", kind="referral_letter", lang="zh")
    heads = {}
    for name in ("findings", "desk", "areas", "papers"):
        answer = browser.get(f"/{name}.xlsx")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        book = load_workbook(BytesIO(answer.data))
        heads[name] = [cell.value for cell in book.worksheets[0][1]]
    assert heads["findings"][:4] == ["Case no.", "Status", "Category", "Shop, firm or thing"]
    assert heads["areas"][:2] == ["Code", "Area"]
    page = load_workbook(BytesIO(browser.get("/findings.xlsx?status=new").data)).worksheets[0]
    assert page["D2"].value == "=1+1 {{ 7*7 }}"
    assert page["D2"].data_type == "s"
    zh = load_workbook(BytesIO(browser.get("/findings.xlsx", headers={"Accept-Language": "zh"}).data))
    assert zh.worksheets[0]["B1"].value == "状态"
    named = browser.get("/papers.xlsx", headers={"Accept-Language": "zh"}).headers["Content-Disposition"]
    assert named.isascii()  # or no server could send it
    assert "filename*=UTF-8''%E6%96%87%E4%B9%A6" in named
    assert browser.get("/findings.xlsx?status=nonsense").status_code == 422
    assert site.client().get("/findings.xlsx").status_code == 401

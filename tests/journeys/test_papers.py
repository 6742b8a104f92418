"""Papers in a browser: a notice is made, a template is changed and used, bad ones are refused in words."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from docx import Document
from sqlalchemy import select

from db.models import Finding
from tests.factories.papers import altered, docx, text_of
from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ONE = "/settings/papers/rectification_notice/en"


def dispatched(demo: Site) -> Finding:
    """A finding that a bureau works on."""
    with demo.office.database.read() as session:
        return (
            session.scalars(
                select(Finding)
                .where(Finding.status == "accepted", Finding.bureau_id.is_not(None))
                .order_by(Finding.id)
            ).first()
            or session.scalars(select(Finding).where(Finding.bureau_id.is_not(None))).one()
        )


def saved(page: "Page", selector: str) -> bytes:
    """The file that a click saves."""
    with page.expect_download() as waiting:
        page.locator(selector).first.click()
    return Path(waiting.value.path()).read_bytes()


def test_a_notice_is_made_saved_and_voided(demo: Site, browser: "Browser") -> None:
    finding = dispatched(demo)
    for lang, width in (("zh", 1440), ("en", 390)):
        with opened(browser, lang=lang, width=width) as page:
            watch = Watch(page, demo.url)
            demo.sign_in(page, "supervisor")
            page.goto(f"{demo.url}/findings/{finding.id}")
            page.select_option("#paper-kind", "rectification_notice")
            page.locator(".paper-make button").click()
            page.locator(".papers li").first.wait_for()
            content = saved(page, ".papers li a")
            said = text_of(content)
            assert finding.number in said
            assert ("整改通知书" if lang == "zh" else "Rectification notice") in said
            assert len(Document(io.BytesIO(content)).inline_shapes) >= 1  # the map
            page.locator(".papers li").first.locator("button").last.click()
            page.locator(".papers li.void").first.wait_for()
            assert watch.faults() == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_template_is_changed_and_used_and_bad_ones_are_told(
    demo: Site, browser: "Browser", tmp_path: Path
) -> None:
    with opened(browser, lang="en") as page:
        watch = Watch(page, demo.url)
        demo.sign_in(page, "admin")
        page.goto(f"{demo.url}{ONE}")
        ours = saved(page, ".row-acts a")
        assert "{{ deadline }}" in text_of(ours)
        assert "Xiao Yang supermarket" in text_of(saved(page, ".row-acts a:nth-child(2)"))

        def bring(content: bytes, name: str = "own.docx") -> str:
            file = tmp_path / name
            file.write_bytes(content)
            page.set_input_files("input[name=template]", file)
            page.locator("button[name=do][value=take]").click()
            page.wait_for_load_state()
            return page.locator(".err, .flash").first.inner_text()

        base = docx("{{ deadline }}")
        for content, words in (
            (b"no document at all", "no Word document"),
            (docx("Due {{ deadlin }}"), "did you mean deadline"),
            (docx("fine", "by {{ deadline and"), "by {{ deadline"),
            (docx("{% for step in steps %}{{ step.when }}"), "{% endfor %}"),
            (altered(base, add={"word/vbaProject.bin": b"x"}), "macros"),
            (altered(base, add={"word/media/a.png": b"\0" * 50_000_000}), "unpack"),
            (docx("{{ ''.__class__ }}"), "nothing else"),
        ):
            assert words in bring(content), words
        assert "in force" in bring(
            docx("OWN LETTERHEAD {{ case_number }} {{ subject }} {{ map }}"), "信头.docx"
        )
        assert page.get_by_text("信头.docx").first.is_visible()

        finding = dispatched(demo)
        page.goto(f"{demo.url}/findings/{finding.id}")
        page.select_option("#paper-kind", "rectification_notice")
        page.select_option("#paper-lang", "en")
        page.locator(".paper-make button").click()
        page.locator(".papers li").first.wait_for()
        assert f"OWN LETTERHEAD {finding.number}" in text_of(saved(page, ".papers li a"))
        page.goto(f"{demo.url}{ONE}")
        page.locator("form.press button").click()
        assert "again" in page.locator(".flash").inner_text()
        assert watch.faults() == []


def test_the_weekly_list_and_the_workbook_are_of_what_the_list_shows(demo: Site, browser: "Browser") -> None:
    with opened(browser, lang="zh") as page:
        demo.sign_in(page, "supervisor")
        page.goto(f"{demo.url}/findings?overdue=1")
        page.locator(".export-menu summary").click()
        assert saved(page, ".export-menu a.opt")[:2] == b"PK"
        page.locator(".export-menu form button").click()
        page.wait_for_url("**/papers")
        assert "每周清单" in page.locator(".flash").inner_text()
        content = saved(page, ".paper-rows th a")
        rows = Document(io.BytesIO(content)).tables[0].rows
        assert len(rows) > 2
        assert all("超期" in row.cells[8].text for row in rows[1:])

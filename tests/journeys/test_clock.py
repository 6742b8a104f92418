"""In the browser: an extension in two levels and a suspension with the clock checked; statistics drilled down."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from casework.deadline_updates import check_all
from casework.demo import load_demo
from casework.office import Office
from casework.time_limits import time_rules
from db import schema
from db.models import Bureau, Category, Finding
from settings import Settings
from tests.journeys.conftest import AS_OF, MORNING
from tests.journeys.site import Site, Watch, opened, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def own(demo: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo city of its own, whose clock can be put forward."""
    settings = Settings(instance=tmp_path_factory.mktemp("clock"), now=MORNING, public_map=None)
    office = Office.open(settings)
    schema.upgrade(office.database)
    load_demo(office, AS_OF)
    office.database.close()
    with serving(settings) as site:
        yield site


def put_forward(site: Site, now: datetime) -> None:
    """The office's clock is frozen; a journey over days needs it to go on."""
    object.__setattr__(site.office.clock, "frozen", now)


@contextmanager
def as_(
    site: Site, browser: "Browser", username: str, lang: str = "en", width: int = 1440
) -> Iterator["Page"]:
    with opened(browser, lang=lang, width=width) as page:
        watch = Watch(page, site.url)
        site.sign_in(page, username)
        yield page
        assert not watch.faults()


def act(site: Site, page: "Page", finding_id: int, name: str, note: str = "") -> None:
    page.goto(f"{site.url}/findings/{finding_id}/acts/{name}")
    if note:
        page.fill("#note", note)
    page.locator(".form-end button[type=submit]").click()
    page.wait_for_url(re.compile(rf"/findings/{finding_id}($|[?#])"))


def due_of(site: Site, finding_id: int) -> datetime:
    with site.office.database.read() as session:
        due = session.get_one(Finding, finding_id).due_at
    assert due is not None
    return due


def clock(site: Site, page: "Page", finding_id: int) -> str:
    page.goto(f"{site.url}/findings/{finding_id}")
    return page.locator(".clock-card").inner_text()


def test_extension_and_suspension_move_the_clock(own: Site, browser: "Browser") -> None:
    with own.office.database.read() as session:
        rules = time_rules(session)
        finding = session.scalars(
            select(Finding)
            .join(Bureau, Bureau.id == Finding.bureau_id)
            .join(Category, Category.id == Finding.category_id)
            .where(Bureau.code == "chengguan", Finding.status == "accepted", Finding.due_at > MORNING)
            .where(Category.limit_unit == "working_hour", Category.limit_value == 8)
            .order_by(Finding.due_at)
        ).first()
        assert finding is not None
    first = due_of(own, finding.id)
    with as_(own, browser, "handler") as page:
        assert "left" in clock(own, page, finding.id)
        act(own, page, finding.id, "ask_extension", "等吊车")
        assert due_of(own, finding.id) == first  # asking moves nothing
    with as_(own, browser, "supervisor") as page:
        act(own, page, finding.id, "approve_extension")
        assert due_of(own, finding.id) == first  # nor does the first approval
    with as_(own, browser, "leader", lang="zh", width=390) as page:
        act(own, page, finding.id, "approve_extension")
        extended = due_of(own, finding.id)
        assert extended == rules.calendar.add(first, 8, "working_hour")
        assert "已延期 1 次" in clock(own, page, finding.id)

    left = rules.calendar.between(MORNING, extended, "working_hour")
    with as_(own, browser, "supervisor") as page:
        act(own, page, finding.id, "suspend", "下雨，路面不能施工")
        stopped = clock(own, page, finding.id)
        assert "Stopped since 2 Sep 10:24" in stopped
    # over the weekend and to Tuesday nothing runs; by then everybody has to sign in again
    tuesday = datetime(2026, 9, 8, 1, 30, tzinfo=UTC)
    put_forward(own, tuesday)
    with as_(own, browser, "supervisor") as page:
        assert clock(own, page, finding.id) == stopped
        page.goto(f"{own.url}/findings?q={finding.number}")
        assert page.get_by_text("clock stopped").count() == 1
        act(own, page, finding.id, "resume")
        resumed = due_of(own, finding.id)
        assert resumed == rules.calendar.add(tuesday, left, "working_hour")
        assert "Stopped" not in clock(own, page, finding.id)
    # past the deadline it says by how much, in working time, with the sign beside the words
    put_forward(own, rules.calendar.add(resumed, 11, "working_hour"))
    with as_(own, browser, "supervisor") as page:
        assert "Overdue by 1 working day 3 h" in clock(own, page, finding.id)
        assert page.locator(".clock-card .tag-over svg").count() == 1
    moved, wrong = check_all(own.office)
    assert (moved.due, moved.step, wrong) == (0, 0, [])
    put_forward(own, MORNING)


def test_days_off_are_entered_with_their_effect_shown_first(own: Site, browser: "Browser") -> None:
    with as_(own, browser, "admin") as page:
        page.goto(f"{own.url}/settings/deadlines")
        assert "2027" in page.locator(".note.warn").first.inner_text()
        page.fill("#f-days", "2026-09-03..2026-09-04 防汛")
        page.locator("#days button[name=look]").click()
        told = page.locator("#effect").inner_text()
        assert re.search(r"The deadlines of \d+ open cases move", told)
        with own.office.database.read() as session:
            before = time_rules(session).calendar.spans_on((MORNING + timedelta(days=1)).date())
        assert before  # nothing is saved yet
        page.locator("#days form.stack button:not([name])").click()
        page.locator(".flash").wait_for()
        assert told.split(" Nothing")[0].split(",")[0] in page.locator(".flash").inner_text()
        assert page.locator(".day-list li", has_text="防汛").count() == 2
        while page.locator(".day-list form button").count():
            page.locator(".day-list form button").first.click()
            page.locator(".flash").wait_for()
    assert check_all(own.office)[0].due == 0


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_statistics_are_drilled_down_to_a_case(demo: Site, browser: "Browser", lang: str, width: int) -> None:
    with as_(demo, browser, "leader", lang, width) as page:
        page.goto(f"{demo.url}/desk")
        if width > 900:
            page.locator("header nav a", has_text="统计").click()
        else:
            page.locator("details.menu summary").click()
            page.locator("details.menu a", has_text="Statistics").click()
        page.wait_for_url("**/statistics")
        page.select_option("#s-period", "year")
        page.select_option("#s-group", "bureau")
        page.locator(".stat-form button[type=submit]").press("Enter")
        page.wait_for_url("**period=year**")
        page.wait_for_function("() => document.querySelectorAll('.chart canvas').length === 3")
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        rows = page.locator("[aria-labelledby=t-counts] tbody tr")
        column = 7  # should close
        numbers = [
            int(one.replace(",", ""))
            for one in rows.locator(f"td:nth-of-type({column - 1})").all_inner_texts()
        ]
        total = page.locator("[aria-labelledby=t-counts] tfoot td").nth(column - 2).inner_text()
        assert sum(numbers) == int(total.replace(",", ""))
        link = rows.first.locator("td a").first
        count = int(link.inner_text().replace(",", ""))
        link.click()
        page.wait_for_url("**/statistics/cases**")
        assert str(count) in page.locator(".page-h").inner_text()
        assert page.locator(".stat-rows li").count() == min(count, 50)
        page.locator(".stat-rows a").first.click()
        page.wait_for_url(re.compile(r"/findings/\d+$"))

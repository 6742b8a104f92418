"""From an act to a mail or a message outside: gathered, sent, tried again, given up; nobody ever waits for it."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app import create_app
from casework import deliverer, deliveries, notice_choices, notices, webhooks
from casework.clock import Clock
from casework.deliverer import Deliverer, holding
from casework.errors import Conflict, Forbidden, Refused
from casework.office import Office
from casework.policy import Actor
from db.models import Delivery, Finding, MailAddress, Notice, User, Webhook
from settings import Settings
from tests.factories.everyday import Everyday, everyday
from tests.factories.outside import MailSink, WebSink, mail_sink, web_sink
from web.notice_words import Speaker

ADMIN = Actor(role="administrator")
JSON_HOOK = {"name": "大屏", "form": "json", "secret": "a secret of 20 signs", "lang": "zh"}


class Post:
    """An office with its outside: ``later`` moves the clock, ``round`` delivers once."""

    def __init__(self, people: Everyday, mails: MailSink, web: WebSink) -> None:
        self.people, self.mails, self.web = people, mails, web
        settings = replace(
            people.office.settings, mail=mails.server, webhooks_to_private=True, public_url="https://bp.cn"
        )
        self.office = replace(people.office, settings=settings)

    def later(self, **span: float) -> None:
        moved = self.office.now() + timedelta(**span)
        self.office = replace(
            self.office, clock=Clock(moved), settings=replace(self.office.settings, now=moved)
        )
        self.people = replace(self.people, office=self.office)

    def deliverer(self) -> Deliverer:
        app = create_app(self.office.settings)
        app.extensions["baopian"] = self.office
        return Deliverer(self.office, Speaker(app))

    def round(self) -> int:
        return self.deliverer().round()

    def tell(self, finding: int, act: str, occasion: str = "1") -> None:
        with self.office.database.write() as session:
            notices.tell(session, finding, act, self.office.now(), occasion=occasion)

    def address(self, who: Actor, lang: str = "zh", **mail: str) -> None:
        values = {"address": f"{who.username}@example.cn", "lang": lang}
        notice_choices.choose(self.office, who, {**values, **{f"mail-{k}": v for k, v in mail.items()}})

    def hook(self, *kinds: str, **values: str) -> int:
        return webhooks.add_webhook(self.office, ADMIN, {**JSON_HOOK, "url": self.web.url, **values}, kinds)

    def all(self) -> list[Delivery]:
        with self.office.database.read() as session:
            return session.query(Delivery).order_by(Delivery.id).all()


@pytest.fixture
def post(sqlite_office: Office) -> Iterator[Post]:
    with mail_sink() as mails, web_sink() as web:
        yield Post(everyday(sqlite_office), mails, web)


def body(letter: tuple[str, str]) -> str:
    text: str = base64.b64decode(letter[1].partition("\r\n\r\n")[2]).decode()
    return text


def test_a_mail_is_sent_once_and_several_events_are_one(post: Post) -> None:
    post.address(post.people.handler)
    first, second = post.people.led_to("filed"), post.people.led_to("filed")
    post.tell(first, "dispatch")
    assert post.round() == 0  # the others of the same minutes are waited for
    post.later(seconds=100)
    post.tell(second, "dispatch")
    post.later(seconds=100)
    assert post.round() == 1
    assert post.round() == 0
    [letter] = post.mails.letters
    assert letter[0] == "han@example.cn"
    text = body(letter)
    assert text.count("https://bp.cn/findings/") == 2
    # a storm afterwards waits for ten minutes
    post.tell(first, "rework")
    post.later(minutes=3)
    assert post.round() == 0
    post.later(minutes=8)
    assert post.round() == 1


def test_the_mail_is_in_the_readers_language_and_holds_no_markup(post: Post) -> None:
    post.address(post.people.inspector, "en", mine="now")
    finding = post.people.report(subject="小杨\r\nBcc: a@b.cn {{ 7*7 }}", place="<b>树林巷</b>")
    post.tell(finding, "close")
    post.later(minutes=5)
    assert post.round() == 1
    text = body(post.mails.letters[0])
    assert "What you reported is put right and closed" in text
    assert "小杨 Bcc: a@b.cn {{ 7*7 }}" in text
    assert "<b>树林巷</b>" in text
    assert "\nBcc:" not in post.mails.letters[0][1]


def test_a_daily_digest_goes_in_the_morning_once_a_day(post: Post) -> None:
    post.address(post.people.inspector, mine="daily")
    finding = post.people.report()
    post.later(hours=20)  # 06:24 the next day
    post.tell(finding, "close")
    assert post.round() == 0
    post.later(hours=2)
    assert post.round() == 1
    post.tell(finding, "reopen")
    post.later(hours=3)
    assert post.round() == 0
    post.later(hours=21)
    assert post.round() == 1


def test_what_was_read_or_not_wanted_is_not_mailed(post: Post) -> None:
    post.address(post.people.handler, task="none", answer="none")
    post.address(post.people.supervisor)
    finding = post.people.led_to("filed")
    post.tell(finding, "dispatch")
    post.tell(finding, "return")
    with post.office.database.write() as session:
        session.query(Notice).filter_by(user_id=post.people.supervisor.user_id).update(
            {"read_at": post.office.now()}
        )
    post.later(minutes=5)
    assert post.round() == 0
    assert not post.mails.letters


def test_of_a_case_that_is_no_longer_theirs_the_mail_says_nothing(post: Post) -> None:
    post.address(post.people.handler)
    finding = post.people.led_to("filed")
    post.tell(finding, "dispatch")
    with post.office.database.write() as session:
        session.get_one(Finding, finding).bureau_id = post.people.city.bureaus["HW"]
    post.later(minutes=5)
    assert post.round() == 0
    assert not post.mails.letters
    assert [one.status for one in post.all()] == ["given_up"]


def test_a_mail_server_that_fails_is_tried_again_ever_more_slowly(post: Post) -> None:
    post.address(post.people.handler)
    post.tell(post.people.led_to("filed"), "dispatch")
    post.later(minutes=5)
    post.mails.mood = "busy"
    waited = []
    for _try in range(deliveries.MOST_TRIES):
        assert post.round() == 0
        [one] = post.all()
        if one.next_at is None:
            break
        waited.append(one.next_at - post.office.now())
        assert post.round() == 0  # not before its time
        post.later(seconds=(one.next_at - post.office.now()).total_seconds())
    assert waited == sorted(waited)
    [one] = post.all()
    assert (one.status, one.tries, len(one.payload["log"])) == ("given_up", 8, 8)
    with pytest.raises(Forbidden):
        deliveries.send_again(post.office, post.people.supervisor, one.id)
    post.mails.mood = "takes"
    deliveries.send_again(post.office, ADMIN, one.id)
    assert post.round() == 1
    with pytest.raises(Conflict):
        deliveries.send_again(post.office, ADMIN, one.id)


def test_acting_goes_on_while_the_mail_server_hangs(post: Post) -> None:
    """The deliverer sits in the middle of a mail that the server never takes; acts and pages do not notice."""
    post.address(post.people.handler)
    post.tell(post.people.led_to("filed"), "dispatch")
    post.later(minutes=5)
    post.mails.mood = "hangs"
    delivering = threading.Thread(target=post.round, daemon=True)
    delivering.start()
    assert post.mails.reached.wait(20)
    finding = post.people.led_to("handled")  # five acts and their notices, each in a transaction of its own
    assert post.people.finding(finding).status == "handled"
    assert delivering.is_alive()  # it hung all that while
    post.mails.released.set()
    delivering.join(30)
    assert [one.status for one in post.all() if one.channel == "email"] == ["failed"]


def test_a_webhook_is_told_signed_and_without_persons(post: Post) -> None:
    post.hook("task", "overdue")
    finding = post.people.led_to("filed", post.people.report(subject="小杨超市", description="Li 138"))
    post.tell(finding, "dispatch")
    post.tell(finding, "ask_extension")
    assert post.round() == 1
    [came] = post.web.taken
    stamp = came.headers["x-baopian-timestamp"]
    signed = hmac.new(b"a secret of 20 signs", stamp.encode() + b"." + came.body, hashlib.sha256).hexdigest()
    assert came.headers["x-baopian-signature"] == f"sha256={signed}"
    said = json.loads(came.body)
    assert (said["event"], said["finding"]["id"]) == ("dispatch", str(finding))
    assert said["finding"]["url"] == f"https://bp.cn/findings/{finding}"
    assert "138" not in came.body.decode()
    assert said["finding"]["subject"] == "小杨超市"


def test_a_chat_gets_one_message_for_many_events(post: Post) -> None:
    for form, sign in (("wecom", ""), ("dingtalk", "SEC1")):
        post.hook("task", form=form, secret=sign)
    for _n in range(3):
        post.tell(post.people.led_to("filed"), "dispatch")
    assert post.round() == 6
    first, second = sorted(post.web.taken, key=lambda one: "sign=" in one.path)
    assert json.loads(first.body)["msgtype"] == "markdown"
    assert json.loads(first.body)["markdown"]["content"].count("https://bp.cn/findings/") == 3
    assert "sign=" in second.path
    assert json.loads(second.body)["markdown"]["text"].count("https://bp.cn/findings/") == 3


def test_a_webhook_of_a_bureau_hears_only_of_its_cases(post: Post) -> None:
    post.hook("task", bureau="HW")
    post.tell(post.people.led_to("dispatched"), "dispatch", occasion="9")
    assert post.round() == 0


def test_a_receiver_that_hangs_holds_up_nobody_else(post: Post) -> None:
    post.address(post.people.handler)
    post.hook("task")
    post.web.mood = "hangs"
    for _n in range(3):
        post.tell(post.people.led_to("filed"), "dispatch")
    post.later(minutes=5)
    delivering = threading.Thread(target=post.round, daemon=True)
    delivering.start()
    assert post.web.reached.wait(20)
    while not post.mails.letters and delivering.is_alive():
        delivering.join(0.05)
    assert post.mails.letters
    post.web.released.set()
    delivering.join(30)
    assert len(post.web.taken) == 1  # the other two wait: the receiver has just failed
    assert [one.tries for one in post.all() if one.channel == "webhook"] == [1, 0, 0]


def test_a_fault_of_ours_is_a_try_and_ends_nothing_else(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.address(post.people.handler)
    post.hook("task")
    post.tell(post.people.led_to("filed"), "dispatch")
    post.later(minutes=5)

    def broken(*_given: object) -> tuple[str, str]:
        raise KeyError("secret text of a case")

    monkeypatch.setattr(Speaker, "letter", broken)
    assert post.round() == 1
    [mail] = [one for one in post.all() if one.channel == "email"]
    assert (mail.status, mail.tries, mail.payload["log"][0]["detail"]) == ("failed", 1, "KeyError")


def test_two_at_once_send_each_message_once(post: Post) -> None:
    post.hook("task")
    for _n in range(5):
        post.tell(post.people.led_to("filed"), "dispatch")
    # Made one after the other: CPython 3.11 (gh-106905) does not parse in two threads, which making an app does.
    deliverers = [post.deliverer() for _n in range(3)]
    threads = [threading.Thread(target=one.round) for one in deliverers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.headers["x-baopian-delivery"] for one in post.web.taken) == ["1", "2", "3", "4", "5"]


def test_only_one_process_delivers(post: Post) -> None:
    with holding(post.office) as first, holding(post.office) as second:
        assert (first, second) == (True, False)
    with holding(post.office) as again:
        assert again


def test_the_thread_of_the_server_delivers_and_ends(post: Post) -> None:
    post.hook("task")
    post.tell(post.people.led_to("filed"), "dispatch")
    app = create_app(post.office.settings)
    app.extensions["baopian"] = post.office
    stop = deliverer.begin(post.office, Speaker(app))
    assert post.web.reached.wait(30)
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "deliverer":
            thread.join(30)
    assert [one.status for one in post.all()] == ["sent"]


def test_a_retired_webhook_is_told_nothing_and_shows_no_secret(post: Post) -> None:
    hook = post.hook("task")
    post.tell(post.people.led_to("filed"), "dispatch")
    webhooks.retire_webhook(post.office, ADMIN, hook)
    assert post.round() == 0
    assert not post.web.taken
    line = webhooks.one_webhook(post.office, ADMIN, hook)
    assert "geheim" not in repr(line)
    with pytest.raises(Conflict):
        webhooks.try_webhook(post.office, ADMIN, hook)
    with post.office.database.read() as session:
        assert session.get_one(Webhook, hook).secret == ""


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": " "}, "name"), ({"url": "file:///etc/passwd"}, "url"), ({"form": "xml"}, "form"),
     ({"secret": "short"}, "secret"), ({"bureau": "NONE"}, "bureau")],
)  # fmt: skip
def test_what_is_wrong_with_a_webhook_is_named(post: Post, values: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        post.hook("task", **values)
    assert refusal.value.field == field
    with pytest.raises(Refused):
        post.hook()
    with pytest.raises(Refused):
        post.hook("everything")


def test_a_closed_account_and_a_deleted_address_get_no_mail(post: Post) -> None:
    post.address(post.people.handler)
    post.address(post.people.supervisor)
    finding = post.people.led_to("filed")
    post.tell(finding, "dispatch")
    post.tell(finding, "return")
    post.later(minutes=5)
    deliveries.gather(post.office)
    with post.office.database.write() as session:
        session.get_one(User, post.people.handler.user_id).is_active = False
        session.delete(session.get_one(MailAddress, post.people.supervisor.user_id))
    assert post.round() == 0
    assert {one.status for one in post.all()} == {"given_up"}


def test_what_is_old_is_forgotten_and_what_is_not_read_stays(post: Post) -> None:
    post.hook("task")
    finding = post.people.led_to("filed")
    post.tell(finding, "dispatch")
    post.round()
    post.later(days=post.office.settings.notice_days + 1)
    assert deliveries.forget(post.office) == 1  # the delivery
    with post.office.database.write() as session:
        session.query(Notice).update({"read_at": post.office.now() - timedelta(days=1)})
    assert deliveries.forget(post.office) == 0
    post.later(days=post.office.settings.notice_days)
    assert deliveries.forget(post.office) > 0


def test_without_a_mail_server_nothing_is_gathered() -> None:
    assert not Settings().mail.is_set

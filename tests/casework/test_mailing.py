"""Sending mail: how it is written, and every way in which a mail server can fail."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

from casework.mailing import Letter, message, send
from settings import MailServer
from tests.factories.outside import mail_sink, nobodys_port

LETTER = Letter(
    "li@example.cn", "包片：超期\r\nBcc: all@example.cn", "树林巷 12 号\n.\n.. {{ x }}\n", "zh", "baopian.7.1",
    datetime(2026, 9, 2, 2, 24, tzinfo=UTC),
)  # fmt: skip


def test_a_mail_arrives_whole_and_its_headers_are_ours() -> None:
    with mail_sink() as sink:
        assert send(sink.server, LETTER).ok
        [(to, raw)] = sink.letters
    assert to == "li@example.cn"
    read = email.message_from_string(raw, policy=email.policy.default)
    assert read["Subject"] == "包片：超期 Bcc: all@example.cn"
    assert read["Bcc"] is None
    assert (read["To"], read["From"]) == ("li@example.cn", "baopian@example.cn")
    assert read["Message-ID"] == "<baopian.7.1@example.cn>"
    assert read["Content-Language"] == "zh-CN"
    assert read.get_content().splitlines() == LETTER.body.splitlines()
    assert read.get_content_type() == "text/plain"


def test_a_subject_of_any_length_stays_one_header() -> None:
    made = message(MailServer(host="x", sender="a@b.cn"), replace(LETTER, subject="x\u2028\x85\x00y" * 400))
    assert len(made["Subject"]) <= 150
    assert "\n" not in made["Subject"]


def test_a_mail_server_in_each_mood() -> None:
    with mail_sink() as sink:
        sink.mood = "busy"
        came = send(sink.server, LETTER)
        assert (came.ok, came.is_final, came.detail) == (False, False, "451")
        sink.mood = "refuses"
        came = send(sink.server, LETTER)
        assert (came.ok, came.is_final, came.detail) == (False, True, "550")
        sink.mood = "hangs"
        assert send(sink.server, LETTER, step_s=0.2).error == "the mail server did not answer in time"
        sink.mood = "drips"  # each byte comes in time, the whole never
        assert (
            send(sink.server, LETTER, step_s=5, whole_s=0.5).error == "the mail server did not answer in time"
        )
        sink.mood = "takes"
        asked = send(replace(sink.server, security="starttls"), LETTER)
        assert "no secure line" in asked.error
        assert send(replace(sink.server, security="tls"), LETTER, step_s=1).error
        assert send(replace(sink.server, user="u", password="geheim"), LETTER).error
        assert not sink.letters  # never in the clear where a secure line was asked for
    assert send(replace(sink.server, port=nobodys_port()), LETTER).error == "the mail server is not there"

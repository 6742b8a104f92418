"""Sending one mail by SMTP: plain text, its headers free of anything that could end a line, with bounds on time."""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from casework.bounded_sockets import STEP_S, WHOLE_S, Deadline, deadline
from casework.errors import mark
from casework.posting import Answer, printable
from settings import MailServer

MAX_SUBJECT: Final = 150
_TOO_SLOW: Final = mark("the mail server did not answer in time")
_LINE_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to send. ``key`` is the same in each try, so that a mail server can see a repeated one."""

    to: str
    subject: str
    body: str
    lang: str
    key: str
    at: datetime


def message(server: MailServer, letter: Letter) -> EmailMessage:
    """The letter as a message: plain text in UTF-8, not to be answered by machines."""
    made = EmailMessage(policy=SMTP)
    made["From"] = server.sender
    made["To"] = letter.to
    made["Subject"] = one_line(letter.subject)[:MAX_SUBJECT]
    made["Date"] = format_datetime(letter.at)
    made["Message-ID"] = f"<{letter.key}@{server.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.body, cte="base64")
    made["Content-Language"] = {"zh": "zh-CN"}.get(letter.lang, letter.lang)
    return made


def one_line(text: str) -> str:
    """A text without line breaks and control characters: a header, or a line of a list, stays one."""
    return " ".join(_LINE_BREAKS.sub(" ", text).split())


def send(server: MailServer, letter: Letter, *, step_s: float = STEP_S, whole_s: float = WHOLE_S) -> Answer:
    """Send it and say what came of it; whatever the server does, this ends within ``whole_s``."""
    with deadline(whole_s) as until:
        try:
            return _said(server, letter, step_s, until)
        except (OSError, smtplib.SMTPException) as error:
            slow = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
            return Answer(False, _TOO_SLOW) if until.is_over or slow else _failed(error)


def _failed(error: Exception) -> Answer:
    """Why a mail was not taken, in words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _refused(mark("the mail server refused the address"), code, said)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Answer(False, mark("the mail server did not accept our sign-in"), str(error.smtp_code))
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(mark("the mail server refused the mail"), error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Answer(False, mark("the mail server's certificate is not trusted"), error.verify_message)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Answer(False, mark("the mail server offers no secure line, or no sign-in"))
    if isinstance(error, ssl.SSLError):
        return Answer(False, mark("no secure line to the mail server"), error.reason or "TLS")
    return Answer(False, mark("the mail server is not there"), type(error).__name__)


def _said(server: MailServer, letter: Letter, step_s: float, until: Deadline) -> Answer:
    own = server.sender.rpartition("@")[2]  # who greets: our own name would be looked up, which may take long
    kind = _WatchedTls if server.security == "tls" else _Watched
    line: smtplib.SMTP = kind(until, server, own, step_s)
    try:
        if server.security == "starttls":
            line.starttls(context=ssl.create_default_context())
            until.watch(line.sock)  # type: ignore[arg-type]  # starttls puts another one in its place
        if server.user:
            line.login(server.user, server.password)
        line.send_message(message(server, letter), server.sender, [letter.to])
        return Answer(True, answer="accepted")
    finally:
        line.close()


def _refused(why: str, code: int, said: bytes | str) -> Answer:
    answer = printable(said if isinstance(said, bytes) else said.encode("utf-8", "replace"))
    return Answer(False, why, str(code), answer, is_final=500 <= code < 600)


class _Watched(smtplib.SMTP):
    """smtplib's client, its connection watched from the first moment."""

    def __init__(self, until: Deadline, server: MailServer, own: str, step_s: float) -> None:
        self._until = until
        super().__init__(server.host, server.port, local_hostname=own, timeout=step_s)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._until.watch(made)
        return made


class _WatchedTls(smtplib.SMTP_SSL):
    """The same, secure from the first byte."""

    def __init__(self, until: Deadline, server: MailServer, own: str, step_s: float) -> None:
        self._until = until
        context = ssl.create_default_context()
        super().__init__(server.host, server.port, local_hostname=own, timeout=step_s, context=context)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._until.watch(made)
        return made

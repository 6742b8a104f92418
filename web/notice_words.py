"""What notices say, on pages, in mails and in chats: each in the language of its reader."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask, render_template, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from casework.delivery_contents import Event, MailContent
from casework.mailing import one_line
from casework.notice_kinds import BY_KIND
from casework.webhook_forms import Item
from web import case_words, context, i18n

ICONS = {
    "task": "inbox", "request": "gavel", "urged": "bell", "overdue": "triangle-alert", "soon": "hourglass",
    "answer": "message-square", "part": "users", "check": "badge-check", "taken": "arrow-up-right",
    "mine": "flag", "recurrence": "refresh-cw",
}  # fmt: skip


class Speaker:
    """Says what is sent outside, from the catalogues of this application; works outside of requests."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def letter(self, content: MailContent) -> tuple[str, str]:
        """Subject and body of a mail, plain text."""
        with self._speaking(content.lang):
            subject = f"{_('Baopian')}{_(': ')}{_subject(content)}"
            body = render_template(
                "notices/mail.txt", content=content, words=case_words, plain=one_line, line=row_line,
                address=self.address, own=self._own_address(),
            )  # fmt: skip
            return one_line(subject), body

    def item(self, event: Event, lang: str) -> Item:
        """An event for a chat message."""
        with self._speaking(lang):
            if event.row is None:
                return Item(_(event.words), i18n.fmt_datetime(event.at), "")
            headline = f"{_(event.words)}{_(': ')}{row_title(event.row)}"
            return Item(headline, row_line(event.row), self.address(event.row["id"]))

    def title(self, events: Sequence[Event], lang: str) -> str:
        """The first line of a chat message."""
        with self._speaking(lang):
            return f"{_('Baopian')}{_(': ')}" + ngettext("%(num)s event", "%(num)s events", len(events))

    def more(self, lang: str) -> str:
        """What stands at the end of a chat message that was too long."""
        with self._speaking(lang):
            return _("… and {n} more")

    def address(self, finding_id: int) -> str:
        """The web address of a case, where PUBLIC_URL says how people reach us."""
        own = self._own_address()
        return f"{own}/findings/{finding_id}" if own else ""

    def _own_address(self) -> str:
        with self.app.app_context():
            return context.office().settings.public_url

    @contextmanager
    def _speaking(self, lang: str) -> Iterator[None]:
        with self.app.app_context(), force_locale("zh" if lang == "zh" else "en"):
            yield


def row_title(row: dict[str, Any]) -> str:
    """A case in a few words: 店外经营 · 小杨超市 2026-0412."""
    title = case_words.pick(row["category"]) + (f" · {one_line(row['subject'])}" if row["subject"] else "")
    return f"{title} {row['number']}"


def row_line(row: dict[str, Any]) -> str:
    """Where it is, whose, and how much time is left."""
    told, _late = case_words.deadline(row, context.office().now())
    parts = [
        one_line(row["place"] or ""),
        case_words.name(row["patch"]) if row["patch"] else "",
        case_words.pick(row["bureau"]),
        told,
    ]
    return " · ".join(part for part in parts if part)


def kind_word(key: str) -> str:
    """A kind of notice in words."""
    return _(BY_KIND[key].word) if key in BY_KIND else key


def notices_address() -> str:
    """The page of notices."""
    return url_for("notices.list_")


def _subject(content: MailContent) -> str:
    """One case by its own words, several by their number."""
    if content.is_test:
        return _("mail arrives")
    lines = [line for group in content.groups for line in group.lines]
    if len(content.groups) == 1 and content.groups[0].row is not None:
        newest = lines[0]
        return f"{_(newest.words)}{_(': ')}{row_title(content.groups[0].row)}"
    return ngettext("%(num)s case", "%(num)s cases", len(content.groups)) + (
        _(", the day's digest") if content.is_daily else ""
    )

"""The deliverer: sends what waits, one process at a time, and never while somebody waits for a page."""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from casework import deliveries, mailing, webhook_forms
from casework.deliveries import Batch
from casework.delivery_contents import Words, as_json, events, mail_content
from casework.errors import CaseworkError, mark
from casework.mailing import Letter
from casework.office import Office
from casework.outside_addresses import target
from casework.posting import Answer, post
from casework.reminders import remind
from casework.webhook_forms import CHATS, Request
from casework.webhooks import RETIRED
from db.models import Delivery, Webhook

LOGGER: Final = logging.getLogger("baopian.deliveries")
LOCK_FILE: Final = "deliveries.lock"
EVERY_S: Final = 5.0
CLOCK_EVERY: Final = 12  # rounds between looks at deadlines: once a minute
# What a fault of ours in one message can raise: it must end neither the other messages nor the thread.
FAULTS: Final = (
    SQLAlchemyError, CaseworkError, ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip
_NOBODY: Final = Answer(
    False, mark("there is nobody to tell any more, or nothing left to say"), is_final=True
)


class Deliverer:
    """Sends what waits for one installation; ``words`` says it in the reader's language."""

    def __init__(self, office: Office, words: Words) -> None:
        self.office, self.words = office, words
        self._rounds = 0
        self._looked_at: set[str] = set()

    def round(self, *, look_at_clock: bool = True) -> int:
        """One round: reminders, mails out of notices, everything due sent once; returns how many messages went out."""
        if look_at_clock:
            remind(self.office, self._looked_at)
            deliveries.forget(self.office)
        deliveries.gather(self.office)
        sent: list[int] = []
        # A receiver that hangs holds up only its own messages.
        threads = [
            threading.Thread(target=self._send, args=(batch, sent), daemon=True)
            for batch in deliveries.claim(self.office)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(sent)

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop``: whenever this process holds the lock, a round every few seconds."""
        while not stop.is_set():
            with holding(self.office) as is_ours:
                while is_ours and not stop.is_set():
                    self._safe_round()
                    stop.wait(EVERY_S)
            stop.wait(EVERY_S)

    def _safe_round(self) -> None:
        """A round that a locked database, or a fault of ours, does not end."""
        try:
            self.round(look_at_clock=self._rounds % CLOCK_EVERY == 0)
        except FAULTS as error:
            LOGGER.warning("deliveries wait: %s", type(error).__name__)
        self._rounds += 1

    def _send(self, batch: Batch, sent: list[int]) -> None:
        try:
            for ids, answer in self._answers(batch):
                deliveries.settle(self.office, ids, answer)
                if answer.ok:
                    sent.extend(ids)
        except FAULTS as error:
            LOGGER.warning("a delivery waits: %s", type(error).__name__)

    def _answers(self, batch: Batch) -> Iterator[tuple[list[int], Answer]]:
        """Send a batch, message by message; after a failure that is the receiver's the rest waits."""
        sending: Callable[[list[int]], Answer] = lambda ids: self._mail(ids[0])  # noqa: E731 - one of two
        parts = [[one] for one in batch.ids]
        if batch.channel == "webhook":
            with self.office.database.read() as session:
                hook = session.get_one(Webhook, batch.webhook_id)
            parts = [batch.ids] if hook.form in CHATS else parts
            sending = lambda ids: self._post(hook, ids)  # noqa: E731
        for at, ids in enumerate(parts):
            answer = _tried(sending, ids)
            yield ids, answer
            if not answer.ok and not answer.is_final and parts[at + 1 :]:
                deliveries.put_off(self.office, [one for rest in parts[at + 1 :] for one in rest])
                return

    def _mail(self, delivery_id: int) -> Answer:
        server = self.office.settings.mail
        with self.office.database.read() as session:
            delivery = session.get_one(Delivery, delivery_id)
            content = mail_content(self.office, session, delivery)
        if content is None:
            return _NOBODY
        if not server.is_set:
            return Answer(False, mark("no mail server is set"))
        subject, body = self.words.letter(content)
        key = f"baopian.{delivery.id}.{delivery.created_at:%Y%m%d%H%M%S}"
        return mailing.send(server, Letter(content.to, subject, body, content.lang, key, content.now))

    def _post(self, hook: Webhook, ids: list[int]) -> Answer:
        if hook.retired_at is not None:
            return Answer(False, RETIRED, is_final=True)
        request = self._request(hook, ids)
        if request is None:
            return _NOBODY
        private = self.office.settings.webhooks_to_private
        return post(request.where, request.body, request.headers, private=private)

    def _request(self, hook: Webhook, ids: list[int]) -> Request | None:
        with self.office.database.read() as session:
            rows = session.scalars(select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id)).all()
            told = list(events(self.office, session, rows).items())
        if not told:
            return None
        where, at_s = target(hook.url), int(self.office.now().timestamp())
        if hook.form == "json":
            delivery_id, event = told[0]
            body = as_json(event, delivery_id, self.words)
            return webhook_forms.json_request(where, hook.secret, body, str(delivery_id), at_s)
        happened = [event for _id, event in told]
        title, more = self.words.title(happened, hook.lang), self.words.more(hook.lang)
        items = [self.words.item(event, hook.lang) for event in happened]
        if hook.form == "wecom":
            return webhook_forms.wecom_request(where, title, items, more)
        return webhook_forms.dingtalk_request(where, hook.secret, title, items, more, at_s)


def _tried(sending: Callable[[list[int]], Answer], ids: list[int]) -> Answer:
    """What came of it; a fault of ours counts as a try, so that no message is tried for ever."""
    try:
        return sending(ids)
    except FAULTS as error:
        LOGGER.exception("a message could not be sent")
        return Answer(False, mark("a fault of ours: the server's log has it"), type(error).__name__)


@contextmanager
def holding(office: Office) -> Iterator[bool]:
    """Whether this process is the one that delivers for the installation, as long as the block lasts."""
    path = office.settings.instance / LOCK_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def begin(office: Office, words: Words) -> threading.Event:
    """Deliver in a thread of this process from now on, until the event that is returned is set."""
    stop = threading.Event()
    threading.Thread(target=Deliverer(office, words).run, args=(stop,), name="deliverer", daemon=True).start()
    return stop

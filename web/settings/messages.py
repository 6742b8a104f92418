"""Mail and webhooks on pages: how mail is set, webhooks, and the log of what was sent."""

from datetime import datetime
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework import deliveries, webhooks
from casework.errors import NotFound
from casework.notice_kinds import KINDS, TABLE, words_of
from casework.policy import Act
from casework.webhook_forms import FORMS
from web import context, i18n
from web.settings.frame import Tried, blueprint, bureau_options, done, refused, show, tried, typed

_FIELDS = ("name", "url", "form", "secret", "bureau", "lang")
FORM_WORDS = {
    "json": _l("JSON, signed (another program)"),
    "wecom": _l("Enterprise WeChat group robot"),
    "dingtalk": _l("DingTalk group robot"),
}
STATUS_WORDS = {
    "waiting": _l("waiting"), "sent": _l("sent"), "failed": _l("will be tried again"), "given_up": _l("given up"),
}  # fmt: skip


@blueprint.get("/messages", endpoint="messages")
def list_() -> ResponseReturnValue:
    """How mail is set, all webhooks, the form of a new one, and the log."""
    context.require(Act.MANAGE_WEBHOOKS)
    return _page(None, {}, [])


@blueprint.post("/messages", endpoint="message_webhook_add")
def add() -> ResponseReturnValue:
    """Add a webhook."""
    values, kinds = typed(*_FIELDS), request.form.getlist("kinds")
    trial = tried(
        lambda: webhooks.add_webhook(context.office(), context.actor(), values, kinds),
        fields=(*_FIELDS, "kinds"),
    )
    if not trial.ok or trial.result is None:
        return _page(trial, values, kinds)
    back = url_for("settings.message_webhook", webhook_id=trial.result)
    return done(back, _("The webhook was added: send a message to try it"))


@blueprint.get("/messages/webhooks/<int:webhook_id>", endpoint="message_webhook")
def one(webhook_id: int) -> ResponseReturnValue:
    """One webhook with its log."""
    context.require(Act.MANAGE_WEBHOOKS)
    line = webhooks.one_webhook(context.office(), context.actor(), webhook_id)
    found = webhooks.overview(
        context.office(), context.actor(), webhook_id=webhook_id, status=_status(), before=_before()
    )
    return show("webhook", line=line, found=found, **_words())


@blueprint.post("/messages/webhooks/<int:webhook_id>/try", endpoint="message_webhook_try")
def try_(webhook_id: int) -> ResponseReturnValue:
    """Send a message to try it."""
    trial = _acted(lambda: webhooks.try_webhook(context.office(), context.actor(), webhook_id))
    back = url_for("settings.message_webhook", webhook_id=webhook_id)
    return (
        done(back, _("A message is on its way: look at the log below")) if trial.ok else refused(back, trial)
    )


@blueprint.post("/messages/webhooks/<int:webhook_id>/retire", endpoint="message_webhook_retire")
def retire(webhook_id: int) -> ResponseReturnValue:
    """Send nothing there any more."""
    trial = _acted(lambda: webhooks.retire_webhook(context.office(), context.actor(), webhook_id))
    back = url_for("settings.messages")
    return done(back, _("Nothing is sent there any more")) if trial.ok else refused(back, trial)


@blueprint.post("/messages/<int:delivery_id>/again", endpoint="message_again")
def again(delivery_id: int) -> ResponseReturnValue:
    """Try once more what was given up."""
    trial = _acted(lambda: deliveries.send_again(context.office(), context.actor(), delivery_id))
    back = url_for("settings.messages", _anchor="log")
    return done(back, _("It is tried again")) if trial.ok else refused(back, trial)


def _acted(action: Any) -> Tried[Any]:
    try:
        return tried(action)
    except NotFound as error:
        return Tried(ok=False, said=i18n.said(error))


def _status() -> str:
    status = request.args.get("status", "")
    return status if status in STATUS_WORDS else ""


def _before() -> int | None:
    before = request.args.get("before", type=int)
    return before if before is not None and 0 < before < 2**62 else None


def _event_word(kind: str) -> str:
    """What a message was about."""
    if kind == "test":
        return _("a trial")
    if kind in {"notices", "digest"}:
        return _("notices") if kind == "notices" else _("the day's digest")
    return _(words_of(kind, TABLE[kind][0].kind)) if kind in TABLE else kind


def _log_time(text: str) -> str:
    return i18n.fmt_datetime(datetime.fromisoformat(text))


def _words() -> dict[str, Any]:
    return {
        "kinds": KINDS, "forms": FORM_WORDS, "statuses": STATUS_WORDS, "status": _status(),
        "event_word": _event_word, "log_time": _log_time,
    }  # fmt: skip


def _page(trial: Tried[Any] | None, values: dict[str, str], kinds: list[str]) -> ResponseReturnValue:
    found = webhooks.overview(context.office(), context.actor(), status=_status(), before=_before())
    settings = context.office().settings
    return show(
        "messages", trial, found=found, values=values, chosen=kinds, options=bureau_options(),
        mail=settings.mail, public_url=settings.public_url,
        form_options=[(key, str(FORM_WORDS[key])) for key in FORMS],
        languages=[("zh", "中文"), ("en", "English")], **_words(),
    )  # fmt: skip

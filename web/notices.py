"""One's own notices, and how one wants to be told."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import notice_choices, notice_inbox
from casework.errors import CaseworkError, Refused
from casework.notice_kinds import BY_KIND, KINDS, MAILS
from web import case_words, context, i18n, notice_words, security

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.app_context_processor
def _desk_words() -> dict[str, Any]:
    """What the desk's piece of news asks for."""
    return {"fresh_notices": fresh, "notice_case": notice_words.row_title}


def fresh() -> list[notice_inbox.Group]:
    """The newest unread notices of whoever is signed in."""
    return notice_inbox.latest_unread(context.office(), context.actor())


@blueprint.get("")
def list_() -> ResponseReturnValue:
    """One's own notices by case, newest first; ``unread=1`` and ``kind`` narrow them."""
    kind = request.args.get("kind", "")
    kind = kind if kind in BY_KIND else ""
    only_unread = request.args.get("unread") == "1"
    before = request.args.get("before", type=int)
    found = notice_inbox.inbox(
        context.office(), context.actor(), only_unread=only_unread, kind=kind,
        before=before if before is not None and 0 < before < 2**62 else None,
    )  # fmt: skip
    return render_template(
        "notices/list.html", inbox=found, words=case_words, said=notice_words, kinds=KINDS, kind=kind,
        only_unread=only_unread,
    )  # fmt: skip


@blueprint.post("/<int:notice_id>/open", endpoint="open")
def open_(notice_id: int) -> ResponseReturnValue:
    """Mark a notice as read and go to its case."""
    finding_id = notice_inbox.read_one(context.office(), context.actor(), notice_id)
    if finding_id is None:
        return redirect(url_for("notices.list_"), 303)
    return redirect(url_for("findings.show", finding_id=finding_id), 303)


@blueprint.post("/read")
def read() -> ResponseReturnValue:
    """Mark the named notices as read, or with ``all`` every one (of a kind)."""
    if request.form.get("all"):
        done = notice_inbox.read_all(context.office(), context.actor(), request.form.get("kind", ""))
        flash(ngettext("%(num)s notice marked as read", "%(num)s notices marked as read", done), "info")
    else:
        ids = [
            int(one)
            for one in request.form.getlist("notice")
            if one.isascii() and one.isdecimal() and len(one) < 19
        ]
        notice_inbox.read_many(context.office(), context.actor(), ids)
    return redirect(security.local_path(request.form.get("back"), url_for("notices.list_")), 303)


@blueprint.get("/choices")
def choices() -> ResponseReturnValue:
    """How one is told by mail."""
    chosen = notice_choices.choices(context.office(), context.actor())
    values = {"address": chosen.address, "lang": chosen.lang}
    return _choices_page({**values, **{f"mail-{key}": mail for key, mail in chosen.mail.items()}})


@blueprint.post("/choices", endpoint="choose")
def choose() -> ResponseReturnValue:
    """Keep how one wants to be told."""
    values = {name: request.form.get(name, "") for name in ("address", "lang")}
    values |= {f"mail-{kind.key}": request.form.get(f"mail-{kind.key}", kind.mail) for kind in KINDS}
    try:
        notice_choices.choose(context.office(), context.actor(), values)
    except Refused as error:
        return _choices_page(values, error)
    flash(_("Saved"), "info")
    return redirect(url_for("notices.choices"), 303)


@blueprint.post("/choices/test", endpoint="test")
def test_mail() -> ResponseReturnValue:
    """Send a mail to oneself."""
    try:
        notice_choices.ask_test_mail(context.office(), context.actor())
    except Refused as error:
        flash(i18n.said(error), "error")
    else:
        flash(_("A mail is on its way to your address"), "info")
    return redirect(url_for("notices.choices"), 303)


def _choices_page(values: dict[str, str], fault: CaseworkError | None = None) -> ResponseReturnValue:
    labels: dict[str, Any] = {"now": _("At once"), "daily": _("Daily"), "none": _("Not")}
    page = render_template(
        "notices/choices.html", values=values, kinds=KINDS, mails=[(key, labels[key]) for key in MAILS],
        fault={fault.field: i18n.said(fault)} if fault else {}, mail_is_set=context.office().settings.mail.is_set,
        languages=(("zh", "中文"), ("en", "English")),
    )  # fmt: skip
    return make_response(page, 422 if fault else 200)

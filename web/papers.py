"""Papers on pages: made from a case or a list, listed, saved, voided, made again."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import papers
from casework.errors import CaseworkError, NotFound, Refused, mark
from casework.filters import NAMES
from casework.paper_fields import CASE_KINDS, KIND_WORDS, PAPER_KINDS, REFERRAL, SUPERVISION, WEEKLY
from casework.paper_text import LANGS
from casework.papers import Listed
from casework.policy import Act
from web import case_words, context, errors, i18n
from web.attachments import attachment

blueprint = Blueprint("papers", __name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """For the pages that include ``findings/_papers.html``."""
    return {"papers_of": papers_of, "paper_word": paper_word, "paper_kinds_for": paper_kinds_for}


def paper_word(kind: str) -> str:
    """What a kind of paper is called."""
    return _(KIND_WORDS[kind])


def papers_of(finding_id: int) -> list[Listed] | None:
    """The papers of a case; None for those who may not see the case as a whole."""
    if context.actor().user_id is None or not context.may(Act.VIEW_CASE):
        return None
    try:
        return papers.of_finding(context.office(), context.actor(), finding_id)
    except NotFound:
        return None


def paper_kinds_for(case: dict[str, Any]) -> list[str]:
    """The kinds that a case may need, the likeliest first."""
    acts = {step["act"] for step in case["history"]}
    if acts & {"dissuasion_failed", "refer"}:
        first = REFERRAL
    else:
        first = SUPERVISION if case["s"] == "over" or "urge" in acts else CASE_KINDS[0]
    return [first, *(kind for kind in CASE_KINDS if kind != first)]


@blueprint.get("/papers")
def list_() -> ResponseReturnValue:
    """All papers, newest first."""
    first = request.args.get("first", "")
    page = papers.list_papers(
        context.office(), context.actor(), request.args.get("kind", ""),
        int(first) if first.isascii() and first.isdigit() and len(first) < 9 else 0,
    )  # fmt: skip
    return render_template(
        "papers/list.html", page=page, size=papers.PAGE, kinds=PAPER_KINDS, words=case_words
    )


@blueprint.post("/findings/<int:finding_id>/papers")
def make(finding_id: int) -> ResponseReturnValue:
    """Make a paper about a case."""
    back = url_for("findings.show", finding_id=finding_id) + "#papers"
    kind = request.form.get("kind", "")
    if kind not in CASE_KINDS:
        raise Refused(mark("kind must be one of %(known)s"), {"known": ", ".join(CASE_KINDS)}, field="kind")
    return _made(lambda: papers.make(context.office(), context.actor(), kind, finding_id, _lang()), back)


@blueprint.post("/papers/weekly")
def weekly() -> ResponseReturnValue:
    """Make the weekly list of what a list of findings shows."""
    query = {name: request.form[name] for name in (*NAMES, "sort") if request.form.get(name)}
    return _made(
        lambda: papers.make(context.office(), context.actor(), WEEKLY, query, _lang()),
        url_for("papers.list_"),
    )


@blueprint.get("/papers/<int:paper_id>/file")
def file(paper_id: int) -> ResponseReturnValue:
    """The paper as it was made."""
    content, name = papers.file(context.office(), context.actor(), paper_id)
    return sent_docx(content, name)


@blueprint.post("/papers/<int:paper_id>/void")
def void(paper_id: int) -> ResponseReturnValue:
    """Mark a paper as void."""
    number = papers.void(context.office(), context.actor(), paper_id)
    flash(_("%(number)s is void; its number is not given out again", number=number), "info")
    return redirect(_back(), HTTPStatus.SEE_OTHER)


@blueprint.post("/papers/<int:paper_id>/again")
def again(paper_id: int) -> ResponseReturnValue:
    """Make a paper anew; the old one becomes void."""
    return _made(lambda: papers.again(context.office(), context.actor(), paper_id), _back())


def sent_docx(content: bytes, name: str) -> Response:
    """A Word document to be saved."""
    return attachment(content, DOCX, name)


def _made(action: Any, back: str) -> ResponseReturnValue:
    try:
        paper = action()
    except CaseworkError as fault:
        if errors.wants_json() or not isinstance(fault, Refused):
            raise
        flash(_template_fault(fault), "error")
        return redirect(back, HTTPStatus.SEE_OTHER)
    flash(_("%(kind)s %(number)s is made", kind=paper_word(paper.kind), number=paper.number), "info")
    return redirect(back, HTTPStatus.SEE_OTHER)


def _template_fault(fault: Refused) -> str:
    if fault.field != "template":
        return i18n.said(fault)
    return _("The template cannot be filled. %(why)s", why=i18n.said(fault))


def _lang() -> str:
    asked = request.form.get("lang", "")
    return asked if asked in LANGS else i18n.lang()


def _back() -> str:
    """Back to the case or the list from which it was asked."""
    at = request.form.get("finding", "")
    if at.isascii() and at.isdigit() and len(at) < 19:
        return url_for("findings.show", finding_id=int(at)) + "#papers"
    return url_for("papers.list_")

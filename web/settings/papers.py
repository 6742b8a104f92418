"""The templates of papers on a page: what is in force, one's own in its place, the fields, a sample."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from casework import paper_fields, paper_templates
from casework.errors import NotFound, Refused, mark
from casework.paper_fields import PAPER_KINDS
from casework.paper_text import LANGS
from casework.policy import Act
from web import context
from web.papers import paper_word, sent_docx
from web.settings import words
from web.settings.frame import Tried, blueprint, done, fresh, refused, show, tried


@blueprint.get("/papers", endpoint="papers")
def show_papers() -> ResponseReturnValue:
    """All kinds with the template in force."""
    found = paper_templates.standings(context.office(), context.actor())
    by_kind = {kind: [one for one in found if one.kind == kind] for kind in PAPER_KINDS}
    return show("papers", fresh(), by_kind=by_kind, languages=words.LANGUAGES, paper_word=paper_word)


@blueprint.get("/papers/<kind>/<lang>", endpoint="papers_one")
def one(kind: str, lang: str) -> ResponseReturnValue:
    """One template: in force, upload, fields."""
    return _page(kind, lang, fresh())


@blueprint.get("/papers/<kind>/<lang>/template", endpoint="papers_template")
def template(kind: str, lang: str) -> ResponseReturnValue:
    """The template in force, to be changed in Word."""
    content, name = paper_templates.content(context.office(), context.actor(), kind, lang)
    return sent_docx(content, name)


@blueprint.get("/papers/<kind>/<lang>/sample", endpoint="papers_sample")
def sample(kind: str, lang: str) -> ResponseReturnValue:
    """A sample case by the template in force."""
    document = paper_templates.try_out(context.office(), context.actor(), kind, lang)
    return sent_docx(document, _sample_name(kind))


@blueprint.post("/papers/<kind>/<lang>", endpoint="papers_take")
def take(kind: str, lang: str) -> ResponseReturnValue:
    """Check an uploaded template; show the sample case by it, or put it in force."""
    context.require(Act.MANAGE_SETTINGS)
    _demand(kind, lang)
    trial = tried(lambda: _sent(request.files.get("template")), fields=("template",))
    if trial.ok and trial.result:
        name, content = trial.result
        if request.form.get("do") == "try":
            looked = tried(
                lambda: paper_templates.try_out(context.office(), context.actor(), kind, lang, content),
                fields=("template",),
            )
            if looked.ok and looked.result:
                return sent_docx(looked.result, _sample_name(kind))
            return _page(kind, lang, looked)
        taken = tried(
            lambda: paper_templates.take(context.office(), context.actor(), kind, lang, name, content),
            fields=("template",),
        )
        if taken.ok:
            return done(url_for("settings.papers_one", kind=kind, lang=lang), _("Your template is in force"))
        return _page(kind, lang, taken)
    return _page(kind, lang, trial)


@blueprint.post("/papers/<kind>/<lang>/ours", endpoint="papers_ours")
def ours(kind: str, lang: str) -> ResponseReturnValue:
    """Go back to our own template."""
    at = url_for("settings.papers_one", kind=kind, lang=lang)
    trial = tried(lambda: paper_templates.back_to_ours(context.office(), context.actor(), kind, lang))
    return done(at, _("Our own template is in force again")) if trial.ok else refused(at, trial)


def _sent(file: FileStorage | None) -> tuple[str, bytes]:
    if file is None or not file.filename:
        raise Refused(mark("Choose a Word document (.docx)"), field="template")
    return file.filename, file.stream.read(paper_templates.MAX_BYTES + 1)


def _demand(kind: str, lang: str) -> None:
    if kind not in PAPER_KINDS or lang not in LANGS:
        raise NotFound(mark("There is no such paper"))


def _sample_name(kind: str) -> str:
    return f"{paper_word(kind)} - {_('sample')}.docx"


def _page(kind: str, lang: str, trial: Tried[Any]) -> ResponseReturnValue:
    found = paper_templates.standings(context.office(), context.actor())
    _demand(kind, lang)
    standing = next(one for one in found if (one.kind, one.lang) == (kind, lang))
    return show(
        "paper", trial, standing=standing, fields=paper_fields.fields_of(kind), languages=words.LANGUAGES,
        paper_word=paper_word, limit_mb=paper_templates.MAX_BYTES >> 20,
    )  # fmt: skip

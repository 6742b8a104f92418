"""Templates of papers: ours, and those that the office puts in their place, which are checked before they are taken."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework import paper_fields, paper_text, policy
from casework.errors import Conflict, NotFound, Refused, mark
from casework.office import Office
from casework.paper_sample import sample_pictures
from casework.paper_worker import FIELD, FILLER
from casework.policy import Act, Actor
from db.models import PAPER_KINDS, PaperTemplate, Person, User
from settings import ROOT

MAX_BYTES: Final = 5 * 1024 * 1024
_FOLDER: Final = ROOT / "data" / "papers"


@dataclass(frozen=True, slots=True)
class Standing:
    """The template in force for a kind and language. ``template_id`` None: ours."""

    kind: str
    lang: str
    template_id: int | None
    file_name: str
    size_bytes: int
    uploaded_at: datetime | None
    uploaded_by: tuple[str, str]


def standings(office: Office, actor: Actor) -> list[Standing]:
    """All templates in force, by kind and language. Raises NotSignedIn or Forbidden."""
    policy.require(actor, Act.MANAGE_SETTINGS)
    with office.database.read() as session:
        return [_standing(session, kind, lang) for kind in PAPER_KINDS for lang in paper_text.LANGS]


def content(office: Office, actor: Actor, kind: str, lang: str) -> tuple[bytes, str]:
    """The template in force as bytes, and what its file is called. Raises NotSignedIn, Forbidden, NotFound."""
    policy.require(actor, Act.MANAGE_SETTINGS)
    _demand(kind, lang)
    with office.database.read() as session:
        name = _standing(session, kind, lang).file_name
        return in_force(session, kind, lang)[0], name


def in_force(session: Session, kind: str, lang: str) -> tuple[bytes, int | None]:
    """The template in force and its id (None: ours)."""
    own = _current(session, kind, lang)
    return (own.content, own.id) if own is not None else (ours(kind, lang), None)


def take(office: Office, actor: Actor, kind: str, lang: str, name: str, template: bytes) -> int:
    """Put an uploaded template in force; returns its id.

    Raises NotSignedIn, Forbidden, NotFound, and Refused for ``template`` with what is wrong and where.
    """
    try_out(office, actor, kind, lang, template)
    with office.database.write() as session:
        _retire(session, kind, lang, office.now())
        row = PaperTemplate(
            kind=kind, lang=lang, file_name=_clean(name) or f"{kind}.{lang}.docx", content=template,
            sha256=hashlib.sha256(template).hexdigest(), size_bytes=len(template), uploaded_at=office.now(),
            uploaded_by=actor.user_id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def back_to_ours(office: Office, actor: Actor, kind: str, lang: str) -> None:
    """Retire the office's own template. Raises NotSignedIn, Forbidden, NotFound, Conflict where ours is in force."""
    policy.require(actor, Act.MANAGE_SETTINGS)
    _demand(kind, lang)
    with office.database.write() as session:
        if not _retire(session, kind, lang, office.now()):
            raise Conflict(mark("Our own template is in force already"))


def try_out(office: Office, actor: Actor, kind: str, lang: str, template: bytes | None = None) -> bytes:
    """A paper of the sample case, by an uploaded template or the one in force. Nothing is kept.

    Raises as ``take``.
    """
    policy.require(actor, Act.MANAGE_SETTINGS)
    _demand(kind, lang)
    if template is None:
        with office.database.read() as session:
            template = in_force(session, kind, lang)[0]
    if not template:
        raise Refused(mark("Choose a Word document (.docx)"), field=FIELD)
    if len(template) > MAX_BYTES:
        raise Refused(
            mark("A template may have at most %(mb)s MB: make its pictures smaller"), {"mb": MAX_BYTES >> 20},
            field=FIELD,
        )  # fmt: skip
    names, images = sample_pictures(kind)
    return FILLER.fill(
        template, paper_fields.sample(kind, lang, names), images,
        title=paper_text.pick(paper_fields.KIND_NAMES[kind], lang), known=paper_fields.known(kind),
    )  # fmt: skip


@cache
def ours(kind: str, lang: str) -> bytes:
    """Our own template, as ``tools/paper_templates.py`` made it."""
    return (_FOLDER / f"{kind}.{lang}.docx").read_bytes()


def _demand(kind: str, lang: str) -> None:
    if kind not in PAPER_KINDS or lang not in paper_text.LANGS:
        raise NotFound(mark("There is no such paper"))


def _standing(session: Session, kind: str, lang: str) -> Standing:
    own = _current(session, kind, lang)
    if own is None:
        return Standing(kind, lang, None, f"{kind}.{lang}.docx", len(ours(kind, lang)), None, ("", ""))
    by = session.execute(
        select(Person.name_zh, Person.name_en)
        .join(User, User.person_id == Person.id)
        .where(User.id == own.uploaded_by)
    ).first()
    return Standing(
        kind, lang, own.id, own.file_name, own.size_bytes, own.uploaded_at, (by[0], by[1]) if by else ("", "")
    )


def _current(session: Session, kind: str, lang: str) -> PaperTemplate | None:
    return session.scalars(
        select(PaperTemplate)
        .where(PaperTemplate.kind == kind, PaperTemplate.lang == lang, PaperTemplate.retired_at.is_(None))
        .order_by(PaperTemplate.id.desc())
        .limit(1)
    ).first()


def _retire(session: Session, kind: str, lang: str, at: datetime) -> int:
    return len(
        session.execute(
            update(PaperTemplate)
            .where(PaperTemplate.kind == kind, PaperTemplate.lang == lang, PaperTemplate.retired_at.is_(None))
            .values(retired_at=at)
            .returning(PaperTemplate.id)
        ).all()
    )


def _clean(name: str) -> str:
    """A file's name fit to be repeated."""
    last = "".join(sign for sign in re.split(r"[/\\]", str(name))[-1] if sign.isprintable()).strip()
    return last[-120:]

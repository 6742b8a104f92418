"""Papers that the office sends: made with the next number, kept as they were sent, voided but never renumbered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from casework import counters, paper_facts, paper_fields, paper_templates, paper_text, policy
from casework.errors import Conflict, NotFound, Refused, mark
from casework.filters import NAMES
from casework.map_names import Named, read_names
from casework.office import Office, the_city
from casework.paper_facts import Contents
from casework.paper_worker import FILLER
from casework.policy import Act, Actor, Reach
from casework.scope import scope_of, sees_case
from db.models import PAPER_KINDS, Finding, Paper, Person, User

PAGE: Final = 50
_MAX_ID: Final = 2**63 - 1
_TRIES: Final = 6


@dataclass(frozen=True, slots=True)
class Listed:
    """One paper in a list. ``finding`` is (id, case number) where it is about one."""

    id: int
    kind: str
    number: str
    lang: str
    finding: tuple[int, str] | None
    bureau: Named | None
    made_at: datetime
    made_by: tuple[str, str]
    voided_at: datetime | None
    size_bytes: int
    about: str


@dataclass(frozen=True, slots=True)
class PapersPage:
    """One page of papers, newest first; ``total`` fit the filters."""

    rows: list[Listed]
    total: int
    first: int
    kind: str


def make(
    office: Office,
    actor: Actor,
    kind: str,
    about: int | Mapping[str, str],
    lang: str = "zh",
    *,
    replaces: str = "",
) -> Paper:
    """Make a paper about a finding (its id), or a weekly list of the findings under a list's filters.

    Opens its own transactions, so never call it within one. ``replaces`` is the number of a voided paper.
    Raises NotSignedIn, Forbidden, NotFound, Refused, TooManyAttempts.
    """
    policy.require(actor, Act.MAKE_PAPERS)
    if kind not in PAPER_KINDS or lang not in paper_text.LANGS:
        raise NotFound(mark("There is no such paper"))
    if isinstance(about, int) != (kind in paper_fields.CASE_KINDS):
        raise Refused(mark("A weekly list is of a list, the other papers are about one case"), field="kind")
    if isinstance(about, int):
        contents = paper_facts.of_case(office, actor, about, lang)
    else:
        contents = paper_facts.of_list(office, actor, about, lang)
    query = (
        {} if isinstance(about, int) else {name: about[name] for name in (*NAMES, "sort") if about.get(name)}
    )
    contents.context["replaces"] = replaces
    return _numbered(office, actor, kind, lang, contents, query)


def _numbered(
    office: Office, actor: Actor, kind: str, lang: str, contents: Contents, query: dict[str, str]
) -> Paper:
    """Fill the template with the next number and keep it, unless somebody took that number meanwhile: once more.

    The number is given out by the transaction that keeps the paper, so none is lost; filling takes no lock.
    """
    for _try in range(_TRIES):
        with office.database.read() as session:
            zone = ZoneInfo(the_city(session).timezone)
            year = office.now().astimezone(zone).year
            counter = f"paper:{kind}:{year}"
            wanted = counters.current(session, counter) + 1
            template, template_id = paper_templates.in_force(session, kind, lang)
        number = f"{year}-{wanted:04d}"
        context = {
            **contents.context,
            "number": number,
            "number_words": f"〔{year}〕{wanted}号" if lang == "zh" else f"No. {wanted} of {year}",
            "date": paper_text.day(office.now(), zone, lang),
        }
        title = f"{paper_text.pick(paper_fields.KIND_NAMES[kind], lang)} {number}"
        document = FILLER.fill(template, context, contents.images, title=title)
        with office.database.write() as session:
            if counters.current(session, counter) + 1 != wanted:
                continue
            counters.advance(session, counter)
            paper = Paper(
                kind=kind, number=number, lang=lang, finding_id=contents.finding_id, bureau_id=contents.bureau_id,
                template_id=template_id, facts={**_said(context), "query": query}, content=document,
                sha256=hashlib.sha256(document).hexdigest(), size_bytes=len(document), made_at=office.now(),
                made_by=actor.user_id,
            )  # fmt: skip
            session.add(paper)
            session.flush()
            session.expunge(paper)
            return paper
    raise Conflict(mark("Many papers are being made at once: try again"))


def _said(context: Mapping[str, Any]) -> dict[str, Any]:
    """What the paper says, without its pictures and long lists."""
    return {name: value for name, value in context.items() if isinstance(value, str | int) and value != ""}


def void(office: Office, actor: Actor, paper_id: int) -> str:
    """Mark a paper as void: it keeps its number and its file. Returns the number.

    Raises NotSignedIn, Forbidden, NotFound, Conflict when it is void already.
    """
    policy.require(actor, Act.MAKE_PAPERS)
    with office.database.write() as session:
        paper = _found(session, actor, paper_id)
        if paper.voided_at is not None:
            raise Conflict(mark("This paper is void already"))
        paper.voided_at, paper.voided_by = office.now(), actor.user_id
        return paper.number


def again(office: Office, actor: Actor, paper_id: int) -> Paper:
    """Make a paper anew from the facts as they are now, with the next number; the old one becomes void.

    Raises as ``make``; where that is refused, the old one stays as it is.
    """
    policy.require(actor, Act.MAKE_PAPERS)
    with office.database.read() as session:
        old = _found(session, actor, paper_id)
        kind, lang, number, finding_id = old.kind, old.lang, old.number, old.finding_id
        query = dict(old.facts.get("query") or {})
    made = make(office, actor, kind, query if finding_id is None else finding_id, lang, replaces=number)
    with office.database.write() as session:
        before = session.get_one(Paper, paper_id)
        if before.voided_at is None:
            before.voided_at, before.voided_by = office.now(), actor.user_id
    return made


def file(office: Office, actor: Actor, paper_id: int) -> tuple[bytes, str]:
    """A paper's file as it was made, and what it is called. Raises NotSignedIn, Forbidden, NotFound."""
    policy.require(actor, Act.VIEW_CASE)
    with office.database.read() as session:
        paper = _found(session, actor, paper_id)
        name = paper_text.pick(paper_fields.KIND_NAMES[paper.kind], paper.lang)
        return paper.content, f"{name} {paper.number}.docx"


def of_finding(office: Office, actor: Actor, finding_id: int) -> list[Listed]:
    """The papers about a finding, newest first. Raises NotSignedIn, Forbidden, NotFound."""
    policy.require(actor, Act.VIEW_CASE)
    with office.database.read() as session:
        finding = session.get(Finding, finding_id) if 0 < finding_id <= _MAX_ID else None
        if finding is None or not sees_case(session, actor, finding):
            raise NotFound(mark("There is no finding %(id)s"), {"id": finding_id})
        return _listed(session, select(Paper).where(Paper.finding_id == finding_id).order_by(Paper.id.desc()))


def list_papers(office: Office, actor: Actor, kind: str = "", first: int = 0, most: int = PAGE) -> PapersPage:
    """The papers that somebody may see, newest first. Raises NotSignedIn, Forbidden."""
    policy.require(actor, Act.VIEW_CASE)
    with office.database.read() as session:
        wanted = _visible(session, actor)
        if kind in PAPER_KINDS:
            wanted = wanted.where(Paper.kind == kind)
        total = session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
        first = max(0, min(first, total))
        rows = _listed(session, wanted.order_by(Paper.id.desc()).offset(first).limit(most))
        return PapersPage(rows, total, first, kind if kind in PAPER_KINDS else "")


def _visible(session: Session, actor: Actor) -> Select[Paper]:
    wanted = select(Paper)
    scope = scope_of(session, actor)
    if not scope.is_limited:
        return wanted
    if policy.reach(actor) is Reach.BUREAU:
        return wanted.where(Paper.bureau_id == (actor.bureau_id or -1))
    about = select(Finding.id).where(
        or_(
            Finding.area_id.in_(list(scope.patch_ids or ())), Finding.reporter_id == (scope.reporter_id or -1)
        )
    )
    return wanted.where(Paper.finding_id.in_(about))


def _found(session: Session, actor: Actor, paper_id: int) -> Paper:
    paper = session.get(Paper, paper_id) if 0 < paper_id <= _MAX_ID else None
    if paper is not None and paper.finding_id is not None:
        finding = session.get_one(Finding, paper.finding_id)
        paper = paper if sees_case(session, actor, finding) else None
    elif paper is not None and scope_of(session, actor).is_limited:
        of_theirs = policy.reach(actor) is Reach.BUREAU and paper.bureau_id == actor.bureau_id
        paper = paper if of_theirs else None
    if paper is None:
        raise NotFound(mark("There is no paper %(id)s"), {"id": paper_id})
    return paper


def _listed(session: Session, wanted: Select[Paper]) -> list[Listed]:
    papers = session.scalars(wanted).all()
    names = read_names(session)
    numbers = {
        row.id: row.number
        for row in session.execute(
            select(Finding.id, Finding.number).where(Finding.id.in_({one.finding_id for one in papers}))
        )
    }
    people = {
        row.id: (row.name_zh, row.name_en)
        for row in session.execute(
            select(User.id, Person.name_zh, Person.name_en)
            .join(Person, User.person_id == Person.id)
            .where(User.id.in_({one.made_by for one in papers}))
        )
    }
    return [
        Listed(
            one.id, one.kind, one.number, one.lang,
            (one.finding_id, numbers.get(one.finding_id, "")) if one.finding_id is not None else None,
            names.bureaus.get(one.bureau_id or 0), one.made_at, people.get(one.made_by or 0, ("", "")), one.voided_at,
            one.size_bytes, str(one.facts.get("for_whom") or one.facts.get("subject") or one.facts.get("place") or ""),
        )
        for one in papers
    ]  # fmt: skip

"""Are papers, their templates and the covered copies of photos whole, and is no number of a paper missing."""

import hashlib
import re
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from casework import counters
from casework.office import Office
from casework.photos import photo_path
from casework.verify_check import Check, sha256_of
from db.models import Finding, Paper, PaperTemplate, Photo, PhotoCopy

_NUMBER: Final = re.compile(r"(\d{4})-(\d{4,})", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BATCH: Final = 50  # a paper has some hundred kilobytes


def checks(office: Office, session: Session) -> list[Check]:
    """The checks of papers, templates and covered copies. Rows are streamed."""
    return [_papers(session), _templates(session), _copies(office, session)]


def _papers(session: Session) -> Check:
    """Each paper's bytes against its digest and size, and numbers 1, 2, 3 ... of each kind and year."""
    check = Check("papers")
    given: dict[tuple[str, str], list[int]] = {}
    wanted = select(Paper).options(undefer(Paper.content)).order_by(Paper.id)
    for paper in session.scalars(wanted.execution_options(yield_per=_BATCH)):
        check.looked_at += 1
        if (fault := _bytes(paper)) is not None:
            check.fault(f"{paper.kind} {paper.number}: {fault}")
        if match := _NUMBER.fullmatch(paper.number):
            given.setdefault((paper.kind, match[1]), []).append(int(match[2]))
        else:
            check.fault(f"{paper.kind} {paper.number}: is no number of a paper")
        session.expunge(paper)
    for (kind, year), numbers in sorted(given.items()):
        stands, highest = counters.current(session, f"paper:{kind}:{year}"), max(numbers)
        for lost in sorted(set(range(1, max(highest, stands) + 1)) - set(numbers))[:20]:
            check.fault(f"{kind} {year}-{lost:04d}: was given out, but there is no such paper")
        if stands < highest:
            check.fault(f"the counter paper:{kind}:{year} stands at {stands}, and {highest} was given out")
    return check


def _templates(session: Session) -> Check:
    check = Check("paper templates")
    for one in session.scalars(select(PaperTemplate).options(undefer(PaperTemplate.content))):
        check.looked_at += 1
        if (fault := _bytes(one)) is not None:
            check.fault(f"{one.kind} {one.lang} {one.file_name}: {fault}")
    return check


def _bytes(one: Paper | PaperTemplate) -> str | None:
    if hashlib.sha256(one.content).hexdigest() != one.sha256:
        return "its file has changed"
    return None if len(one.content) == one.size_bytes else "its size is another than on record"


def _copies(office: Office, session: Session) -> Check:
    """Each covered copy's file; where one is gone the photo would not be shown at all."""
    check = Check("covered copies of photos")
    rows = session.execute(
        select(PhotoCopy.sha256, PhotoCopy.size_bytes, Finding.number)
        .join(Photo, PhotoCopy.photo_id == Photo.id)
        .join(Finding, Photo.finding_id == Finding.id)
        .order_by(PhotoCopy.id)
    )
    for row in rows:
        check.looked_at += 1
        path = photo_path(office, row.sha256)
        if not _DIGEST.fullmatch(row.sha256) or not path.is_file():
            check.fault(f"{row.number}: the file of a covered copy is missing ({row.sha256})")
        elif sha256_of(path) != row.sha256:
            check.fault(f"{row.number}: a covered copy has changed ({row.sha256})")
        elif path.stat().st_size != row.size_bytes:
            check.fault(f"{row.number}: a covered copy's size is another than on record ({row.sha256})")
    return check

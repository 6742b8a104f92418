"""What all settings share: codes that fit everywhere, and noticing that somebody else changed a thing meanwhile."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import object_session

from casework import fields
from casework.errors import Conflict, Refused, mark
from db.models import Area, Bureau, Category

_CODED: Final[dict[str, Any]] = {"bureau_id": Bureau, "category_id": Category, "area_id": Area}
_CODE: Final = re.compile(r"\w[\w.\-]*")


def new_code(value: object) -> str:
    """The code of a new thing. Raises Refused for one that lists (a comma) or keys (a colon) would take apart."""
    code = fields.text(value, "code", limit=64, required=True)
    if not _CODE.fullmatch(code):
        raise Refused(mark("A code is made of letters, digits, dots, dashes and underscores"), field="code")
    return code


def seen(row: Any, names: Iterable[str]) -> str:
    """What a form was filled from, as text that the form carries along."""
    return json.dumps({name: _word(getattr(row, name)) for name in names}, ensure_ascii=False)


def require_fresh(before: str, row: Any, names: Iterable[str]) -> None:
    """Raise Conflict, telling what changed, unless the row is still as the form saw it. Empty asks nothing."""
    if not before:
        return
    try:
        known = json.loads(before)
    except ValueError:
        known = None
    if not isinstance(known, dict):
        raise Conflict(mark("This form is not whole: load the page again"))
    now = {name: _word(getattr(row, name)) for name in names}
    changes = tuple(
        f"{_told(row, name, known[name])} → {_told(row, name, now[name])}"
        for name in now
        if known.get(name, now[name]) != now[name]
    )
    if changes:
        raise Conflict(
            mark(
                "Somebody else changed this while you were typing: %(changes)s. What you typed is still here; save "
                "again to put it in place of theirs"
            ),
            {"changes": changes},
        )


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _told(row: Any, name: str, value: object) -> str:
    """A value for people: of what another row is named by, its code."""
    model, session = _CODED.get(name, type(row) if name == "parent_id" else None), object_session(row)
    text = str(value)
    if model is not None and session is not None and text.isascii() and text.isdigit() and len(text) < 10:
        text = session.scalar(select(model.code).where(model.id == int(text))) or text
    return text or "–"

"""The fields that a template may use, with a sample case that shows what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from casework.errors import mark
from db.models import PAPER_KINDS

__all__ = ["CASE_KINDS", "KIND_NAMES", "KIND_WORDS", "PAPER_KINDS", "Field", "fields_of", "known", "sample"]

RECTIFICATION, REFERRAL, SUPERVISION, WEEKLY = PAPER_KINDS
CASE_KINDS: Final = (RECTIFICATION, REFERRAL, SUPERVISION)
KIND_WORDS: Final = {
    RECTIFICATION: mark("Rectification notice"), REFERRAL: mark("Referral letter"),
    SUPERVISION: mark("Supervision order"), WEEKLY: mark("Weekly list"),
}  # fmt: skip
KIND_NAMES: Final = {
    RECTIFICATION: ("整改通知书", "Rectification notice"), REFERRAL: ("移交函", "Referral letter"),
    SUPERVISION: ("督办单", "Supervision order"), WEEKLY: ("每周问题清单", "Weekly list of findings"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in a template, what it holds (English msgid), an example in both languages.

    ``parts`` are what each line of a list has, as ``row.place``; ``sort`` is text, picture, list or number.
    """

    name: str
    words: str
    zh: str = ""
    en: str = ""
    sort: str = "text"
    parts: tuple["Field", ...] = ()


COMMON: Final = (
    Field("number", mark("Number of the paper"), "2026-0012", "2026-0012"),
    Field("number_words", mark("Number as it is written"), "〔2026〕12号", "No. 12 of 2026"),
    Field("date", mark("Day on which it is made"), "2026年9月2日", "2 September 2026"),
    Field("city", mark("City"), "西宁市城东区", "Chengdong District, Xining"),
    Field("made_by", mark("Who made it"), "马晓燕", "Ma Xiaoyan"),
    Field("replaces", mark("Number of the paper that it replaces, or empty"), "", ""),
)
CASE: Final = (
    Field("case_number", mark("Case number"), "2026-0417", "2026-0417"),
    Field("category", mark("Category"), "店外经营", "Trading outside the shop"),
    Field("category_code", mark("Code of the category"), "0504", "0504"),
    Field("subject", mark("Shop, firm or thing"), "小杨超市", "Xiao Yang supermarket"),
    Field("place", mark("Place in words"), "树林巷 12 号", "12 Shulin Lane"),
    Field("position", mark("Position"), "东经 101.79530°，北纬 36.61540°", "101.79530 E, 36.61540 N"),
    Field("description", mark("Details"), "货物摆到人行道上，行人要绕到车道。", "Goods stand on the pavement."),
    Field("found", mark("When it was found"), "2026年8月31日 09:12", "31 August 2026, 09:12"),
    Field("reported", mark("When it was reported"), "2026年8月31日 09:15", "31 August 2026, 09:15"),
    Field("deadline", mark("Deadline, or empty"), "2026年9月1日 18:00", "1 September 2026, 18:00"),
    Field("limit", mark("Time limit in its unit"), "1 个工作日", "1 working day"),
    Field("late", mark("By how much it is late, or empty"), "16 小时 24 分", "16 h 24 min"),
    Field("status", mark("Status"), "处置中", "In progress"),
    Field("patch", mark("Patch"), "树林巷", "Shulin Lane"),
    Field("patch_leader", mark("Patch leader"), "马国强", "Ma Guoqiang"),
    Field("bureau", mark("Bureau"), "城东区城市管理局", "Chengdong Urban Management Bureau"),
    Field("steps", mark("What was done, oldest first"), sort="list", parts=(
        Field("when", mark("When"), "2026-08-31 09:40", "2026-08-31 09:40"),
        Field("what", mark("What"), "现场劝阻", "Dissuaded on site"),
        Field("by", mark("Who"), "李伟", "Li Wei"),
        Field("note", mark("Note"), "店主不听", "The owner does not listen"),
    )),
    Field("map", mark("Map of the place, 80 mm wide"), sort="picture"),
    Field("photo_before", mark("Photo from before, at most 73 mm wide, or empty"), sort="picture"),
    Field("photo_after", mark("Photo from after, at most 73 mm wide, or empty"), sort="picture"),
    Field("photos", mark("All photos, at most six"), sort="list", parts=(
        Field("image", mark("The photo"), sort="picture"),
        Field("kind", mark("What it shows"), "整改前", "Before"),
        Field("taken", mark("When it was taken"), "2026年8月31日 09:10", "31 August 2026, 09:10"),
    )),
)  # fmt: skip
LIST: Final = (
    Field("for_whom", mark("What the list is of"), "城东区城市管理局", "Chengdong Urban Management Bureau"),
    Field("total", mark("How many findings"), "2", "2", sort="number"),
    Field("overdue", mark("How many of them are overdue"), "1", "1", sort="number"),
    Field("left_out", mark("How many did not fit"), "0", "0", sort="number"),
    Field("rows", mark("The findings, most urgent first"), sort="list", parts=(
        Field("n", mark("Line number"), "1", "1", sort="number"),
        Field("case_number", mark("Case number"), "2026-0417", "2026-0417"),
        Field("category", mark("Category"), "店外经营", "Trading outside the shop"),
        Field("subject", mark("Shop, firm or thing"), "小杨超市", "Xiao Yang supermarket"),
        Field("place", mark("Place in words"), "树林巷 12 号", "12 Shulin Lane"),
        Field("patch", mark("Patch"), "树林巷", "Shulin Lane"),
        Field("leader", mark("Patch leader"), "马国强", "Ma Guoqiang"),
        Field("bureau", mark("Bureau"), "城东区城管局", "Urban Management"),
        Field("reported", mark("When it was reported"), "2026-08-31 09:15", "2026-08-31 09:15"),
        Field("deadline", mark("Deadline, or empty"), "2026-09-01 18:00", "2026-09-01 18:00"),
        Field("status", mark("Status"), "超期", "Overdue"),
        Field("late", mark("By how much it is late, or empty"), "16 小时 24 分", "16 h 24 min"),
    )),
)  # fmt: skip


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of one kind of paper."""
    return COMMON + (LIST if kind == WEEKLY else CASE)


def known(kind: str) -> list[str]:
    """The names that a template of this kind may use."""
    return [field.name for field in fields_of(kind)]


def sample(kind: str, lang: str, images: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A sample case's context. ``images`` are the pictures to be used, by field; the others stay empty."""
    context: dict[str, Any] = {}
    for field in fields_of(kind):
        if field.sort == "list":
            line = {
                part.name: _example(part, lang, images.get(f"{field.name}.{part.name}"))
                for part in field.parts
            }
            context[field.name] = [line, {**line, **({"n": 2} if "n" in line else {})}]
        else:
            context[field.name] = _example(field, lang, images.get(field.name))
    return context


def _example(field: Field, lang: str, image: dict[str, Any] | None) -> Any:
    if field.sort == "picture":
        return image or ""
    text = field.zh if lang == "zh" else field.en
    return int(text) if field.sort == "number" else text

"""The categories in use as forms show them: groups with their members."""

from dataclasses import dataclass, field

from casework import listings
from casework.listings import CategoryEntry
from web import context


@dataclass(slots=True)
class Group:
    """A category of the highest level and all below it, in order of their codes; ``head`` may be chosen itself."""

    head: CategoryEntry
    members: list[CategoryEntry] = field(default_factory=list)


def groups() -> list[Group]:
    """All categories in use; one whose parent is retired heads a group of its own."""
    entries = listings.categories(context.office())
    by_code = {one.code: one for one in entries}
    made: dict[str, Group] = {}
    for one in entries:
        top = one
        while top.parent in by_code and top.parent is not None and top.parent != top.code:
            top = by_code[top.parent]
        group = made.setdefault(top.code, Group(top))
        if one is not top:
            group.members.append(one)
    return list(made.values())


def as_json() -> list[dict[str, str | None]]:
    """All categories for the scripts' search: code, parent, names."""
    return [
        {"code": one.code, "parent": one.parent, "zh": one.name_zh, "en": one.name_en}
        for one in listings.categories(context.office())
    ]

"""What the import of areas says in words: what is wrong with a file or a border, and where."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from casework.import_notes import Note
from geo.boundaries import BoundaryProblem, ProblemKind
from geo.problems import UnreadableFile
from web import case_words, i18n


def note(one: Note) -> str:
    """A note in the page's language."""
    return say(one.message, one.params)


def refusal(refused: UnreadableFile) -> str:
    """Why a file cannot be read, in the page's language."""
    return say(refused.message, refused.params)


def say(message: str, params: Mapping[str, object]) -> str:
    """A message with its params; those that are texts of ours are translated too."""
    return _(message, **{name: _part(name, value) for name, value in params.items()})


def _part(name: str, value: object) -> str:
    text = i18n.spoken(value)
    return _(text) if name in ("detail", "found", "hint") and text and "%" not in text else text


def size(area_m2: float) -> str:
    """An area as people say it: 312 m², 4.2 ha, 1.3 km²."""
    if area_m2 < 10_000:
        return f"{area_m2:,.0f} m²"
    return f"{area_m2 / 10_000:,.1f} ha" if area_m2 < 1_000_000 else f"{area_m2 / 1_000_000:,.1f} km²"


def boundary(problem: BoundaryProblem, concerned: Sequence[tuple[str, str, str]]) -> str:
    """What is wrong at a place of the borders, and whose."""
    names = [case_words.pick([zh, en]) for _code, zh, en in concerned[:4]]
    first = names[0] if names else ""
    second = names[1] if len(names) > 1 else ""
    words: dict[str, Any] = {
        "a": first,
        "b": second,
        "size": size(problem.area_m2),
        "m": f"{problem.length_m:.2f}",
        "names": _(", ").join(names),
    }
    return _BY_KIND[problem.kind](words, problem.detail)


def _gap(words: dict[str, Any], detail: str) -> str:
    if not words["names"]:
        return _("Nobody is responsible here, %(size)s", **words)
    if words["b"]:
        return _("Nobody is responsible between %(names)s, %(size)s", **words)
    return _("Nobody is responsible at the border of %(a)s, %(size)s", **words)


def _overlap(words: dict[str, Any], detail: str) -> str:
    if detail == "contained":
        return _("%(a)s and %(b)s: one lies in the other, %(size)s", **words)
    return _("%(a)s and %(b)s are both responsible here, %(size)s", **words)


def _spill(words: dict[str, Any], detail: str) -> str:
    if detail == "outside":
        return _("%(a)s lies outside its area of the level above, %(size)s", **words)
    return _("%(a)s reaches over the border of its area of the level above, %(size)s", **words)


def _sliver(words: dict[str, Any], detail: str) -> str:
    if detail == "area":
        return _("%(a)s is thinner than a metre here, %(size)s", **words)
    return _("A sliver at the border of %(names)s, %(size)s", **words)


def _joint(words: dict[str, Any], detail: str) -> str:
    return _("The borders of %(names)s do not share a corner here (%(m)s m)", **words)


def _invalid(words: dict[str, Any], detail: str) -> str:
    return _("The border of %(a)s crosses itself", **words)


def _duplicate(words: dict[str, Any], detail: str) -> str:
    return _("%(a)s and %(b)s are the same area", **words)


def _uncovered(words: dict[str, Any], detail: str) -> str:
    return _("An area of the level above has no area in it, %(size)s", **words)


_BY_KIND = {
    ProblemKind.GAP: _gap,
    ProblemKind.OVERLAP: _overlap,
    ProblemKind.SPILL: _spill,
    ProblemKind.SLIVER: _sliver,
    ProblemKind.T_JUNCTION: _joint,
    ProblemKind.INVALID: _invalid,
    ProblemKind.DUPLICATE: _duplicate,
    ProblemKind.UNCOVERED: _uncovered,
}

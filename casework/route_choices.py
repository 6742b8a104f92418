"""What somebody chose about the stops of a new plan: which must be seen, and how long each kind takes on site."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from casework.errors import Refused, mark
from casework.route_asked import DAY_S, one_of, whole
from casework.route_picking import SERVICE_S, Picked

MUST_OF_FINDINGS: Final = ("overdue", "all", "none")
_GROUPS: Final = {"patch": "patches", "place": "places"}


def as_chosen(picked: Sequence[Picked], asked: Mapping[str, Any]) -> list[Picked]:
    """The picked stops with ``asked``'s wishes applied to them.

    ``must`` {findings: overdue, all or none, patches: bool, places: bool}; without it overdue findings must be seen and
    nothing else. ``service_s`` {finding, patch, place}: seconds on site by kind. Raises Refused naming the field.
    """
    must, service_s = _mapping(asked, "must"), _mapping(asked, "service_s")
    of_findings = one_of(must.get("findings", "overdue"), "must", MUST_OF_FINDINGS)
    seconds = {
        kind: whole(service_s.get(kind, usual), "service_s", 0, DAY_S) for kind, usual in SERVICE_S.items()
    }
    return [
        replace(
            stop,
            is_must=_must(stop, of_findings, must),
            service_s=seconds[stop.kind] if stop.own_service_s is None else stop.own_service_s,
        )
        for stop in picked
    ]


def _must(stop: Picked, of_findings: str, must: Mapping[str, Any]) -> bool:
    if stop.kind == "finding":
        return stop.is_must if of_findings == "overdue" else of_findings == "all"
    return stop.is_must or must.get(_GROUPS[stop.kind]) is True


def _mapping(asked: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = asked.get(field)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Refused(mark("%(field)s must be an object"), {"field": field}, field=field)
    return value

"""A round as a file: GPX for devices, GeoJSON for maps, iCalendar for the day's diary."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree as Xml

_GPX: Final = "http://www.topografix.com/GPX/1/1"
_FOLD: Final = 74  # octets of an iCalendar line, RFC 5545 section 3.1
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML 1.0 cannot hold


@dataclass(frozen=True, slots=True)
class FileStop:
    """A stop in a file: degrees in WGS 84, aware moments (None: not timed)."""

    number: int
    name: str
    lon: float
    lat: float
    arrive_at: datetime | None
    leave_at: datetime | None
    note: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class FileRound:
    """One person's round of one day, with the way as [lon, lat] positions."""

    title: str
    stops: Sequence[FileStop]
    path: Sequence[Sequence[float]]


def gpx(rounds: Sequence[FileRound]) -> bytes:
    """GPX 1.1: stops as waypoints with planned times; each round as a route of its stops and a track of its way."""
    Xml.register_namespace("", _GPX)
    root = Xml.Element(f"{{{_GPX}}}gpx", {"version": "1.1", "creator": "Baopian"})
    for stop in (stop for one in rounds for stop in one.stops):
        _place(root, "wpt", stop)
    for one in rounds:
        route = Xml.SubElement(root, f"{{{_GPX}}}rte")
        _text(route, "name", one.title)
        for stop in one.stops:
            _place(route, "rtept", stop)
    for one in rounds:
        track = Xml.SubElement(root, f"{{{_GPX}}}trk")
        _text(track, "name", one.title)
        segment = Xml.SubElement(track, f"{{{_GPX}}}trkseg")
        for lon, lat in one.path:
            Xml.SubElement(segment, f"{{{_GPX}}}trkpt", {"lat": f"{lat:.7f}", "lon": f"{lon:.7f}"})
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def geojson(rounds: Sequence[FileRound]) -> bytes:
    """A FeatureCollection (RFC 7946): a line for each round, then its stops in order."""
    features: list[dict[str, Any]] = []
    for one in rounds:
        if len(one.path) > 1:
            line = {"type": "LineString", "coordinates": [list(position) for position in one.path]}
            features.append(_feature(line, {"round": one.title}))
        for stop in one.stops:
            features.append(
                _feature(
                    {"type": "Point", "coordinates": [stop.lon, stop.lat]},
                    {
                        "round": one.title, "number": stop.number, "name": stop.name, "reference": stop.reference,
                        "arrive_at": stop.arrive_at.isoformat() if stop.arrive_at else None,
                        "leave_at": stop.leave_at.isoformat() if stop.leave_at else None, "note": stop.note,
                    },
                )
            )  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def ics(rounds: Sequence[FileRound], made_at: datetime) -> bytes:
    """A calendar (RFC 5545): an event for each timed stop, in UTC so that no time zone table is needed."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Baopian//rounds//", "CALSCALE:GREGORIAN"]
    for one in rounds:
        for stop in one.stops:
            if stop.arrive_at is None or stop.leave_at is None:
                continue
            unique = f"{stop.reference or stop.number}-{_utc(stop.arrive_at)}@baopian"
            lines += [
                "BEGIN:VEVENT", f"UID:{_escaped(unique)}", f"DTSTAMP:{_utc(made_at)}",
                f"DTSTART:{_utc(stop.arrive_at)}", f"DTEND:{_utc(stop.leave_at)}",
                f"SUMMARY:{_escaped(f'{stop.number} {stop.name}')}", f"LOCATION:{_escaped(stop.note or stop.name)}",
                f"DESCRIPTION:{_escaped(one.title)}", f"GEO:{stop.lat:.6f};{stop.lon:.6f}", "END:VEVENT",
            ]  # fmt: skip
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line)).encode()


def _place(above: Xml.Element, tag: str, stop: FileStop) -> None:
    where = {"lat": f"{stop.lat:.7f}", "lon": f"{stop.lon:.7f}"}
    element = Xml.SubElement(above, f"{{{_GPX}}}{tag}", where)
    if stop.arrive_at is not None:
        _text(element, "time", stop.arrive_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _text(element, "name", f"{stop.number} {stop.name}".strip())
    if stop.note:
        _text(element, "desc", stop.note)


def _text(above: Xml.Element, tag: str, text: str) -> None:
    Xml.SubElement(above, f"{{{_GPX}}}{tag}").text = _CONTROL.sub("", text)


def _feature(geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Text as RFC 5545 section 3.3.11 writes it."""
    plain = _CONTROL.sub("", text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, no character cut; each further one begins with a blank."""
    piece, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _FOLD:
            yield piece
            piece, size = " ", 1
        piece, size = piece + character, size + width
    yield piece

"""Setting the tile server that an administrator wants under the map; without one the schematic map is all."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from casework import fields
from casework.errors import Refused, mark
from casework.office import Office, the_city

DATUMS: Final = ("wgs84", "gcj02")
PLACES: Final = ("{z}", "{x}", "{y}")
MAX_URL: Final = 1000
DEEPEST_ZOOM: Final = 22


@dataclass(frozen=True, slots=True)
class TileServer:
    """A tile server: address with {z} {x} {y}, credit to show, datum of its tiles, deepest zoom that it has."""

    url: str
    name: str = ""
    attribution: str = ""
    datum: str = "wgs84"
    max_zoom: int = 18


def set_basemap(office: Office, server: TileServer | None) -> None:
    """Put a tile server under the map, or take it away (None). Raises Refused naming what cannot be used."""
    checked = _checked(server) if server else None
    with office.database.write() as session:
        city = the_city(session)
        city.basemap_kind = "xyz" if checked else "none"
        if checked:
            city.basemap_url, city.basemap_name = checked.url, checked.name
            city.basemap_attribution, city.basemap_datum = checked.attribution, checked.datum
            city.basemap_max_zoom = checked.max_zoom


def _checked(server: TileServer) -> TileServer:
    url = fields.text(server.url, "url", limit=MAX_URL, required=True)
    if not _is_address(url) or any(place not in url for place in PLACES):
        raise Refused(
            mark(
                "url must be a web address with {z}, {x} and {y} in it, such as https://tiles.example/{z}/{x}/{y}.png"
            ),
            field="url",
        )
    if server.datum not in DATUMS:
        raise Refused(mark("datum must be wgs84 or gcj02: what the tiles are drawn in"), field="datum")
    if not 1 <= server.max_zoom <= DEEPEST_ZOOM:
        raise Refused(
            mark("max_zoom must lie between 1 and %(most)s"), {"most": DEEPEST_ZOOM}, field="max_zoom"
        )
    return TileServer(
        url=url,
        name=fields.text(server.name, "name", limit=fields.MAX_LINE),
        attribution=fields.text(server.attribution, "attribution", limit=500),
        datum=server.datum,
        max_zoom=server.max_zoom,
    )


def _is_address(url: str) -> bool:
    if any(character in url for character in "\"'<>\\ \n\t;"):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return url.startswith("/")  # tiles that this machine serves itself
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and "@" not in parts.netloc

"""What the pages need to know about the city that this installation serves."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from casework.office import Office
from casework.policy import map_is_public
from db.models import City


@dataclass(frozen=True, slots=True)
class Basemap:
    """The tile server that an administrator has set; ``kind`` is 'none' or 'xyz'."""

    kind: str
    name: str
    url: str
    attribution: str
    datum: str
    max_zoom: int


@dataclass(frozen=True, slots=True)
class CityFacts:
    """The city in force, without its geometry."""

    name_zh: str
    name_en: str
    timezone: str
    is_demo: bool
    sample_as_of: date | None
    map_is_public: bool
    default_lang: str
    basemap: Basemap


def city_facts(office: Office) -> CityFacts | None:
    """The city's names, time zone and base map; None before ``baopian init``."""
    with office.database.read() as session:
        row = session.execute(
            select(
                City.name_zh, City.name_en, City.timezone, City.is_demo, City.sample_as_of, City.default_lang,
                City.basemap_kind, City.basemap_name, City.basemap_url, City.basemap_attribution,
                City.basemap_datum, City.basemap_max_zoom,
            ).limit(1)
        ).first()  # fmt: skip
    if row is None:
        return None
    return CityFacts(
        *row[:5],
        map_is_public=map_is_public(office.settings.public_map, is_demo=row.is_demo),
        default_lang=row.default_lang,
        basemap=Basemap(
            row.basemap_kind, row.basemap_name, row.basemap_url, row.basemap_attribution, row.basemap_datum,
            row.basemap_max_zoom,
        ),
    )  # fmt: skip

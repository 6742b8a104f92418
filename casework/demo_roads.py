"""The demo city's street network: its schematic streets as a graph. Generated, and labelled so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from shapely.geometry import shape
from sqlalchemy.orm import Session

from casework.street_networks import keep
from geo.road_lines import streets_of_lines
from geo.roads import network_of

NAME: Final = "示意路网 schematic streets"
_HIGHWAY: Final = {"a": "secondary", "b": "tertiary", "c": "residential"}


def plant_roads(session: Session, backdrop: Sequence[dict[str, Any]], at: datetime) -> None:
    """Put the network of the schematic map's streets on record, in the caller's transaction."""
    streets = [feature for feature in backdrop if feature["properties"]["kind"] == "street"]
    tags = [
        {"highway": _HIGHWAY[one["properties"]["cls"]], "name": one["properties"]["name_zh"] or ""}
        for one in streets
    ]
    network = network_of(streets_of_lines([shape(one["geometry"]) for one in streets], tags), NAME)
    keep(session, network, network.to_bytes(), NAME, at, schematic=True)

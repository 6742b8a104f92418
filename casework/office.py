"""What every use case needs at hand: the database, the settings and the clock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import Clock
from casework.errors import NotFound, mark
from db.models import City
from db.session import Database
from settings import Settings


@dataclass(frozen=True, slots=True)
class Office:
    """One installation at work."""

    database: Database
    settings: Settings
    clock: Clock

    @classmethod
    def open(cls, settings: Settings) -> "Office":
        """Open the installation that the settings describe."""
        return cls(Database(settings.url, {"router_url": settings.router_url}), settings, Clock(settings.now))

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self.clock.now()


def the_city(session: Session) -> City:
    """The city of this installation; raises NotFound before ``baopian init``."""
    city = session.scalars(select(City).limit(1)).first()
    if city is None:
        raise NotFound(mark("This installation has no city yet: run `baopian init` first"))
    return city

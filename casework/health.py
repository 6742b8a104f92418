"""Whether the installation can do its work at this moment."""

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from casework.cities import city_facts
from casework.office import Office
from db.schema import is_current


@dataclass(frozen=True, slots=True)
class Health:
    """What was looked at: the database answers, its schema is this version's, a city is there."""

    database: bool
    schema: bool
    city: bool

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served."""
        return self.database and self.schema and self.city


def look(office: Office) -> Health:
    """Ask the database; never raises for one that does not answer."""
    try:
        if not is_current(office.database):
            return Health(database=True, schema=False, city=False)
        return Health(database=True, schema=True, city=city_facts(office) is not None)
    except SQLAlchemyError:
        return Health(database=False, schema=False, city=False)

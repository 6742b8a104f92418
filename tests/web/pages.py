"""The whole application, every page of it, on a test's office."""

import jinja2

from app import create_app
from casework.office import Office
from tests.web.sites import Site


class WholeSite(Site):
    """A `Site` whose pages are all real."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.app = create_app(office.settings)
        self.app.testing = True
        self.app.jinja_env.undefined = jinja2.StrictUndefined


def whole_site(office: Office) -> WholeSite:
    """Every page on this office; its map is not public."""
    return WholeSite(office)

"""`site`: the web application on a city of two patches."""

from tests.factories.fixtures import sqlite_office
from tests.web.conftest import site

__all__ = ["site", "sqlite_office"]

"""Create, upgrade and inspect the schema through Alembic, from code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from db.session import Database

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to the newest schema (or an older revision), creating it when it is empty."""
    with database.engine.execution_options(baopian_write=True).begin() as connection:
        upgrade_on(connection, revision)


def upgrade_on(connection: Connection, revision: str = "head") -> None:
    """The same inside the transaction of a connection: what is rolled back leaves no schema behind."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    command.upgrade(_config(connection), revision)


def revision_of(connection: Connection) -> str:
    """The schema revision of a database."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def known_revisions() -> frozenset[str]:
    """All schema revisions that this version can start from."""
    return frozenset(script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions())


def is_current(database: Database) -> bool:
    """Whether the database has the newest schema."""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory(str(_FOLDER)).get_current_head()


def make_migration(database: Database, message: str) -> None:
    """Write a migration from the difference between models and database (for developers)."""
    with database.engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

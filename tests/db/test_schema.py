"""Migrations make exactly the tables of the models, and can be taken back."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from casework.office import Office
from db import schema
from db.models import Base


def test_the_migrated_schema_is_the_models(office: Office) -> None:
    with office.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []
    assert schema.is_current(office.database)


def test_upgrading_twice_changes_nothing(office: Office) -> None:
    schema.upgrade(office.database)
    assert schema.is_current(office.database)


def test_the_schema_can_be_taken_back(office: Office) -> None:
    with office.database.engine.execution_options(baopian_write=True).begin() as connection:
        command.downgrade(schema._config(connection), "base")
    left = set(inspect(office.database.engine).get_table_names()) & set(Base.metadata.tables)
    assert left == set()
    assert not schema.is_current(office.database)


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in Base.metadata.tables

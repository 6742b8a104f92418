"""Drafts of boundaries, publications, contacts of areas; findings beside a border are found by an index."""

from collections import defaultdict
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT: Final = db.types.UtcDateTime(timezone=True)
_ADDED: Final = ("publication_id", "ended_by_id")
_KEYS: Final = (
    *(("area_versions", column, "publications") for column in _ADDED),
    ("area_people", "given_by", "users"),
    ("area_people", "ended_by", "users"),
)


def upgrade() -> None:
    """Bring the schema forward."""
    _create_publications()
    _create_drafts()
    _create_contacts()
    for table, column, target in _KEYS:
        # Spelt out, the same on both databases: Alembic would copy the whole table on SQLite to add a key.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
            f" CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        )
    for column in _ADDED:
        op.create_index(op.f(f"ix_area_versions_{column}"), "area_versions", [column])
    op.create_index("ix_findings_place", "findings", ["lat", "lon"])
    op.create_index(
        "ix_findings_pinned",
        "findings",
        ["id"],
        sqlite_where=sa.text("pinned IS 1"),
        postgresql_where=sa.text("pinned IS true"),
    )
    _publications_of_old_versions()


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_findings_pinned", "findings")
    op.drop_index("ix_findings_place", "findings")
    for column in _ADDED:
        op.drop_index(op.f(f"ix_area_versions_{column}"), "area_versions")
    for table, column, _target in reversed(_KEYS):
        op.drop_column(table, column)
    for table in (
        "area_contacts", "area_draft_comments", "area_draft_shapes", "area_draft_levels", "area_drafts",
        "publications",
    ):  # fmt: skip
        op.drop_table(table)


def _create_publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("restored_id", sa.Integer(), nullable=True),
        sa.Column("findings_moved", sa.Integer(), nullable=False),
        sa.Column("bureaus_changed", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('import', 'draft', 'restore', 'program')", name=op.f("ck_publications_kind")
        ),
        sa.ForeignKeyConstraint(
            ["restored_id"], ["publications.id"], name=op.f("fk_publications_restored_id_publications")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_publications_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_index(op.f("ix_publications_at"), "publications", ["at"])


def _create_drafts() -> None:
    op.create_table(
        "area_drafts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_by", sa.Integer(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("restores_id", sa.Integer(), nullable=True),
        sa.Column("publication_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'published', 'discarded')", name=op.f("ck_area_drafts_status")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_area_drafts_created_by_users")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_area_drafts_publication_id_publications")
        ),
        sa.ForeignKeyConstraint(
            ["restores_id"], ["publications.id"], name=op.f("fk_area_drafts_restores_id_publications")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["users.id"], name=op.f("fk_area_drafts_updated_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_drafts")),
    )
    op.create_table(
        "area_draft_levels",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["area_drafts.id"], name=op.f("fk_area_draft_levels_draft_id_area_drafts")
        ),
        sa.ForeignKeyConstraint(
            ["level_id"], ["levels.id"], name=op.f("fk_area_draft_levels_level_id_levels")
        ),
        sa.PrimaryKeyConstraint("draft_id", "level_id", name=op.f("pk_area_draft_levels")),
    )
    op.create_table(
        "area_draft_shapes",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("base_version_id", sa.Integer(), nullable=True),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("parent_key", sa.String(length=24), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("geometry", db.types.Geometry(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_area_draft_shapes_area_id_areas")),
        sa.ForeignKeyConstraint(
            ["base_version_id"],
            ["area_versions.id"],
            name=op.f("fk_area_draft_shapes_base_version_id_area_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["area_drafts.id"], name=op.f("fk_area_draft_shapes_draft_id_area_drafts")
        ),
        sa.ForeignKeyConstraint(
            ["level_id"], ["levels.id"], name=op.f("fk_area_draft_shapes_level_id_levels")
        ),
        sa.PrimaryKeyConstraint("draft_id", "key", name=op.f("pk_area_draft_shapes")),
    )
    op.create_table(
        "area_draft_comments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("resolved_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["area_drafts.id"], name=op.f("fk_area_draft_comments_draft_id_area_drafts")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_area_draft_comments_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_draft_comments")),
    )
    op.create_index(op.f("ix_area_draft_comments_draft_id"), "area_draft_comments", ["draft_id"])


def _create_contacts() -> None:
    op.create_table(
        "area_contacts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=True),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('community', 'street', 'other')", name=op.f("ck_area_contacts_kind")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_area_contacts_area_id_areas")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_area_contacts_ended_by_users")),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_area_contacts_given_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_contacts")),
    )
    op.create_index(op.f("ix_area_contacts_area_id"), "area_contacts", ["area_id"])


def _publications_of_old_versions() -> None:
    """Versions that one person put in force at one moment with one note become a publication.

    A version ended when the next one of its area began, so that publication ended it.
    """
    connection = op.get_bind()
    versions = sa.table(
        "area_versions",
        *(sa.column(name) for name in ("id", "area_id", "published_by", "note", *_ADDED)),
        sa.column("valid_from", _MOMENT),
        sa.column("valid_to", _MOMENT),
    )
    c = versions.c
    rows = connection.execute(
        sa.select(c.id, c.area_id, c.valid_from, c.valid_to, c.published_by, c.note).order_by(
            c.valid_from, c.id
        )
    ).all()
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    of_area: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[(row.valid_from, row.published_by, row.note)].append(row)
        of_area[row.area_id].append(row)
    publication_of: dict[int, int] = {}
    for (at, user_id, note), members in groups.items():
        identity = _add_publication(connection, at, user_id, note)
        publication_of.update({row.id: identity for row in members})
    ended_by = {
        row.id: publication_of[following.id]
        for line in of_area.values()
        for row, following in pairwise(line)
        if row.valid_to is not None
    }
    if rows:
        connection.execute(
            sa.update(versions)
            .where(c.id == sa.bindparam("version"))
            .values(publication_id=sa.bindparam("opened"), ended_by_id=sa.bindparam("ended")),
            [
                {"version": row.id, "opened": publication_of[row.id], "ended": ended_by.get(row.id)}
                for row in rows
            ],
        )


def _add_publication(connection: sa.Connection, at: Any, user_id: int | None, note: str) -> int:
    publications = sa.table(
        "publications",
        *(sa.column(name) for name in ("id", "user_id", "note", "kind", "findings_moved", "bureaus_changed")),
        sa.column("at", _MOMENT),
    )
    done = connection.execute(
        sa.insert(publications)
        .values(at=at, user_id=user_id, note=note, kind="program", findings_moved=0, bureaus_changed=0)
        .returning(publications.c.id)
    )
    return int(done.scalar_one())

"""reports from phones, desks."""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_views_user_id_name")),
    )
    op.create_table(
        "finding_reads",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_revision", sa.Integer(), nullable=False),
        sa.Column("seen_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_reads_finding_id_findings")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_finding_reads_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "finding_id", name=op.f("pk_finding_reads")),
    )
    with op.batch_alter_table("city", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("default_lang", sa.String(length=8), server_default="zh", nullable=False)
        )

    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("client_key", sa.String(length=64), nullable=True))
        batch_op.create_index("uq_findings_client_key", ["client_key"], unique=True)

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.add_column(sa.Column("history_seq", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_column("history_seq")

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("retired_at")

    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index("uq_findings_client_key")
        batch_op.drop_column("client_key")

    with op.batch_alter_table("city", schema=None) as batch_op:
        batch_op.drop_column("default_lang")

    op.drop_table("finding_reads")
    op.drop_table("saved_views")

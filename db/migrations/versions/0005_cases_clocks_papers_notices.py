"""Bureaus' parts of a case, ties between findings, limits and days off, papers, notices."""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "calendar_days",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('off', 'working')", name=op.f("ck_calendar_days_kind")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_calendar_days_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
    )
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_days_day"), ["day"], unique=False)

    op.create_table(
        "mail_addresses",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("changed_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_addresses_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_addresses")),
    )
    op.create_table(
        "notice_choices",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("mail", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_choices_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_choices")),
    )
    op.create_table(
        "paper_templates",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('rectification_notice', 'referral_letter', 'supervision_order', 'weekly_list')",
            name=op.f("ck_paper_templates_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["users.id"], name=op.f("fk_paper_templates_uploaded_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_templates")),
    )
    op.create_table(
        "time_limits",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("limit_value", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.String(length=16), nullable=False),
        sa.Column("warn_share", sa.Double(), nullable=True),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "limit_unit IN ('hour', 'working_hour', 'working_day', 'calendar_day')",
            name=op.f("ck_time_limits_limit_unit"),
        ),
        sa.CheckConstraint(
            "step IN ('confirm', 'file', 'dispatch', 'accept', 'handle', 'check', 'close')",
            name=op.f("ck_time_limits_step"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_time_limits_category_id_categories")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_time_limits_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_limits")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=True),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("form IN ('json', 'wecom', 'dingtalk')", name=op.f("ck_webhooks_form")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_webhooks_bureau_id_bureaus")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_webhooks_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "working_hours",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("minutes", sa.String(length=200), nullable=False),
        sa.Column("weekdays", sa.String(length=16), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_working_hours_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_hours")),
    )
    op.create_table(
        "bureau_tasks",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("is_punishment", sa.Boolean(), nullable=False),
        sa.Column("begun_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Integer(), nullable=True),
        sa.Column("accepted_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("handled_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('lead', 'joint')", name=op.f("ck_bureau_tasks_role")),
        sa.CheckConstraint(
            "status IN ('dispatched', 'accepted', 'returned', 'handled', 'ended')",
            name=op.f("ck_bureau_tasks_status"),
        ),
        sa.ForeignKeyConstraint(["begun_by"], ["users.id"], name=op.f("fk_bureau_tasks_begun_by_users")),
        sa.ForeignKeyConstraint(
            ["bureau_id"], ["bureaus.id"], name=op.f("fk_bureau_tasks_bureau_id_bureaus")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_bureau_tasks_finding_id_findings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_tasks")),
    )
    with op.batch_alter_table("bureau_tasks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bureau_tasks_bureau",
            ["bureau_id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_bureau_tasks_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(
            "uq_bureau_tasks_open",
            ["finding_id", "bureau_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "deliveries",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("webhook_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'webhook')", name=op.f("ck_deliveries_channel")),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'failed', 'given_up')", name=op.f("ck_deliveries_status")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_deliveries_finding_id_findings")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deliveries_user_id_users")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index("ix_deliveries_waiting", ["status", "next_at"], unique=False)

    op.create_table(
        "extensions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=True),
        sa.Column("first_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("second_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('asked', 'approved_once', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_extensions_status"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_extensions_asked_by_users")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_extensions_ended_by_users")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_extensions_finding_id_findings")
        ),
        sa.ForeignKeyConstraint(["first_by"], ["users.id"], name=op.f("fk_extensions_first_by_users")),
        sa.ForeignKeyConstraint(["second_by"], ["users.id"], name=op.f("fk_extensions_second_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    with op.batch_alter_table("extensions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extensions_finding_id"), ["finding_id"], unique=False)

    op.create_table(
        "finding_links",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status_before", sa.String(length=16), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('child', 'duplicate', 'recurrence')", name=op.f("ck_finding_links_kind")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_finding_links_created_by_users")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_finding_links_ended_by_users")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_links_finding_id_findings")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["findings.id"], name=op.f("fk_finding_links_other_id_findings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_links")),
    )
    with op.batch_alter_table("finding_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_links_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_links_other_id"), ["other_id"], unique=False)
        batch_op.create_index(
            "uq_finding_links_current",
            ["finding_id", "kind"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND kind <> 'recurrence'"),
            postgresql_where=sa.text("ended_at IS NULL AND kind <> 'recurrence'"),
        )

    op.create_table(
        "not_duplicates",
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_not_duplicates_finding_id_findings")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["findings.id"], name=op.f("fk_not_duplicates_other_id_findings")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_not_duplicates_user_id_users")),
        sa.PrimaryKeyConstraint("finding_id", "other_id", name=op.f("pk_not_duplicates")),
    )
    op.create_table(
        "notices",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_notices_finding_id_findings")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("user_id", "occasion", name=op.f("uq_notices_user_id_occasion")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index("ix_notices_user", ["user_id", "read_at"], unique=False)

    op.create_table(
        "papers",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bureau_id", sa.Integer(), nullable=True),
        sa.Column("template_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("made_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("voided_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('rectification_notice', 'referral_letter', 'supervision_order', 'weekly_list')",
            name=op.f("ck_papers_kind"),
        ),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_papers_bureau_id_bureaus")),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_papers_finding_id_findings")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_papers_made_by_users")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["paper_templates.id"], name=op.f("fk_papers_template_id_paper_templates")
        ),
        sa.ForeignKeyConstraint(["voided_by"], ["users.id"], name=op.f("fk_papers_voided_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_papers_kind_number")),
    )
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_papers_finding_id"), ["finding_id"], unique=False)

    op.create_table(
        "photo_copies",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("made_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_photo_copies_made_by_users")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_photo_copies_photo_id_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_copies")),
    )
    with op.batch_alter_table("photo_copies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_photo_copies_photo_id"), ["photo_id"], unique=False)

    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("step_due_at", db.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_at", db.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", db.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("dissuasion", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("extensions", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("reworks", sa.Integer(), server_default="0", nullable=False))
    _begin_parts()


def _begin_parts() -> None:
    """From the first lifecycle to this one (docs/lifecycle.md): a bureau that has a case now has the leading part of it.

    Plain statements over what is open, with the history's index: seconds for a million findings. What is closed keeps
    its history and gets no parts; a failed check was counted nowhere, so reworks are counted here.
    """
    begun, accepted, handled = (_last_at(act) for act in ("dispatch", "accept", "handle"))
    before = (
        "(SELECT h.from_status FROM history h WHERE h.finding_id = f.id AND h.act = 'suspend'"
        " ORDER BY h.seq DESC LIMIT 1)"
    )
    part = (
        "CASE f.status WHEN 'verified' THEN 'handled'"
        f" WHEN 'suspended' THEN CASE {before} WHEN 'accepted' THEN 'accepted' ELSE 'dispatched' END"
        " ELSE f.status END"
    )
    no = "0" if op.get_bind().dialect.name == "sqlite" else "false"
    # only constants of this file go into the text
    rows = f"""
        SELECT f.id, f.bureau_id, 'lead', {part}, {no}, coalesce({begun}, f.reported_at),
            CASE WHEN {part} <> 'dispatched' THEN {accepted} END,
            CASE WHEN {part} = 'handled' THEN {handled} END
        FROM findings f
        WHERE f.bureau_id IS NOT NULL AND (f.status IN ('dispatched', 'accepted', 'handled', 'verified')
            OR (f.status = 'suspended' AND {before} IN ('dispatched', 'accepted')))
    """  # noqa: S608
    columns = "finding_id, bureau_id, role, status, is_punishment, begun_at, accepted_at, handled_at"
    op.execute(f"INSERT INTO bureau_tasks ({columns}) {rows}")
    op.execute(
        "UPDATE findings SET reworks = (SELECT count(*) FROM history h WHERE h.finding_id = findings.id"
        " AND h.act = 'rework') WHERE id IN (SELECT finding_id FROM history WHERE act = 'rework')"
    )


def _last_at(act: str) -> str:
    return f"(SELECT max(h.at) FROM history h WHERE h.finding_id = f.id AND h.act = '{act}')"  # noqa: S608 - a constant


def downgrade() -> None:
    """Take the schema back."""
    # Spelt out: Alembic would copy the table of findings on SQLite, which other tables name.
    for column in ("reworks", "extensions", "dissuasion", "confirmed_at", "paused_at", "step_due_at"):
        op.execute(f"ALTER TABLE findings DROP COLUMN {column}")

    with op.batch_alter_table("photo_copies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_photo_copies_photo_id"))

    op.drop_table("photo_copies")
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_papers_finding_id"))

    op.drop_table("papers")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index("ix_notices_user")
        batch_op.drop_index(batch_op.f("ix_notices_finding_id"))
        batch_op.drop_index("ix_notices_at")

    op.drop_table("notices")
    op.drop_table("not_duplicates")
    with op.batch_alter_table("finding_links", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_finding_links_current",
            sqlite_where=sa.text("ended_at IS NULL AND kind <> 'recurrence'"),
            postgresql_where=sa.text("ended_at IS NULL AND kind <> 'recurrence'"),
        )
        batch_op.drop_index(batch_op.f("ix_finding_links_other_id"))
        batch_op.drop_index(batch_op.f("ix_finding_links_finding_id"))

    op.drop_table("finding_links")
    with op.batch_alter_table("extensions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_extensions_finding_id"))

    op.drop_table("extensions")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_waiting")
        batch_op.drop_index(batch_op.f("ix_deliveries_finding_id"))

    op.drop_table("deliveries")
    with op.batch_alter_table("bureau_tasks", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_bureau_tasks_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_bureau_tasks_finding_id"))
        batch_op.drop_index(
            "ix_bureau_tasks_bureau",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("bureau_tasks")
    op.drop_table("working_hours")
    op.drop_table("webhooks")
    op.drop_table("time_limits")
    op.drop_table("paper_templates")
    op.drop_table("notice_choices")
    op.drop_table("mail_addresses")
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_days_day"))

    op.drop_table("calendar_days")

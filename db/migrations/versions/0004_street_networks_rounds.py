"""Street networks, plans of rounds, tracks."""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""

    op.create_table(
        "street_networks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("imported_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("is_schematic", sa.Boolean(), nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("junctions", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("length_km", sa.Double(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["users.id"], name=op.f("fk_street_networks_imported_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street_networks")),
    )
    op.create_table(
        "track_consents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("given_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_track_consents_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_consents")),
    )
    with op.batch_alter_table("track_consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_track_consents_user_id"), ["user_id"], unique=False)

    op.create_table(
        "route_plans",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("solve_s", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Double(), nullable=False),
        sa.Column("own_patch", sa.String(length=16), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=True),
        sa.Column("picked", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.CheckConstraint("mode IN ('foot', 'bike', 'car')", name=op.f("ck_route_plans_mode")),
        sa.CheckConstraint("own_patch IN ('no', 'preferred', 'only')", name=op.f("ck_route_plans_own_patch")),
        sa.CheckConstraint(
            "status IN ('new', 'solving', 'ready', 'failed', 'sent', 'discarded')",
            name=op.f("ck_route_plans_status"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_route_plans_created_by_users")),
        sa.ForeignKeyConstraint(
            ["network_id"], ["street_networks.id"], name=op.f("fk_route_plans_network_id_street_networks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_plans")),
    )
    with op.batch_alter_table("route_plans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_route_plans_day"), ["day"], unique=False)

    op.create_table(
        "street_network_parts",
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"],
            ["street_networks.id"],
            name=op.f("fk_street_network_parts_network_id_street_networks"),
        ),
        sa.PrimaryKeyConstraint("network_id", "position", name=op.f("pk_street_network_parts")),
    )
    op.create_table(
        "route_inspectors",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("start_lon", sa.Double(), nullable=False),
        sa.Column("start_lat", sa.Double(), nullable=False),
        sa.Column("end_lon", sa.Double(), nullable=True),
        sa.Column("end_lat", sa.Double(), nullable=True),
        sa.Column("shift_start_s", sa.Integer(), nullable=False),
        sa.Column("shift_end_s", sa.Integer(), nullable=False),
        sa.Column("breaks", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("patches", sa.JSON(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("max_distance_m", sa.Double(), nullable=True),
        sa.Column("absent_from", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["route_plans.id"], name=op.f("fk_route_inspectors_plan_id_route_plans")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_route_inspectors_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_inspectors")),
    )
    with op.batch_alter_table("route_inspectors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_route_inspectors_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_route_inspectors_user_id"), ["user_id"], unique=False)

    op.create_table(
        "track_points",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["route_plans.id"], name=op.f("fk_track_points_plan_id_route_plans")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_track_points_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_points")),
    )
    with op.batch_alter_table("track_points", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_track_points_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_track_points_user_id"), ["user_id"], unique=False)
        batch_op.create_index("ix_track_points_walk", ["plan_id", "user_id", "at"], unique=False)

    op.create_table(
        "route_stops",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_must", sa.Boolean(), nullable=False),
        sa.Column("due_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("inspector_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("arrive_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("start_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("leave_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lock", sa.String(length=16), nullable=False),
        sa.Column("unserved", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("arrived_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("arrived_m", sa.Double(), nullable=True),
        sa.Column("done_at", db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("reached_from_id", sa.Integer(), nullable=True),
        sa.Column("walk_s", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('finding', 'patch', 'place')", name=op.f("ck_route_stops_kind")),
        sa.CheckConstraint("lock IN ('', 'inspector', 'order')", name=op.f("ck_route_stops_lock")),
        sa.CheckConstraint(
            "state IN ('planned', 'arrived', 'done', 'skipped')", name=op.f("ck_route_stops_state")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_route_stops_area_id_areas")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_route_stops_finding_id_findings")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"],
            ["route_inspectors.id"],
            name=op.f("fk_route_stops_inspector_id_route_inspectors"),
        ),
        sa.ForeignKeyConstraint(
            ["reached_from_id"], ["route_stops.id"], name=op.f("fk_route_stops_reached_from_id_route_stops")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["route_plans.id"], name=op.f("fk_route_stops_plan_id_route_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_stops")),
    )
    with op.batch_alter_table("route_stops", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_route_stops_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_route_stops_inspector_id"), ["inspector_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_route_stops_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index("ix_route_stops_seen", ["area_id", "done_at"], unique=False)

    op.create_table(
        "route_events",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("stop_id", sa.Integer(), nullable=True),
        sa.Column("at", db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["route_plans.id"], name=op.f("fk_route_events_plan_id_route_plans")
        ),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["route_stops.id"], name=op.f("fk_route_events_stop_id_route_stops")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_route_events_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_events")),
    )
    with op.batch_alter_table("route_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_route_events_plan_id"), ["plan_id"], unique=False)


def downgrade() -> None:
    """Take the schema back."""

    with op.batch_alter_table("route_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_route_events_plan_id"))

    op.drop_table("route_events")
    with op.batch_alter_table("route_stops", schema=None) as batch_op:
        batch_op.drop_index("ix_route_stops_seen")
        batch_op.drop_index(batch_op.f("ix_route_stops_plan_id"))
        batch_op.drop_index(batch_op.f("ix_route_stops_inspector_id"))
        batch_op.drop_index(batch_op.f("ix_route_stops_finding_id"))

    op.drop_table("route_stops")
    with op.batch_alter_table("track_points", schema=None) as batch_op:
        batch_op.drop_index("ix_track_points_walk")
        batch_op.drop_index(batch_op.f("ix_track_points_user_id"))
        batch_op.drop_index(batch_op.f("ix_track_points_at"))

    op.drop_table("track_points")
    with op.batch_alter_table("route_inspectors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_route_inspectors_user_id"))
        batch_op.drop_index(batch_op.f("ix_route_inspectors_plan_id"))

    op.drop_table("route_inspectors")
    op.drop_table("street_network_parts")
    with op.batch_alter_table("route_plans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_route_plans_day"))

    op.drop_table("route_plans")
    with op.batch_alter_table("track_consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_track_consents_user_id"))

    op.drop_table("track_consents")
    op.drop_table("street_networks")

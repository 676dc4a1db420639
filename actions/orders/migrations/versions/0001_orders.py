"""Customers, orders, verification and outbox. Revision 0001, the first."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("delivery", sa.JSON(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.UniqueConstraint("number", name="uq_customers_number"),
    )
    op.create_table(
        "card_holders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("hsa_id", sa.String(length=31), nullable=False),
        sa.Column("hsa_key", sa.String(length=31), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("in_hsa", sa.Boolean(), nullable=False),
        sa.Column("has_swedish_address", sa.Boolean(), nullable=False),
        sa.Column("card_kind", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "card_kind IN ('ordinary', 'reserve', 'none', 'unknown')", name="ck_card_holders_card_kind"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_card_holders_customer_id_customers"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_card_holders"),
        sa.UniqueConstraint("hsa_key", name="uq_card_holders_hsa_key"),
    )
    op.create_index("ix_card_holders_customer_id", "card_holders", ["customer_id"])

    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_contacts_customer_id_customers"),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("customer_id", "email", name="uq_contacts_customer_id_email"),
    )
    op.create_table(
        "verifications",
        sa.Column("conversation_id", sa.String(length=100), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_verifications_customer_id_customers"
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_verifications"),
    )
    op.create_index("ix_verifications_expires_at", "verifications", ["expires_at"])

    op.create_table(
        "code_challenges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=100), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("attempts_left", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_code_challenges_contact_id_contacts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_code_challenges"),
    )
    op.create_index("ix_code_challenges_address_created", "code_challenges", ["address_hash", "created_at"])
    op.create_index("ix_code_challenges_conversation_id_id", "code_challenges", ["conversation_id", "id"])
    op.create_index("ix_code_challenges_created_at", "code_challenges", ["created_at"])

    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("hsa_id", sa.String(length=31), nullable=True),
        sa.Column("holder_name", sa.String(length=200), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.JSON(), nullable=True),
        sa.Column("placed_by", sa.String(length=254), nullable=False),
        sa.Column("conversation_id", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('puk', 'reserve_card', 'ordinary_card', 'card_reader')", name="ck_orders_kind"
        ),
        sa.CheckConstraint("state IN ('received', 'handled', 'sent', 'cancelled')", name="ck_orders_state"),
        sa.CheckConstraint("level IS NULL OR level IN (2, 3)", name="ck_orders_level"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 50", name="ck_orders_quantity"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_orders_customer_id_customers"),
        sa.ForeignKeyConstraint(["holder_id"], ["card_holders.id"], name="fk_orders_holder_id_card_holders"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("number", name="uq_orders_number"),
    )
    op.create_index("ix_orders_conversation_id", "orders", ["conversation_id"])
    op.create_index("ix_orders_customer_id_id", "orders", ["customer_id", "id"])
    op.create_index("ix_orders_duplicates", "orders", ["customer_id", "kind", "holder_id", "created_at"])
    op.create_index("ix_orders_state_id", "orders", ["state", "id"])

    op.create_table(
        "idempotency_keys",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_idempotency_keys_customer_id_customers"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_idempotency_keys_order_id_orders"),
        sa.PrimaryKeyConstraint("customer_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])

    op.create_table(
        "order_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=270), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("remark", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_events_order_id_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_order_events"),
    )
    op.create_index("ix_order_events_order_id", "order_events", ["order_id"])

    op.create_table(
        "order_outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("destination", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="ck_order_outbox_state"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_outbox_order_id_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_order_outbox"),
        sa.UniqueConstraint("delivery_id", name="uq_order_outbox_delivery_id"),
    )
    op.create_index("ix_order_outbox_due", "order_outbox", ["state", "destination", "next_attempt_at"])
    op.create_index("ix_order_outbox_order", "order_outbox", ["order_id", "destination", "id"])

    _make_append_only()


def _make_append_only() -> None:
    """The database itself refuses to rewrite an order's history, or to drop an order that has one."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER order_events_no_{verb.lower()} BEFORE {verb} ON order_events "
                "BEGIN SELECT RAISE(ABORT, 'order_events is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION order_events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'order_events is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION order_events_refuse()"
    )

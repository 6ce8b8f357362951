"""The first tables of work to do and of what was done."""

from sqlalchemy import Boolean, Column, MetaData, UniqueConstraint, false

from los_adapters.store.migrations.shapes import (
    belongs,
    brand_table,
    choice,
    document,
    flag,
    index,
    instant,
    number,
    sealed,
    text,
    uuid,
)


def add(metadata: MetaData) -> None:
    """Add the tables."""
    brand_table(
        metadata,
        "job",
        uuid("id"),
        text("kind"),
        text("key"),
        document("payload"),
        choice("state", "READY", "RUNNING", "DONE", "DEAD"),
        instant("due_at"),
        instant("created_at"),
        number("attempts"),
        text("lease"),
        instant("lease_until", null=True),
        text("last_error"),
        Column("queued", Boolean, nullable=False, server_default=false()),
        UniqueConstraint("brand_id", "kind", "key"),
        index(None, "id"),
        index(None, "state", "due_at", "id"),
        index("ix_job_unqueued", "due_at", "id", where="state = 'READY' AND NOT queued"),
    )
    brand_table(
        metadata,
        "slot",
        text("task"),
        instant("slot"),
        number("fence"),
        text("worker"),
        instant("lease_until"),
        instant("finished_at", null=True),
        key=("task", "slot"),
    )
    brand_table(
        metadata,
        "inbox",
        text("consumer"),
        text("message_id"),
        instant("at"),
        key=("consumer", "message_id"),
    )
    brand_table(
        metadata,
        "webhook_event",
        uuid("id"),
        text("port"),
        text("provider"),
        text("account"),
        text("event_key"),
        text("kind"),
        text("reference"),
        instant("received_at"),
        choice("status", "RECEIVED", "APPLIED", "IGNORED", "PARKED"),
        text("reason"),
        number("deliveries"),
        sealed("sealed"),
        UniqueConstraint("brand_id", "provider", "account", "event_key"),
        index(None, "brand_id", "status"),
    )
    brand_table(
        metadata,
        "message",
        text("id"),
        text("channel"),
        text("template"),
        text("to_masked"),
        uuid("loan_id", null=True),
        text("provider"),
        text("provider_ref"),
        text("status"),
        flag("repeated"),
        instant("at"),
        belongs("loan_id", "loan"),
        index(None, "brand_id", "loan_id"),
    )
    brand_table(
        metadata,
        "audit",
        uuid("id"),
        instant("at"),
        text("actor"),
        uuid("actor_id", null=True),
        text("action"),
        text("entity"),
        uuid("entity_id"),
        document("facts"),
        index(None, "brand_id", "entity", "entity_id"),
    )
    brand_table(metadata, "counter", text("series"), number("value"), key=("series",))
    brand_table(
        metadata,
        "idempotency",
        text("scope"),
        text("key"),
        text("request_hash"),
        instant("taken_at"),
        number("status"),
        sealed("sealed", null=True),
        index(None, "brand_id", "taken_at"),
        key=("scope", "key"),
    )

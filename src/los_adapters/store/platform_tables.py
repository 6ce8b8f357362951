"""The tables of the installation: brands and their rules, staff, sessions, queue, desk.

Those that a brand owns begin their key with it. Staff, their log-ins and codes, and limits on
attempts are of the installation.
Job payloads and audit facts hold ids and codes only; vendor settings, vendor messages and stored
answers are sealed.
"""

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy import text as condition

from los_adapters.store.columns import (
    belongs,
    brand_table,
    choice,
    document,
    instant,
    metadata,
    number,
    sealed,
    text,
    uuid,
)
from los_adapters.store.once import JobState
from los_core.domain.access import Role
from los_core.domain.activity import EndReason
from los_core.domain.brand import Officer, PolicyLinks, Settings
from los_core.domain.notification import NotificationKind
from los_core.domain.staff import SecurePurpose
from los_core.domain.work import WebhookStatus

brand: Final = Table(
    "brand",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", text("code").type, nullable=False, unique=True),
    text("name"),
    text("lender"),
    text("legal_name"),
    text("rbi_reg_no"),
    text("address"),
    text("gst_state"),
    document("grievance_officer", Officer),
    document("nodal_officer", Officer),
    document("policy_links", PolicyLinks),
    Column("subdomain", text("subdomain").type, nullable=True, unique=True),
    Column("active", Boolean, nullable=False),
    number("version"),
)

brand_settings: Final = brand_table(
    "brand_settings", number("version"), document("document", Settings), key=()
)
rule_set: Final = brand_table(
    "rule_set", number("version"), document("document", object), key=("version",)
)
evaluation_config: Final = brand_table(
    "evaluation_config", number("version"), document("document", object), key=("version",)
)
provider: Final = brand_table(
    "provider",
    text("port"),
    text("name"),
    Column("is_primary", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    number("version"),
    sealed("sealed"),
    key=("port", "name"),
)

_KEPT: Final = condition("removed_at IS NULL")
record: Final = brand_table(
    "record",
    text("kind"),
    uuid("id"),
    text("key", null=True),
    text("chief", null=True),
    document("document", object),
    number("version"),
    instant("created_at"),
    uuid("created_by", null=True),
    instant("updated_at"),
    uuid("updated_by", null=True),
    instant("removed_at", null=True),
    sealed("sealed", null=True),
    Index(None, "brand_id", "kind", "created_at"),
    Index(
        "uq_record_key",
        "brand_id",
        "kind",
        "key",
        unique=True,
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    ),
    Index(
        "uq_record_chief",
        "brand_id",
        "kind",
        "chief",
        unique=True,
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    ),
)
"""The brands' settings, every kind of `los_core.domain.record_kinds` in it."""

data_key: Final = Table(
    "data_key",
    metadata,
    Column("brand_id", Uuid, primary_key=True),
    Column("id", LargeBinary, primary_key=True),
    uuid("owner"),
    text("wrapped_by"),
    Column("wrapped", LargeBinary, nullable=True),
    instant("created_at"),
    instant("retired_at", null=True),
    instant("destroyed_at", null=True),
    CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
    Index(None, "brand_id", "owner"),
    Index(
        "uq_data_key_current",
        "brand_id",
        "owner",
        unique=True,
        sqlite_where=condition("retired_at IS NULL AND destroyed_at IS NULL"),
        postgresql_where=condition("retired_at IS NULL AND destroyed_at IS NULL"),
    ),
)
"""Wrapped data keys. The brand may be PLATFORM, which is none on file; the owner is a customer, or
the brand itself. Of an owner one key seals, the others open what they sealed; the keys of somebody
who was forgotten are destroyed and stay so."""

key_rotation: Final = Table(
    "key_rotation",
    metadata,
    Column("brand_id", Uuid, primary_key=True),
    Column("key_id", LargeBinary, primary_key=True),
    instant("began_at"),
    text("at_table"),
    text("after"),
    instant("finished_at", null=True),
    Index(
        "uq_key_rotation_open",
        "brand_id",
        unique=True,
        sqlite_where=condition("finished_at IS NULL"),
        postgresql_where=condition("finished_at IS NULL"),
    ),
)
"""A brand's change to new data keys, by the brand's new key, and how far it has come."""

staff: Final = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", text("email").type, nullable=False, unique=True),
    text("name"),
    text("password_hash"),
    document("roles", frozenset[Role]),
    document("granted", frozenset[str]),
    document("denied", frozenset[str]),
    Column("active", Boolean, nullable=False),
    number("security_version"),
    text("totp_secret"),
    text("totp_pending"),
    Column("totp_confirmed", Boolean, nullable=False),
    number("totp_step"),
    number("failures"),
    instant("locked_until", null=True),
    number("capacity"),
    number("rating"),
    instant("last_allocated_at", null=True),
    instant("created_at"),
    number("version"),
)
staff_brand: Final = brand_table(
    "staff_brand",
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Index(None, "staff_id"),
    key=("staff_id",),
)
session: Final = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    uuid("customer_id", null=True),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=True),
    Column("brand_id", Uuid, ForeignKey("brand.id"), nullable=True),
    text("token_hash"),
    text("previous_hash"),
    instant("rotated_at"),
    instant("created_at"),
    instant("expires_at"),
    instant("ends_at"),
    instant("revoked_at", null=True),
    text("device"),
    text("ip"),
    belongs("customer_id", "customer"),
    Index(None, "token_hash"),
    Index(None, "previous_hash"),
    Index(None, "staff_id"),
)
secure_code: Final = Table(
    "secure_code",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    choice("purpose", SecurePurpose),
    Column("issued_by", Uuid, ForeignKey("staff.id"), nullable=True),
    instant("sent_at"),
    instant("expires_at"),
    number("tries"),
    Column("used", Boolean, nullable=False),
    Index(None, "staff_id", "sent_at"),
)
rate_limit: Final = Table(
    "rate_limit",
    metadata,
    Column("key", Text, primary_key=True),
    number("full_at"),
    Index(None, "full_at"),
)
api_key: Final = brand_table(
    "api_key",
    uuid("id"),
    text("name"),
    document("scopes", frozenset[str]),
    text("key_hash"),
    text("last4"),
    uuid("created_by"),
    instant("created_at"),
    instant("rotated_at", null=True),
    instant("last_used_at", null=True),
    instant("revoked_at", null=True),
    number("version"),
    UniqueConstraint("brand_id", "key_hash"),
)

_UNQUEUED: Final = condition("state = 'READY' AND NOT queued")
job: Final = brand_table(
    "job",
    uuid("id"),
    text("kind"),
    text("key"),
    document("payload", dict[str, str]),
    choice("state", JobState),
    instant("due_at"),
    instant("created_at"),
    number("attempts"),
    text("lease"),
    instant("lease_until", null=True),
    text("last_error"),
    Column("queued", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("brand_id", "kind", "key"),
    Index(None, "id"),
    Index(None, "state", "due_at", "id"),
    Index(
        "ix_job_unqueued",
        "due_at",
        "id",
        postgresql_where=_UNQUEUED,
        sqlite_where=_UNQUEUED,
    ),
)
slot: Final = brand_table(
    "slot",
    text("task"),
    instant("slot"),
    number("fence"),
    text("worker"),
    instant("lease_until"),
    instant("finished_at", null=True),
    key=("task", "slot"),
)
inbox: Final = brand_table(
    "inbox", text("consumer"), text("message_id"), instant("at"), key=("consumer", "message_id")
)
webhook_event: Final = brand_table(
    "webhook_event",
    uuid("id"),
    text("port"),
    text("provider"),
    text("account"),
    text("event_key"),
    text("kind"),
    text("reference"),
    instant("received_at"),
    choice("status", WebhookStatus),
    text("reason"),
    number("deliveries"),
    uuid("owner", null=True),
    sealed("sealed"),
    UniqueConstraint("brand_id", "provider", "account", "event_key"),
    Index(None, "brand_id", "status"),
    Index(
        "ix_webhook_event_unsorted",
        "brand_id",
        "id",
        sqlite_where=condition("owner IS NULL"),
        postgresql_where=condition("owner IS NULL"),
    ),
)
"""Vendors' messages. The owner is whose key seals the body: a customer, or the brand where it is
no customer's and was emptied; NULL until somebody has looked."""
message: Final = brand_table(
    "message",
    text("id"),
    text("channel"),
    text("template"),
    text("to_masked"),
    uuid("loan_id", null=True),
    text("provider"),
    text("provider_ref"),
    text("status"),
    Column("repeated", Boolean, nullable=False),
    instant("at"),
    belongs("loan_id", "loan"),
    Index(None, "brand_id", "loan_id"),
)
sitting: Final = brand_table(
    "sitting",
    uuid("id"),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    text("device"),
    text("ip"),
    instant("started_at"),
    instant("last_active_at"),
    number("idle_s"),
    instant("ended_at", null=True),
    choice("end_reason", EndReason, null=True),
    instant("alerted_at", null=True),
    Index(None, "brand_id", "staff_id", "started_at"),
    Index(None, "brand_id", "started_at"),
    Index(None, "brand_id", "ended_at"),
)
notification: Final = brand_table(
    "notification",
    uuid("id"),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    choice("kind", NotificationKind),
    text("title"),
    text("body"),
    document("metadata", dict[str, str]),
    instant("created_at"),
    instant("read_at", null=True),
    instant("dismissed_at", null=True),
    Index(None, "brand_id", "staff_id", "created_at"),
    Index(None, "brand_id", "created_at"),
)
audit: Final = brand_table(
    "audit",
    uuid("id"),
    instant("at"),
    text("actor"),
    uuid("actor_id", null=True),
    text("action"),
    text("entity"),
    uuid("entity_id"),
    document("facts", Any),
    Index(None, "brand_id", "entity", "entity_id"),
    Index(None, "brand_id", "at", "id"),
)
audit_unsealed: Final = brand_table(
    "audit_unsealed", uuid("event_id"), belongs("event_id", "audit"), key=("event_id",)
)
audit_seal: Final = brand_table(
    "audit_seal",
    number("seq"),
    uuid("event_id"),
    instant("sealed_at"),
    text("prev_hash"),
    text("hash"),
    belongs("event_id", "audit"),
    UniqueConstraint("brand_id", "event_id"),
    key=("seq",),
)
counter: Final = brand_table("counter", text("series"), number("value"), key=("series",))
idempotency: Final = brand_table(
    "idempotency",
    text("scope"),
    text("key"),
    text("request_hash"),
    instant("taken_at"),
    number("status"),
    sealed("sealed", null=True),
    Index(None, "brand_id", "taken_at"),
    key=("scope", "key"),
)

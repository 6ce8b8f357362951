"""PostgreSQL: no brand sees another's rows, and no unbalanced posting is committed."""

from alembic import op

from los_adapters.store.migrations.isolation import (
    APPENDED,
    CHANGED,
    NAMED,
    REMOVED,
    isolate,
    lift,
    make_roles,
    on_postgresql,
    open_to_platform,
)

revision = "0004"
down_revision = "0003"

OF_APPENDED = (
    "audit",
    "audit_seal",
    "cam",
    "decision",
    "fact",
    "ledger_entry",
    "loan_history",
    "posting",
    "report",
)
OF_CHANGED = (
    "agreement",
    "approval",
    "brand_settings",
    "collection_order",
    "consent",
    "counter",
    "customer",
    "evaluation_config",
    "file",
    "key_facts",
    "loan",
    "message",
    "no_dues",
    "offer",
    "payout",
    "product",
    "receipt",
    "rule_set",
    "webhook_event",
)
OF_REMOVED = (
    "audit_unsealed",
    "blocklist",
    "customer_account",
    "holiday",
    "idempotency",
    "inbox",
    "job",
    "otp",
    "provider",
    "slot",
)
ACROSS = {
    "brand": "SELECT",
    "staff": CHANGED,
    "staff_brand": REMOVED,
    "session": REMOVED,
    "job": REMOVED,
    "slot": REMOVED,
    "inbox": REMOVED,
    "webhook_event": CHANGED,
}
"""What work across brands needs: who logs in, what is due, what came in."""

_BALANCED = """
CREATE FUNCTION los_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount) FROM ledger_entry
      WHERE brand_id = NEW.brand_id AND posting_id = NEW.posting_id) IS DISTINCT FROM 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation',
      MESSAGE = 'debits do not equal credits in posting ' || NEW.posting_id;
  END IF;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Make the roles, put policies on every table, and the check on the ledger."""
    make_roles()
    for table in OF_APPENDED:
        isolate(table, rights=APPENDED)
    for table in OF_CHANGED:
        isolate(table)
    for table in OF_REMOVED:
        isolate(table, rights=REMOVED)
    _isolate_installation()
    for table, rights in ACROSS.items():
        open_to_platform(table, rights=rights)
    if on_postgresql():
        op.execute("GRANT SELECT ON alembic_version TO PUBLIC")
        op.execute(_BALANCED)
        op.execute(
            "CREATE CONSTRAINT TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION los_balanced()"
        )


def downgrade() -> None:
    """Take all of it off; the roles stay, as other databases of the server use them."""
    if on_postgresql():
        op.execute("DROP TRIGGER ledger_entry_balanced ON ledger_entry")
        op.execute("DROP FUNCTION los_balanced()")
        op.execute("REVOKE ALL ON alembic_version FROM PUBLIC")
    for table in (
        *OF_APPENDED,
        *OF_CHANGED,
        *OF_REMOVED,
        "brand",
        "staff",
        "staff_brand",
        "session",
    ):
        lift(table)


def _isolate_installation() -> None:
    """A brand sees itself, and the staff who work for it; no session, those are the platform's."""
    member = "EXISTS (SELECT FROM staff_brand WHERE staff_id = staff.id)"
    isolate("brand", rights=CHANGED, visible=f"id = {NAMED}")
    isolate("staff_brand", rights="SELECT")
    isolate("staff", rights="SELECT, UPDATE", visible=member)
    isolate("session", rights="")

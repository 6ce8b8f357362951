"""Rows to values and back, where they are not alike field by field.

`plain` serves the classes whose fields are the columns. What is personal in the others is one
sealed document, bound to its row's place.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import attrs
from sqlalchemy import RowMapping

from los_adapters.store import money_tables, platform_tables, tables
from los_adapters.store.sealing import Sealer
from los_adapters.store.transaction import Row
from los_core.domain.activity import Activity, Sitting
from los_core.domain.agreement import Agreement, DocumentOnFile, KeyFactsOnFile
from los_core.domain.approval import Approval
from los_core.domain.assessment import CamOnFile, DecisionOnFile, ReportOnFile
from los_core.domain.consent import Consent
from los_core.domain.customer import Customer
from los_core.domain.documents import from_document, to_document
from los_core.domain.facts import Fact, fact_document, fact_from_document, kind_of
from los_core.domain.ids import CustomerId, LoanId
from los_core.domain.kyc import Email
from los_core.domain.loan import Loan, Position
from los_core.domain.servicing import CollectionOrder
from los_core.domain.staff import Staff
from los_core.domain.work import WebhookEvent
from los_core.ports.work import ProviderRow

T = TypeVar("T")

_CUSTOMER = tables.customer.c.sealed
_CONSENT = tables.consent.c.sealed
_KEY_FACTS = tables.key_facts.c.sealed
_REPORT, _REPORT_RAW = tables.report.c.sealed, tables.report.c.sealed_raw
_DECISION = tables.decision.c.sealed
_CAM = tables.cam.c.sealed
_AGREEMENT = tables.agreement.c.sealed
_FILE = tables.file.c.sealed_name
_ORDER = money_tables.collection_order.c.sealed_url
_APPROVAL = money_tables.approval.c.sealed
_EVENT = platform_tables.webhook_event.c.sealed
_PROVIDER = platform_tables.provider.c.sealed

_POSITION = {
    "as_of": "position_as_of",
    "principal": "outstanding_principal",
    "interest": "outstanding_interest",
    "charges": "outstanding_charges",
    "advance": "advance",
    "oldest_unpaid_due_on": "oldest_unpaid_due_on",
    "wake_on": "wake_on",
}
"""Where the fields of a loan's position are: columns of their own, for lists and queues."""


def columns_of(value: Any, *without: str) -> dict[str, Any]:
    """Return the fields of an attrs value by name, leaving some out."""
    names = (field.name for field in attrs.fields(type(value)))
    return {name: getattr(value, name) for name in names if name not in without}


def plain(cls: type[T]) -> Callable[[RowMapping], T]:
    """Return the reader of a class whose fields are columns of the same names."""

    def read(row: RowMapping) -> T:
        return _value(cls, row)

    return read


def _value(cls: type[T], row: RowMapping, **other: Any) -> T:
    names = [field.name for field in attrs.fields(cls)]  # type: ignore[arg-type]  # attrs classes only
    return cls(**{name: row[name] for name in names if name not in other}, **other)


def loan_to_row(loan: Loan) -> Row:
    """Spread the position over its columns."""
    position = loan.position
    spread = {column: position and getattr(position, name) for name, column in _POSITION.items()}
    return {**columns_of(loan, "position"), **spread}


def loan_from_row(row: RowMapping) -> Loan:
    """Gather the position; None until the loan has one."""
    position = None
    if row["position_as_of"] is not None:
        position = Position(**{name: row[column] for name, column in _POSITION.items()})
    return _value(Loan, row, position=position)


def customer_to_row(customer: Customer, sealer: Sealer) -> Row:
    """Seal the whole customer; what is looked for is repeated beside."""
    row = {
        "id": customer.id,
        "brand_id": customer.brand_id,
        "status": customer.status,
        "person": customer.person,
        "created_at": customer.created_at,
        "version": customer.version,
    }
    document = {**to_document(customer), "version": customer.version + 1}
    return row | {"sealed": sealer.seal(_CUSTOMER, row, document, of=customer.id)}


def customer_from_row(row: RowMapping, sealer: Sealer) -> Customer:
    """Open the customer; the columns beside the document are the newer word."""
    customer = from_document(Customer, sealer.open(_CUSTOMER, row), fill=True)
    customer.version = row["version"]
    return customer


def consent_to_row(consent: Consent, sealer: Sealer) -> Row:
    """Seal from where it was given."""
    private = {"ip": consent.ip, "device": consent.device}
    row = columns_of(consent, *private)
    return row | {"sealed": sealer.seal(_CONSENT, row, private, of=consent.customer_id)}


def consent_from_row(row: RowMapping, sealer: Sealer) -> Consent:
    """Open a consent."""
    return _value(Consent, row, **sealer.open(_CONSENT, row))


def key_facts_to_row(key_facts: KeyFactsOnFile, sealer: Sealer, of: CustomerId) -> Row:
    """Seal the statement's content."""
    row = columns_of(key_facts, "document")
    return row | {"sealed": sealer.seal(_KEY_FACTS, row, key_facts.document, of=of)}


def key_facts_from_row(row: RowMapping, sealer: Sealer) -> KeyFactsOnFile:
    """Open a statement."""
    return _value(KeyFactsOnFile, row, document=sealer.open(_KEY_FACTS, row))


def report_to_row(report: ReportOnFile, sealer: Sealer) -> Row:
    """Seal what the vendor said, and what was read of it."""
    private = {"document": report.document, "figures": report.figures}
    row, of = columns_of(report, "raw", *private), report.customer_id
    raw = sealer.seal_bytes(_REPORT_RAW, row, report.raw, of=of) if report.raw else None
    return row | {"sealed": sealer.seal(_REPORT, row, private, of=of), "sealed_raw": raw}


def report_from_row(row: RowMapping, sealer: Sealer) -> ReportOnFile:
    """Open a report."""
    raw = b"" if row["sealed_raw"] is None else sealer.open_bytes(_REPORT_RAW, row)
    return _value(ReportOnFile, row, **sealer.open(_REPORT, row), raw=raw)


def decision_to_row(decision: DecisionOnFile, sealer: Sealer, of: CustomerId) -> Row:
    """Seal the decision with its input."""
    row = columns_of(decision, "document")
    return row | {"sealed": sealer.seal(_DECISION, row, decision.document, of=of)}


def decision_from_row(row: RowMapping, sealer: Sealer) -> DecisionOnFile:
    """Open a decision."""
    return _value(DecisionOnFile, row, document=sealer.open(_DECISION, row))


def cam_to_row(cam: CamOnFile, sealer: Sealer, of: CustomerId) -> Row:
    """Seal figures and remarks."""
    private = {"document": cam.document, "remarks": cam.remarks}
    row = columns_of(cam, *private)
    return row | {"sealed": sealer.seal(_CAM, row, private, of=of)}


def cam_from_row(row: RowMapping, sealer: Sealer) -> CamOnFile:
    """Open a memo."""
    return _value(CamOnFile, row, **sealer.open(_CAM, row))


_SECRETS = ("signing_url", "callback_token", "callback_secret")


def agreement_to_row(agreement: Agreement, sealer: Sealer, of: CustomerId) -> Row:
    """Seal what would let somebody sign, or say that it was signed."""
    private = {name: getattr(agreement, name) for name in _SECRETS}
    row = columns_of(agreement, *_SECRETS)
    return row | {"sealed": sealer.seal(_AGREEMENT, row, private, of=of)}


def agreement_from_row(row: RowMapping, sealer: Sealer) -> Agreement:
    """Open an agreement."""
    return _value(Agreement, row, **sealer.open(_AGREEMENT, row))


def file_to_row(file: DocumentOnFile, sealer: Sealer) -> Row:
    """Seal the name, which the customer chose."""
    row = columns_of(file, "name")
    return row | {"sealed_name": sealer.seal(_FILE, row, file.name, of=file.customer_id)}


def file_from_row(row: RowMapping, sealer: Sealer) -> DocumentOnFile:
    """Open a file's record."""
    return _value(DocumentOnFile, row, name=sealer.open(_FILE, row))


def order_to_row(order: CollectionOrder, sealer: Sealer) -> Row:
    """Seal the address at which the customer pays; an order is of money and outlives them."""
    row = columns_of(order, "checkout_url")
    return row | {"sealed_url": sealer.seal(_ORDER, row, order.checkout_url)}


def order_from_row(row: RowMapping, sealer: Sealer) -> CollectionOrder:
    """Open an order."""
    return _value(CollectionOrder, row, checkout_url=sealer.open(_ORDER, row))


def approval_to_row(approval: Approval, sealer: Sealer) -> Row:
    """Seal what was asked."""
    row = columns_of(approval, "payload")
    return row | {"sealed": sealer.seal(_APPROVAL, row, dict(approval.payload))}


def approval_from_row(row: RowMapping, sealer: Sealer) -> Approval:
    """Open an approval."""
    return _value(Approval, row, payload=sealer.open(_APPROVAL, row))


def event_to_row(event: WebhookEvent, sealer: Sealer) -> Row:
    """Seal the vendor's message."""
    row = columns_of(event, "body")
    return row | {"sealed": sealer.seal_bytes(_EVENT, row, event.body)}


def event_from_row(row: RowMapping, sealer: Sealer) -> WebhookEvent:
    """Open a vendor's message."""
    return _value(WebhookEvent, row, body=sealer.open_bytes(_EVENT, row))


def provider_to_row(provider: ProviderRow, sealer: Sealer) -> Row:
    """Seal the settings."""
    row = columns_of(provider, "settings")
    return row | {"sealed": sealer.seal(_PROVIDER, row, provider.settings)}


def provider_from_row(row: RowMapping, sealer: Sealer) -> ProviderRow:
    """Open a provider's settings."""
    return _value(ProviderRow, row, settings=sealer.open(_PROVIDER, row))


def sitting_to_row(sitting: Sitting) -> Row:
    """Spread the activity over its columns."""
    return {**columns_of(sitting, "activity"), **columns_of(sitting.activity)}


def sitting_from_row(row: RowMapping) -> Sitting:
    """Gather the activity."""
    return _value(Sitting, row, activity=_value(Activity, row))


def staff_to_row(staff: Staff) -> Row:
    """The brands are rows of their own."""
    return {**columns_of(staff, "brands"), "email": staff.email.reveal()}


def staff_from_row(row: RowMapping, brands: frozenset[Any]) -> Staff:
    """Return the member of staff with the brands found beside."""
    return _value(Staff, row, email=Email(row["email"]), brands=brands)


def fact_to_row(loan_id: LoanId, fact: Fact, recorded_at: datetime) -> Row:
    """What makes the fact unique and when it counts are columns; the document is whole."""
    return {
        "loan_id": loan_id,
        "kind": kind_of(fact),
        "source": fact.source,
        "reference": fact.reference,
        "fact_id": fact.fact_id,
        "value_date": fact.value_date,
        "recorded_at": recorded_at,
        "document": fact_document(fact),
    }


def fact_from_row(row: RowMapping) -> Fact:
    """Return the fact."""
    return fact_from_document(row["document"])

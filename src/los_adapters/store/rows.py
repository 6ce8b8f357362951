"""Rows to values and back, where they are not alike field by field.

`plain` serves the classes whose fields are the columns. What is personal in the others is one
sealed document, bound to its row's place.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import attrs
from sqlalchemy import RowMapping

from los_adapters.store.transaction import Row, Sealer
from los_core.domain.agreement import Agreement, DocumentOnFile, KeyFactsOnFile
from los_core.domain.approval import Approval
from los_core.domain.assessment import CamOnFile, DecisionOnFile, ReportOnFile
from los_core.domain.consent import Consent
from los_core.domain.customer import Customer
from los_core.domain.documents import from_document, to_document
from los_core.domain.facts import Fact, fact_document, fact_from_document, kind_of
from los_core.domain.ids import LoanId
from los_core.domain.kyc import Email
from los_core.domain.loan import Loan, Position
from los_core.domain.servicing import CollectionOrder
from los_core.domain.staff import Staff
from los_core.domain.work import WebhookEvent
from los_core.ports.work import ProviderRow

T = TypeVar("T")

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
    place = f"customer:{customer.id}"
    document = {**to_document(customer), "version": customer.version + 1}
    return {
        "id": customer.id,
        "brand_id": customer.brand_id,
        "status": customer.status,
        "person": customer.person,
        "created_at": customer.created_at,
        "version": customer.version,
        "sealed": sealer.seal(place, document),
    }


def customer_from_row(row: RowMapping, sealer: Sealer) -> Customer:
    """Open the customer; the columns beside the document are the newer word."""
    document = sealer.open(f"customer:{row['id']}", row["sealed"])
    customer = from_document(Customer, document, fill=True)
    customer.version = row["version"]
    return customer


def consent_to_row(consent: Consent, sealer: Sealer) -> Row:
    """Seal from where it was given."""
    private = {"ip": consent.ip, "device": consent.device}
    return {
        **columns_of(consent, *private),
        "sealed": sealer.seal(f"consent:{consent.id}", private),
    }


def consent_from_row(row: RowMapping, sealer: Sealer) -> Consent:
    """Open a consent."""
    return _value(Consent, row, **sealer.open(f"consent:{row['id']}", row["sealed"]))


def key_facts_to_row(key_facts: KeyFactsOnFile, sealer: Sealer) -> Row:
    """Seal the statement's content."""
    sealed = sealer.seal(f"key_facts:{key_facts.id}", key_facts.document)
    return {**columns_of(key_facts, "document"), "sealed": sealed}


def key_facts_from_row(row: RowMapping, sealer: Sealer) -> KeyFactsOnFile:
    """Open a statement."""
    document = sealer.open(f"key_facts:{row['id']}", row["sealed"])
    return _value(KeyFactsOnFile, row, document=document)


def report_to_row(report: ReportOnFile, sealer: Sealer) -> Row:
    """Seal what the vendor said, and what was read of it."""
    private = {"document": report.document, "figures": report.figures}
    raw = sealer.seal_bytes(f"report.raw:{report.id}", report.raw) if report.raw else None
    return {
        **columns_of(report, "raw", *private),
        "sealed": sealer.seal(f"report:{report.id}", private),
        "sealed_raw": raw,
    }


def report_from_row(row: RowMapping, sealer: Sealer) -> ReportOnFile:
    """Open a report."""
    raw = row["sealed_raw"]
    return _value(
        ReportOnFile,
        row,
        **sealer.open(f"report:{row['id']}", row["sealed"]),
        raw=b"" if raw is None else sealer.open_bytes(f"report.raw:{row['id']}", raw),
    )


def decision_to_row(decision: DecisionOnFile, sealer: Sealer) -> Row:
    """Seal the decision with its input."""
    sealed = sealer.seal(f"decision:{decision.id}", decision.document)
    return {**columns_of(decision, "document"), "sealed": sealed}


def decision_from_row(row: RowMapping, sealer: Sealer) -> DecisionOnFile:
    """Open a decision."""
    document = sealer.open(f"decision:{row['id']}", row["sealed"])
    return _value(DecisionOnFile, row, document=document)


def cam_to_row(cam: CamOnFile, sealer: Sealer) -> Row:
    """Seal figures and remarks."""
    private = {"document": cam.document, "remarks": cam.remarks}
    return {**columns_of(cam, *private), "sealed": sealer.seal(f"cam:{cam.id}", private)}


def cam_from_row(row: RowMapping, sealer: Sealer) -> CamOnFile:
    """Open a memo."""
    return _value(CamOnFile, row, **sealer.open(f"cam:{row['id']}", row["sealed"]))


_SECRETS = ("signing_url", "callback_token", "callback_secret")


def agreement_to_row(agreement: Agreement, sealer: Sealer) -> Row:
    """Seal what would let somebody sign, or say that it was signed."""
    private = {name: getattr(agreement, name) for name in _SECRETS}
    sealed = sealer.seal(f"agreement:{agreement.id}", private)
    return {**columns_of(agreement, *_SECRETS), "sealed": sealed}


def agreement_from_row(row: RowMapping, sealer: Sealer) -> Agreement:
    """Open an agreement."""
    return _value(Agreement, row, **sealer.open(f"agreement:{row['id']}", row["sealed"]))


def file_to_row(file: DocumentOnFile, sealer: Sealer) -> Row:
    """Seal the name, which the customer chose."""
    sealed = sealer.seal(f"file:{file.id}", file.name)
    return {**columns_of(file, "name"), "sealed_name": sealed}


def file_from_row(row: RowMapping, sealer: Sealer) -> DocumentOnFile:
    """Open a file's record."""
    name = sealer.open(f"file:{row['id']}", row["sealed_name"])
    return _value(DocumentOnFile, row, name=name)


def order_to_row(order: CollectionOrder, sealer: Sealer) -> Row:
    """Seal the address at which the customer pays."""
    sealed = sealer.seal(f"order:{order.reference}", order.checkout_url)
    return {**columns_of(order, "checkout_url"), "sealed_url": sealed}


def order_from_row(row: RowMapping, sealer: Sealer) -> CollectionOrder:
    """Open an order."""
    url = sealer.open(f"order:{row['reference']}", row["sealed_url"])
    return _value(CollectionOrder, row, checkout_url=url)


def approval_to_row(approval: Approval, sealer: Sealer) -> Row:
    """Seal what was asked."""
    sealed = sealer.seal(f"approval:{approval.id}", dict(approval.payload))
    return {**columns_of(approval, "payload"), "sealed": sealed}


def approval_from_row(row: RowMapping, sealer: Sealer) -> Approval:
    """Open an approval."""
    payload = sealer.open(f"approval:{row['id']}", row["sealed"])
    return _value(Approval, row, payload=payload)


def event_to_row(event: WebhookEvent, sealer: Sealer) -> Row:
    """Seal the vendor's message."""
    sealed = sealer.seal_bytes(f"webhook:{event.id}", event.body)
    return {**columns_of(event, "body"), "sealed": sealed}


def event_from_row(row: RowMapping, sealer: Sealer) -> WebhookEvent:
    """Open a vendor's message."""
    body = sealer.open_bytes(f"webhook:{row['id']}", row["sealed"])
    return _value(WebhookEvent, row, body=body)


def provider_to_row(provider: ProviderRow, sealer: Sealer) -> Row:
    """Seal the settings."""
    sealed = sealer.seal(f"provider:{provider.port}:{provider.name}", provider.settings)
    return {**columns_of(provider, "settings"), "sealed": sealed}


def provider_from_row(row: RowMapping, sealer: Sealer) -> ProviderRow:
    """Open a provider's settings."""
    settings = sealer.open(f"provider:{row['port']}:{row['name']}", row["sealed"])
    return _value(ProviderRow, row, settings=settings)


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

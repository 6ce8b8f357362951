"""Writing a notice: from the loan as it is when the notice goes out, for its customer or for staff.

What a job carries are ids, codes and figures; names, addresses and files are read here.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import attrs

from los_core.domain.customer import Customer
from los_core.domain.errors import Erased, NotFound
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.kyc import Phone
from los_core.domain.loan import Loan
from los_core.domain.message_template import DEFAULT_LANGUAGE, MessageTemplate, chosen
from los_core.domain.notices import Channel, Notice
from los_core.domain.record_kinds import STATUS_REASONS, TEMPLATES
from los_core.domain.rupees import format_rupees
from los_core.domain.words import principal_reasons
from los_core.ports.message import Attachment, Message
from los_core.ports.storage import Storage
from los_core.ports.work import UnitOfWork


@attrs.frozen(kw_only=True)
class Composer:
    """Writes notices."""

    storage: Storage

    def compose(
        self, uow: UnitOfWork, notice: Notice, channel: Channel, payload: Mapping[str, str]
    ) -> Message | None:
        """Return the message a job asks for; None if its receiver has no address on the channel.

        A customer who was forgotten has none. Raises: NotFound: the loan is gone.
        """
        loan = uow.loans.get(LoanId(UUID(payload["loan_id"])))
        if loan is None:
            raise NotFound("the loan of this notice is gone")
        customer = _remembered(uow, loan)
        staff_id = payload.get("staff_id")
        to = _of_staff(uow, staff_id) if staff_id else _address(customer, channel)
        if to is None:
            return None
        values = _values(uow, loan, customer, payload)
        own = _own_words(uow, customer, notice, channel) if customer and not staff_id else None
        subject, text = (own or notice).words(channel, values)
        files = self._files(uow, notice, loan) if channel is Channel.EMAIL else ()
        return Message(
            id=payload["message_id"],
            channel=channel,
            to=to,
            template=notice.code,
            variables=values,
            subject=subject,
            text=text,
            attachments=files,
        )

    def _files(self, uow: UnitOfWork, notice: Notice, loan: Loan) -> tuple[Attachment, ...]:
        on_file = [uow.agreements.document_of(loan.id, kind) for kind in notice.attaches]
        return tuple(
            Attachment(document.name, document.content_type, self.storage.get(document.key).content)
            for document in on_file
            if document is not None
        )


def masked(channel: Channel, to: str) -> str:
    """Return an address as records keep it."""
    return (
        Phone(to).masked if channel is not Channel.EMAIL else f"{to[:1]}***@{to.rpartition('@')[2]}"
    )


def _own_words(
    uow: UnitOfWork, customer: Customer, notice: Notice, channel: Channel
) -> MessageTemplate | None:
    """Return the brand's own words in the language the customer consented in, None for ours."""
    templates = [record.value for record in uow.records.all(TEMPLATES)]
    if not templates:
        return None
    consents = uow.people.consents(customer.id)
    language = consents[-1].language if consents else DEFAULT_LANGUAGE
    return chosen(templates, notice.code, channel, language)


def _values(
    uow: UnitOfWork, loan: Loan, customer: Customer | None, payload: Mapping[str, str]
) -> dict[str, str]:
    brand = uow.lender.brand()
    officer = brand.grievance_officer
    values = {
        "brand_name": brand.name,
        "grievance": f"{officer.name}, {officer.phone}, {officer.email}",
        "customer_name": (customer.name.title() if customer else "") or "Customer",
        "loan_no": loan.loan_no,
        "amount": format_rupees(loan.applied_amount),
    }
    for name, raw in payload.items():
        if name.endswith("_paise"):
            values[name.removesuffix("_paise")] = format_rupees(int(raw))
        elif name.endswith(("_on", "_until", "_after")):
            values[name] = f"{date.fromisoformat(raw):%d %b %Y}"
        elif name == "reason_codes":
            values["reasons"] = "\n".join(
                f"- {reason}"
                for reason in principal_reasons(tuple(raw.split(",")), own_words=_reasons(uow))
            )
        elif name == "agreement_id":
            agreement = uow.agreements.get(UUID(raw))
            values["signing_url"] = agreement.signing_url if agreement else ""
        else:
            values.setdefault(name, raw)
    return values


def _reasons(uow: UnitOfWork) -> dict[str, str]:
    """Return the brand's own wording of reasons, by code."""
    own = (record.value for record in uow.records.all(STATUS_REASONS))
    return {reason.code: reason.customer_text for reason in own if reason.customer_text}


def _remembered(uow: UnitOfWork, loan: Loan) -> Customer | None:
    try:
        return uow.customers.get(loan.customer_id)
    except Erased:
        return None


def _address(customer: Customer | None, channel: Channel) -> str | None:
    if customer is None:
        return None
    if channel is Channel.EMAIL:
        return customer.details.email.reveal() if customer.details else None
    return customer.phone.reveal()


def _of_staff(uow: UnitOfWork, staff_id: str) -> str:
    """Return a colleague's address; the nodal officer's where they have left."""
    colleague = uow.lender.colleague(StaffId(UUID(staff_id)))
    return colleague.email.reveal() if colleague else uow.lender.brand().nodal_officer.email
